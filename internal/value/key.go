package value

import (
	"math"
	"strings"
)

// Key is the normal form of a Value that serves as a join key: two values join
// when their keys are equal with ==. It may be a map key, and keeps alive only
// the string of the value it was made from.
type Key struct{ v Value }

// KeyOf returns the key of v. Elasticsearch EQL: equality of keys is exact and
// typed. 1 and 1.0 are the same key; 1, "1" and true are three. Text is
// case-sensitive. An address or a version is the key of its text. Null is a key
// and equals itself; so does NaN.
func KeyOf(v Value) Key {
	switch v.kind {
	case Float:
		return Key{v: keyOfFloat(v.Float())}
	case IP, Version:
		return Key{v: OfString(v.str)}
	}
	return Key{v: v}
}

// keyOfFloat returns the integer equal to f where there is one.
func keyOfFloat(f float64) Value {
	switch {
	case math.IsNaN(f):
		return OfFloat(math.NaN()) // one of the many bit patterns
	case f != math.Trunc(f):
		return OfFloat(f)
	case f >= -1<<63 && f < 1<<63:
		return OfInt(int64(f)) // -0.0 becomes 0 here
	case f >= 1<<63 && f < 1<<64:
		return OfUint(uint64(f))
	}
	return OfFloat(f)
}

// CompareKey orders two keys' values: null, false, true, numbers by value, text
// by the bytes of its UTF-8, dates. It is total, and 0 exactly when the keys are
// equal. NaN and numbers out of range follow the other numbers.
func CompareKey(a, b Value) int {
	a, b = KeyOf(a).v, KeyOf(b).v
	if r, s := keyRank(a), keyRank(b); r != s {
		return r - s
	}
	switch a.kind {
	case Bool:
		return int(a.num) - int(b.num)
	case Int, Uint, Float:
		c, _ := Compare(a, b) // of two NaN, equal keys, Compare says 0 and not ok
		return c
	case String, OutOfRange:
		return strings.Compare(a.str, b.str)
	case Date:
		return a.Instant().Compare(b.Instant())
	}
	return 0
}

// keyRank returns the place of a key's type among the types.
func keyRank(v Value) int {
	switch v.kind {
	case Bool:
		return 1
	case Int, Uint, Float:
		if math.IsNaN(v.Float()) {
			return 3
		}
		return 2
	case OutOfRange:
		return 4
	case String:
		return 5
	case Date:
		return 6
	}
	return 0
}
