package value

import (
	"strings"
	"unicode/utf8"
)

// Positions and lengths in EQL's string functions count UTF-16 code units, as
// Java does, while the text here is UTF-8. These helpers translate without
// building the UTF-16 form.

// asciiPrefix returns the number of leading bytes of s that are ASCII.
func asciiPrefix(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return i
		}
	}
	return len(s)
}

// unitLen returns the length of s in UTF-16 units.
func unitLen(s string) int {
	n := asciiPrefix(s)
	for _, r := range s[n:] {
		n += unitsOf(r)
	}
	return n
}

// unitOffset returns the byte offset in s of the code point that holds the given
// UTF-16 unit; len(s) when s is shorter. split says that the unit is the second
// of a surrogate pair.
func unitOffset(s string, unit int) (offset int, split bool) {
	n := asciiPrefix(s)
	if unit <= n {
		return unit, false
	}
	start := n
	for i, r := range s[start:] {
		if n >= unit {
			return start + i, false
		}
		n += unitsOf(r)
		if n > unit {
			return start + i, true
		}
	}
	return len(s), false
}

// unitsOf returns the number of UTF-16 units of r.
func unitsOf(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// foldText returns s with each code point replaced by the least of those it
// equals under Unicode simple case folding. Two texts are equal without regard to
// case when their folds are. A fold never leaves the code point's plane, so the
// length in UTF-16 units stays.
func foldText(s string) string {
	if asciiPrefix(s) == len(s) {
		return strings.ToUpper(s)
	}
	return strings.Map(foldRune, s)
}
