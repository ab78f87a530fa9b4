package eql

import (
	"math"
	"strconv"

	"github.com/tripline-sec/tripline/internal/value"
)

// foldConstant folds an expression outside any condition, such as a pipe's
// argument.
func foldConstant(e Expr) (Expr, Type, *Problem) {
	c := &checker{opts: CheckOptions{}.WithDefaults()}
	out, t := c.expr(e)
	if len(c.problems) > 0 {
		return nil, t, &c.problems[0]
	}
	return out, t, nil
}

// expr returns the checked form of e and its type. After a problem the type is
// unknown, so that one mistake is told once.
func (c *checker) expr(e Expr) (Expr, Type) {
	switch e := e.(type) {
	case *Literal:
		return e, literalType(e.Value)
	case *Field:
		return c.field(e)
	case *Logic:
		return c.logic(e)
	case *Unary:
		if e.Op == Not {
			return c.not(e)
		}
		return c.sign(e)
	case *Binary:
		if e.Op >= Add {
			return c.arithmetic(e)
		}
		return c.comparison(e)
	case *In:
		return c.in(e)
	case *Match:
		return c.match(e)
	case *Call:
		return c.call(e)
	case *Nested:
		x, _ := c.expr(e.X)
		if lit, ok := x.(*Literal); ok && !lit.Value.Bool() {
			return &Literal{At: e.At, Value: value.OfBool(false)}, value.TypeBoolean
		}
		return &Nested{At: e.At, Path: e.Path, X: truth(x)}, value.TypeBoolean
	}
	return e, value.TypeUnknown
}

// literalType returns the type Elasticsearch gives a constant.
func literalType(v Value) Type {
	switch v.Kind() {
	case value.Null:
		return value.TypeNull
	case value.Bool:
		return value.TypeBoolean
	case value.Int:
		if i := v.Int(); i >= math.MinInt32 && i <= math.MaxInt32 {
			return value.TypeInteger
		}
		return value.TypeLong
	case value.Uint:
		return value.TypeUnsignedLong
	case value.Float:
		return value.TypeDouble
	}
	return value.TypeKeyword
}

// logic folds what is constant: the operand that decides the chain decides it,
// the one that changes nothing goes. Nulls stay unless all are constants.
func (c *checker) logic(n *Logic) (Expr, Type) {
	out := &Logic{At: n.At, Op: n.Op}
	decides := n.Op == Or // the value that ends the chain
	constant, null, decided := true, false, false
	for i, a := range n.Args {
		e, t := c.expr(a)
		if t != value.TypeBoolean && t != value.TypeNull && t != value.TypeUnknown {
			c.operand(n, e, t, logicOrdinal(i), "boolean")
		}
		lit, ok := e.(*Literal)
		switch {
		case !ok:
			constant = false
			out.add(truth(e))
		case lit.Value.IsNull():
			null = true
			out.Args = append(out.Args, lit)
		case lit.Value.Kind() == value.Bool && lit.Value.Bool() == decides:
			decided = true
		}
	}
	switch {
	case decided:
		return &Literal{At: n.At, Value: value.OfBool(decides)}, value.TypeBoolean
	case constant && null:
		return &Literal{At: n.At}, value.TypeNull
	case len(out.Args) == 0:
		return &Literal{At: n.At, Value: value.OfBool(!decides)}, value.TypeBoolean
	case len(out.Args) == 1:
		return out.Args[0], value.TypeBoolean
	}
	return out, value.TypeBoolean
}

// logicOrdinal names an operand as Elasticsearch's two-armed tree does.
func logicOrdinal(i int) string {
	if i == 0 {
		return "first "
	}
	return "second "
}

func (c *checker) not(n *Unary) (Expr, Type) {
	e, t := c.expr(n.X)
	if t != value.TypeBoolean && t != value.TypeNull && t != value.TypeUnknown {
		c.operand(n, e, t, "", "boolean")
	}
	return negate(n.At, e)
}

