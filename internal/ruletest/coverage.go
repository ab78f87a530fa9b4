package ruletest

import (
	"slices"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/value"
)

// Coverage says which parts of a rule its tests reach.
type Coverage struct {
	Rule  *rule.Rule
	Parts []Part
}

// Part is a branch of an `or`, or an entry of a list of constants, in one stage
// of a rule. It is reached when some event of a test that the stage accepts
// meets it, and, where it stands under a `not`, when it keeps some event of the
// stage's category out.
type Part struct {
	Stage   int    // from 1; 0 is until
	List    string // for an entry, whose list it is: "process.name :"; "" for a branch
	Text    string // the branch, or the entry's constant
	Pos     eql.Pos
	Reached bool
	Within  bool // it is part of a branch that is not reached itself
}

// Reached counts the parts that are.
func (c *Coverage) Reached() int {
	n := 0
	for _, p := range c.Parts {
		if p.Reached {
			n++
		}
	}
	return n
}

// Cover returns the coverage of each rule that the results are of, in their
// order. Tests that could not be run and tests of queries do not count.
func Cover(reports []*Report) []*Coverage {
	var all []*Coverage
	byRule := map[*Ready][]*event.Document{}
	var order []*Ready
	for _, report := range reports {
		for _, one := range report.Results {
			if one.ready == nil || one.ready.inline {
				continue
			}
			if _, known := byRule[one.ready]; !known {
				order = append(order, one.ready)
			}
			for _, a := range one.arrived {
				byRule[one.ready] = append(byRule[one.ready], a.doc)
			}
		}
	}
	for _, ready := range order {
		all = append(all, cover(ready, byRule[ready]))
	}
	return all
}

func cover(ready *Ready, docs []*event.Document) *Coverage {
	c := &coverer{ready: ready, out: &Coverage{Rule: ready.Rule}}
	stages, until, _ := stagesOf(ready.Query)
	for i, s := range stages {
		if i > 0 && stages[i-1].Term == s.Term {
			continue // with runs
		}
		c.filter(s.number, s.Filter, docs)
	}
	if until != nil {
		c.filter(0, until.Filter, docs)
	}
	return c.out
}

type coverer struct {
	ready  *Ready
	out    *Coverage
	stage  int
	within bool // an unreached branch
	// The documents that reach a place of the condition, and what they count for.
	accepted, category []*event.Document
}

func (c *coverer) filter(stage int, f *eql.Filter, docs []*event.Document) {
	c.stage = stage
	c.accepted = c.those(docs, f)
	category := *f
	category.Condition = &eql.Literal{At: f.At, Value: value.OfBool(true)}
	c.category = c.those(docs, &category)
	c.walk(f.Condition, true)
}

// those returns the documents that a filter accepts.
func (c *coverer) those(docs []*event.Document, f *eql.Filter) []*event.Document {
	return slices.DeleteFunc(slices.Clone(docs), func(d *event.Document) bool {
		ok, err := holds(c.ready, f, d)
		return !ok || err != nil
	})
}

// walk looks for parts below an expression. positive says that it stands under
// an even number of nots.
func (c *coverer) walk(e eql.Expr, positive bool) {
	switch e := e.(type) {
	case *eql.Logic:
		for _, arg := range e.Args {
			outside := c.within
			if e.Op == eql.Or && arg.Pos().Line > 0 {
				reached := c.part(Part{Text: eql.ExprString(arg), Pos: arg.Pos()}, arg, positive)
				c.within = c.within || !reached
			}
			c.walk(arg, positive)
			c.within = outside
		}
	case *eql.Unary:
		c.walk(e.X, positive != (e.Op == eql.Not))
	case *eql.In:
		c.entries(e.List, eql.ExprString(e.X)+" in", positive, func(entry eql.Expr) eql.Expr {
			return &eql.In{At: e.At, X: e.X, Not: e.Not, Fold: e.Fold, List: []eql.Expr{entry}}
		})
	case *eql.Match:
		var list []eql.Expr
		for _, p := range e.Patterns {
			list = append(list, p)
		}
		c.entries(list, eql.ExprString(e.X)+" "+e.Op.String(), positive, func(entry eql.Expr) eql.Expr {
			return &eql.Match{At: e.At, Op: e.Op, X: e.X, Patterns: []*eql.Literal{entry.(*eql.Literal)}}
		})
	case *eql.Call:
		if e.Name == "cidrMatch" {
			c.entries(e.Args[1:], "cidrMatch of "+eql.ExprString(e.Args[0]), positive, func(entry eql.Expr) eql.Expr {
				return &eql.Call{At: e.At, Name: e.Name, Fold: e.Fold, Args: []eql.Expr{e.Args[0], entry}}
			})
		}
	}
}

// entries asks each constant of a list alone. A list of one is the clause itself.
func (c *coverer) entries(list []eql.Expr, of string, positive bool, alone func(eql.Expr) eql.Expr) {
	if len(list) < 2 {
		return
	}
	for _, entry := range list {
		if entry.Pos().Line == 0 {
			return // an exception's: it is not in the query's text
		}
		c.part(Part{List: of, Text: eql.ExprString(entry), Pos: entry.Pos()}, alone(entry), positive)
	}
}

// part notes a part, and whether what it asks holds for some document.
func (c *coverer) part(p Part, asks eql.Expr, positive bool) (reached bool) {
	docs := c.accepted
	if !positive {
		docs = c.category
	}
	p.Stage, p.Within = c.stage, c.within
	p.Reached = len(c.those(docs, condition(asks))) > 0
	c.out.Parts = append(c.out.Parts, p)
	return p.Reached
}
