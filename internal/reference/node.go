package reference

import (
	"fmt"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// node is a node of a script leaf: it has a set of possible results. Inside a
// leaf the logic is three-valued, and a null result comes of a missing field.
type node interface {
	results(l *loop) []value.Value
}

// compileNode compiles an expression inside a script leaf.
func compileNode(e eql.Expr) (node, error) {
	switch e := e.(type) {
	case *eql.Literal:
		return literal{e.Value}, nil
	case *eql.Field:
		return &fieldValues{e.Path, e.Type}, nil
	case *eql.Logic:
		args, err := compileNodes(e.Args)
		return &logic{or: e.Op == eql.Or, args: args}, err
	case *eql.Unary:
		return compileUnary(e)
	case *eql.Binary:
		return compileBinary(e)
	case *eql.In:
		return compileIn(e)
	case *eql.Match:
		matches, err := newPattern(e)
		if err != nil {
			return nil, err
		}
		return newOperation(unlessNull(matches), e.X)
	case *eql.Call:
		fn, ok := value.LookupFunction(e.Name)
		if !ok {
			return nil, fmt.Errorf("line %d:%d: unknown function [%s]", e.At.Line, e.At.Col, e.Name)
		}
		return newOperation(func(args []value.Value) (value.Value, error) { return fn.Call(args, e.Fold) }, e.Args...)
	}
	return nil, errUnexpected(e)
}

func compileNodes(exprs []eql.Expr) ([]node, error) {
	nodes := make([]node, len(exprs))
	for i, e := range exprs {
		var err error
		if nodes[i], err = compileNode(e); err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

// literal has one result.
type literal struct{ value value.Value }

func (n literal) results(*loop) []value.Value { return []value.Value{n.value} }

// fieldValues is one occurrence of a field: its values, or null when missing. A
// value that is not of the field's type is null too.
type fieldValues struct {
	path string
	typ  value.Type
}

func (n *fieldValues) results(l *loop) []value.Value {
	seen := map[value.Value]bool{}
	var distinct []value.Value
	for _, v := range l.fields.values(l.doc, n.path) {
		if !fits(n.typ, v) {
			v = value.Value{}
		}
		if !seen[v] {
			seen[v] = true
			distinct = append(distinct, v)
		}
	}
	if distinct == nil {
		return []value.Value{{}}
	}
	return distinct
}

// operation is a function of its operands: a call, arithmetic, a comparison.
type operation struct {
	operands []node
	apply    func([]value.Value) (value.Value, error)
}

func newOperation(apply func([]value.Value) (value.Value, error), operands ...eql.Expr) (node, error) {
	nodes, err := compileNodes(operands)
	return &operation{nodes, apply}, err
}

func (n *operation) results(l *loop) []value.Value {
	operands := make([][]value.Value, len(n.operands))
	for i, o := range n.operands {
		operands[i] = o.results(l)
	}
	return l.combine(operands, n.apply)
}

// logic is `and` or `or` inside a leaf: three-valued, from left to right, and
// done when the left side can only be false (for `and`) or true (for `or`).
type logic struct {
	or   bool
	args []node
}

func (n *logic) results(l *loop) []value.Value {
	sofar := []value.Value{value.OfBool(!n.or)}
	for _, arg := range n.args {
		if len(sofar) == 1 && sofar[0] == value.OfBool(n.or) {
			break
		}
		sofar = l.combine([][]value.Value{sofar, arg.results(l)}, func(args []value.Value) (value.Value, error) {
			return threeValued(n.or, args[0], args[1]), nil
		})
	}
	return sofar
}

// threeValued is a and b, or a or b, where null is unknown.
func threeValued(or bool, a, b value.Value) value.Value {
	decides := value.OfBool(or) // true decides an or, false decides an and
	switch {
	case a == decides || b == decides:
		return decides
	case a.Kind() == value.Bool && b.Kind() == value.Bool:
		return value.OfBool(!or)
	}
	return value.Value{}
}
