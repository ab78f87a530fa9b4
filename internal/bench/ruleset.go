package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/replay"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/stream"
)

// ruleSet is rules that are run together.
type ruleSet struct {
	name    string
	rules   []*rule.Rule
	checked []*eql.Query // as they are run, with filters and exceptions
	program *engine.Program
	builtin bool // the built-in ones, for want of others
}

func newRuleSet(name string, rules []*rule.Rule) (*ruleSet, error) {
	s := &ruleSet{name: name, rules: rules}
	queries := make([]engine.Query, len(rules))
	for i, r := range rules {
		parsed, err := eql.Parse(r.Query)
		if err != nil {
			return nil, fmt.Errorf("parse rule %s: %w", r.Name, err)
		}
		checked, _, err := eql.Check(r.Narrow(parsed, stream.DefaultStart), eql.CheckOptions{
			CategoryField: r.EventCategoryOverride, TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField,
		})
		if err != nil {
			return nil, fmt.Errorf("check rule %s: %w", r.Name, err)
		}
		s.checked = append(s.checked, checked)
		fits := event.NewPatterns(r.Patterns())
		queries[i] = engine.Query{
			Name: r.Name, Checked: checked,
			TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField, CategoryField: r.EventCategoryOverride,
			Accept: fits.Fit, Patterns: strings.Join(fits, ","),
		}
	}
	var err error
	s.program, err = engine.Compile(queries, replay.LineagePaths...)
	return s, err
}

// seedSet is the rule that runs when none is named.
func seedSet() (*ruleSet, error) {
	r, err := rule.Seed()
	if err != nil {
		return nil, err
	}
	return newRuleSet("seed rule", []*rule.Rule{r})
}

// fullSet is all rules of a folder, or the built-in ones where it is not there.
func fullSet(folder string) (*ruleSet, error) {
	var rules []*rule.Rule
	var problems []*rule.Problem
	_, err := os.Stat(folder)
	absent := errors.Is(err, fs.ErrNotExist)
	if absent {
		rules, err = rule.Builtin()
	} else {
		rules, problems = rule.Load(folder)
	}
	if err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("read rules: %w", problems[0])
	}
	name := number(len(rules)) + " rules"
	if absent {
		name = number(len(rules)) + " built-in rules"
	}
	s, err := newRuleSet(name, rules)
	if err != nil {
		return nil, err
	}
	s.builtin = absent
	return s, nil
}

// references compiles the rules for the plain evaluator.
func (s *ruleSet) references() ([]*reference.Program, error) {
	var all []*reference.Program
	for i, r := range s.rules {
		fits := event.NewPatterns(r.Patterns())
		p, err := reference.Compile(s.checked[i], reference.Options{
			CategoryField: r.EventCategoryOverride, TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField,
			Size: -1, Tolerant: true, Accept: func(d *event.Document) bool { return fits.Fit(d.Index) },
		})
		if err != nil {
			return nil, fmt.Errorf("compile rule %s: %w", r.Name, err)
		}
		all = append(all, p)
	}
	return all, nil
}

// write writes the rules as one file that the command reads.
func (s *ruleSet) write(path string) error {
	var out []byte
	for _, r := range s.rules {
		line, err := r.MarshalJSON()
		if err != nil {
			return fmt.Errorf("write rule %s: %w", r.Name, err)
		}
		out = append(append(out, line...), '\n')
	}
	return os.WriteFile(path, out, 0o600)
}

// linuxSequences are the rules over sequences that come from a folder linux; of
// the built-in ones, all over sequences.
func (s *ruleSet) linuxSequences() (*ruleSet, error) {
	var some []*rule.Rule
	for i, r := range s.rules {
		_, ok := s.checked[i].Body.(*eql.Sequence)
		if ok && (s.builtin || filepath.Base(filepath.Dir(r.Path)) == "linux") {
			some = append(some, r)
		}
	}
	return newRuleSet(number(len(some))+" Linux sequence rules", some)
}

// judgedAt is when alerts are made.
var judgedAt = stream.DefaultStart.Add(24 * time.Hour)
