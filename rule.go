package tripline

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/rule"
)

// Rule is a detection rule, ready to be compiled into a Set. It may be shared by
// goroutines.
type Rule struct {
	ID        string // rule_id
	Name      string
	Severity  string // low, medium, high or critical
	RiskScore int
	Query     string // as it is written
	Path      string // the file it was read from

	rule    *rule.Rule
	query   engine.Query
	dropped *reference.Program // finds the events that take their whole match along; nil: none do
}

// LoadRules reads rules of type eql, with their exceptions and filters, from files
// and folders of them: Elastic's TOML, or Kibana's exports in JSON and NDJSON. A
// path "builtin" stands for those that come with Tripline. Rules that can not run
// are left out; the error is then an errors.Join of all problems, each with file,
// line and column, and the rules that do run are returned beside it.
func LoadRules(paths ...string) ([]*Rule, error) {
	set := rule.LoadAll(paths...)
	var problems []error
	for _, p := range set.Problems {
		if p.Kind == rule.KindError {
			problems = append(problems, p)
		}
	}
	var rules []*Rule
	for _, r := range set.Rules {
		ready, err := newRule(r)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		rules = append(rules, ready)
	}
	return rules, errors.Join(problems...)
}

func newRule(r *rule.Rule) (*Rule, error) {
	fail := func(err error) (*Rule, error) { return nil, fmt.Errorf("%s: rule %q: %w", r.Path, r.Name, err) }
	parsed, err := eql.Parse(r.Query)
	if err != nil {
		return fail(err)
	}
	now := time.Now()
	options := eql.CheckOptions{
		CategoryField: r.EventCategoryOverride, TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField,
	}
	checked, _, err := eql.Check(r.Narrow(parsed, now), options)
	if err != nil {
		return fail(err)
	}
	indices := event.NewPatterns(r.Patterns())
	out := &Rule{
		ID: r.RuleID, Name: r.Name, Severity: string(r.Severity), RiskScore: r.RiskScore, Query: r.Query, Path: r.Path,
		rule: r,
		query: engine.Query{
			Name: r.Name, Checked: checked, Accept: indices.Fit, Patterns: strings.Join(indices, ","),
			TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField, CategoryField: r.EventCategoryOverride,
		},
	}
	if q := r.Dropped(now); q != nil {
		if q, _, err = eql.Check(q, options); err != nil {
			return fail(err)
		}
		if out.dropped, err = reference.Compile(q, reference.Options{Size: 1, Tolerant: true}); err != nil {
			return fail(err)
		}
	}
	return out, nil
}

// Alert returns the alert of a match as Kibana's detection engine would store it,
// in JSON: first the alert itself, then, of a sequence or sample, a building block
// for each event. There is none for a match that an exception takes out, or that
// holds an alert of the rule itself. At is when the alert is made.
func (r *Rule) Alert(m Match, at time.Time) ([][]byte, error) {
	match := alert.Match{Group: m.held != nil && r.query.Checked != nil && !single(r.query.Checked)}
	match.Keys = m.keys
	for _, held := range m.held {
		if held == nil {
			match.Events = append(match.Events, nil)
			continue
		}
		doc, err := held.Document()
		if err != nil {
			return nil, fmt.Errorf("make alert: %w", err)
		}
		match.Events = append(match.Events, doc)
	}
	if alert.Recurs(r.rule, match) || r.drops(match) {
		return nil, nil
	}
	one := alert.New(r.rule, match, at)
	if one == nil {
		return nil, nil
	}
	one.Attach(match, alert.Evidence{})
	return encodeAlert(one)
}

func single(q *eql.Query) bool {
	_, ok := q.Body.(*eql.Filter)
	return ok
}

// drops reports whether an exception takes a whole match out for one of its events.
func (r *Rule) drops(m alert.Match) bool {
	if r.dropped == nil {
		return false
	}
	var docs []*event.Document
	for _, doc := range m.Events {
		if doc != nil {
			docs = append(docs, doc)
		}
	}
	found, err := r.dropped.Run(docs)
	return err == nil && len(found.Events) > 0
}
