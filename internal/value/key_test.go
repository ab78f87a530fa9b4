package value

import (
	"math"
	"net/netip"
	"testing"
)

func TestKeyEquality(t *testing.T) {
	for _, c := range []struct {
		a, b any
		want bool
	}{
		{1, 1, true},
		{1, 1.0, true},
		{0, math.Copysign(0, -1), true},
		{uint64(1 << 63), 0x1p63, true},
		{math.MinInt64, -0x1p63, true},
		{nil, nil, true},
		{"a", "a", true},
		{true, true, true},
		{math.NaN(), math.Float64frombits(0x7FF8000000000123), true},
		{1e300, 1e300, true},
		{OfIP(netip.MustParseAddr("10.0.0.1")), "10.0.0.1", true},
		{OfIP(netip.MustParseAddr("::ffff:10.0.0.1")), "10.0.0.1", true},
		{OfVersion("1.0"), "1.0", true},
		{OfDate(Instant{1, 2}), OfDate(Instant{1, 2}), true},

		{1, "1", false},
		{1, true, false},
		{"1", true, false},
		{"true", true, false},
		{nil, "", false},
		{nil, 0, false},
		{nil, false, false},
		{"a", "A", false},
		{1, 1.5, false},
		{1 << 53, 1<<53 + 1, false},
		{float64(1 << 53), 1<<53 + 1, false},
		{uint64(math.MaxUint64), 0x1p64, false},
		{math.Inf(1), math.Inf(-1), false},
		{OfDate(Instant{1, 2}), OfDate(Instant{1, 3}), false},
		{OfDate(Instant{1, 0}), 1000, false},
		{OfJSONNumber("1e999"), "1e999", false},
		{OfVersion("1.0"), OfVersion("1.0.0"), false},
	} {
		a, b := toValue(t, c.a), toValue(t, c.b)
		if got := KeyOf(a) == KeyOf(b); got != c.want {
			t.Errorf("keys of %v and %v equal: %v, want %v", c.a, c.b, got, c.want)
		}
		if got := CompareKey(a, b) == 0; got != c.want {
			t.Errorf("CompareKey(%v, %v) says equal: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// The list is in the order of the keys; equal ones stand in one row.
func TestCompareKeyOrder(t *testing.T) {
	rows := [][]any{
		{nil},
		{false},
		{true},
		{math.Inf(-1)},
		{math.MinInt64, -0x1p63},
		{-1.5},
		{0, 0.0},
		{0.5},
		{1, 1.0},
		{1 << 53, 0x1p53},
		{1<<53 + 1},
		{math.MaxInt64},
		{uint64(1 << 63), 0x1p63},
		{uint64(math.MaxUint64)},
		{0x1p64},
		{math.Inf(1)},
		{math.NaN()},
		{OfJSONNumber("1e999")},
		{OfJSONNumber("2e999")},
		{""},
		{"10"},
		{OfIP(netip.MustParseAddr("10.0.0.2")), "10.0.0.2"},
		{"9"},
		{"B"},
		{"a"},
		{"é"},
		{"\uFF5E"}, // below the next one in UTF-8, above it in UTF-16
		{"😀"},
		{OfDate(Instant{Sec: -1})},
		{OfDate(Instant{Sec: 1})},
		{OfDate(Instant{Sec: 1, Nsec: 1})},
	}
	for i, row := range rows {
		for j, other := range rows {
			for _, a := range row {
				for _, b := range other {
					got := CompareKey(toValue(t, a), toValue(t, b))
					if got < 0 != (i < j) || got > 0 != (i > j) {
						t.Errorf("CompareKey(%v, %v) = %d; rows %d, %d", a, b, got, i, j)
					}
				}
			}
		}
	}
}

func TestKeyServesMaps(t *testing.T) {
	m := map[Key]int{}
	for _, v := range []Value{OfInt(1), OfFloat(1), {}, OfString("1"), {}, OfFloat(math.NaN()), OfFloat(math.NaN())} {
		m[KeyOf(v)]++
	}
	want := map[Key]int{KeyOf(OfInt(1)): 2, KeyOf(Value{}): 2, KeyOf(OfString("1")): 1, KeyOf(OfFloat(math.NaN())): 2}
	if len(m) != len(want) {
		t.Fatalf("%d keys, want %d", len(m), len(want))
	}
	for k, n := range want {
		if m[k] != n {
			t.Errorf("key %v was met %d times, want %d", k, m[k], n)
		}
	}
}
