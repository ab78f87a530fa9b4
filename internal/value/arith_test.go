package value

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// toValue makes a Value of a plain Go value, so that a table reads like a query.
func toValue(t *testing.T, x any) Value {
	t.Helper()
	switch x := x.(type) {
	case nil:
		return Value{}
	case Value:
		return x
	case bool:
		return OfBool(x)
	case int:
		return OfInt(int64(x))
	case uint64:
		return OfUint(x)
	case float64:
		return OfFloat(x)
	case string:
		return OfString(x)
	}
	t.Fatalf("no value for %T", x)
	return Value{}
}

// sameValue reports whether two values are identical, kind and bits.
func sameValue(a, b Value) bool { return a == b }

type arithOp struct {
	name string
	call func(a, b Value) (Value, error)
	big  func(z, x, y *big.Int) *big.Int
}

func arithOps() []arithOp {
	return []arithOp{
		{"+", Add, (*big.Int).Add},
		{"-", Subtract, (*big.Int).Sub},
		{"*", Multiply, (*big.Int).Mul},
		{"/", Divide, (*big.Int).Quo},
		{"%", Modulo, (*big.Int).Rem},
	}
}

func TestArithmetic(t *testing.T) {
	const top = math.MaxInt64
	const bottom = math.MinInt64
	huge := uint64(math.MaxUint64)
	call := map[string]func(a, b Value) (Value, error){}
	for _, op := range arithOps() {
		call[op.name] = op.call
	}
	for _, c := range []struct {
		a    any
		op   string
		b    any
		want any
		err  error
	}{
		{a: 2, op: "+", b: 3, want: 5},
		{a: 2, op: "+", b: 3.0, want: 5.0},
		{a: 2.5, op: "+", b: 3, want: 5.5},
		{a: 2147483647, op: "+", b: 1, want: 2147483648},
		{a: top, op: "+", b: 0, want: top},
		{a: top, op: "+", b: 1, err: ErrOverflow},
		{a: bottom, op: "+", b: -1, err: ErrOverflow},
		{a: bottom, op: "+", b: top, want: -1},
		{a: float64(top), op: "+", b: 1, want: 9.223372036854775807e18},

		{a: 2, op: "-", b: 3, want: -1},
		{a: -2, op: "-", b: 4, want: -6},
		{a: -2, op: "-", b: -4, want: 2},
		{a: bottom, op: "-", b: 1, err: ErrOverflow},
		{a: 0, op: "-", b: bottom, err: ErrOverflow},
		{a: -1, op: "-", b: bottom, want: top},

		{a: 6, op: "*", b: 5, want: 30},
		{a: 6, op: "*", b: 0.5, want: 3.0},
		{a: 0, op: "*", b: bottom, want: 0},
		{a: bottom, op: "*", b: 0, want: 0},
		{a: bottom, op: "*", b: 1, want: bottom},
		{a: bottom, op: "*", b: -1, err: ErrOverflow},
		{a: -1, op: "*", b: bottom, err: ErrOverflow},
		{a: 1 << 32, op: "*", b: 1 << 31, err: ErrOverflow},
		{a: 1 << 32, op: "*", b: -1 << 31, want: bottom},

		{a: 7, op: "/", b: 2, want: 3},
		{a: -7, op: "/", b: 2, want: -3},
		{a: 7, op: "/", b: -2, want: -3},
		{a: 30, op: "/", b: 4.0, want: 7.5},
		{a: 82, op: "/", b: 2.0, want: 41.0},
		{a: 1, op: "/", b: 0, err: ErrDivideByZero},
		{a: 1, op: "/", b: 0.0, want: math.Inf(1)},
		{a: -1.0, op: "/", b: 0, want: math.Inf(-1)},
		{a: bottom, op: "/", b: -1, want: bottom},

		{a: 10, op: "%", b: 6, want: 4},
		{a: 10, op: "%", b: -6, want: 4},
		{a: -10, op: "%", b: -6, want: -4},
		{a: -10, op: "%", b: 6, want: -4},
		{a: 10.5, op: "%", b: 3, want: 1.5},
		{a: -10.5, op: "%", b: 3, want: -1.5},
		{a: 5, op: "%", b: math.Inf(1), want: 5.0},
		{a: bottom, op: "%", b: -1, want: 0},
		{a: 1, op: "%", b: 0, err: ErrDivideByZero},

		// Above the signed range: exact wherever 64 bits hold the result.
		{a: huge, op: "+", b: 0, want: huge},
		{a: huge, op: "+", b: 1, err: ErrOverflow},
		{a: huge, op: "+", b: -1, want: huge - 1},
		{a: -1, op: "+", b: huge, want: huge - 1},
		{a: huge, op: "+", b: huge, err: ErrOverflow},
		{a: huge, op: "+", b: bottom, want: top},
		{a: huge, op: "-", b: huge, want: 0},
		{a: 0, op: "-", b: huge, err: ErrOverflow},
		{a: 0, op: "-", b: uint64(1 << 63), want: bottom},
		{a: huge, op: "-", b: 1, want: huge - 1},
		{a: huge, op: "*", b: 1, want: huge},
		{a: huge, op: "*", b: 2, err: ErrOverflow},
		{a: huge, op: "*", b: -1, err: ErrOverflow},
		{a: uint64(1 << 63), op: "*", b: -1, want: bottom},
		{a: huge, op: "*", b: 0, want: 0},
		{a: huge, op: "/", b: 2, want: top},
		{a: -7, op: "/", b: huge, want: 0},
		{a: huge, op: "/", b: 0, err: ErrDivideByZero},
		{a: huge, op: "%", b: 10, want: 5},
		{a: -7, op: "%", b: huge, want: -7},
		{a: huge, op: "%", b: 0, err: ErrDivideByZero},
		{a: huge, op: "*", b: 0.5, want: 9.223372036854775807e18},
	} {
		got, err := call[c.op](toValue(t, c.a), toValue(t, c.b))
		if !errors.Is(err, c.err) || !sameValue(got, toValue(t, c.want)) {
			t.Errorf("%v %s %v = %v %v, want %v %v", c.a, c.op, c.b, got.Any(), err, c.want, c.err)
		}
	}
}

