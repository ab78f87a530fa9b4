package value

import (
	"errors"
	"math"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"testing"
)

func TestOfJSONNumber(t *testing.T) {
	for text, want := range map[string]any{
		"0":                    0,
		"-0":                   0,
		"42":                   42,
		"-42":                  -42,
		"9007199254740993":     1<<53 + 1,
		"9223372036854775807":  math.MaxInt64,
		"-9223372036854775808": math.MinInt64,
		"9223372036854775808":  uint64(1 << 63),
		"18446744073709551615": uint64(math.MaxUint64),
		"1.0":                  1.0,
		"1e3":                  1000.0,
		"1E3":                  1000.0,
		"-1.5e-3":              -0.0015,
		"-0.0":                 math.Copysign(0, -1),
		"1e308":                1e308,
		"5e-324":               5e-324,
		"1e-999999999":         0.0,
	} {
		if got := OfJSONNumber(text); !sameValue(got, toValue(t, want)) {
			t.Errorf("%s is %v of kind %d, want %v", text, got.Any(), got.Kind(), want)
		}
	}
	for _, text := range []string{
		"18446744073709551616", "-9223372036854775809", "1e309", "-1e309", "1e999999999",
		strings.Repeat("9", 100000), "1" + strings.Repeat("0", 400) + ".5",
		"", "-", ".", "e5", "1e", "1e+", "1.2.3", "1_000", "0x10", "0x1p3", "NaN", "Infinity", "inf", "true", "1 ", "1e5x",
	} {
		got := OfJSONNumber(text)
		if got.Kind() != OutOfRange || got.Str() != text || got.IsNumber() || got.Text() != text {
			t.Errorf("%.40q is %v of kind %d, want out of range", text, got.Any(), got.Kind())
		}
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, ""},
		{true, "true"},
		{false, "false"},
		{0, "0"},
		{-5, "-5"},
		{math.MinInt64, "-9223372036854775808"},
		{uint64(math.MaxUint64), "18446744073709551615"},
		{"a b", "a b"},
		{0.0, "0.0"},
		{math.Copysign(0, -1), "-0.0"},
		{1.0, "1.0"},
		{42.5, "42.5"},
		{-42.5, "-42.5"},
		{0.1, "0.1"},
		{100.0, "100.0"},
		{9999999.0, "9999999.0"},
		{9999999.999999998, "9999999.999999998"},
		{1e7, "1.0E7"},
		{-1e7, "-1.0E7"},
		{12345678.0, "1.2345678E7"},
		{1e10, "1.0E10"},
		{1e100, "1.0E100"},
		{0.001, "0.001"},
		{0.00123, "0.00123"},
		{0.0009999, "9.999E-4"},
		{1e-5, "1.0E-5"},
		{-1.5e-10, "-1.5E-10"},
		{2e23, "2.0E23"},
		{math.MaxFloat64, "1.7976931348623157E308"},
		{math.SmallestNonzeroFloat64, "4.9E-324"},
		{1e-323, "9.9E-324"},
		{0x1p-1022, "2.2250738585072014E-308"},
		{math.NaN(), "NaN"},
		{math.Inf(1), "Infinity"},
		{math.Inf(-1), "-Infinity"},
		{OfDate(Instant{Sec: 1504126053}), "2017-08-30T20:47:33.000Z"},
		{OfIP(netip.MustParseAddr("2001:DB8::1")), "2001:db8::1"},
		{OfVersion("1.2.3-SNAPSHOT"), "1.2.3-SNAPSHOT"},
	} {
		if got := toValue(t, c.v).Text(); got != c.want {
			t.Errorf("text of %v is %q, want %q", c.v, got, c.want)
		}
	}
}

// What is printed reads back as the same double, and has the form Java gives it.
func TestTextOfDoubles(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		f := math.Float64frombits(r.Uint64())
		switch r.IntN(3) {
		case 0:
			f = float64(r.IntN(100_000_000)) / 8
		case 1:
			f = math.Pow10(r.IntN(600)-310) * float64(r.IntN(10))
		}
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		s := OfFloat(f).Text()
		if g, err := strconv.ParseFloat(s, 64); err != nil || g != f {
			t.Fatalf("%v prints as %q, which reads as %v %v", f, s, g, err)
		}
		mantissa, exponent, scientific := strings.Cut(s, "E")
		a := math.Abs(f)
		if want := a != 0 && (a < 1e-3 || a >= 1e7); scientific != want {
			t.Fatalf("%v prints as %q", f, s)
		}
		whole, fraction, _ := strings.Cut(strings.TrimPrefix(mantissa, "-"), ".")
		if whole == "" || fraction == "" || scientific && len(whole) != 1 || strings.HasPrefix(exponent, "+") ||
			len(fraction) > 1 && strings.HasSuffix(fraction, "0") {
			t.Fatalf("%v prints as %q", f, s)
		}
	}
}

