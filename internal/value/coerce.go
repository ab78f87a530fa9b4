package value

import (
	"math"
	"strconv"
	"strings"
)

// Coerce returns the value that a field of type t holds when a document gives it
// v, a value of JSON's kinds. What the type can not hold, where Elasticsearch
// rejects the document, stays as it is: it then meets no test of that type.
//
//	type              from               to
//	keyword, text     number, boolean    its text; a double's as Java prints it
//	integer types     integer            itself
//	                  double             truncated, within the range of 64 bits
//	                  text               the number it writes, truncated; "" is null
//	double            integer            rounded to a double
//	                  text               the double it writes; "" is null
//	boolean           "true", "false"    the boolean; "" is false
//	date              text               the instant, the first one of a unit written
//	                                     ("2017-08"), by format or else ISO-8601 or
//	                                     epoch milliseconds
//	                  number             epoch milliseconds; under a format, its text
//	ip                text               the address
//	version           text, number       the version
//
// The format is that of the field's mapping and serves only dates. An unknown
// type, an object or an unsupported type changes nothing.
func Coerce(v Value, t Type, format string) Value {
	w, ok := v, true
	switch t {
	case TypeKeyword, TypeText:
		w, ok = coerceText(v)
	case TypeInteger, TypeLong, TypeUnsignedLong:
		w, ok = coerceInteger(v, t == TypeUnsignedLong)
	case TypeDouble:
		w, ok = coerceDouble(v)
	case TypeBoolean:
		w, ok = coerceBoolean(v)
	case TypeDate:
		w, ok = coerceDate(v, format)
	case TypeIP:
		w, ok = coerceIP(v)
	case TypeVersion:
		w, ok = coerceText(v)
		w = OfVersion(w.str)
	}
	if !ok {
		return v
	}
	return w
}

func coerceText(v Value) (Value, bool) {
	switch v.kind {
	case String, Bool, Int, Uint, Float, OutOfRange:
		return OfString(v.Text()), true
	}
	return Value{}, false
}

func coerceInteger(v Value, unsigned bool) (Value, bool) {
	ok := true
	switch v.kind {
	case Float:
		v, ok = truncate(v.Float())
	case String:
		if v.str == "" {
			return Value{}, true
		}
		v, ok = truncateText(v.str)
	}
	if unsigned {
		return v, ok && (v.kind == Uint || v.kind == Int && v.Int() >= 0)
	}
	return v, ok && v.kind == Int
}

// truncate returns f without its fraction, if 64 bits hold it.
func truncate(f float64) (Value, bool) {
	switch f = math.Trunc(f); {
	case f >= -1<<63 && f < 1<<63:
		return OfInt(int64(f)), true
	case f >= 1<<63 && f < 1<<64:
		return OfUint(uint64(f)), true
	}
	return Value{}, false
}

// truncateText returns the number s writes without its fraction. Written without
// an exponent it is exact.
func truncateText(s string) (Value, bool) {
	if !isDecimal(s) {
		return Value{}, false
	}
	if strings.ContainsAny(s, "eE") {
		f, _ := strconv.ParseFloat(s, 64) // out of range it is infinite, and no integer
		return truncate(f)
	}
	whole, _, _ := strings.Cut(s, ".")
	if trimSign(whole) == "" {
		whole = "0"
	}
	return parseInteger(whole)
}

func coerceDouble(v Value) (Value, bool) {
	switch v.kind {
	case Int, Uint, Float:
		return OfFloat(v.Float()), true
	case String:
		if v.str == "" {
			return Value{}, true
		}
		f, ok := parseDouble(v.str)
		return OfFloat(f), ok && !math.IsInf(f, 0) && !math.IsNaN(f) // a double field holds finite numbers only
	}
	return Value{}, false
}

func coerceBoolean(v Value) (Value, bool) {
	if v.kind == String {
		switch v.str {
		case "true":
			return OfBool(true), true
		case "false", "":
			return OfBool(false), true
		}
	}
	return Value{}, false
}

func coerceDate(v Value, format string) (Value, bool) {
	if v.kind != String && !v.IsNumber() {
		return Value{}, false
	}
	var r DateRange
	var ok bool
	switch {
	case format != "":
		r, ok = ParseDateFormat(v.Text(), format)
	case v.kind == String:
		r, ok = ParseDate(v.str)
	case v.kind == Int:
		return OfDate(InstantOfMilli(v.Int())), true
	case v.kind == Float:
		return instantOfFloat(v.Float())
	}
	return OfDate(r.From), ok
}

// instantOfFloat returns the instant of epoch milliseconds with a fraction.
func instantOfFloat(ms float64) (Value, bool) {
	whole := math.Floor(ms)
	if !(whole >= -1<<63 && whole < 1<<63) { // NaN too
		return Value{}, false
	}
	t := InstantOfMilli(int64(whole))
	t.Nsec += int32((ms - whole) * 1e6) // within the millisecond: no carry
	return OfDate(t), true
}

func coerceIP(v Value) (Value, bool) {
	if v.kind == String {
		if addr, ok := ParseIP(v.str); ok {
			return OfIP(addr), true
		}
	}
	return Value{}, false
}
