package reference

import (
	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// unlessNull lifts a test to three values: null in gives null out.
func unlessNull(test func(value.Value) bool) func([]value.Value) (value.Value, error) {
	return func(args []value.Value) (value.Value, error) {
		if args[0].IsNull() {
			return value.Value{}, nil
		}
		return value.OfBool(test(args[0])), nil
	}
}

func compileUnary(e *eql.Unary) (node, error) {
	switch e.Op {
	case eql.Not:
		return newOperation(not, e.X)
	case eql.Neg:
		return newOperation(func(args []value.Value) (value.Value, error) { return value.Negate(args[0]) }, e.X)
	}
	return nil, errUnexpected(e)
}

// not is three-valued: not null is null.
func not(args []value.Value) (value.Value, error) {
	if args[0].Kind() != value.Bool {
		return value.Value{}, nil
	}
	return value.OfBool(!args[0].Bool()), nil
}

func compileBinary(e *eql.Binary) (node, error) {
	if e.Op >= eql.Add && e.Op <= eql.Mod {
		return newOperation(func(args []value.Value) (value.Value, error) { return eql.Arithmetic(e.Op, args[0], args[1]) }, e.L, e.R)
	}
	if !isComparison(e.Op) {
		return nil, errUnexpected(e)
	}
	lit, ok := e.R.(*eql.Literal)
	if !ok {
		return nil, errUnexpected(e.R)
	}
	if lit.Value.IsNull() && e.Op == eql.Eq {
		return newOperation(func(args []value.Value) (value.Value, error) { return value.OfBool(args[0].IsNull()), nil }, e.L)
	}
	if field, ok := e.L.(*eql.Field); ok {
		c := newConstant(field.Type, lit.Value)
		return newOperation(func(args []value.Value) (value.Value, error) {
			holds, known := c.compare(e.Op, args[0])
			return ifKnown(holds, known), nil
		}, e.L)
	}
	return newOperation(func(args []value.Value) (value.Value, error) {
		order, known := compareResult(args[0], lit.Value)
		return ifKnown(eql.Holds(e.Op, order), known), nil
	}, e.L)
}

// compareResult compares the result of a call or arithmetic with a constant.
// Text stands in Java's order, by UTF-16 code units.
func compareResult(a, b value.Value) (order int, known bool) {
	if a.Kind() == value.String && b.Kind() == value.String {
		return value.CompareUTF16(a.Str(), b.Str()), true
	}
	return value.Compare(a, b)
}

// ifKnown is null where two values do not compare.
func ifKnown(holds, known bool) value.Value {
	if !known {
		return value.Value{}
	}
	return value.OfBool(holds)
}

func compileIn(e *eql.In) (node, error) {
	t := value.TypeUnknown
	if field, ok := e.X.(*eql.Field); ok {
		t = field.Type
	}
	members, err := newList(t, e)
	if err != nil {
		return nil, err
	}
	return newOperation(unlessNull(members.has), e.X)
}
