package reference

import (
	"slices"
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
	x, err := p.Explainer(f)
	if err != nil {
		return nil, err
	}
	return x.Explain(d), nil
}

// Explainer judges one filter over many documents: its leaves are compiled once.
type Explainer struct {
	run  *run
	root *explained
}

// explained is a node of the filter, ready to be judged.
type explained struct {
	expr     eql.Expr
	children []*explained
	leaf     predicate    // nil for and, or, not and constants
	fields   []*eql.Field // of a leaf
}

// Explainer readies a filter of the program's query, or any other that eql.Check
// has gone over.
func (p *Program) Explainer(f *eql.Filter) (*Explainer, error) {
	strict := *p
	strict.opts.Tolerant = false // a leaf that fails is told, not counted
	x := &Explainer{run: &run{Program: &strict, result: new(Result)}}
	root := &eql.Logic{At: f.At, Op: eql.And}
	if !f.Any {
		field := &eql.Field{At: f.At, Segments: strings.Split(p.opts.CategoryField, "."), Path: p.fields.category, Type: value.TypeKeyword}
		root.Args = append(root.Args, &eql.Binary{At: f.At, Op: eql.Eq, L: field, R: &eql.Literal{At: f.At, Value: value.OfString(f.Category)}})
	}
	if and, ok := f.Condition.(*eql.Logic); ok && and.Op == eql.And {
		root.Args = append(root.Args, and.Args...)
	} else {
		root.Args = append(root.Args, f.Condition)
	}
	var err error
	x.root, err = newExplained(root)
	return x, err
}

func newExplained(e eql.Expr) (*explained, error) {
	x := &explained{expr: e}
	var args []eql.Expr
	switch e := e.(type) {
	case *eql.Logic:
		args = e.Args
	case *eql.Unary:
		if e.Op == eql.Not {
			args = []eql.Expr{e.X}
		}
	case *eql.Literal:
		return x, nil
	}
	for _, arg := range args {
		child, err := newExplained(arg)
		if err != nil {
			return nil, err
		}
		x.children = append(x.children, child)
	}
	if len(args) > 0 {
		return x, nil
	}
	var err error
	x.fields = fieldsOf(e)
	x.leaf, err = compileLeaf(e)
	return x, err
}

// Explain judges a document.
func (x *Explainer) Explain(d *event.Document) *Truth { return x.run.truth(x.root, d) }

func (r *run) truth(x *explained, d *event.Document) *Truth {
	t := &Truth{Expr: x.expr}
	for _, child := range x.children {
		t.Children = append(t.Children, r.truth(child, d))
	}
	switch e := x.expr.(type) {
	case *eql.Literal:
		t.Result = e.Value
	case *eql.Logic:
		if len(x.children) > 0 {
			t.Result = combined(e.Op, t.Children)
		}
	case *eql.Unary:
		if len(x.children) > 0 {
			t.Result = value.OfBool(!t.Children[0].Holds())
		}
	}
	if x.leaf != nil {
		r.leafTruth(t, x, d)
	}
	return t
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

func (r *run) leafTruth(t *Truth, x *explained, d *event.Document) {
	missing := false
	for _, f := range x.fields {
		seen := Seen{Field: f, Values: r.fields.values(d, f.Path)}
		missing = missing || len(seen.Values) == 0
		t.Seen = append(t.Seen, seen)
	}
	ok, err := x.leaf.holds(r, d)
	switch {
	case err != nil:
		t.Failed = err
	case ok || !missing || isNullTest(t.Expr):
		t.Result = value.OfBool(ok)
	}
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

// fieldsOf returns the fields that an expression names, each path once.
func fieldsOf(e eql.Expr) []*eql.Field {
	var found []*eql.Field
	eql.Walk(e, func(x eql.Expr) {
		f, ok := x.(*eql.Field)
		if ok && !slices.ContainsFunc(found, func(g *eql.Field) bool { return g.Path == f.Path }) {
			found = append(found, f)
		}
	})
	return found
}