func TestNumberFunction(t *testing.T) {
	runCalls(t, []callRow{
		{"number", []any{"5"}, 5},
		{"number", []any{"+5"}, 5},
		{"number", []any{"-5"}, -5},
		{"number", []any{"  12  "}, 12.0},
		{"number", []any{"\t-12\n"}, -12.0},
		{"number", []any{"1.5"}, 1.5},
		{"number", []any{".5"}, 0.5},
		{"number", []any{"5."}, 5.0},
		{"number", []any{"1e3"}, 1000.0},
		{"number", []any{"1E-3"}, 0.001},
		{"number", []any{"5d"}, 5.0},
		{"number", []any{"5.5F"}, 5.5},
		{"number", []any{"Infinity"}, math.Inf(1)},
		{"number", []any{"+Infinity"}, math.Inf(1)},
		{"number", []any{" -Infinity "}, math.Inf(-1)},
		{"number", []any{"1e999999999"}, math.Inf(1)},
		{"number", []any{"-1e999999999"}, math.Inf(-1)},
		{"number", []any{"1e-999999999"}, 0.0},
		{"number", []any{"9223372036854775807"}, math.MaxInt64},
		{"number", []any{"9223372036854775808"}, 9.223372036854775808e18},
		{"number", []any{"0x32"}, 50},
		{"number", []any{"0x32", 16}, 50},
		{"number", []any{"0x32", nil}, 50},
		{"number", []any{"32", 16}, 50},
		{"number", []any{"fF", 16}, 255},
		{"number", []any{"-10", 16}, -16},
		{"number", []any{"101", 2}, 5},
		{"number", []any{"777", 8}, 511},
		{"number", []any{"zZ", 36}, 1295},
		{"number", []any{nil}, nil},
		{"number", []any{nil, 16}, nil},
		{"number", []any{5}, nil},
		{"number", []any{"5", "10"}, nil},
		{"number", []any{"5", 10.0}, nil},
	})
	if got, err := callFunction(t, "number", "NaN"); err != nil || got.Kind() != Float || !math.IsNaN(got.Float()) {
		t.Errorf(`number("NaN") = %v %v`, got.Any(), err)
	}
}

func TestNumberFunctionFails(t *testing.T) {
	for _, c := range []struct {
		args []any
		want string
	}{
		{[]any{"x"}, "Unable to convert [x] to number of base [10]"},
		{[]any{""}, "Unable to convert [] to number of base [10]"},
		{[]any{" "}, "Unable to convert [ ] to number of base [10]"},
		{[]any{"5 5"}, "Unable to convert [5 5] to number of base [10]"},
		{[]any{"1_000"}, "Unable to convert [1_000] to number of base [10]"},
		{[]any{"inf"}, "Unable to convert [inf] to number of base [10]"},
		{[]any{"nan"}, "Unable to convert [nan] to number of base [10]"},
		{[]any{"d"}, "Unable to convert [d] to number of base [10]"},
		{[]any{"1e"}, "Unable to convert [1e] to number of base [10]"},
		{[]any{"0x32", 10}, "Unable to convert [0x32] to number of base [10]"},
		{[]any{"0xzz"}, "Unable to convert [0xzz] to number of base [16]"},
		{[]any{"0x"}, "Unable to convert [0x] to number of base [16]"},
		{[]any{"ffffffffffffffff", 16}, "Unable to convert [ffffffffffffffff] to number of base [16]"},
		{[]any{"1.5", 8}, "Unable to convert [1.5] to number of base [8]"},
		{[]any{"2", 2}, "Unable to convert [2] to number of base [2]"},
		{[]any{"5", 0}, "Unable to convert [5] to number of base [0]"},
		{[]any{"5", 1}, "Unable to convert [5] to number of base [1]"},
		{[]any{"5", 37}, "Unable to convert [5] to number of base [37]"},
		{[]any{"5", -10}, "Unable to convert [5] to number of base [-10]"},
		{[]any{"5", math.MaxInt64}, "Unable to convert [5] to number of base [9223372036854775807]"},
	} {
		got, err := callFunction(t, "number", c.args...)
		var conversion *ConversionError
		if !errors.As(err, &conversion) || err.Error() != c.want || !got.IsNull() {
			t.Errorf("number%q = %v %v, want %q", c.args, got.Any(), err, c.want)
		}
	}
}

func TestConversionErrorIsShort(t *testing.T) {
	for _, s := range []string{strings.Repeat("x", 1<<20), strings.Repeat("é", 1<<20), "a" + strings.Repeat("é", 1<<20)} {
		_, err := callFunction(t, "number", s)
		if err == nil {
			t.Fatal("no error")
		}
		m := err.Error()
		if len(m) > 300 || !strings.Contains(m, "...]") || strings.ToValidUTF8(m, "?") != m {
			t.Errorf("message of %d bytes: %.300q", len(m), m)
		}
	}
}