func TestArithmeticTexts(t *testing.T) {
	if got := ErrOverflow.Error(); got != "long overflow" {
		t.Errorf("overflow reads %q", got)
	}
	if got := ErrDivideByZero.Error(); got != "/ by zero" {
		t.Errorf("division by zero reads %q", got)
	}
}

func TestArithmeticNaN(t *testing.T) {
	for _, op := range arithOps()[3:] {
		got, err := op.call(OfFloat(0), OfInt(0))
		if err != nil || got.Kind() != Float || !math.IsNaN(got.Float()) {
			t.Errorf("0.0 %s 0 = %v %v, want NaN", op.name, got.Any(), err)
		}
	}
}

// What is null or no number makes the result null, even beside a zero divisor.
func TestArithmeticNull(t *testing.T) {
	none := []Value{
		{},
		OfString("5"), OfBool(true), OfDate(Instant{Sec: 5}), OfVersion("5"),
		OfJSONNumber("1e999"),
	}
	for _, op := range arithOps() {
		for _, v := range none {
			for _, n := range []Value{OfInt(0), OfFloat(1), OfUint(math.MaxUint64), {}} {
				for _, pair := range [][2]Value{{v, n}, {n, v}} {
					got, err := op.call(pair[0], pair[1])
					if err != nil || !got.IsNull() {
						t.Errorf("%v %s %v = %v %v, want null", pair[0].Any(), op.name, pair[1].Any(), got.Any(), err)
					}
				}
			}
		}
	}
	for _, v := range none {
		if got, err := Negate(v); err != nil || !got.IsNull() {
			t.Errorf("-%v = %v %v, want null", v.Any(), got.Any(), err)
		}
	}
}

func TestNegate(t *testing.T) {
	for _, c := range []struct {
		v, want any
		err     error
	}{
		{v: 5, want: -5},
		{v: -5, want: 5},
		{v: 0, want: 0},
		{v: 1.5, want: -1.5},
		{v: 0.0, want: math.Copysign(0, -1)},
		{v: math.MaxInt64, want: -math.MaxInt64},
		{v: math.MinInt64, err: ErrOverflow},
		{v: uint64(1 << 63), want: math.MinInt64},
		{v: uint64(1<<63 + 1), err: ErrOverflow},
		{v: uint64(math.MaxUint64), err: ErrOverflow},
	} {
		got, err := Negate(toValue(t, c.v))
		if !errors.Is(err, c.err) || !sameValue(got, toValue(t, c.want)) {
			t.Errorf("-(%v) = %v %v, want %v %v", c.v, got.Any(), err, c.want, c.err)
		}
	}
}

// bigOf returns the integer v holds at any size.
func bigOf(v Value) *big.Int {
	if v.Kind() == Uint {
		return new(big.Int).SetUint64(v.Uint())
	}
	return big.NewInt(v.Int())
}

// Integers near the borders of every width must come out as big.Int has them, or
// overflow exactly when they do not fit.
func TestArithmeticAgainstBig(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func() Value {
		u := r.Uint64() >> r.IntN(64)
		switch r.IntN(4) {
		case 0:
			u = uint64(1)<<r.IntN(64) + uint64(r.IntN(3)) - 1
		case 1:
			return OfUint(u)
		case 2:
			return OfInt(-int64(u >> 1))
		}
		return OfInt(int64(u))
	}
	low, high := big.NewInt(math.MinInt64), new(big.Int).SetUint64(math.MaxUint64)
	for range 20000 {
		a, b := draw(), draw()
		limit := high
		if a.Kind() == Int && b.Kind() == Int {
			limit = big.NewInt(math.MaxInt64)
		}
		for _, op := range arithOps() {
			got, err := op.call(a, b)
			if (op.name == "/" || op.name == "%") && bigOf(b).Sign() == 0 {
				if !errors.Is(err, ErrDivideByZero) {
					t.Fatalf("%v %s 0: %v", a.Any(), op.name, err)
				}
				continue
			}
			want := op.big(new(big.Int), bigOf(a), bigOf(b))
			fits := want.Cmp(low) >= 0 && want.Cmp(limit) <= 0
			if op.name == "/" && a.Kind() == Int && b.Kind() == Int && !fits {
				want, fits = low, true // MinInt64 / -1 wraps
			}
			if !fits {
				if !errors.Is(err, ErrOverflow) {
					t.Fatalf("%v %s %v = %v %v, want overflow", a.Any(), op.name, b.Any(), got.Any(), err)
				}
				continue
			}
			if err != nil || !got.IsInteger() || bigOf(got).Cmp(want) != 0 {
				t.Fatalf("%v %s %v = %v %v, want %v", a.Any(), op.name, b.Any(), got.Any(), err, want)
			}
		}
	}
}
