package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/google/uuid"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/rule"
)

// derivedRules is how many rules are derived from those at hand.
const derivedRules = 2000

// deriver makes rules out of rules: the same conditions over other literals.
type deriver struct {
	dice    *rand.Rand
	taken   map[string]bool // literals that are in use
	filters map[string]bool // conditions, as they are written
	keep    float64         // the share of literals that stay as they are
}

// keptLiterals is the share of literals that stay, so that derived rules have
// something to look at in the events.
const keptLiterals = 0.08

// derive makes as many rules as wanted out of some, each of them in turn.
func derive(from []*rule.Rule, count int) ([]*rule.Rule, error) {
	d := &deriver{dice: rand.New(rand.NewPCG(seed, 1)), taken: map[string]bool{}, filters: map[string]bool{}, keep: keptLiterals}
	for _, r := range from {
		q, err := eql.Parse(r.Query)
		if err != nil {
			return nil, fmt.Errorf("parse rule %s: %w", r.Name, err)
		}
		eachLiteral(q, func(l *literal) { d.taken[text(l.node.Value)] = true })
	}
	rules := make([]*rule.Rule, count)
	for i := range rules {
		var err error
		if rules[i], err = d.rule(from[i%len(from)], i); err != nil {
			return nil, err
		}
	}
	return rules, nil
}

// rule makes one rule of another.
func (d *deriver) rule(from *rule.Rule, number int) (*rule.Rule, error) {
	q, err := eql.Parse(from.Query)
	if err != nil {
		return nil, fmt.Errorf("parse rule %s: %w", from.Name, err)
	}
	eachLiteral(q, d.renew)
	for _, f := range filters(q) {
		d.tellApart(f)
	}
	out := *from
	out.Name = fmt.Sprintf("%s, variant %d", from.Name, number+1)
	out.ID = ""
	out.RuleID = uuid.NewSHA1(uuid.NameSpaceOID, []byte(out.Name)).String()
	out.Path = "derived"
	out.Query = q.String()
	return &out, nil
}

// tellApart gives a condition that there is already a further test of a new
// literal, one that nearly all events pass.
func (d *deriver) tellApart(f *eql.Filter) {
	for d.filters[f.String()] {
		f.Condition = and(f.Condition, &eql.Binary{
			Op: eql.Ne,
			L:  &eql.Field{Segments: []string{"process", "executable"}},
			R:  &eql.Literal{Value: d.word("/usr/bin/agent")},
		})
	}
	d.filters[f.String()] = true
}

func and(a, b eql.Expr) eql.Expr {
	if l, ok := a.(*eql.Logic); ok && l.Op == eql.And {
		l.Args = append(l.Args, b)
		return l
	}
	return &eql.Logic{Op: eql.And, Args: []eql.Expr{a, b}}
}

// filters returns the conditions of a query, those of until and of missing events
// too.
func filters(q *eql.Query) []*eql.Filter {
	var all []*eql.Filter
	terms := func(list []*eql.Term) {
		for _, t := range list {
			all = append(all, t.Filter)
		}
	}
	switch b := q.Body.(type) {
	case *eql.Filter:
		all = append(all, b)
	case *eql.Sequence:
		terms(b.Terms)
		if b.Until != nil {
			all = append(all, b.Until.Filter)
		}
	case *eql.Sample:
		terms(b.Terms)
	}
	return all
}
