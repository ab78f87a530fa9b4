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
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/inspect"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/ruleset"
)

// readyRule is a rule whose query has been checked.
type readyRule struct {
	*ruleset.Rule
	rule    *rule.Rule
	parsed  *eql.Query // as written
	plain   *eql.Query // checked, by itself
	checked *eql.Query // as it is run: with the rule's filters and exceptions

	// Made when they are asked for.
	wants *inspect.Rule // what must be there for it to match
}

// ruleSet is what came of reading rules: those that run, and what there is to
// tell of them and of the others.
type ruleSet struct {
	ready    []*readyRule
	problems []*rule.Problem // errors, warnings, skipped; in the order of the files
	bad      int             // rules, or files, that do not run for a fault in them
	skipped  map[string]int  // rules that are not run, by their type or maturity

	badExceptions int // exceptions that are not applied for a fault in them
}

// builtinRules reads the compiled-in rule that is run when none is named.
func builtinRules() (*ruleSet, error) {
	seed, err := rule.Seed()
	if err != nil {
		return nil, err
	}
	return newRuleSet(&rule.Set{Rules: []*rule.Rule{seed}}), nil
}

// readRules reads files and folders of rules. A path that is not there is a
// fault of usage.
func readRules(paths []string) (*ruleSet, error) { return readRulesBy(paths, nil, prepare) }

// readRulesBy reads rules, with value lists for their exceptions, that are made
// ready by a function of one's own.
func readRulesBy(paths []string, lists valueListFlag, ready preparer) (*ruleSet, error) {
	for _, path := range paths {
		if path == rule.BuiltinName {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			var pathError *fs.PathError
			if errors.As(err, &pathError) {
				err = pathError.Err
			}
			return nil, usage("name rule files or folders of them", "read rules: %s: %v", path, err)
		}
	}
	return newRuleSetBy(rule.LoadWith(lists, paths...), ready), nil
}

// preparer makes a rule ready to run, or says why it can not.
type preparer func(*rule.Rule) (*readyRule, []*rule.Problem)

func newRuleSet(read *rule.Set) *ruleSet { return newRuleSetBy(read, prepare) }

func newRuleSetBy(read *rule.Set, prepare preparer) *ruleSet {
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
	bad, badExceptions := map[named]bool{}, map[named]bool{}
	for _, p := range s.problems {
		switch {
		case p.Kind == rule.KindError && p.Exception:
			badExceptions[named{p.Path, p.Rule}] = true
		case p.Kind == rule.KindError:
			bad[named{p.Path, p.Rule}] = true
		case p.Kind == rule.KindSkipped && p.RuleType != "":
			s.skipped[p.RuleType]++
		}
	}
	s.bad, s.badExceptions = len(bad), len(badExceptions)
	return s
}

// prepare makes a rule ready for recorded events.
func prepare(r *rule.Rule) (*readyRule, []*rule.Problem) {
	ready, problems := prepareQuery(r)
	if ready != nil {
		problems = append(problems, notApplied(r)...)
	}
	return ready, problems
}

// prepareQuery checks a rule's query. Problems are placed in the rule's file. It
// returns nil for the rule if one of them is an error.
func prepareQuery(r *rule.Rule) (*readyRule, []*rule.Problem) {
	made, err := ruleset.Prepare(r, time.Now())
	var problems []*rule.Problem
	if made.Parsed != nil {
		problems = r.CheckScopes(made.Parsed)
	}
	for _, w := range made.Warnings {
		problems = append(problems, queryProblem(r, rule.KindWarning, w))
	}
	if err != nil {
		return nil, append(problems, queryProblems(r, err)...)
	}
	ready := &readyRule{Rule: made, rule: r, parsed: made.Parsed, plain: made.Plain, checked: made.Checked}
	return ready, problems
}

// reference compiles the rule for the reference evaluator.
func (r *readyRule) reference() (*reference.Program, error) {
	return reference.Compile(r.checked, programOptions(r))
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
	line, col := r.Line, 1
	if p.Pos.Line > 0 {
		line, col = r.Locate(p.Pos.Line, p.Pos.Col)
	}
	return &rule.Problem{
		Kind: kind, Path: r.Path, Line: line, Col: col, Rule: r.Name, Field: "query", Reason: p.Message, Hint: p.Hint,
	}
}

const notByScan = "not applied by scan"

// notApplied warns of parts of a rule that change what it alerts on and that
// have no effect where recorded events are judged: suppression needs the alerts that
// are stored.
func notApplied(r *rule.Rule) []*rule.Problem {
	var problems []*rule.Problem
	warn := func(there bool, field, effect string) {
		if there {
			problems = append(problems, &rule.Problem{
				Kind: rule.KindWarning, Path: r.Path, Line: r.Line, Col: 1, Rule: r.Name, Field: field,
				Reason: "is " + notByScan + ": " + effect,
			})
		}
	}
	warn(r.AlertSuppression != nil, "alert_suppression", "each match gives an alert of its own")
	return problems
}

// inspected returns what must be there for each of the rules to match.
func (s *ruleSet) inspected() []*inspect.Rule {
	all := make([]*inspect.Rule, len(s.ready))
	for i, r := range s.ready {
		if r.wants == nil {
			r.wants = inspect.NewRule(r.rule.Name, r.checked, r.rule.EventCategoryOverride, event.NewPatterns(r.rule.Patterns()).Fit)
			r.wants.ID = r.rule.RuleID
		}
		all[i] = r.wants
	}
	return all
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
