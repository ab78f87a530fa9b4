package engine

import (
	"fmt"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// infallible are the functions that never fail on a value. cidrMatch does not on
// constant blocks, which have been read when the query was checked.
var infallible = map[string]bool{
	"between": true, "concat": true, "endsWith": true, "indexOf": true, "length": true, "startsWith": true,
	"string": true, "stringContains": true, "substring": true, "wildcard": true,
}

// node compiles an expression inside a leaf.
func (c *scriptCompiler) node(e eql.Expr) (node, error) {
	switch e := e.(type) {
	case *eql.Literal:
		return constantNode{e.Value}, nil
	case *eql.Field:
		m := &mention{c.fields.of(c.scope.schema, e.Path, c.scope.time), e.Type}
		c.mentions = append(c.mentions, m)
		return m, nil
	case *eql.Logic:
		args, err := c.nodes(e.Args...)
		return &logicNode{or: e.Op == eql.Or, args: args}, err
	case *eql.Unary:
		return c.unary(e)
	case *eql.Binary:
		return c.binary(e)
	case *eql.In:
		return c.in(e)
	case *eql.Match:
		matches, err := e.Matcher()
		if err != nil {
			return nil, fmt.Errorf("line %d:%d: %w", e.At.Line, e.At.Col, err)
		}
		return c.apply(func(args []value.Value) (value.Value, error) {
			if args[0].IsNull() {
				return value.Value{}, nil
			}
			return value.OfBool(args[0].Kind() == value.String && matches(args[0].Str())), nil
		}, e.X)
	case *eql.Call:
		fn, ok := value.LookupFunction(e.Name)
		if !ok {
			return nil, fmt.Errorf("line %d:%d: unknown function [%s]", e.At.Line, e.At.Col, e.Name)
		}
		c.fallible = c.fallible || !infallible[fn.Name]
		return c.apply(func(args []value.Value) (value.Value, error) { return fn.Call(args, e.Fold) }, e.Args...)
	}
	return nil, unexpected(e)
}

func (c *scriptCompiler) unary(e *eql.Unary) (node, error) {
	switch e.Op {
	case eql.Not:
		return c.apply(func(args []value.Value) (value.Value, error) {
			if args[0].Kind() != value.Bool {
				return value.Value{}, nil
			}
			return value.OfBool(!args[0].Bool()), nil
		}, e.X)
	case eql.Neg:
		c.fallible = true
		return c.apply(func(args []value.Value) (value.Value, error) { return value.Negate(args[0]) }, e.X)
	}
	return nil, unexpected(e)
}

func (c *scriptCompiler) binary(e *eql.Binary) (node, error) {
	if e.Op >= eql.Add && e.Op <= eql.Mod {
		c.fallible = true
		return c.apply(func(args []value.Value) (value.Value, error) { return eql.Arithmetic(e.Op, args[0], args[1]) }, e.L, e.R)
	}
	lit, ok := e.R.(*eql.Literal)
	if !ok || !compares(e.Op) {
		return nil, unexpected(e)
	}
	if lit.Value.IsNull() && e.Op == eql.Eq {
		return c.apply(func(args []value.Value) (value.Value, error) { return value.OfBool(args[0].IsNull()), nil }, e.L)
	}
	compare := func(v value.Value) (bool, bool) {
		order, known := compareResults(v, lit.Value)
		return eql.Holds(e.Op, order), known
	}
	if f, ok := e.L.(*eql.Field); ok {
		o := newOperand(f.Type, lit.Value)
		compare = func(v value.Value) (bool, bool) { return o.compareValue(e.Op, v) }
	}
	return c.apply(func(args []value.Value) (value.Value, error) {
		holds, known := compare(args[0])
		if !known {
			return value.Value{}, nil
		}
		return value.OfBool(holds), nil
	}, e.L)
}

// compareResults compares the result of a call or arithmetic with a constant.
// Text stands in Java's order, by UTF-16 code units.
func compareResults(a, b value.Value) (order int, known bool) {
	if a.Kind() == value.String && b.Kind() == value.String {
		return value.CompareUTF16(a.Str(), b.Str()), true
	}
	return value.Compare(a, b)
}

func (c *scriptCompiler) in(e *eql.In) (node, error) {
	t := value.TypeUnknown
	if f, ok := e.X.(*eql.Field); ok {
		t = f.Type
	}
	members, err := membership(t, e)
	if err != nil {
		return nil, err
	}
	members.fit = value.TypeUnknown // a field's values have been looked at already
	return c.apply(func(args []value.Value) (value.Value, error) {
		if args[0].IsNull() {
			return value.Value{}, nil
		}
		s := newSubjectOf(nil, args[0])
		return value.OfBool(members.holds(&s)), nil
	}, e.X)
}
