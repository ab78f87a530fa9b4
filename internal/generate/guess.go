package generate

import (
	"slices"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// binding says what some fields should look like, by path.
type binding map[string]shape

// maxGuesses bounds the guesses that are made for one node.
const maxGuesses = 150

// guesses returns bindings under which a leaf may come to be true, or false. They
// are guesses: what they leave out and what they get wrong the search finds out.
func guesses(leaf eql.Expr, want bool) []binding {
	var out []binding
	switch e := leaf.(type) {
	case *eql.Binary:
		lit, ok := e.R.(*eql.Literal)
		switch {
		case !ok:
		case lit.Value.IsNull() && e.Op == eql.Eq && want:
			for _, f := range fieldsOf(e.L) {
				out = append(out, binding{f.Path: shape{absent: true}})
			}
		case lit.Value.IsNull():
			if f, ok := e.L.(*eql.Field); ok {
				return fit(f, fillers(f)...)
			}
			out = fit(e.L, anything...)
		default:
			out = fit(e.L, near(e.Op, typeOf(e.L), lit.Value, want)...)
		}
	case *eql.In:
		for _, member := range e.List {
			if lit, ok := member.(*eql.Literal); ok && !lit.Value.IsNull() {
				out = append(out, fit(e.X, near(eql.Eq, typeOf(e.X), lit.Value, want)...)...)
			}
		}
	case *eql.Match:
		for _, p := range e.Patterns {
			out = append(out, fit(e.X, matching(e, p.Value.Str(), want)...)...)
		}
	case *eql.Call:
		out = fit(e, exact(value.OfBool(want)))
	}
	if len(out) == 0 {
		for _, f := range fieldsOf(leaf) {
			for _, sh := range fillers(f) {
				out = append(out, binding{f.Path: sh})
			}
		}
	}
	return out[:min(len(out), maxGuesses)]
}

// anything are shapes of which an operation may make something that is not null.
var anything = []shape{
	{text: []element{{r: anyRun}}, isText: true}, exact(value.OfInt(1)), exact(value.OfInt(0)), exact(value.OfBool(true)),
}

// typeOf returns the type of a plain field; unknown of any other expression.
func typeOf(e eql.Expr) value.Type {
	if f, ok := e.(*eql.Field); ok {
		return f.Type
	}
	return value.TypeUnknown
}

// fit returns bindings under which an expression may have one of the shapes.
func fit(e eql.Expr, shapes ...shape) []binding {
	var out []binding
	for _, sh := range shapes {
		switch e := e.(type) {
		case *eql.Field:
			out = append(out, binding{e.Path: sh})
		case *eql.Literal:
			if sh.admits(e.Value) {
				out = append(out, binding{})
			}
		case *eql.Unary:
			if e.Op == eql.Neg && sh.value.IsNumber() {
				if v, err := value.Negate(sh.value); err == nil {
					out = append(out, fit(e.X, exact(v))...)
				}
			}
		case *eql.Binary:
			out = append(out, fitArithmetic(e.Op, e.L, e.R, sh)...)
		case *eql.Call:
			out = append(out, fitCall(e, sh)...)
		}
		if len(out) > maxGuesses {
			break
		}
	}
	return out
}

// fitAll returns bindings under which each expression may have its shape.
func fitAll(exprs []eql.Expr, shapes []shape) []binding {
	out := []binding{{}}
	for i, e := range exprs {
		var longer []binding
		for _, a := range out {
			for _, b := range fit(e, shapes[i]) {
				if both, ok := a.and(b); ok && len(longer) < maxGuesses {
					longer = append(longer, both)
				}
			}
		}
		out = longer
	}
	return out
}

// and returns what both bindings say.
func (b binding) and(c binding) (binding, bool) {
	both := binding{}
	for path, sh := range b {
		both[path] = sh
	}
	for path, sh := range c {
		if old, ok := both[path]; ok {
			if sh, ok = old.and(sh); !ok {
				return nil, false
			}
		}
		both[path] = sh
	}
	return both, true
}

func (s shape) and(t shape) (shape, bool) {
	switch {
	case s.absent || t.absent:
		return s, s.absent == t.absent
	case s.isText && t.isText:
		text, ok := meet(s.text, t.text)
		return shape{text: text, isText: true}, ok
	}
	return s, !s.isText && !t.isText && value.Equal(s.value, t.value)
}

// admits reports whether a constant is of the shape.
func (s shape) admits(v value.Value) bool {
	_, ok := s.and(exact(v))
	return ok && !v.IsNull()
}

// alternatives returns values for the fields of a binding.
func (b binding) alternatives() []map[string]value.Value {
	out := []map[string]value.Value{{}}
	paths := make([]string, 0, len(b))
	for path := range b {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		var list []value.Value
		if list = appendFitting(nil, b[path]); b[path].absent {
			list = []value.Value{{}}
		}
		var longer []map[string]value.Value
		for _, old := range out {
			for _, v := range list[:min(len(list), 4)] {
				filled := map[string]value.Value{path: v}
				for p, w := range old {
					filled[p] = w
				}
				longer = append(longer, filled)
			}
		}
		out = longer[:min(len(longer), 16)]
	}
	return out
}
