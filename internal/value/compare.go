package value

import (
	"cmp"
	"math"
	"strings"
	"unicode/utf8"
)

// Compare returns -1, 0 or 1 as a is less than, equal to or greater than b, and
// whether the two compare at all. A null, a number out of range and NaN compare
// with nothing, nor do values of different families: then the test they stand
// in is false.
//
//	numbers        exactly by value, whatever their types
//	strings        by the bytes of their UTF-8, Lucene's term order
//	booleans       false below true
//	dates          with a date: by the nanosecond; with a number: it is epoch
//	               milliseconds, compared at the millisecond; with a string: as
//	               DateRange.Compare does
//	addresses      by number; with a string: the address, or the block, it holds
//	versions       as CompareVersions does, also with a string
func Compare(a, b Value) (c int, ok bool) {
	switch {
	case a.kind == Null || b.kind == Null || a.kind == OutOfRange || b.kind == OutOfRange:
		return 0, false
	case a.IsNumber() && b.IsNumber():
		return compareNumbers(a, b)
	case a.kind == b.kind:
		return compareSame(a, b), true
	}
	if c, ok = compareMixed(a, b); ok {
		return c, true
	}
	c, ok = compareMixed(b, a)
	return -c, ok
}

// Equal reports whether a and b compare and are equal.
func Equal(a, b Value) bool {
	c, ok := Compare(a, b)
	return ok && c == 0
}

// compareSame compares two values of one kind that is not numeric.
func compareSame(a, b Value) int {
	switch a.kind {
	case Bool:
		return cmp.Compare(a.num, b.num)
	case Date:
		return a.Instant().Compare(b.Instant())
	case IP:
		return compareAddr(a.Addr(), b.Addr())
	case Version:
		return CompareVersions(a.str, b.str)
	}
	return strings.Compare(a.str, b.str)
}

// compareMixed compares a value of a kind that JSON lacks with what a query or
// an event writes for it.
func compareMixed(a, b Value) (int, bool) {
	switch {
	case a.kind == Date && b.IsNumber():
		return compareNumbers(OfInt(a.Instant().UnixMilli()), b)
	case b.kind != String:
		return 0, false
	case a.kind == Date:
		if r, ok := ParseDate(b.str); ok {
			return r.Compare(a.Instant()), true
		}
	case a.kind == IP:
		if block, err := ParseCIDR(b.str); err == nil {
			return block.compare(a.Addr()), true
		}
	case a.kind == Version:
		return CompareVersions(a.str, b.str), true
	}
	return 0, false
}

func compareNumbers(a, b Value) (int, bool) {
	switch {
	case a.kind == Float && b.kind == Float:
		x, y := a.Float(), b.Float()
		if math.IsNaN(x) || math.IsNaN(y) {
			return 0, false
		}
		return cmp.Compare(x, y), true
	case b.kind == Float:
		return compareFloat(a, b.Float())
	case a.kind == Float:
		c, ok := compareFloat(b, a.Float())
		return -c, ok
	case a.kind == Int && b.kind == Int:
		return cmp.Compare(int64(a.num), int64(b.num)), true //nolint:gosec // the bits of a signed integer
	case a.kind == Int: // Uint holds nothing that Int can
		return -1, true
	case b.kind == Int:
		return 1, true
	}
	return cmp.Compare(a.num, b.num), true
}

// compareFloat compares an integer with a double without rounding either:
// above 2^53 most integers have no double of their own.
func compareFloat(i Value, f float64) (int, bool) {
	low, high := -0x1p63, 0x1p63
	if i.kind == Uint {
		low, high = 0, 0x1p64
	}
	switch {
	case math.IsNaN(f):
		return 0, false
	case f < low:
		return 1, true
	case f >= high:
		return -1, true
	}
	whole := math.Floor(f)
	var c int
	if i.kind == Uint {
		c = cmp.Compare(i.num, uint64(whole))
	} else {
		c = cmp.Compare(i.Int(), int64(whole))
	}
	if c == 0 && f > whole {
		c = -1
	}
	return c, true
}

// CompareUTF16 orders strings by their UTF-16 code units, as Java does and so
// Elasticsearch for the results of calls. It differs from the order of bytes
// only where a code point above U+FFFF meets one from U+E000 to U+FFFF.
func CompareUTF16(a, b string) int {
	for x, y := a, b; x != "" && y != ""; {
		r, n := utf8.DecodeRuneInString(x)
		q, m := utf8.DecodeRuneInString(y)
		if r != q {
			return cmp.Compare(utf16Rank(r), utf16Rank(q))
		}
		x, y = x[n:], y[m:]
	}
	// One is the beginning of the other, as far as UTF-16 can tell.
	return strings.Compare(a, b)
}

// utf16Rank moves the code points above U+FFFF to where their surrogates stand.
func utf16Rank(r rune) rune {
	const shift = 0x110000
	switch {
	case r > 0xFFFF:
		return r
	case r >= 0xE000:
		return r + shift
	}
	return r
}
