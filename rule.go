package tripline

import (
	"errors"
	"fmt"
	"time"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/ruleset"
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

	ready *ruleset.Rule
	query engine.Query
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
	ready, err := ruleset.Prepare(r, time.Now())
	if err != nil {
		return nil, fmt.Errorf("%s: rule %q: %w", r.Path, r.Name, err)
	}
	return &Rule{
		ID: r.RuleID, Name: r.Name, Severity: string(r.Severity), RiskScore: r.RiskScore, Query: r.Query, Path: r.Path,
		ready: ready, query: ready.Query(),
	}, nil
}

// Alert returns the alert of a match as Kibana's detection engine would store it,
// in JSON: first the alert itself, then, of a sequence or sample, a building block
// for each event. There is none for a match that an exception takes out, or that
// holds an alert of the rule itself. At is when the alert is made.
func (r *Rule) Alert(m Match, at time.Time) ([][]byte, error) {
	if m.held == nil {
		return nil, nil
	}
	match, err := r.ready.Match(m.keys, m.held)
	if err != nil {
		return nil, err
	}
	one := r.ready.Alert(match, at)
	if one == nil {
		return nil, nil
	}
	one.Attach(match, alert.Evidence{})
	return encodeAlert(one)
}
