package value

import (
	"math"
	"net/netip"
	"strings"
	"testing"
)

func TestCoerce(t *testing.T) {
	wide := OfJSONNumber("1e999")
	at := func(sec int64, nsec int32) Value { return OfDate(Instant{Sec: sec, Nsec: nsec}) }
	for _, c := range []struct {
		v    any
		t    Type
		want any
	}{
		{"a", TypeKeyword, "a"},
		{5, TypeKeyword, "5"},
		{uint64(math.MaxUint64), TypeKeyword, "18446744073709551615"},
		{42.5, TypeKeyword, "42.5"},
		{true, TypeKeyword, "true"},
		{false, TypeText, "false"},
		{wide, TypeKeyword, "1e999"},
		{nil, TypeKeyword, nil},
		{at(1, 0), TypeKeyword, at(1, 0)},

		{5, TypeLong, 5},
		{5.7, TypeLong, 5},
		{-5.7, TypeInteger, -5},
		{"5", TypeLong, 5},
		{"-5", TypeLong, -5},
		{"+5", TypeLong, 5},
		{"5.7", TypeLong, 5},
		{"-5.7", TypeLong, -5},
		{".7", TypeLong, 0},
		{"-.7", TypeLong, 0},
		{"5.", TypeLong, 5},
		{"1e3", TypeLong, 1000},
		{"1.5e0", TypeLong, 1},
		{"9223372036854775807.9", TypeLong, math.MaxInt64},
		{"9223372036854775808", TypeLong, "9223372036854775808"},
		{"1e999999999", TypeLong, "1e999999999"},
		{"1e-999999999", TypeLong, 0},
		{"0x10", TypeLong, "0x10"},
		{" 5", TypeLong, " 5"},
		{"x", TypeLong, "x"},
		{"", TypeLong, nil},
		{"", TypeUnsignedLong, nil},
		{true, TypeLong, true},
		{nil, TypeLong, nil},
		{wide, TypeLong, wide},
		{math.NaN(), TypeLong, math.NaN()},
		{1e19, TypeLong, 1e19},
		{1e20, TypeLong, 1e20},
		{-0x1p63, TypeLong, math.MinInt64},
		{uint64(1 << 63), TypeLong, uint64(1 << 63)},
		{uint64(1 << 63), TypeUnsignedLong, uint64(1 << 63)},
		{"18446744073709551615", TypeUnsignedLong, uint64(math.MaxUint64)},
		{"+18446744073709551615.5", TypeUnsignedLong, uint64(math.MaxUint64)},
		{0x1p63, TypeUnsignedLong, uint64(1 << 63)},
		{0x1p64, TypeUnsignedLong, 0x1p64},
		{5, TypeUnsignedLong, 5},
		{-5, TypeUnsignedLong, -5},
		{"-5", TypeUnsignedLong, "-5"},

		{5, TypeDouble, 5.0},
		{uint64(1 << 63), TypeDouble, 0x1p63},
		{1.5, TypeDouble, 1.5},
		{"1.5", TypeDouble, 1.5},
		{" 1.5 ", TypeDouble, 1.5},
		{"", TypeDouble, nil},
		{"x", TypeDouble, "x"},
		{"NaN", TypeDouble, "NaN"},
		{"1e999", TypeDouble, "1e999"},
		{true, TypeDouble, true},
		{wide, TypeDouble, wide},
		{nil, TypeDouble, nil},

		{true, TypeBoolean, true},
		{"true", TypeBoolean, true},
		{"false", TypeBoolean, false},
		{"", TypeBoolean, false},
		{"True", TypeBoolean, "True"},
		{1, TypeBoolean, 1},
		{nil, TypeBoolean, nil},

		{"2017-08-30T20:47:33Z", TypeDate, at(1504126053, 0)},
		{"2017-08-30T20:47:33.123456789Z", TypeDate, at(1504126053, 123456789)},
		{"2017-08-30", TypeDate, at(1504051200, 0)},
		{"3", TypeDate, at(0, 3_000_000)},
		{1504126053001, TypeDate, at(1504126053, 1_000_000)},
		{2017, TypeDate, at(2, 17_000_000)},
		{-1, TypeDate, at(-1, 999_000_000)},
		{1500.5, TypeDate, at(1, 500_500_000)},
		{-0.5, TypeDate, at(-1, 999_500_000)},
		{1e300, TypeDate, 1e300},
		{math.NaN(), TypeDate, math.NaN()},
		{math.Inf(1), TypeDate, math.Inf(1)},
		{uint64(math.MaxUint64), TypeDate, uint64(math.MaxUint64)},
		{"yesterday", TypeDate, "yesterday"},
		{true, TypeDate, true},
		{nil, TypeDate, nil},

		{"10.0.0.1", TypeIP, OfIP(netip.MustParseAddr("10.0.0.1"))},
		{"::ffff:10.0.0.1", TypeIP, OfIP(netip.MustParseAddr("10.0.0.1"))},
		{"10.0.0.0/8", TypeIP, "10.0.0.0/8"},
		{"", TypeIP, ""},
		{5, TypeIP, 5},

		{"1.2.3", TypeVersion, OfVersion("1.2.3")},
		{"bad", TypeVersion, OfVersion("bad")},
		{1.5, TypeVersion, OfVersion("1.5")},
		{nil, TypeVersion, nil},

		{"a", TypeUnknown, "a"},
		{5.7, TypeUnknown, 5.7},
		{"a", TypeNull, "a"},
		{"a", TypeObject, "a"},
		{"a", TypeNested, "a"},
		{"a", TypeUnsupported, "a"},
	} {
		if got := Coerce(toValue(t, c.v), c.t, ""); !sameValue(got, toValue(t, c.want)) {
			t.Errorf("%#v under %s is %#v of kind %d, want %#v", c.v, c.t, got.Any(), got.Kind(), c.want)
		}
	}
}

func TestCoerceDateFormat(t *testing.T) {
	day := OfDate(Instant{Sec: 1671235200}) // 2022-12-17
	for _, c := range []struct {
		v      any
		format string
		want   any
	}{
		{"17-12-2022", "dd-MM-yyyy", day},
		{"2022-12-17", "yyyy-MM-dd", day},
		{"2022-12-17", "dd-MM-yyyy", "2022-12-17"},
		{"1671235200", "epoch_second", day},
		{1671235200, "epoch_second", day},
		{1671235200000, "epoch_millis", day},
		{1671235200000, "dd-MM-yyyy", 1671235200000},
		{true, "epoch_second", true},
	} {
		if got := Coerce(toValue(t, c.v), TypeDate, c.format); !sameValue(got, toValue(t, c.want)) {
			t.Errorf("%v under %q is %v of kind %d, want %v", c.v, c.format, got.Any(), got.Kind(), c.want)
		}
	}
	// The format is of no concern to other types.
	if got := Coerce(OfInt(5), TypeKeyword, "dd-MM-yyyy"); got != OfString("5") {
		t.Errorf("5 under keyword is %v", got.Any())
	}
}

// A value that a type took is left alone when it meets the type again.
func TestCoerceTwice(t *testing.T) {
	vs := append(oddValues(), OfString("5.5"), OfString("2017"), OfString("true"), OfString("10.0.0.1"), OfString(strings.Repeat("9", 1<<16)))
	for _, v := range vs {
		for typ := TypeUnknown; typ <= TypeUnsupported; typ++ {
			once := Coerce(v, typ, "")
			if twice := Coerce(once, typ, ""); !sameValue(once, twice) {
				t.Errorf("%v under %s is %v, and then %v", v.Any(), typ, once.Any(), twice.Any())
			}
		}
	}
}
