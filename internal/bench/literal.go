package main

import (
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// literal is a constant of a condition and what it is held against.
type literal struct {
	node     *eql.Literal
	field    string // "" = no single field
	regex    bool
	wildcard bool
	fixed    bool // it can not be another: an option of a function, the length of something
}

// eachLiteral calls take with each text and number in the conditions of a query.
func eachLiteral(q *eql.Query, take func(*literal)) {
	for _, f := range filters(q) {
		walkLiterals(f.Condition, literal{}, take)
	}
}

// walkLiterals goes through an expression. What it is part of is given.
func walkLiterals(e eql.Expr, in literal, take func(*literal)) {
	switch n := e.(type) {
	case *eql.Literal:
		if k := n.Value.Kind(); k == value.Null || k == value.Bool {
			return
		}
		in.node = n
		in.wildcard = in.wildcard && strings.ContainsAny(text(n.Value), "*?")
		take(&in)
	case *eql.Logic:
		for _, x := range n.Args {
			walkLiterals(x, literal{}, take)
		}
	case *eql.Unary:
		walkLiterals(n.X, in, take)
	case *eql.Binary:
		walkBinary(n, in, take)
	case *eql.In:
		of := against(n.X, in)
		walkLiterals(n.X, in, take)
		for _, x := range n.List {
			walkLiterals(x, of, take)
		}
	case *eql.Match:
		of := against(n.X, in)
		of.regex = n.Op == eql.Regex || n.Op == eql.RegexFold
		of.wildcard = !of.regex
		walkLiterals(n.X, in, take)
		for _, x := range n.Patterns {
			walkLiterals(x, of, take)
		}
	case *eql.Call:
		walkCall(n, in, take)
	}
}

func walkBinary(n *eql.Binary, in literal, take func(*literal)) {
	left, right := against(n.R, in), against(n.L, in)
	if n.Op != eql.Eq && n.Op != eql.Ne {
		left.fixed, right.fixed = true, true
	}
	walkLiterals(n.L, left, take)
	walkLiterals(n.R, right, take)
}

// walkCall goes through the arguments of a call. Texts that a function holds
// against its first argument are like those of a comparison; numbers say where or
// how, and stay.
func walkCall(n *eql.Call, in literal, take func(*literal)) {
	of := in
	if len(n.Args) > 0 {
		of = against(n.Args[0], in)
	}
	of.wildcard = n.Name == "wildcard"
	of.regex = n.Name == "match"
	for i, x := range n.Args {
		one := of
		if l, ok := x.(*eql.Literal); ok && (i == 0 || l.Value.Kind() != value.String) {
			one.fixed = true
		}
		walkLiterals(x, one, take)
	}
}

// against is what a literal is that is held against an expression.
func against(e eql.Expr, in literal) literal {
	switch n := e.(type) {
	case *eql.Field:
		in.field = n.Name()
	case *eql.Call:
		in.fixed = true
		for _, x := range n.Args {
			if f, ok := x.(*eql.Field); ok {
				in.field = f.Name()
			}
			if _, ok := x.(*eql.Literal); !ok && textual(n.Name) {
				in.fixed = false
			}
		}
	default:
		if _, ok := e.(*eql.Literal); !ok {
			in.fixed = true
		}
	}
	return in
}

// textual reports whether a function gives a text made of one.
func textual(name string) bool { return name == "substring" || name == "concat" || name == "between" }

func text(v eql.Value) string { return v.Text() }
