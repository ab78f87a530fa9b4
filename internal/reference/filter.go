package reference

import (
	"fmt"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// filter is `CATEGORY where COND`: a whole event query or a term's condition.
type filter struct {
	any       bool
	category  string
	condition predicate
}

// predicate is a node of a condition: a leaf, or and, or, not over leaves. It
// answers true or false; an error is one that ends the run.
type predicate interface {
	holds(r *run, d *event.Document) (bool, error)
}

func compileFilter(f *eql.Filter) (*filter, error) {
	condition, err := compileCondition(f.Condition)
	return &filter{any: f.Any, category: f.Category, condition: condition}, err
}

// accepts reports whether the document is an event that the filter is for. The
// category is judged first: it is exact, case-sensitive, and any value of a
// multi-valued category will do.
func (f *filter) accepts(r *run, d *event.Document) (bool, error) {
	if !f.any && !f.hasCategory(r, d) {
		return false, nil
	}
	return f.condition.holds(r, d)
}

func (f *filter) hasCategory(r *run, d *event.Document) bool {
	for _, v := range r.fields.values(d, r.fields.category) {
		if v.Kind() == value.String && v.Str() == f.category {
			return true
		}
	}
	return false
}

// compileCondition compiles the boolean skeleton above the leaves.
func compileCondition(e eql.Expr) (predicate, error) {
	switch e := e.(type) {
	case *eql.Logic:
		args := make([]predicate, len(e.Args))
		for i, arg := range e.Args {
			var err error
			if args[i], err = compileCondition(arg); err != nil {
				return nil, err
			}
		}
		if e.Op == eql.And {
			return allOf(args), nil
		}
		return anyOf(args), nil
	case *eql.Unary:
		if e.Op == eql.Not {
			x, err := compileCondition(e.X)
			return &negation{x}, err
		}
	}
	return compileLeaf(e)
}

// allOf is `and`: it asks from left to right and stops at the first false.
type allOf []predicate

func (ps allOf) holds(r *run, d *event.Document) (bool, error) {
	for _, p := range ps {
		if ok, err := p.holds(r, d); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// anyOf is `or`: it asks from left to right and stops at the first true.
type anyOf []predicate

func (ps anyOf) holds(r *run, d *event.Document) (bool, error) {
	for _, p := range ps {
		if ok, err := p.holds(r, d); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// negation is `not`: the complement, as what is beneath it is never null.
type negation struct{ x predicate }

func (p *negation) holds(r *run, d *event.Document) (bool, error) {
	ok, err := p.x.holds(r, d)
	return !ok, err
}

// always is a constant condition. Null matches nothing.
type always bool

func (p always) holds(*run, *event.Document) (bool, error) { return bool(p), nil }

// errUnexpected tells of a tree that eql.Check would not have returned.
func errUnexpected(e eql.Expr) error {
	at := e.Pos()
	return fmt.Errorf("line %d:%d: %T is not expected here in a checked query", at.Line, at.Col, e)
}
