package engine

import (
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// Clauses returns the clauses by which a document is an event of a condition, as
// they are written: of an `and` all, of an `or` those that hold, a negation as a
// whole; the category first. F is a condition of the query, or a part of one that
// was made narrower. A document that does not meet it has none.
func (r *Resolver) Clauses(query int, f *eql.Filter, doc *event.Held) []string {
	j := r.judge
	if j.scanner.Scan(doc.Raw, j.row) != nil {
		return nil // it has been read before
	}
	j.raw, j.whole = doc.Raw, true
	j.begin(doc.Index)
	q := &j.p.queries[query]
	s := scope{q.Schema, q.Schema.Path(q.timestampField())}
	var found []string
	if !f.Any {
		field := &eql.Field{Segments: strings.Split(q.categoryField(), ".")}
		test := &eql.Binary{Op: eql.Eq, L: field, R: &eql.Literal{Value: value.OfString(f.Category)}}
		if !j.leafHolds(categoryKey(q.Schema.Path(q.categoryField()), f.Category), s) {
			return nil
		}
		found = append(found, eql.ExprString(test))
	}
	if !j.holds(f.Condition, s) {
		return nil
	}
	return j.clauses(f.Condition, s, found)
}

// clauses adds the clauses of an expression that holds.
func (j *Judge) clauses(e eql.Expr, s scope, found []string) []string {
	logic, ok := e.(*eql.Logic)
	if !ok {
		return append(found, eql.ExprString(e))
	}
	for _, arg := range logic.Args {
		if j.holds(arg, s) {
			found = j.clauses(arg, s, found)
		}
	}
	return found
}

// holds judges an expression of a condition of the program for the event at hand.
func (j *Judge) holds(e eql.Expr, s scope) bool {
	switch e := e.(type) {
	case *eql.Literal:
		return e.Value.Bool()
	case *eql.Logic:
		for _, arg := range e.Args {
			if j.holds(arg, s) == (e.Op == eql.Or) {
				return e.Op == eql.Or
			}
		}
		return e.Op == eql.And
	case *eql.Unary:
		if e.Op == eql.Not {
			return !j.holds(e.X, s)
		}
	}
	return j.leafHolds(leafKey(e), s)
}

func (j *Judge) leafHolds(key string, s scope) bool {
	a, ok := j.p.leaves.byKey[j.p.leaves.key(s, key)]
	if !ok {
		return false // not of the program's conditions
	}
	truth, _ := j.ask(int32(a.number)) //nolint:gosec // few
	return truth
}
