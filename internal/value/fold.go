package value

import (
	"unicode"
	"unicode/utf8"
)

// EqualFold reports whether a and b are the same text when case is ignored:
// the meaning of in~, of ':' without wildcards, and of every function with a
// tilde. It is Unicode simple folding, one code point for one.
//
// Elasticsearch folds ASCII alone when it looks a term up in an index and full
// Unicode when a script compares; here one rule holds for both. It never folds
// one ASCII character differently from either.
func EqualFold(a, b string) bool {
	for len(a) > 0 && len(b) > 0 {
		if a[0] < utf8.RuneSelf && b[0] < utf8.RuneSelf {
			if a[0] != b[0] && foldRune(rune(a[0])) != foldRune(rune(b[0])) {
				return false
			}
			a, b = a[1:], b[1:]
			continue
		}
		ra, na := decodeRune(a)
		rb, nb := decodeRune(b)
		if ra != rb && foldRune(ra) != foldRune(rb) {
			return false
		}
		a, b = a[na:], b[nb:]
	}
	return len(a) == len(b)
}

// foldRune returns the one code point that stands for all those that differ
// from r in case alone: the least of them.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'a' <= r && r <= 'z' {
			r -= 'a' - 'A'
		}
		return r
	}
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return least
}

// badByte is added to a byte that is not part of valid UTF-8, so that two
// broken bytes are equal only when they are the same byte.
const badByte = unicode.MaxRune + 1

// decodeRune returns the first code point of s, which is not empty, and its
// length. A byte that is no valid UTF-8 counts as one code point of its own.
func decodeRune(s string) (rune, int) {
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && n == 1 {
		r = badByte + rune(s[0])
	}
	return r, n
}

// decodeLastRune is decodeRune for the end of s.
func decodeLastRune(s string) (rune, int) {
	r, n := utf8.DecodeLastRuneInString(s)
	if r == utf8.RuneError && n == 1 {
		r = badByte + rune(s[len(s)-1])
	}
	return r, n
}

// Fold returns the form of s that all texts have which EqualFold calls equal to
// it.
func Fold(s string) string { return foldText(s) }
