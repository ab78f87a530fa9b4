package value

import (
	"errors"
	"math"
	"math/bits"
)

// ErrOverflow is the failure of an integer result that 64 bits do not hold.
// Elasticsearch fails the whole query on it.
var ErrOverflow = errors.New("long overflow")

// ErrDivideByZero is the failure of an integer division or remainder by zero.
// With a double on either side there is none: the result is an infinity or NaN.
var ErrDivideByZero = errors.New("/ by zero")

// Add returns a + b. As for every operation here, null or anything that is no
// number on either side gives null, a double on either side makes the result a
// double, and integers are exact or fail with ErrOverflow.
//
// Elasticsearch computes two int32 operands in 32 bits; here the integers have
// 64. Two signed operands must give a signed result; where one lies above the
// signed range the result may be any integer from the least signed to the
// greatest unsigned one.
func Add(a, b Value) (Value, error) {
	return arith(a, b, addInt, addWide, func(x, y float64) float64 { return x + y })
}

// Subtract returns a - b, under the rules of Add.
func Subtract(a, b Value) (Value, error) {
	return arith(a, b, subtractInt, subtractWide, func(x, y float64) float64 { return x - y })
}

// Multiply returns a * b, under the rules of Add.
func Multiply(a, b Value) (Value, error) {
	return arith(a, b, multiplyInt, multiplyWide, func(x, y float64) float64 { return x * y })
}

// Divide returns a / b, under the rules of Add. Integers are divided toward
// zero. The least signed integer divided by -1 wraps to itself, as Java does.
func Divide(a, b Value) (Value, error) {
	return arith(a, b, divideInt, divideWide, func(x, y float64) float64 { return x / y })
}

// Modulo returns the remainder of a / b, under the rules of Add. Its sign is
// that of a, also for doubles.
func Modulo(a, b Value) (Value, error) {
	return arith(a, b, moduloInt, moduloWide, math.Mod)
}

// Negate returns -v; null when v is no number.
func Negate(v Value) (Value, error) {
	switch v.kind {
	case Int:
		if v.Int() == math.MinInt64 {
			return Value{}, ErrOverflow
		}
		return OfInt(-v.Int()), nil
	case Uint:
		return wideInt{neg: true, mag: v.num}.value()
	case Float:
		return OfFloat(-v.Float()), nil
	}
	return Value{}, nil
}

// arith chooses the arithmetic by the kinds of the operands.
func arith(a, b Value,
	signed func(x, y int64) (int64, error),
	unsigned func(x, y wideInt) (wideInt, error),
	double func(x, y float64) float64,
) (Value, error) {
	switch {
	case !a.IsNumber() || !b.IsNumber():
		return Value{}, nil
	case a.kind == Float || b.kind == Float:
		return OfFloat(double(a.Float(), b.Float())), nil
	case a.kind == Int && b.kind == Int:
		n, err := signed(a.Int(), b.Int())
		if err != nil {
			return Value{}, err
		}
		return OfInt(n), nil
	}
	n, err := unsigned(widen(a), widen(b))
	if err != nil {
		return Value{}, err
	}
	return n.value()
}

func addInt(x, y int64) (int64, error) {
	sum := x + y
	if (sum > x) != (y > 0) {
		return 0, ErrOverflow
	}
	return sum, nil
}

func subtractInt(x, y int64) (int64, error) {
	diff := x - y
	if (diff < x) != (y > 0) {
		return 0, ErrOverflow
	}
	return diff, nil
}

func multiplyInt(x, y int64) (int64, error) {
	if x == 0 || y == 0 {
		return 0, nil
	}
	product := x * y
	// MinInt64 * -1 is named because dividing its product by -1 wraps as well.
	if product/y != x || y == -1 && x == math.MinInt64 {
		return 0, ErrOverflow
	}
	return product, nil
}

func divideInt(x, y int64) (int64, error) {
	if y == 0 {
		return 0, ErrDivideByZero
	}
	return x / y, nil
}

func moduloInt(x, y int64) (int64, error) {
	if y == 0 {
		return 0, ErrDivideByZero
	}
	return x % y, nil
}

// wideInt is an integer as sign and magnitude: the common form of signed and
// unsigned operands. It is used only where one of them is above the signed range.
type wideInt struct {
	neg bool
	mag uint64
}

// widen returns the integer v holds.
func widen(v Value) wideInt {
	if v.kind == Int && v.Int() < 0 {
		return wideInt{neg: true, mag: -v.num} // two's complement: right for the least one too
	}
	return wideInt{mag: v.num}
}

// value returns w if 64 bits hold it, with a sign or without.
func (w wideInt) value() (Value, error) {
	switch {
	case !w.neg:
		return OfUint(w.mag), nil
	case w.mag <= 1<<63:
		return OfInt(int64(-w.mag)), nil
	}
	return Value{}, ErrOverflow
}

func addWide(x, y wideInt) (wideInt, error) {
	if x.neg == y.neg {
		sum, carry := bits.Add64(x.mag, y.mag, 0)
		if carry != 0 {
			return wideInt{}, ErrOverflow
		}
		return wideInt{neg: x.neg, mag: sum}, nil
	}
	if x.mag >= y.mag {
		return wideInt{neg: x.neg, mag: x.mag - y.mag}, nil
	}
	return wideInt{neg: y.neg, mag: y.mag - x.mag}, nil
}

func subtractWide(x, y wideInt) (wideInt, error) {
	y.neg = !y.neg
	return addWide(x, y)
}

func multiplyWide(x, y wideInt) (wideInt, error) {
	high, low := bits.Mul64(x.mag, y.mag)
	if high != 0 {
		return wideInt{}, ErrOverflow
	}
	return wideInt{neg: x.neg != y.neg, mag: low}, nil
}

func divideWide(x, y wideInt) (wideInt, error) {
	if y.mag == 0 {
		return wideInt{}, ErrDivideByZero
	}
	return wideInt{neg: x.neg != y.neg, mag: x.mag / y.mag}, nil
}

func moduloWide(x, y wideInt) (wideInt, error) {
	if y.mag == 0 {
		return wideInt{}, ErrDivideByZero
	}
	return wideInt{neg: x.neg, mag: x.mag % y.mag}, nil
}