// negate returns the negation of a checked expression. Leaves are true or
// false, so a double negation goes.
func negate(at Pos, e Expr) (Expr, Type) {
	if lit, ok := e.(*Literal); ok {
		if lit.Value.IsNull() {
			return &Literal{At: at}, value.TypeNull
		}
		return &Literal{At: at, Value: value.OfBool(!lit.Value.Bool())}, value.TypeBoolean
	}
	if inner, ok := e.(*Unary); ok && inner.Op == Not {
		return inner.X, value.TypeBoolean
	}
	return &Unary{At: at, Op: Not, X: truth(e)}, value.TypeBoolean
}

// operand reports an operand of the wrong type in Elasticsearch's words.
func (c *checker) operand(n, operand Expr, found Type, ordinal, want string) {
	if found == value.TypeText {
		c.inexact(operand, brief(n), ordinal)
		return
	}
	const format = "%sargument of [%s] must be [%s], found value [%s] type [%s]"
	args := []any{ordinal, brief(n), want, brief(operand), found}
	if c.soft(operand) {
		c.warn(operand.Pos(), format, args...)
		return
	}
	c.problem(operand.Pos(), format, args...)
}

// inexact reports an analysed text field with no exact sub-field.
func (c *checker) inexact(field Expr, in, ordinal string) {
	if ordinal != "" {
		ordinal += "argument "
	}
	c.problem(field.Pos(), "[%s] cannot operate on %sfield of data type [text]: No keyword/multi-field defined exact matches for [%s]; define one or use MATCH/QUERY instead",
		in, ordinal, brief(field))
}

// sign handles `-x` and `+x`.
func (c *checker) sign(n *Unary) (Expr, Type) {
	e, t := c.expr(n.X)
	if t != value.TypeUnknown && t != value.TypeNull && !t.IsNumeric() {
		c.operand(n, e, t, "", "numeric")
		return n, value.TypeUnknown
	}
	if n.Op == Plus {
		return e, t
	}
	if lit, ok := e.(*Literal); ok {
		v, err := value.Negate(lit.Value)
		return c.folded(n, v, err)
	}
	return &Unary{At: n.At, Op: Neg, X: e}, t
}

// folded wraps the result of folding n.
func (c *checker) folded(n Expr, v Value, err error) (Expr, Type) {
	if err != nil {
		c.problem(n.Pos(), "[%s]: %s", brief(n), err)
		return &Literal{At: n.Pos()}, value.TypeUnknown
	}
	return &Literal{At: n.Pos(), Value: v}, literalType(v)
}

// Arithmetic applies one of Add, Sub, Mul, Div and Mod.
func Arithmetic(op Op, a, b Value) (Value, error) {
	switch op {
	case Add:
		return value.Add(a, b)
	case Sub:
		return value.Subtract(a, b)
	case Mul:
		return value.Multiply(a, b)
	case Div:
		return value.Divide(a, b)
	}
	return value.Modulo(a, b)
}

func (c *checker) arithmetic(n *Binary) (Expr, Type) {
	l, lt := c.expr(n.L)
	r, rt := c.expr(n.R)
	ok := true
	for i, t := range []Type{lt, rt} {
		if t != value.TypeUnknown && t != value.TypeNull && !t.IsNumeric() {
			c.operand(n, []Expr{l, r}[i], t, logicOrdinal(i), "numeric")
			ok = false
		}
	}
	if !ok {
		return n, value.TypeUnknown
	}
	a, aok := l.(*Literal)
	b, bok := r.(*Literal)
	if aok && bok {
		v, err := Arithmetic(n.Op, a.Value, b.Value)
		return c.folded(n, v, err)
	}
	t := value.TypeLong
	if lt == value.TypeDouble || rt == value.TypeDouble {
		t = value.TypeDouble
	}
	return &Binary{At: n.At, Op: n.Op, L: l, R: r}, t
}

// ordinalNumber writes 1st, 2nd, 3rd, 4th ...
func ordinalNumber(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}
