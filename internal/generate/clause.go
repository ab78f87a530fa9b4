package generate

import (
	"slices"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// clause is a part of a condition that must be true, or must be false, for the
// document of that number.
type clause struct {
	doc  int
	expr eql.Expr
	want bool
}

// literal is a clause that has no logic above its leaf.
type literal struct {
	clause
	number int          // its own in the search
	fields []*eql.Field // one for each path
}

// choice is a clause of which one option must come true. Each option is a list
// of clauses that must all hold.
type choice struct {
	whole   clause
	options [][]clause
	guess   bool // the options may not do what they are for
}

// goal is what the search is after: all literals and a way through each choice.
type goal struct {
	literals []*literal
	choices  []choice
	guessed  []clause
}

// with returns the goal that has more clauses, taken apart. The old one stays.
func (g goal) with(s *search, clauses ...clause) goal {
	g.literals, g.choices = slices.Clip(g.literals), slices.Clip(g.choices)
	for _, c := range clauses {
		g.add(s, c)
	}
	return g
}

func (g *goal) add(s *search, c clause) {
	switch e := c.expr.(type) {
	case *eql.Unary:
		if e.Op == eql.Not {
			g.add(s, clause{c.doc, e.X, !c.want})
			return
		}
	case *eql.Logic:
		if (e.Op == eql.And) == c.want {
			for _, arg := range e.Args {
				g.add(s, clause{c.doc, arg, c.want})
			}
			return
		}
		pick := choice{whole: c}
		for _, arg := range e.Args {
			pick.options = append(pick.options, []clause{{c.doc, arg, c.want}})
		}
		g.choices = append(g.choices, pick)
		return
	}
	if l := s.literal(c); !slices.Contains(g.literals, l) {
		g.literals = append(g.literals, l)
	}
}

// literal returns the one literal of a clause, so that pointers can be compared.
func (s *search) literal(c clause) *literal {
	l, ok := s.literals[c]
	if !ok {
		l = &literal{clause: c, number: len(s.literals), fields: fieldsOf(c.expr)}
		s.literals[c] = l
	}
	return l
}

// fieldsOf returns the fields of an expression, one for each path.
func fieldsOf(e eql.Expr) []*eql.Field {
	var fields []*eql.Field
	eql.Walk(e, func(e eql.Expr) {
		f, ok := e.(*eql.Field)
		if ok && !slices.ContainsFunc(fields, func(g *eql.Field) bool { return g.Path == f.Path }) {
			fields = append(fields, f)
		}
	})
	return fields
}

// required returns the clauses that must each be true for the condition to be.
func required(e eql.Expr, want bool) []clause {
	switch n := e.(type) {
	case *eql.Unary:
		if n.Op == eql.Not {
			return required(n.X, !want)
		}
	case *eql.Logic:
		if (n.Op == eql.And) == want {
			var all []clause
			for _, arg := range n.Args {
				all = append(all, required(arg, want)...)
			}
			return all
		}
	}
	return []clause{{0, e, want}}
}

// shown is a clause as an expression of its own.
func (c clause) shown() eql.Expr {
	if c.want {
		return c.expr
	}
	return &eql.Unary{At: c.expr.Pos(), Op: eql.Not, X: c.expr}
}

// equals returns `field == v`, or `field == null`, and the same one for the same.
func (s *search) equals(f *eql.Field, v value.Value) eql.Expr {
	switch f.Type {
	case value.TypeDate, value.TypeIP, value.TypeVersion:
	default:
		v = value.Coerce(v, f.Type, "")
	}
	key := equation{f.Path, v}
	if s.equations[key] == nil {
		s.equations[key] = &eql.Binary{At: f.At, Op: eql.Eq, L: f, R: &eql.Literal{Value: v}}
	}
	return s.equations[key]
}

type equation struct {
	path  string
	value value.Value
}
