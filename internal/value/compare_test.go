package value

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

func dateValue(t *testing.T, s string) Value {
	t.Helper()
	r, ok := ParseDate(s)
	if !ok {
		t.Fatalf("%q is no date", s)
	}
	return OfDate(r.From)
}

func ipValue(t *testing.T, s string) Value {
	t.Helper()
	a, ok := ParseIP(s)
	if !ok {
		t.Fatalf("%q is no address", s)
	}
	return OfIP(a)
}

func TestCompare(t *testing.T) {
	const no = 9 // the values do not compare
	tests := []struct {
		name string
		a, b Value
		want int
	}{
		{"null with null", Value{}, Value{}, no},
		{"null with a number", Value{}, OfInt(1), no},
		{"out of range with itself", Value{kind: OutOfRange, str: "1e999"}, Value{kind: OutOfRange, str: "1e999"}, no},
		{"out of range with a number", OfInt(1), Value{kind: OutOfRange, str: "1e999"}, no},
		{"NaN with NaN", OfFloat(math.NaN()), OfFloat(math.NaN()), no},
		{"NaN with an integer", OfFloat(math.NaN()), OfInt(1), no},
		{"an integer with NaN", OfInt(1), OfFloat(math.NaN()), no},
		{"integer below decimal", OfInt(4), OfFloat(4.5), -1},
		{"integer above decimal", OfInt(5), OfFloat(4.5), 1},
		{"a long is never 41.5", OfInt(41), OfFloat(41.5), -1},
		{"negative integer above decimal", OfInt(-4), OfFloat(-4.5), 1},
		{"1 is 1.0", OfInt(1), OfFloat(1), 0},
		{"0 is -0.0", OfInt(0), OfFloat(math.Copysign(0, -1)), 0},
		{"signed with unsigned", OfInt(-1), OfUint(math.MaxUint64), -1},
		{"unsigned with unsigned", OfUint(math.MaxUint64), OfUint(math.MaxUint64 - 1), 1},
		{"2^53 + 1 is not 2^53", OfInt(1<<53 + 1), OfFloat(1 << 53), 1},
		{"the largest long is below 2^63", OfInt(math.MaxInt64), OfFloat(0x1p63), -1},
		{"the least long is -2^63", OfInt(math.MinInt64), OfFloat(-0x1p63), 0},
		{"2^63 unsigned is 2^63", OfUint(1 << 63), OfFloat(0x1p63), 0},
		{"the largest unsigned is below 2^64", OfUint(math.MaxUint64), OfFloat(0x1p64), -1},
		{"unsigned above negative decimal", OfUint(math.MaxUint64), OfFloat(-0.5), 1},
		{"infinity", OfInt(math.MaxInt64), OfFloat(math.Inf(1)), -1},
		{"minus infinity", OfInt(math.MinInt64), OfFloat(math.Inf(-1)), 1},

		{"case counts", OfString("System"), OfString("system"), -1},
		{"no wildcard", OfString("a*"), OfString("abc"), -1},
		{"order of UTF-8", OfString("\uffff"), OfString("\U00010000"), -1},
		{"a beginning is less", OfString("System"), OfString("System Idle Process"), -1},
		{"empty string", OfString(""), OfString(""), 0},
		{"false below true", OfBool(false), OfBool(true), -1},
		{"true is true", OfBool(true), OfBool(true), 0},

		{"string with number", OfString("1"), OfInt(1), no},
		{"bool with number", OfBool(true), OfInt(1), no},
		{"bool with string", OfBool(true), OfString("true"), no},
		{"date with address", dateValue(t, "2017"), ipValue(t, "10.0.0.1"), no},
		{"date with bool", dateValue(t, "2017"), OfBool(true), no},
		{"version with number", OfVersion("1"), OfInt(1), no},

		{"date with date", dateValue(t, "2017"), dateValue(t, "2018"), -1},
		{"date at epoch milliseconds", dateValue(t, "1516116808349"), OfInt(1516116808349), 0},
		{"date within the millisecond", dateValue(t, "1516116808349.5"), OfInt(1516116808349), 0},
		{"date after the millisecond", dateValue(t, "1516116808350"), OfInt(1516116808349), 1},
		{"date with decimal milliseconds", dateValue(t, "1516116808349"), OfFloat(1516116808349.5), -1},
		{"date with a huge number", dateValue(t, "2017"), OfUint(math.MaxUint64), -1},
		{"date in its second", dateValue(t, "2017-08-30T20:47:33.5Z"), OfString("2017-08-30T20:47:33Z"), 0},
		{"date in its day", dateValue(t, "2017-08-30T20:47:33.5Z"), OfString("2017-08-30"), 0},
		{"date after the day", dateValue(t, "2017-08-31"), OfString("2017-08-30"), 1},
		{"date before the day", dateValue(t, "2017-08-29T23:59:59.999Z"), OfString("2017-08-30"), -1},
		{"date with milliseconds in text", dateValue(t, "1516116808349"), OfString("1516116808349"), 0},
		{"date with text that is none", dateValue(t, "2017"), OfString("yesterday"), no},

		{"address with itself in text", ipValue(t, "10.0.0.1"), OfString("10.0.0.1"), 0},
		{"address by number, not by text", ipValue(t, "9.0.0.1"), OfString("10.0.0.1"), -1},
		{"address in its long form", ipValue(t, "2001:db8::1"), OfString("2001:0DB8:0:0::1"), 0},
		{"mapped address", ipValue(t, "10.0.0.1"), OfString("::ffff:10.0.0.1"), 0},
		{"IPv4 below IPv6", ipValue(t, "10.0.0.1"), ipValue(t, "2001:db8::1"), -1},
		{"IPv4 above ::1", ipValue(t, "10.0.0.1"), ipValue(t, "::1"), 1},
		{"address in the block", ipValue(t, "10.1.2.3"), OfString("10.0.0.0/8"), 0},
		{"address after the block", ipValue(t, "11.0.0.0"), OfString("10.0.0.0/8"), 1},
		{"address before the block", ipValue(t, "9.255.255.255"), OfString("10.0.0.0/8"), -1},
		{"address with text that is none", ipValue(t, "10.0.0.1"), OfString("localhost"), no},
		{"address with number", ipValue(t, "10.0.0.1"), OfInt(1), no},

		{"version with text", OfVersion("1.11.3"), OfString("1.5.0"), 1},
		{"version with version", OfVersion("1.2.4-SNAPSHOT"), OfVersion("1.2.4"), -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, turn := range []struct {
				a, b Value
				want int
			}{{tt.a, tt.b, tt.want}, {tt.b, tt.a, -tt.want}} {
				got, ok := Compare(turn.a, turn.b)
				switch {
				case tt.want == no:
					if ok {
						t.Errorf("Compare(%v, %v) = %d, want that they do not compare", turn.a, turn.b, got)
					}
				case !ok || got != turn.want:
					t.Errorf("Compare(%v, %v) = %d, %v, want %d", turn.a, turn.b, got, ok, turn.want)
				}
				if got, want := Equal(turn.a, turn.b), tt.want == 0; got != want {
					t.Errorf("Equal(%v, %v) = %v, want %v", turn.a, turn.b, got, want)
				}
			}
		})
	}
}

