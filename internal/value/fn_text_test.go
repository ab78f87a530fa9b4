package value

import (
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestBetween(t *testing.T) {
	runCalls(t, []callRow{
		{"between", []any{"System Idle Process", "s", "e"}, "t"},
		{"between", []any{"System Idle Process", "s", "e", false}, "t"},
		{"between", []any{"System Idle Process", "s", "e", nil}, "t"},
		{"between", []any{"System Idle Process", "S", "e", true}, "ystem Idle Proc"},
		{"between~", []any{"System Idle Process", "s", "E"}, "yst"},
		{"between~", []any{"System Idle Process", "s", "E", true}, "ystem Idle Proc"},
		{"between", []any{"start x mid x end", "start", "x"}, " "},
		{"between", []any{"start x mid x end", "start", "x", true}, " x mid "},
		{"between", []any{"ab", "z", "b"}, ""},
		{"between", []any{"ab", "a", "z"}, ""},
		{"between", []any{"ab", "a", "z", true}, ""},
		{"between", []any{"ab", "A", "b"}, ""},
		{"between", []any{"ab", "a", "b"}, ""},
		{"between", []any{"abc", "", "c"}, "abc"},
		{"between", []any{"abc", "a", ""}, "abc"},
		{"between", []any{"", "a", "c"}, ""},
		{"between~", []any{"aBc", "", "c"}, "aBc"},
		// The last right lies before the end of the first left.
		{"between", []any{"xab", "a", "x", true}, ""},
		{"between", []any{"aba", "ab", "b", true}, ""},
		// The right may not overlap the left.
		{"between", []any{"aab", "aa", "ab"}, ""},
		{"between", []any{nil, "a", "b"}, nil},
		{"between", []any{"abc", nil, "b"}, nil},
		{"between", []any{"abc", "a", nil}, nil},
		{"between", []any{"abc", "a", "c", "true"}, nil},
		{"between", []any{"é😀[x]", "😀", "]"}, "[x"},
		// Folding changes lengths in bytes (the Kelvin sign has three), not what is cut.
		{"between~", []any{"\u212A\u212A😀Abc", "k😀", "C"}, "Ab"},
		{"between~", []any{"kk[É]kk", "\u212A[", "]\u212A"}, "É"},
		{"between~", []any{"K\u212AxÉ\u017Fend", "kK", "S"}, "xÉ"},
	})
}

func TestStartsWithEndsWithContains(t *testing.T) {
	runCalls(t, []callRow{
		{"startsWith", []any{"regsvr32.exe", "regsvr32"}, true},
		{"startsWith", []any{"regsvr32.exe", "RegSvr32"}, false},
		{"startsWith~", []any{"regsvr32.exe", "RegSvr32"}, true},
		{"startsWith", []any{"explorer.exeaaa", "explorer.exe"}, true},
		{"startsWith", []any{"ab", "abc"}, false},
		{"startsWith", []any{"ab", ""}, true},
		{"startsWith", []any{"", ""}, true},
		{"startsWith", []any{"a*b", "a*"}, true},
		{"startsWith", []any{"axb", "a*"}, false},
		{"startsWith~", []any{"Étage", "étA"}, true},
		{"startsWith~", []any{"STRASSE", "stra\u00DFe"}, false},
		{"startsWith", []any{nil, "a"}, nil},
		{"startsWith", []any{"a", nil}, nil},

		{"endsWith", []any{"regsvr32.exe", ".exe"}, true},
		{"endsWith", []any{"regsvr32.exe", ".EXE"}, false},
		{"endsWith~", []any{"regsvr32.exe", ".EXE"}, true},
		{"endsWith", []any{"ab", ""}, true},
		{"endsWith", []any{"b", "ab"}, false},
		{"endsWith", []any{"axe", "*e"}, false},
		{"endsWith~", []any{"mar\u212A", "K"}, true},
		{"endsWith~", []any{"mark", "\u212A"}, true},
		{"endsWith", []any{nil, "a"}, nil},
		{"endsWith", []any{"a", nil}, nil},

		{"stringContains", []any{"start regsvr32.exe", "regsvr32"}, true},
		{"stringContains", []any{"start regsvr32.exe", "Regsvr32"}, false},
		{"stringContains~", []any{"start regsvr32.exe", "Regsvr32"}, true},
		{"stringContains", []any{"abc", ""}, false},
		{"stringContains", []any{"", "a"}, false},
		{"stringContains", []any{"", ""}, false},
		{"stringContains~", []any{"", ""}, false},
		{"stringContains", []any{"abc", "a?c"}, false},
		{"stringContains", []any{`a\*c`, `\*`}, true},
		{"stringContains~", []any{"xÉx", "É"}, true},
		{"stringContains", []any{nil, "a"}, nil},
		{"stringContains", []any{"a", nil}, nil},
	})
}

func TestIndexOf(t *testing.T) {
	runCalls(t, []callRow{
		{"indexOf", []any{"foobar", "o"}, 1},
		{"indexOf", []any{"foobar", "o", 2}, 2},
		{"indexOf", []any{"foobar", "o", 3}, nil},
		{"indexOf", []any{"foobar", "o", 100}, nil},
		{"indexOf", []any{"foobar", "o", -5}, 1},
		{"indexOf", []any{"foobar", "o", nil}, 1},
		{"indexOf", []any{"foobar", "f", math.MinInt64}, 0},
		{"indexOf", []any{"foobar", "f", math.MaxInt64}, nil},
		{"indexOf", []any{"foobar", "f", uint64(math.MaxUint64)}, nil},
		{"indexOf", []any{"foobar", "o", 1.5}, nil},
		{"indexOf", []any{"foobar", "o", "1"}, nil},
		{"indexOf", []any{"abc", "z"}, nil},
		{"indexOf", []any{"abc", "C"}, nil},
		{"indexOf~", []any{"abc", "C"}, 2},
		{"indexOf~", []any{"explorer.exe", "pLOrer.", 2}, 2},
		{"indexOf", []any{"abc", ""}, 0},
		{"indexOf", []any{"abc", "", 2}, 2},
		{"indexOf", []any{"abc", "", 9}, 3},
		{"indexOf", []any{"", "", 9}, 0},
		{"indexOf", []any{"é😀é", "", 9}, 4},
		{"indexOf", []any{"", "a"}, nil},
		{"indexOf", []any{nil, "a"}, nil},
		{"indexOf", []any{"a", nil}, nil},
		{"indexOf", []any{"é😀b", "b"}, 3},
		{"indexOf", []any{"b😀b", "b", 1}, 3},
		{"indexOf", []any{"b😀b", "b", 2}, 3},   // within the pair
		{"indexOf", []any{"b😀b", "😀", 2}, nil}, // begins before it
		{"indexOf", []any{"b😀b", "", 2}, 2},
		{"indexOf~", []any{"\u212A\u212Aé", "É"}, 2},
	})
}

func TestLength(t *testing.T) {
	runCalls(t, []callRow{
		{"length", []any{""}, 0},
		{"length", []any{"explorer.exe"}, 12},
		{"length", []any{"é"}, 1},
		{"length", []any{"😀"}, 2},
		{"length", []any{"a😀é"}, 4},
		{"length", []any{nil}, nil},
		{"length", []any{12}, nil},
	})
}

func TestSubstring(t *testing.T) {
	runCalls(t, []callRow{
		{"substring", []any{"explorer.exe", 0, 4}, "expl"},
		{"substring", []any{"explorer.exe", 1, 3}, "xp"},
		{"substring", []any{"explorer.exe", -4}, ".exe"},
		{"substring", []any{"explorer.exe", -4, -1}, ".ex"},
		{"substring", []any{"hello", -3, -1}, "ll"},
		{"substring", []any{"hello", 0, 99}, "hello"},
		{"substring", []any{"hello", -99, 99}, "hello"},
		{"substring", []any{"hello", 2}, "llo"},
		{"substring", []any{"hello", 2, nil}, "llo"},
		{"substring", []any{"hello", 3, 3}, ""},
		{"substring", []any{"hello", 4, 2}, ""},
		{"substring", []any{"hello", 99}, ""},
		{"substring", []any{"hello", 0, -99}, ""},
		{"substring", []any{"hello", nil}, "hello"},
		{"substring", []any{"hello", nil, 2}, "hello"},
		{"substring", []any{"hello", math.MinInt64, math.MaxInt64}, "hello"},
		{"substring", []any{"hello", math.MaxInt64, math.MinInt64}, ""},
		{"substring", []any{"hello", 1, uint64(math.MaxUint64)}, "ello"},
		{"substring", []any{"hello", 1.5}, nil},
		{"substring", []any{"hello", 1, "2"}, nil},
		{"substring", []any{"", 0}, ""},
		{"substring", []any{nil, 1}, nil},
		{"substring", []any{"aé😀z", 1, 4}, "é😀"},
		{"substring", []any{"aé😀z", -1}, "z"},
		// Half a surrogate pair has no UTF-8; it stays one unit.
		{"substring", []any{"a😀z", 0, 2}, "a\uFFFD"},
		{"substring", []any{"a😀z", 2}, "\uFFFDz"},
		{"substring", []any{"a😀z", 1, 2}, "\uFFFD"},
		{"substring", []any{"😀😀", 1, 3}, "\uFFFD\uFFFD"},
	})
}

func TestConcatAndString(t *testing.T) {
	runCalls(t, []callRow{
		{"concat", []any{"a"}, "a"},
		{"concat", []any{"process is ", "regsvr32.exe"}, "process is regsvr32.exe"},
		{"concat", []any{"a", 1, true, 42.5, 1.0, 1e10, uint64(math.MaxUint64)}, "a1true42.51.01.0E1018446744073709551615"},
		{"concat", []any{"a", nil}, nil},
		{"concat", []any{nil, "a"}, nil},
		{"concat", []any{"", ""}, ""},
		{"string", []any{1}, "1"},
		{"string", []any{1.0}, "1.0"},
		{"string", []any{false}, "false"},
		{"string", []any{"x"}, "x"},
		{"string", []any{OfIP(netip.MustParseAddr("::ffff:10.0.0.1"))}, "10.0.0.1"},
		{"string", []any{OfDate(Instant{})}, "1970-01-01T00:00:00.000Z"},
		{"string", []any{OfJSONNumber("1e999")}, "1e999"},
		{"string", []any{nil}, nil},
	})
}

// The naive twins work on the UTF-16 form, as Java does.

func naiveIndex(s, t []uint16, from int) int {
	for i := max(from, 0); i+len(t) <= len(s); i++ {
		if slices.Equal(s[i:i+len(t)], t) {
			return i
		}
	}
	return -1
}

func naiveLastIndex(s, t []uint16) int {
	for i := len(s) - len(t); i >= 0; i-- {
		if slices.Equal(s[i:i+len(t)], t) {
			return i
		}
	}
	return -1
}

func naiveSubstring(s []uint16, start, end int) []uint16 {
	cut := func(n int) int {
		if n < 0 {
			n += len(s)
		}
		return min(max(n, 0), len(s))
	}
	start, end = cut(start), cut(end)
	if start >= end {
		return nil
	}
	return s[start:end]
}

func naiveBetween(s, in, left, right []uint16, greedy bool) []uint16 {
	if len(s) == 0 || len(left) == 0 || len(right) == 0 {
		return s
	}
	i := naiveIndex(in, left, 0)
	if i < 0 {
		return nil
	}
	i += len(left)
	j := naiveIndex(in, right, i)
	if greedy {
		j = naiveLastIndex(in, right)
	}
	if j < i {
		return nil
	}
	return s[i:j]
}

func TestTextFunctionsAgainstNaive(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	alphabets := [][]rune{[]rune("abA"), []rune("aAkK\u212Aé É😀𐐀𐐨"), []rune("ab")}
	draw := func(alphabet []rune, most int) string {
		var b strings.Builder
		for range r.IntN(most + 1) {
			b.WriteRune(alphabet[r.IntN(len(alphabet))])
		}
		return b.String()
	}
	units := func(s string) []uint16 { return utf16.Encode([]rune(s)) }
	folded := func(s string) []uint16 { return units(strings.Map(foldRune, s)) }
	text := func(u []uint16) Value { return OfString(string(utf16.Decode(u))) }
	for range 20000 {
		alphabet := alphabets[r.IntN(len(alphabets))]
		s, left, right := draw(alphabet, 12), draw(alphabet, 2), draw(alphabet, 2)
		from, to := r.IntN(30)-15, r.IntN(30)-15
		greedy := r.IntN(2) == 0

		var index any
		if i := naiveIndex(units(s), units(left), min(max(from, 0), len(units(s)))); i >= 0 {
			index = i
		}
		var foldIndex any
		if i := naiveIndex(folded(s), folded(left), min(max(from, 0), len(units(s)))); i >= 0 {
			foldIndex = i
		}
		runCalls(t, []callRow{
			{"length", []any{s}, len(units(s))},
			{"substring", []any{s, from, to}, text(naiveSubstring(units(s), from, to))},
			{"substring", []any{s, from}, text(naiveSubstring(units(s), from, len(units(s))))},
			{"indexOf", []any{s, left, from}, index},
			{"indexOf~", []any{s, left, from}, foldIndex},
			{"between", []any{s, left, right, greedy}, text(naiveBetween(units(s), units(s), units(left), units(right), greedy))},
			{"between~", []any{s, left, right, greedy}, text(naiveBetween(units(s), folded(s), folded(left), folded(right), greedy))},
			{"stringContains~", []any{s, left}, left != "" && naiveIndex(folded(s), folded(left), 0) >= 0},
			{"startsWith~", []any{s, left}, slices.Equal(naiveSubstring(folded(s), 0, len(units(left))), folded(left)) || left == ""},
		})
		if t.Failed() {
			t.FailNow()
		}
	}
}

// Every fold keeps the length in UTF-16 units: positions found in folded text
// are positions in the text.
func TestFoldKeepsUnits(t *testing.T) {
	for r := rune(0); r <= 0x10FFFF; r++ {
		if f := foldRune(r); f != r && unitsOf(f) != unitsOf(r) {
			t.Errorf("%U has %d units, its fold %U has %d", r, unitsOf(r), f, unitsOf(f))
		}
	}
}
