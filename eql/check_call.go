package eql

import (
	"slices"

	"github.com/tripline-sec/tripline/internal/value"
)

var ordinals = [...]string{"first", "second", "third", "fourth", "fifth", "sixth"}

// argOrdinal names an argument; a function's only argument has no number.
func argOrdinal(fn *value.Function, i int) string {
	switch {
	case fn.MaxArgs == 1:
		return ""
	case i < len(ordinals):
		return ordinals[i] + " "
	}
	return ordinalNumber(i+1) + " "
}

func (c *checker) call(n *Call) (Expr, Type) {
	fn, ok := value.LookupFunction(n.Name)
	if !ok {
		names := value.FunctionNames()
		for i, name := range names {
			names[i] = lowerASCII(name)
		}
		c.problem(n.At, "Unknown function [%s]%s", clip(n.Name), didYouMean(likeFunctions(lowerASCII(n.Name), names)))
		return n, value.TypeUnknown
	}
	out := &Call{At: n.At, Name: fn.Name, Fold: n.Fold, Args: make([]Expr, len(n.Args))}
	good, constant := true, true
	types := make([]Type, len(n.Args))
	for i, a := range n.Args {
		e, t := c.expr(a)
		param := fn.Params[min(i, len(fn.Params)-1)]
		good = good && c.argument(fn, n, i, param, e, t)
		types[i] = t
		if _, ok := e.(*Literal); !ok {
			constant = false
		}
		out.Args[i] = e
	}
	if !good || !c.callConstants(fn, out) {
		return n, value.TypeUnknown
	}
	if fn.Name == "wildcard" {
		return c.wildcardCall(out)
	}
	if constant {
		args := make([]Value, len(out.Args))
		for i, a := range out.Args {
			args[i] = a.(*Literal).Value
		}
		v, err := fn.Call(args, n.Fold)
		return c.folded(n, v, err)
	}
	return out, c.result(fn, types)
}

// result is the type of a call. An operator in the form of a function is double
// if an argument is.
func (c *checker) result(fn *value.Function, types []Type) Type {
	switch fn.Name {
	case "add", "subtract", "multiply", "divide", "modulo":
		if slices.Contains(types, value.TypeDouble) {
			return value.TypeDouble
		}
	}
	return fn.Returns
}

// likeFunctions returns the function names that a wrong one may have been meant
// as: those near it, else those with which it shares more than half of itself.
func likeFunctions(word string, names []string) []string {
	near := value.Suggest(word, names)
	if len(near) > 0 {
		return near
	}
	for _, n := range names {
		shared := 0
		for shared < min(len(n), len(word)) && n[len(n)-1-shared] == word[len(word)-1-shared] {
			shared++
		}
		if 2*shared > max(len(n), len(word)) {
			near = append(near, n)
		}
	}
	return near
}

// argument checks one argument against its parameter.
func (c *checker) argument(fn *value.Function, n *Call, i int, param value.Param, e Expr, t Type) bool {
	if _, ok := e.(*Literal); param.Constant && !ok {
		c.problem(e.Pos(), "%sargument of [%s] must be a constant, received [%s]",
			argOrdinal(fn, i), brief(n), brief(e))
		return false
	}
	want := paramMismatch(param.Kind, t)
	if want == "" {
		return true
	}
	c.operand(n, e, t, argOrdinal(fn, i), want)
	return c.soft(e) && t != value.TypeText
}

// paramMismatch returns what a parameter wants when the type does not fit it.
func paramMismatch(kind value.ParamKind, t Type) string {
	if t == value.TypeUnknown || t == value.TypeNull {
		return ""
	}
	switch kind {
	case value.ParamAny:
		if t == value.TypeText {
			return "exact"
		}
	case value.ParamString:
		if t != value.TypeKeyword {
			return "string"
		}
	case value.ParamNumeric:
		if !t.IsNumeric() {
			return "numeric"
		}
	case value.ParamInteger:
		if !t.IsInteger() {
			return "integer"
		}
	case value.ParamBoolean:
		if t != value.TypeBoolean {
			return "boolean"
		}
	case value.ParamIP:
		if t != value.TypeIP {
			return "ip"
		}
	}
	return ""
}

// callConstants checks constants whose text must parse: address blocks.
// Elasticsearch finds a bad block only when it runs the query, and then the
// whole query fails; here it fails before it runs.
func (c *checker) callConstants(fn *value.Function, n *Call) bool {
	ok := true
	switch fn.Name {
	case "cidrMatch":
	case "endsWith", "stringContains":
		lit, isConstant := n.Args[1].(*Literal)
		return !isConstant || c.patternLength(lit)
	default:
		return true
	}
	for _, a := range n.Args[1:] {
		lit := a.(*Literal)
		if lit.Value.IsNull() {
			continue
		}
		if _, err := value.ParseCIDR(lit.Value.Str()); err != nil {
			p := c.problem(lit.At, "%s", err)
			if lit.Value.Str() == "" {
				p.Hint = "an empty string is no address block; was one lost when the query was copied?"
			}
			ok = false
		}
	}
	return ok
}

// wildcardCall rewrites wildcard(s, p, ..) to `s like (p, ..)`.
func (c *checker) wildcardCall(n *Call) (Expr, Type) {
	m := &Match{At: n.At, Op: Like, X: n.Args[0]}
	if n.Fold {
		m.Op = LikeFold
	}
	for _, a := range n.Args[1:] {
		m.Patterns = append(m.Patterns, a.(*Literal))
	}
	return c.match(m)
}
