package eql

import (
	"strconv"
	"strings"

	"github.com/tripline-sec/tripline/internal/value"
)

var flipped = map[Op]Op{Eq: Eq, Ne: Ne, Lt: Gt, Le: Ge, Gt: Lt, Ge: Le}

func (c *checker) comparison(n *Binary) (Expr, Type) {
	l, lt := c.expr(n.L)
	r, rt := c.expr(n.R)
	op := n.Op
	if _, ok := l.(*Literal); ok {
		if _, ok := r.(*Literal); !ok {
			l, lt, r, op = r, rt, l, flipped[op]
		}
	}
	if lt == value.TypeText {
		c.inexact(l, brief(n), "first ")
		return n, value.TypeUnknown
	}
	lit, ok := r.(*Literal)
	if !ok {
		c.problem(r.Pos(), "Comparisons against fields are not (currently) supported; offender [%s] in [%s]",
			brief(r), n.Op).Hint = "compare with a constant; for equal fields of two events use a sequence with `by`"
		return n, value.TypeUnknown
	}
	if a, ok := l.(*Literal); ok {
		return foldComparison(n, op, a.Value, lit.Value)
	}
	if op == Ne {
		eq, t := c.compareWith(n, Eq, l, lt, lit)
		if t == value.TypeUnknown {
			return eq, t
		}
		return negate(n.At, eq)
	}
	return c.compareWith(n, op, l, lt, lit)
}

// compareWith checks a comparison of an expression with a constant.
func (c *checker) compareWith(n *Binary, op Op, l Expr, lt Type, lit *Literal) (Expr, Type) {
	_, isField := l.(*Field)
	if op == Eq && lt == value.TypeBoolean && !isField && lit.Value.Kind() == value.Bool {
		if lit.Value.Bool() {
			return l, value.TypeBoolean
		}
		return negate(n.At, l)
	}
	if !lit.Value.IsNull() {
		adapted, ok := adapt(lt, lit.Value, isField, op == Eq)
		if !ok {
			c.never(n, l, lt, lit)
		}
		lit = &Literal{At: lit.At, Value: adapted}
	}
	return &Binary{At: n.At, Op: op, L: l, R: lit}, value.TypeBoolean
}

// adapt turns a constant into the type of the field it is compared with, as an
// index does when it looks the constant up; a call's result is compared as it
// is. ok is false if the two can not compare.
func adapt(t Type, v Value, isField, equality bool) (adapted Value, ok bool) {
	switch {
	case t == value.TypeUnknown || t == value.TypeNull || v.IsNull():
		return v, true
	case t.IsString():
		if v.Kind() != value.String && isField {
			return value.OfString(v.Text()), true
		}
		return v, v.Kind() == value.String
	case t.IsNumeric():
		if v.Kind() == value.String && isField {
			if num := value.OfJSONNumber(v.Str()); isNumberText(v.Str()) {
				return num, num.IsNumber()
			}
		}
		return v, v.IsNumber()
	case t == value.TypeBoolean:
		if s := v.Str(); isField && (s == "true" || s == "false") {
			return value.OfBool(s == "true"), true
		}
		return v, v.Kind() == value.Bool
	case t == value.TypeDate:
		if v.Kind() == value.String {
			_, ok := value.ParseDate(v.Str())
			return v, ok
		}
		return v, v.IsNumber()
	case t == value.TypeIP:
		if v.Kind() != value.String {
			return v, false
		}
		if _, ok := value.ParseIP(v.Str()); ok {
			return v, true
		}
		_, err := value.ParseCIDR(v.Str())
		return v, err == nil && equality
	case t == value.TypeVersion:
		return value.OfString(v.Text()), v.Kind() == value.String || v.IsNumber()
	}
	return v, true
}

// isNumberText reports whether s is written as JSON writes a number.
func isNumberText(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return (err == nil || strings.Contains(err.Error(), "range")) && strings.Trim(s, "+-0123456789.eE") == ""
}

