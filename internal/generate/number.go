package generate

import (
	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// fitArithmetic makes one side what it must be for the other's being a constant,
// or some small number where it is none.
func fitArithmetic(op eql.Op, l, r eql.Expr, sh shape) []binding {
	if !sh.value.IsNumber() {
		return nil
	}
	var out []binding
	for _, known := range sideValues(r) {
		for _, v := range leftOf(op, known, sh.value) {
			out = append(out, fitAll([]eql.Expr{l, r}, []shape{exact(v), exact(known)})...)
		}
	}
	for _, known := range sideValues(l) {
		for _, v := range rightOf(op, known, sh.value) {
			out = append(out, fitAll([]eql.Expr{l, r}, []shape{exact(known), exact(v)})...)
		}
	}
	return out
}

// sideValues are what one side of an operation may be.
func sideValues(e eql.Expr) []value.Value {
	if lit, ok := e.(*eql.Literal); ok {
		return []value.Value{lit.Value}
	}
	return []value.Value{value.OfInt(1), value.OfInt(0), value.OfInt(2), value.OfInt(10)}
}

// leftOf returns x with x op r = want, as far as it is easily said.
func leftOf(op eql.Op, r, want value.Value) []value.Value {
	switch op {
	case eql.Add:
		return computed(eql.Sub, want, r)
	case eql.Sub:
		return computed(eql.Add, want, r)
	case eql.Mul:
		return computed(eql.Div, want, r)
	case eql.Div:
		return computed(eql.Mul, want, r)
	case eql.Mod:
		return append([]value.Value{want}, computed(eql.Add, want, r)...)
	}
	return nil
}

// rightOf returns x with l op x = want.
func rightOf(op eql.Op, l, want value.Value) []value.Value {
	switch op {
	case eql.Add:
		return computed(eql.Sub, want, l)
	case eql.Sub:
		return computed(eql.Sub, l, want)
	case eql.Mul, eql.Div:
		return computed(eql.Div, l, want)
	case eql.Mod:
		return computed(eql.Sub, l, want)
	}
	return nil
}

func computed(op eql.Op, a, b value.Value) []value.Value {
	v, err := eql.Arithmetic(op, a, b)
	if err != nil || v.IsNull() {
		return nil
	}
	return []value.Value{v}
}

// nearNumber returns numbers for which `x op c` holds, or values around c.
func nearNumber(op eql.Op, c value.Value) []shape {
	one := value.OfInt(1)
	var list []value.Value
	switch op {
	case eql.Eq:
		list = append(list, c)
	case eql.Lt:
		list = append(list, computed(eql.Sub, c, one)...)
	case eql.Le:
		list = append(append(list, c), computed(eql.Sub, c, one)...)
	case eql.Gt:
		list = append(list, computed(eql.Add, c, one)...)
	case eql.Ge:
		list = append(append(list, c), computed(eql.Add, c, one)...)
	default:
		list = append(computed(eql.Add, c, one), computed(eql.Sub, c, one)...)
	}
	half, ten := value.OfFloat(0.5), value.OfInt(1000)
	for _, step := range []value.Value{half, ten} {
		list = append(list, computed(eql.Add, c, step)...)
		list = append(list, computed(eql.Sub, c, step)...)
	}
	var out []shape
	for _, v := range list {
		if v.Kind() == value.Float && v.Float() == float64(int64(v.Float())) && c.Kind() == value.Int {
			v = value.OfInt(int64(v.Float()))
		}
		out = append(out, exact(v))
	}
	return out
}
