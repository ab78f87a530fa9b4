// Package value holds EQL's typed scalars and what the language does with a
// single one of them: compare, fold case, parse dates, addresses, numbers and
// versions, match wildcards and regular expressions, and the scalar functions.
//
// It is written once for constant folding and for every evaluator, so that the
// three can not drift apart. Everything here is a pure function of its
// arguments and safe for concurrent use. A Value is 40 bytes, is passed by
// value, and keeps alive only the string it was made from.
package value

import (
	"math"
	"net/netip"
	"strings"
)

// Kind says which of EQL's scalar types a Value holds.
type Kind uint8

// The kinds. Null is the zero Value's.
const (
	Null Kind = iota
	Bool
	Int        // fits a signed 64-bit integer
	Uint       // above the signed range, fits an unsigned 64-bit integer
	Float      // a double
	OutOfRange // a JSON number that no 64-bit integer or double can hold: present, but it meets no numeric test
	String
	Date    // an instant with nanoseconds
	IP      // an address; compared by its number, printed as its canonical text
	Version // a software version; compared by semantic version order
)

// Value is one scalar. The zero Value is null.
type Value struct {
	str  string // String, Version, OutOfRange: the text; IP: the canonical text
	num  uint64 // Bool, Int, Uint, Float: the bits; Date: the seconds
	nsec int32  // Date: nanoseconds within the second, 0 to 999,999,999
	kind Kind
}

// OfBool returns a boolean.
func OfBool(b bool) Value {
	v := Value{kind: Bool}
	if b {
		v.num = 1
	}
	return v
}

// OfInt returns a signed integer.
func OfInt(i int64) Value { return Value{kind: Int, num: uint64(i)} }

// OfUint returns an integer that may lie above the signed range.
func OfUint(u uint64) Value {
	if u <= math.MaxInt64 {
		return OfInt(int64(u))
	}
	return Value{kind: Uint, num: u}
}

// OfFloat returns a double.
func OfFloat(f float64) Value { return Value{kind: Float, num: math.Float64bits(f)} }

// OfString returns a string.
func OfString(s string) Value { return Value{kind: String, str: s} }

// OfDate returns an instant.
func OfDate(t Instant) Value { return Value{kind: Date, num: uint64(t.Sec), nsec: t.Nsec} }

// Clone returns the value with a text of its own, for one whose text is on loan.
func (v Value) Clone() Value {
	v.str = strings.Clone(v.str)
	return v
}

// OfIP returns an address. An IPv4-mapped IPv6 address becomes plain IPv4, as
// Java reads it.
func OfIP(a netip.Addr) Value { return Value{kind: IP, str: a.Unmap().String()} }

// OfVersion returns a software version; any text is legal.
func OfVersion(s string) Value { return Value{kind: Version, str: s} }

// Kind returns the kind of v.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether v is null.
func (v Value) IsNull() bool { return v.kind == Null }

// IsNumber reports whether v is an integer or a double within range.
func (v Value) IsNumber() bool { return v.kind == Int || v.kind == Uint || v.kind == Float }

// IsInteger reports whether v is an integer of 64 bits, signed or unsigned.
func (v Value) IsInteger() bool { return v.kind == Int || v.kind == Uint }

// Bool returns the boolean v holds; false for every other kind.
func (v Value) Bool() bool { return v.kind == Bool && v.num == 1 }

// Int returns the signed integer v holds; 0 for every other kind.
func (v Value) Int() int64 {
	if v.kind != Int {
		return 0
	}
	return int64(v.num)
}

// Uint returns the integer v holds, if it is not negative; 0 otherwise.
func (v Value) Uint() uint64 {
	if v.kind == Uint || v.kind == Int && int64(v.num) >= 0 {
		return v.num
	}
	return 0
}

// Float returns v as a double, rounding a large integer; NaN when v is no number.
func (v Value) Float() float64 {
	switch v.kind {
	case Int:
		return float64(int64(v.num))
	case Uint:
		return float64(v.num)
	case Float:
		return math.Float64frombits(v.num)
	}
	return math.NaN()
}

// Str returns the text of a String, Version, IP or OutOfRange value and "" for
// every other kind. Text prints any kind.
func (v Value) Str() string { return v.str }

// Instant returns the instant v holds; the zero Instant for every other kind.
func (v Value) Instant() Instant {
	if v.kind != Date {
		return Instant{}
	}
	return Instant{Sec: int64(v.num), Nsec: v.nsec}
}

// Addr returns the address v holds; the zero Addr for every other kind.
func (v Value) Addr() netip.Addr {
	if v.kind != IP {
		return netip.Addr{}
	}
	a, _ := netip.ParseAddr(v.str)
	return a
}

// Instant is a point in time with nanoseconds: seconds since the Unix epoch and
// 0 to 999,999,999 ns after them. Unlike a count of nanoseconds in 64 bits it
// reaches past the years 1678 and 2262.
type Instant struct {
	Sec  int64
	Nsec int32
}

// Any returns v as a plain Go value: nil, bool, int64, uint64, float64, or the
// text of every other kind.
func (v Value) Any() any {
	switch v.kind {
	case Null:
		return nil
	case Bool:
		return v.Bool()
	case Int:
		return v.Int()
	case Uint:
		return v.Uint()
	case Float:
		return v.Float()
	}
	return v.Text()
}
