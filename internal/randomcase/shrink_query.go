package randomcase

import (
	"slices"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// query leaves out parts of the query.
func (s *shrinker) query() (smaller bool) {
	for n := 0; ; {
		text, ok := reduced(s.best.Query, n)
		if !ok {
			return smaller
		}
		c := s.best
		c.Query = text
		if len(text) < len(s.best.Query) && s.try(c) {
			smaller = true
			continue
		}
		n++
	}
}

// reduced returns the query without its nth part that can be left out; not ok
// beyond the last.
func reduced(text string, n int) (string, bool) {
	q, err := eql.Parse(text)
	if err != nil {
		return "", false
	}
	r := &reducer{n: n}
	r.query(q)
	return q.String(), r.n < 0
}

// reducer walks through a query and does the nth thing that can be done.
type reducer struct{ n int }

// now reports whether it is the turn of what can be done here.
func (r *reducer) now() bool {
	r.n--
	return r.n == -1
}

func (r *reducer) query(q *eql.Query) {
	if len(q.Pipes) > 0 && r.now() {
		q.Pipes = q.Pipes[1:]
		return
	}
	switch b := q.Body.(type) {
	case *eql.Filter:
		r.filter(b)
	case *eql.Sequence:
		if b.Until != nil && r.now() {
			b.Until = nil
			return
		}
		if b.MaxSpan != nil && r.now() {
			b.MaxSpan = nil
			return
		}
		r.terms(&b.Terms, &b.Keys, b.Until)
	case *eql.Sample:
		r.terms(&b.Terms, &b.Keys, nil)
	}
}

func (r *reducer) terms(terms *[]*eql.Term, shared *[]*eql.Field, until *eql.Term) {
	all := *terms
	if until != nil {
		all = append(all[:len(all):len(all)], until)
	}
	for i := range *shared {
		if r.now() {
			*shared = slices.Delete(*shared, i, i+1)
			return
		}
	}
	for i := range all[0].Keys {
		if r.now() {
			for _, t := range all {
				t.Keys = slices.Delete(t.Keys, i, i+1)
			}
			return
		}
	}
	for i := range *terms {
		if len(*terms) > 1 && r.now() {
			*terms = slices.Delete(*terms, i, i+1)
			return
		}
	}
	for _, t := range all {
		if t.Runs > 1 && r.now() {
			t.Runs = 1
			return
		}
		r.filter(t.Filter)
	}
}

func (r *reducer) filter(f *eql.Filter) {
	if !f.Any && r.now() {
		f.Any, f.Category = true, ""
		return
	}
	r.expr(&f.Condition)
}

// expr puts an operand in the place of an expression, or leaves one out.
func (r *reducer) expr(e *eql.Expr) {
	switch x := (*e).(type) {
	case *eql.Literal, *eql.Field:
		return
	case *eql.Logic:
		for i := range x.Args {
			if len(x.Args) > 2 && r.now() {
				x.Args = slices.Delete(x.Args, i, i+1)
				return
			}
			r.expr(&x.Args[i])
		}
	case *eql.Unary:
		r.expr(&x.X)
	case *eql.Binary:
		r.expr(&x.L)
		r.expr(&x.R)
	case *eql.In:
		r.expr(&x.X)
		for i := range x.List {
			if len(x.List) > 1 && r.now() {
				x.List = slices.Delete(x.List, i, i+1)
				return
			}
		}
	case *eql.Match:
		r.expr(&x.X)
		for i := range x.Patterns {
			if len(x.Patterns) > 1 && r.now() {
				x.Patterns = slices.Delete(x.Patterns, i, i+1)
				return
			}
		}
	case *eql.Call:
		for i := range x.Args {
			r.expr(&x.Args[i])
		}
	}
	for _, operand := range eql.Operands(*e) {
		if r.n >= 0 && r.now() {
			*e = operand
			return
		}
	}
	if r.n >= 0 && r.now() {
		*e = &eql.Literal{Value: value.OfBool(true)}
	}
}
