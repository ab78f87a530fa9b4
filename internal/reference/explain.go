package reference

import (
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// Truth is what one node of a condition came to for one document.
type Truth struct {
	Expr   eql.Expr
	Result value.Value // true, false, or null where a leaf is false for want of a value
	Failed error       // a leaf that failed on a bad value; Result is then null

	// Seen are the fields that a leaf looked at; empty for and, or and not.
	Seen []Seen
	// Children are the operands of and, or and not, in their order, each of them
	// judged: here nothing stops early.
	Children []*Truth
}

// Seen is a field with the values that the document has for it; none when the
// field is missing.
type Seen struct {
	Field  *eql.Field
	Values []value.Value
}

// Holds reports whether the node is true.
func (t *Truth) Holds() bool { return t.Result.Bool() }

// Explain judges a filter of the program's query, node by node. The root is an
// `and` of the category test, unless the filter is for any, and the condition;
// it is true exactly if a run of the program accepts the document. The error is
// that of a filter that does not compile.
func (p *Program) Explain(f *eql.Filter, d *event.Document) (*Truth, error) {
	strict := *p
	strict.opts.Tolerant = false // a leaf that fails is told, not counted
	r := &run{Program: &strict, result: new(Result)}
	root := &Truth{Expr: &eql.Logic{At: f.At, Op: eql.And}}
	if !f.Any {
		field := &eql.Field{At: f.At, Segments: strings.Split(p.opts.CategoryField, "."), Path: p.fields.category, Type: value.TypeKeyword}
		test := &eql.Binary{At: f.At, Op: eql.Eq, L: field, R: &eql.Literal{At: f.At, Value: value.OfString(f.Category)}}
		t, err := r.truth(test, d)
		if err != nil {
			return nil, err
		}
		root.Children = append(root.Children, t)
	}
	t, err := r.truth(f.Condition, d)
	if err != nil {
		return nil, err
	}
	root.Children = append(root.Children, t)
	if and, ok := t.Expr.(*eql.Logic); ok && and.Op == eql.And {
		root.Children = append(root.Children[:len(root.Children)-1], t.Children...)
	}
	root.Result = combined(eql.And, root.Children)
	return root, nil
}

func (r *run) truth(e eql.Expr, d *event.Document) (*Truth, error) {
	t := &Truth{Expr: e}
	switch e := e.(type) {
	case *eql.Logic:
		for _, arg := range e.Args {
			child, err := r.truth(arg, d)
			if err != nil {
				return nil, err
			}
			t.Children = append(t.Children, child)
		}
		t.Result = combined(e.Op, t.Children)
		return t, nil
	case *eql.Unary:
		if e.Op == eql.Not {
			child, err := r.truth(e.X, d)
			if err != nil {
				return nil, err
			}
			t.Children = []*Truth{child}
			t.Result = value.OfBool(!child.Holds())
			return t, nil
		}
	case *eql.Literal:
		t.Result = e.Value
		return t, nil
	}
	return t, r.leafTruth(t, d)
}

// combined is the result of and or or over its operands: null counts as false.
func combined(op eql.Op, operands []*Truth) value.Value {
	for _, o := range operands {
		if o.Holds() == (op == eql.Or) {
			return value.OfBool(op == eql.Or)
		}
	}
	return value.OfBool(op == eql.And)
}

func (r *run) leafTruth(t *Truth, d *event.Document) error {
	leaf, err := compileLeaf(t.Expr)
	if err != nil {
		return err
	}
	missing := false
	for _, f := range fieldsOf(t.Expr, nil) {
		seen := Seen{Field: f, Values: r.fields.values(d, f.Path)}
		missing = missing || len(seen.Values) == 0
		t.Seen = append(t.Seen, seen)
	}
	ok, err := leaf.holds(r, d)
	switch {
	case err != nil:
		t.Failed = err
	case ok || !missing:
		t.Result = value.OfBool(ok)
	case isNullTest(t.Expr):
		t.Result = value.OfBool(false)
	}
	return nil
}

// isNullTest reports whether a leaf asks for null itself.
func isNullTest(e eql.Expr) bool {
	b, ok := e.(*eql.Binary)
	if !ok {
		return false
	}
	lit, ok := b.R.(*eql.Literal)
	return ok && lit.Value.IsNull()
}

// fieldsOf appends the fields that an expression names, each path once.
func fieldsOf(e eql.Expr, found []*eql.Field) []*eql.Field {
	switch e := e.(type) {
	case *eql.Field:
		for _, f := range found {
			if f.Path == e.Path {
				return found
			}
		}
		return append(found, e)
	case *eql.Unary:
		return fieldsOf(e.X, found)
	case *eql.Binary:
		return fieldsOf(e.R, fieldsOf(e.L, found))
	case *eql.In:
		return fieldsOf(e.X, found)
	case *eql.Match:
		return fieldsOf(e.X, found)
	case *eql.Call:
		for _, a := range e.Args {
			found = fieldsOf(a, found)
		}
	case *eql.Logic:
		for _, a := range e.Args {
			found = fieldsOf(a, found)
		}
	}
	return found
}
