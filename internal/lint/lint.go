package lint

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/rule"
)

// Rules looks at what was read from rule files: what did not load, and every rule
// that did. The findings are in the order of the files.
func Rules(set *rule.Set) []Finding {
	var all []Finding
	for _, p := range set.Problems {
		if f, ok := fromProblem(p); ok {
			all = append(all, f)
		}
	}
	names := map[string]*rule.Rule{}
	for _, r := range set.Rules {
		s := &subject{rule: r}
		s.name(names)
		s.fields()
		if s.query() {
			s.each()
		}
		all = append(all, s.findings...)
	}
	sortFindings(all)
	return all
}

// fromProblem turns what the reader of rules had to say into a finding.
func fromProblem(p *rule.Problem) (Finding, bool) {
	c := badRule
	switch {
	case p.Kind == rule.KindSkipped:
		return Finding{}, false
	case p.Field == "metadata.maturity" && strings.Contains(p.Reason, "deprecated"):
		c = deprecatedRule
	case p.Kind == rule.KindWarning:
		c = ruleWarning
	case p.Exception:
		c = badException
	case p.Field == "rule_id" && strings.Contains(p.Reason, " is taken by "):
		c = takenID
	}
	f := Finding{
		Code: c.String(), Severity: severityOf(c), Path: p.Path, Line: p.Line, Col: p.Col,
		Rule: p.Rule, Field: p.Field, Message: p.Reason, Hint: p.Hint,
	}
	if p.Field != "" {
		f.Message = p.Field + ": " + p.Reason
	}
	return f, true
}

// name reports a name that another rule has.
func (s *subject) name(names map[string]*rule.Rule) {
	key := strings.ToLower(strings.TrimSpace(s.rule.Name))
	if other, taken := names[key]; taken {
		s.inField(takenName, "name", "give each rule a name of its own", "%q is also the name of the rule in %s:%d", clip(s.rule.Name), other.Path, other.Line)
		return
	}
	names[key] = s.rule
}

// query parses and checks the query; it returns whether there is one to look at.
func (s *subject) query() bool {
	var err error
	if s.parsed, err = eql.Parse(s.rule.Query); err != nil {
		s.refused(err)
		return false
	}
	checked, warnings, err := eql.Check(s.parsed, eql.CheckOptions{
		CategoryField: s.rule.EventCategoryOverride, TimestampField: s.rule.TimestampField, TiebreakerField: s.rule.TiebreakerField,
	})
	for _, w := range warnings {
		if !strings.HasPrefix(w.Message, "unknown field ") { // fieldNames looks at all of them
			s.inQuery(neverEqual, w.Pos, w.Hint, "%s", w.Message)
		}
	}
	if err != nil {
		s.refused(err)
		return false
	}
	s.checked = checked
	return true
}

func (s *subject) refused(err error) {
	var e *eql.Error
	if !errors.As(err, &e) {
		s.inField(badQuery, "query", "", "%v", err)
		return
	}
	for _, p := range e.Problems {
		s.inQuery(badQuery, p.Pos, p.Hint, "%s", p.Message)
	}
}

// each looks at the parts of the query.
func (s *subject) each() {
	s.fieldNames()
	for _, f := range filters(s.parsed) {
		eql.Walk(f.filter.Condition, s.constants)
	}
	for _, f := range filters(s.checked) {
		s.reach(f)
		s.guard(f)
	}
	s.span()
}

// named is a filter of a query and what to call it.
type named struct {
	filter   *eql.Filter
	name     string
	optional bool // the query may match though nothing meets the filter
}

// filters returns the filters of a query in the order they are written.
func filters(q *eql.Query) []named {
	var all []named
	add := func(terms []*eql.Term) {
		for i, t := range terms {
			all = append(all, named{t.Filter, fmt.Sprintf("event %d", i+1), t.Missing})
		}
	}
	switch b := q.Body.(type) {
	case *eql.Filter:
		all = append(all, named{b, "the condition", false})
	case *eql.Sequence:
		add(b.Terms)
		if b.Until != nil {
			all = append(all, named{b.Until.Filter, "until", true})
		}
	case *eql.Sample:
		add(b.Terms)
	}
	return all
}
