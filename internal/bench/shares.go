package main

import (
	"fmt"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/rule"
)

// shares are what derived rules are made of.
type shares struct {
	Rules     int
	Sequences int
	Wildcards int // rules with a wildcard
	Filters   int
	Equal     int // filters that are written as one before
	Literals  int // texts and numbers, each time that one stands in a condition
	Distinct  int // different ones
	New       int // those that no original rule has
}

func sharesOf(rules, originals []*rule.Rule) (shares, error) {
	s := shares{Rules: len(rules)}
	old, seen, written := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, r := range originals {
		q, err := eql.Parse(r.Query)
		if err != nil {
			return s, fmt.Errorf("parse rule %s: %w", r.Name, err)
		}
		eachLiteral(q, func(l *literal) { old[text(l.node.Value)] = true })
	}
	for _, r := range rules {
		q, err := eql.Parse(r.Query)
		if err != nil {
			return s, fmt.Errorf("parse rule %s: %w", r.Name, err)
		}
		if _, ok := q.Body.(*eql.Sequence); ok {
			s.Sequences++
		}
		wild := false
		eachLiteral(q, func(l *literal) {
			wild = wild || l.wildcard
			t := text(l.node.Value)
			s.Literals++
			if !seen[t] {
				seen[t] = true
				s.Distinct++
			}
			if !old[t] {
				s.New++
			}
		})
		if wild {
			s.Wildcards++
		}
		for _, f := range filters(q) {
			s.Filters++
			if t := f.String(); written[t] {
				s.Equal++
			} else {
				written[t] = true
			}
		}
	}
	return s, nil
}

func share(part, whole int) float64 { return float64(part) / float64(max(whole, 1)) }

// check says whether the rules are different enough to measure with.
func (s shares) check() error {
	switch {
	case share(s.Distinct, s.Literals) < 0.8:
		return fmt.Errorf("derive rules: %d of %d literals are distinct, less than 80 %%", s.Distinct, s.Literals)
	case share(s.Sequences, s.Rules) < 0.2:
		return fmt.Errorf("derive rules: %d of %d are sequences, less than 20 %%", s.Sequences, s.Rules)
	case share(s.Wildcards, s.Rules) < 0.2:
		return fmt.Errorf("derive rules: %d of %d have wildcards, less than 20 %%", s.Wildcards, s.Rules)
	case s.Equal > 0:
		return fmt.Errorf("derive rules: %d filters are equal to others", s.Equal)
	}
	return nil
}