// foldComparison compares two constants: null equals only null, and orders with
// nothing.
func foldComparison(n *Binary, op Op, a, b Value) (Expr, Type) {
	result := func(v bool) (Expr, Type) {
		return &Literal{At: n.At, Value: value.OfBool(v)}, value.TypeBoolean
	}
	null := func() (Expr, Type) { return &Literal{At: n.At}, value.TypeNull }
	if a.IsNull() || b.IsNull() {
		switch op {
		case Eq:
			return result(a.IsNull() && b.IsNull())
		case Ne:
			return result(!a.IsNull() || !b.IsNull())
		}
		return null()
	}
	cmp, ok := value.Compare(a, b)
	if !ok {
		return null()
	}
	return result(Holds(op, cmp))
}

// Holds reports whether a comparison whose operands order as cmp (negative,
// zero, positive) is true.
func Holds(op Op, cmp int) bool {
	switch op {
	case Eq:
		return cmp == 0
	case Ne:
		return cmp != 0
	case Lt:
		return cmp < 0
	case Le:
		return cmp <= 0
	case Gt:
		return cmp > 0
	case Ge:
		return cmp >= 0
	}
	return false
}

func (c *checker) in(n *In) (Expr, Type) {
	x, t := c.expr(n.X)
	if t == value.TypeText {
		c.inexact(x, brief(n), "first ")
		return n, value.TypeUnknown
	}
	out := &In{At: n.At, X: x, Fold: n.Fold}
	for i, e := range n.List {
		item, it := c.expr(e)
		lit, ok := item.(*Literal)
		if !ok {
			c.problem(e.Pos(), "Comparisons against fields are not (currently) supported; offender [%s] in [%s]",
				brief(e), brief(n))
			return n, value.TypeUnknown
		}
		if lit.Value.IsNull() {
			continue // nulls in a list are ignored
		}
		out.List = append(out.List, c.listItem(n, x, t, lit, it, i+1))
	}
	var e Expr = out
	switch lit, ok := x.(*Literal); {
	case ok:
		e = foldIn(out, lit.Value)
	case len(out.List) == 0:
		e = &Literal{At: n.At, Value: value.OfBool(false)}
	}
	if n.Not {
		return negate(n.At, e)
	}
	if lit, ok := e.(*Literal); ok {
		return e, literalType(lit.Value)
	}
	return e, value.TypeBoolean
}

// listItem checks one constant of a list against the type of the left side.
func (c *checker) listItem(n *In, x Expr, t Type, lit *Literal, it Type, number int) Expr {
	_, isField := x.(*Field)
	v, ok := adapt(t, lit.Value, isField, true)
	if ok && (c.soft(x) || listCompatible(t, it)) {
		return &Literal{At: lit.At, Value: v}
	}
	const format = "%s argument of [%s] must be [%s], found value [%s] type [%s]"
	args := []any{ordinalNumber(number), brief(n), t, brief(lit), it}
	if c.soft(x) {
		c.warn(lit.At, format, args...)
	} else {
		c.problem(lit.At, format, args...)
	}
	return lit
}

// listCompatible is stricter than a comparison: a list takes text for dates,
// addresses and versions, and else only the family of the left side.
func listCompatible(t, item Type) bool {
	switch t {
	case value.TypeDate:
		return item == value.TypeKeyword || item.IsNumeric()
	case value.TypeIP, value.TypeVersion:
		return item == value.TypeKeyword
	}
	return compatible(t, item)
}

func foldIn(n *In, x Value) Expr {
	if x.IsNull() {
		return &Literal{At: n.At}
	}
	found := false
	for _, e := range n.List {
		v := e.(*Literal).Value
		found = found || value.Equal(x, v) ||
			n.Fold && x.Kind() == value.String && v.Kind() == value.String && value.EqualFold(x.Str(), v.Str())
	}
	return &Literal{At: n.At, Value: value.OfBool(found)}
}
