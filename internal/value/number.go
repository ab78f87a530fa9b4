package value

import (
	"math"
	"strconv"
	"strings"
)

// OfJSONNumber returns the number that a JSON text writes: an exact integer when
// it is written without a fraction and exponent, a double otherwise. A number
// that no 64-bit integer or double holds, and a text that is no number, is
// OutOfRange.
func OfJSONNumber(text string) Value {
	if !isDecimal(text) {
		return Value{kind: OutOfRange, str: text}
	}
	if strings.ContainsAny(text, ".eE") {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return OfFloat(f)
		}
	} else if v, ok := parseInteger(text); ok {
		return v
	}
	return Value{kind: OutOfRange, str: text}
}

// Text returns what EQL's string() prints: integers plain, doubles as Java
// prints them (42.5, 1.0, 1.0E10), true or false, a date as ISO-8601 in UTC, a
// number out of range as it was written, and "" for null.
func (v Value) Text() string {
	switch v.kind {
	case Bool:
		return strconv.FormatBool(v.Bool())
	case Int:
		return strconv.FormatInt(v.Int(), 10)
	case Uint:
		return strconv.FormatUint(v.num, 10)
	case Float:
		return formatDouble(v.Float())
	case Date:
		return v.Instant().String()
	}
	return v.str
}

// parseInteger reads an integer of 64 bits, with a sign or without.
func parseInteger(s string) (Value, bool) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return OfInt(i), true
	}
	if u, err := strconv.ParseUint(strings.TrimPrefix(s, "+"), 10, 64); err == nil {
		return OfUint(u), true
	}
	return Value{}, false
}

// isDecimal reports whether s is an optional sign, digits with at most one point
// among them, and an optional exponent. Go's own parser reads more: hexadecimal,
// underscores, and words in any case.
func isDecimal(s string) bool {
	s = trimSign(s)
	whole := leadingDigits(s)
	s = s[whole:]
	fraction := 0
	if strings.HasPrefix(s, ".") {
		fraction = leadingDigits(s[1:])
		s = s[1+fraction:]
	}
	if whole+fraction == 0 {
		return false
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	s = trimSign(s[1:])
	return s != "" && leadingDigits(s) == len(s)
}

// trimSign returns s without one leading sign.
func trimSign(s string) string {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[1:]
	}
	return s
}

// leadingDigits returns the number of leading ASCII digits of s.
func leadingDigits(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}

// parseDouble reads a double as Java's Double.valueOf does: with white space
// around it, a suffix d or f, NaN, Infinity, and beyond the range an infinity.
// Its hexadecimal form is not read.
func parseDouble(s string) (float64, bool) {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	switch s {
	case "NaN", "+NaN", "-NaN":
		return math.NaN(), true
	case "Infinity", "+Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	if n := len(s); n > 0 && strings.IndexByte("dDfF", s[n-1]) >= 0 {
		s = s[:n-1]
	}
	if !isDecimal(s) {
		return 0, false
	}
	f, _ := strconv.ParseFloat(s, 64) // of a decimal the only error is the range, with f infinite
	return f, true
}

// formatDouble prints f as Java does: at least one digit on both sides of the
// point, and an exponent below 10^-3 and from 10^7 up.
func formatDouble(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	if a := math.Abs(f); a == 0 || a >= 1e-3 && a < 1e7 {
		s := strconv.FormatFloat(f, 'f', -1, 64)
		if strings.IndexByte(s, '.') < 0 {
			s += ".0"
		}
		return s
	}
	s := strconv.FormatFloat(f, 'E', -1, 64)
	if !strings.Contains(s, ".") {
		// Java looks among the numbers of two digits where one digit would do:
		// the least double is 4.9E-324, not 5.0E-324. The nearest of them reads
		// back as f, for it is no farther from f than the one of one digit.
		s = strconv.FormatFloat(f, 'E', 1, 64)
	}
	mantissa, exponent, _ := strings.Cut(s, "E")
	n, _ := strconv.Atoi(exponent) // drops the plus sign and leading zeros
	return mantissa + "E" + strconv.Itoa(n)
}
