package reference

import (
	"slices"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// compileLeaf compiles a leaf. One that asks a plain field about constants is
// looked up value by value, as an index does; any other is a script.
func compileLeaf(e eql.Expr) (predicate, error) {
	if lit, ok := e.(*eql.Literal); ok {
		return always(lit.Value.Bool()), nil
	}
	if nested, ok := e.(*eql.Nested); ok {
		x, err := compileCondition(nested.X)
		return &nestedLeaf{nested.Path, x}, err
	}
	if field, ok := subject(e).(*eql.Field); ok {
		if test, err := compileTest(field, e); test != nil || err != nil {
			return test, err
		}
	}
	root, err := compileNode(e)
	return &scriptLeaf{at: e.Pos(), root: root}, err
}

// nestedLeaf holds when its condition does for one of the objects at a path.
type nestedLeaf struct {
	path string
	x    predicate
}

func (n *nestedLeaf) holds(r *run, d *event.Document) (bool, error) {
	for _, one := range d.Objects(n.path) {
		if ok, err := n.x.holds(r, one); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// subject returns what a leaf asks about: a comparison's left side, a match's
// operand, a call's first argument.
func subject(e eql.Expr) eql.Expr {
	switch e := e.(type) {
	case *eql.Binary:
		return e.L
	case *eql.In:
		return e.X
	case *eql.Match:
		return e.X
	case *eql.Call:
		if len(e.Args) > 0 {
			return e.Args[0]
		}
	}
	return nil
}

// compileTest compiles a leaf over a plain field and constants; nil when e has
// to be run as a script.
func compileTest(field *eql.Field, e eql.Expr) (predicate, error) {
	switch e := e.(type) {
	case *eql.Binary:
		lit, ok := e.R.(*eql.Literal)
		switch {
		case !ok || !isComparison(e.Op):
			return nil, nil
		case lit.Value.IsNull() && e.Op == eql.Eq:
			return &missingLeaf{field}, nil
		case lit.Value.IsNull():
			return always(false), nil
		}
		c := newConstant(field.Type, lit.Value)
		return &fieldLeaf{field, func(v value.Value) bool { return c.holds(e.Op, v) }}, nil
	case *eql.In:
		list, err := newList(field.Type, e)
		return &fieldLeaf{field, list.has}, err
	case *eql.Match:
		matches, err := newPattern(e)
		return &fieldLeaf{field, matches}, err
	case *eql.Call:
		test, err := compileCallTest(e)
		if test == nil || err != nil {
			return nil, err
		}
		return &fieldLeaf{field, test}, nil
	}
	return nil, nil
}

// fieldLeaf is true when any of a field's values passes the test.
type fieldLeaf struct {
	field *eql.Field
	test  func(value.Value) bool
}

func (l *fieldLeaf) holds(r *run, d *event.Document) (bool, error) {
	return slices.ContainsFunc(r.fields.values(d, l.field.Path), func(v value.Value) bool {
		return fits(l.field.Type, v) && l.test(v)
	}), nil
}

// missingLeaf is `field == null`: true when the field has no value.
type missingLeaf struct{ field *eql.Field }

func (l *missingLeaf) holds(r *run, d *event.Document) (bool, error) {
	return len(r.fields.values(d, l.field.Path)) == 0, nil
}

func isComparison(op eql.Op) bool { return op >= eql.Eq && op <= eql.Ge && op != eql.Ne }
