package value

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
)

func TestEqualFold(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"", "", true},
		{"", "a", false},
		{"STRASSE", "strasse", true},
		{"straße", "STRASSE", false}, // simple folding: one code point for one
		{"É", "é", true},
		{"Σ", "ς", true},
		{"σ", "ς", true},
		{"K", "\u212a", true}, // the Kelvin sign
		{"k", "\u212a", true},
		{"s", "ſ", true},
		{"@", "`", false}, // as far apart as letters of either case
		{"[", "{", false},
		{"abc", "ab", false},
		{"ab", "abc", false},
		{"aé", "aè", false},
		{"é", "e", false},
		{"\xff", "\xff", true},
		{"\xff", "\xfe", false},
		{"\xff", "\ufffd", false},
		{"ÿ", "\xff", false},
	}
	for _, tt := range tests {
		if got := EqualFold(tt.a, tt.b); got != tt.want {
			t.Errorf("EqualFold(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
		if got := EqualFold(tt.b, tt.a); got != tt.want {
			t.Errorf("EqualFold(%q, %q) = %v, want %v", tt.b, tt.a, got, tt.want)
		}
	}
}

// For valid text the standard library has the same folding.
func TestEqualFoldAgainstStrings(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("aAkK\u212asSſéÉ1σςΣ")
	for range 20000 {
		a, b := randomText(r, alphabet, 4), randomText(r, alphabet, 4)
		if got, want := EqualFold(a, b), strings.EqualFold(a, b); got != want {
			t.Fatalf("EqualFold(%q, %q) = %v, want %v", a, b, got, want)
		}
	}
}

func TestFoldRuneIsOneForAllCases(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		f := foldRune(r)
		if f > r {
			t.Fatalf("foldRune(%#U) = %#U, want no greater code point", r, f)
		}
		if next := foldRune(unicode.SimpleFold(r)); next != f {
			t.Fatalf("foldRune(%#U) = %#U but its other case gives %#U", r, f, next)
		}
	}
}

// randomText returns up to most characters of the alphabet.
func randomText(r *rand.Rand, alphabet []rune, most int) string {
	var b strings.Builder
	for range r.IntN(most + 1) {
		b.WriteRune(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}
