package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/rule"
)

// readyRule is a rule whose query has been checked and compiled.
type readyRule struct {
	rule    *rule.Rule
	parsed  *eql.Query // as written
	program *reference.Program
}

// ruleSet is what came of reading rules: those that run, and what there is to
// tell of them and of the others.
type ruleSet struct {
	ready    []*readyRule
	problems []*rule.Problem // errors, warnings, skipped; in the order of the files
	bad      int             // rules, or files, that do not run for a fault in them
	skipped  map[string]int  // rules that are not run, by their type
}

// builtinRules reads the rule that is compiled in.
func builtinRules() (*ruleSet, error) {
	rules, err := rule.Builtin()
	if err != nil {
		return nil, err
	}
	return newRuleSet(&rule.Set{Rules: rules}), nil
}

// readRules reads files and folders of rules. A path that is not there is a
// fault of usage.
func readRules(paths []string) (*ruleSet, error) {
	for _, path := range paths {
		if _, err := os.Stat(path); err != nil {
			var pathError *fs.PathError
			if errors.As(err, &pathError) {
				err = pathError.Err
			}
			return nil, usage("name rule files or folders of them", "read rules: %s: %v", path, err)
		}
	}
	return newRuleSet(rule.LoadAll(paths...)), nil
}

func newRuleSet(read *rule.Set) *ruleSet {
	s := &ruleSet{problems: slices.Clone(read.Problems), skipped: map[string]int{}}
	for _, r := range read.Rules {
		if ready, problems := prepare(r); ready != nil {
			s.ready = append(s.ready, ready)
			s.problems = append(s.problems, problems...)
		} else {
			s.problems = append(s.problems, problems...)
		}
	}
	slices.SortStableFunc(s.problems, func(a, b *rule.Problem) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	type named struct{ path, rule string }
	bad := map[named]bool{}
	for _, p := range s.problems {
		switch {
		case p.Kind == rule.KindError:
			bad[named{p.Path, p.Rule}] = true
		case p.Kind == rule.KindSkipped && p.RuleType != "":
			s.skipped[p.RuleType]++
		}
	}
	s.bad = len(bad)
	return s
}

// prepare checks and compiles a rule's query. Problems are placed in the rule's
// file. It returns nil for the rule if one of them is an error.
func prepare(r *rule.Rule) (*readyRule, []*rule.Problem) {
	ready := &readyRule{rule: r}
	var err error
	if ready.parsed, err = eql.Parse(r.Query); err != nil {
		return nil, queryProblems(r, err)
	}
	checked, warnings, err := eql.Check(ready.parsed, eql.CheckOptions{
		CategoryField: r.EventCategoryOverride, TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField,
	})
	var problems []*rule.Problem
	for _, w := range warnings {
		problems = append(problems, queryProblem(r, rule.KindWarning, w))
	}
	if err != nil {
		return nil, append(problems, queryProblems(r, err)...)
	}
	if ready.program, err = reference.Compile(checked, programOptions(ready)); err != nil {
		return nil, append(problems, queryProblems(r, err)...)
	}
	return ready, append(problems, notApplied(r)...)
}

func queryProblems(r *rule.Rule, err error) []*rule.Problem {
	var e *eql.Error
	if !errors.As(err, &e) {
		e = &eql.Error{Problems: []eql.Problem{{Pos: eql.Pos{Line: 1, Col: 1}, Message: err.Error()}}}
	}
	problems := make([]*rule.Problem, len(e.Problems))
	for i, p := range e.Problems {
		problems[i] = queryProblem(r, rule.KindError, p)
	}
	return problems
}

func queryProblem(r *rule.Rule, kind rule.Kind, p eql.Problem) *rule.Problem {
	line, col := r.Locate(p.Pos.Line, p.Pos.Col)
	return &rule.Problem{
		Kind: kind, Path: r.Path, Line: line, Col: col, Rule: r.Name, Field: "query", Reason: p.Message, Hint: p.Hint,
	}
}

const notAppliedYet = "not applied yet"

// notApplied warns of parts of a rule that change what it alerts on and that
// are kept but have no effect yet.
func notApplied(r *rule.Rule) []*rule.Problem {
	var problems []*rule.Problem
	warn := func(there bool, field, effect string) {
		if there {
			problems = append(problems, &rule.Problem{
				Kind: rule.KindWarning, Path: r.Path, Line: r.Line, Col: 1, Rule: r.Name, Field: field,
				Reason: "is read but " + notAppliedYet + ": " + effect,
			})
		}
	}
	warn(len(r.Filters) > 0, "filters", "the rule may alert on events that they rule out")
	warn(len(r.ExceptionsList) > 0, "exceptions_list", "the rule may alert on events that they rule out")
	warn(r.AlertSuppression != nil, "alert_suppression", "each match gives an alert of its own")
	return problems
}

// skippedText says how many rules of which types are not run; "" for none.
func (s *ruleSet) skippedText() string {
	total := 0
	var types []string
	for _, name := range slices.Sorted(maps.Keys(s.skipped)) {
		total += s.skipped[name]
		types = append(types, fmt.Sprintf("%d %s", s.skipped[name], name))
	}
	if total == 0 {
		return ""
	}
	return fmt.Sprintf("%s skipped (%s)", counted(total, "rule", "rules"), strings.Join(types, ", "))
}

// ruleFaults shows problems of rules as faults, with the line of the file.
type ruleFaults struct{ texts map[string]string }

func newRuleFaults() *ruleFaults { return &ruleFaults{texts: map[string]string{}} }

func (f *ruleFaults) of(p *rule.Problem) *fault {
	reason := p.Reason
	if p.Field != "" {
		reason = p.Field + ": " + reason
	}
	shown := &fault{code: exitUsage, reason: p.Place() + ": " + reason, hint: p.Hint}
	if p.Line > 0 {
		shown.snippet = eql.Snippet(f.text(p.Path), p.Line, p.Col)
	}
	return shown
}

// text returns a rule file's text; "" if it can not be had any more.
func (f *ruleFaults) text(path string) string {
	text, ok := f.texts[path]
	if !ok {
		data, err := os.ReadFile(path)
		if name, builtin := strings.CutPrefix(path, "builtin/"); err != nil && builtin {
			data, _ = fs.ReadFile(rule.BuiltinFiles(), name) // none: no snippet
		}
		text = strings.TrimPrefix(string(data), "\ufeff")
		f.texts[path] = text
	}
	return text
}