// A number as a fraction of arbitrary size is the meaning of its comparison.
func TestCompareNumbersAgainstBig(t *testing.T) {
	exact := func(v Value) *big.Float {
		f := new(big.Float).SetPrec(2000)
		switch v.Kind() {
		case Int:
			return f.SetInt64(v.Int())
		case Uint:
			return f.SetUint64(v.Uint())
		}
		return f.SetFloat64(v.Float())
	}
	values := []Value{OfFloat(math.Inf(1)), OfFloat(math.Inf(-1)), OfFloat(math.MaxFloat64), OfFloat(math.SmallestNonzeroFloat64)}
	for _, power := range []int{0, 1, 31, 52, 53, 54, 62, 63, 64} {
		f := math.Ldexp(1, power)
		for _, g := range []float64{f, math.Nextafter(f, 0), math.Nextafter(f, math.Inf(1)), f + 0.5} {
			values = append(values, OfFloat(g), OfFloat(-g))
		}
		for d := -2; d <= 2; d++ {
			u := uint64(1)<<power + uint64(d) //nolint:gosec // wraps around on purpose
			values = append(values, OfUint(u), OfInt(int64(u)), OfInt(-int64(u)))
		}
	}
	r := rand.New(rand.NewPCG(9, 10))
	for range 200 {
		values = append(values, OfUint(r.Uint64()), OfInt(int64(r.Uint64())), OfFloat(r.NormFloat64()*0x1p62), OfFloat(float64(r.Int64())))
	}
	for _, a := range values {
		for _, b := range values {
			got, ok := Compare(a, b)
			if want := exact(a).Cmp(exact(b)); !ok || got != want {
				t.Fatalf("Compare(%v %v, %v %v) = %d, %v, want %d", a.Kind(), exact(a), b.Kind(), exact(b), got, ok, want)
			}
		}
	}
}

func TestCompareUTF16(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "a", -1},
		{"a", "", 1},
		{"ab", "a", 1},
		{"a", "b", -1},
		{"é", "e", 1},
		{"\U00010000", "\uffff", -1}, // a surrogate is below
		{"\U00010000", "\ue000", -1},
		{"\U0010ffff", "\ud7ff", 1},
		{"\U00010001", "\U00010000", 1},
		{"x\U00010000", "x\uffff", -1},
		{"\xff", "\xfe", 1}, // equal only if equal
	}
	for _, tt := range tests {
		if got := CompareUTF16(tt.a, tt.b); got != tt.want {
			t.Errorf("CompareUTF16(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := CompareUTF16(tt.b, tt.a); got != -tt.want {
			t.Errorf("CompareUTF16(%q, %q) = %d, want %d", tt.b, tt.a, got, -tt.want)
		}
	}
	r := rand.New(rand.NewPCG(11, 12))
	alphabet := []rune("az\u007f\u0080\ud7ff\ue000\uffff\U00010000\U0010ffff")
	for range 20000 {
		a, b := randomText(r, alphabet, 4), randomText(r, alphabet, 4)
		want := slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
		if got := CompareUTF16(a, b); got != want {
			t.Fatalf("CompareUTF16(%q, %q) = %d, want %d", a, b, got, want)
		}
		if got, _ := Compare(OfString(a), OfString(b)); got != strings.Compare(a, b) {
			t.Fatalf("Compare(%q, %q) = %d, want the order of bytes", a, b, got)
		}
	}
}
