package ruletest

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// units are those of an offset, longest names first, so that "ms" is not read
// as minutes.
var units = []struct {
	name string
	is   time.Duration
}{
	{"ns", time.Nanosecond},
	{"us", time.Microsecond},
	{"µs", time.Microsecond},
	{"ms", time.Millisecond},
	{"s", time.Second},
	{"m", time.Minute},
	{"h", time.Hour},
	{"d", 24 * time.Hour},
}

const offsetHint = "write a time from the start of the test, such as +0s, +20ms, +1.5s or +1m30s; units are ns us ms s m h d"

// parseOffset reads +20ms, +1m30s, -5s.
func parseOffset(word string) (time.Duration, error) {
	sign, rest := time.Duration(1), word
	switch {
	case strings.HasPrefix(word, "+"):
		rest = word[1:]
	case strings.HasPrefix(word, "-"):
		sign, rest = -1, word[1:]
	default:
		return 0, fmt.Errorf("%q is no offset: it starts with neither + nor -", word)
	}
	var total time.Duration
	for first := true; first || rest != ""; first = false {
		end := 0
		for end < len(rest) && (rest[end] >= '0' && rest[end] <= '9' || rest[end] == '.') {
			end++
		}
		unit, ok := unitOf(rest[end:])
		switch {
		case end == 0:
			return 0, fmt.Errorf("%q is no offset: a number is missing", word)
		case end == len(rest):
			return 0, fmt.Errorf("%q is no offset: the unit is missing", word)
		case !ok:
			return 0, fmt.Errorf("%q is no offset: %q is no unit", word, strings.TrimLeft(rest[end:], "0123456789."))
		}
		part, ok := times(rest[:end], units[unit].is)
		if !ok || total+part < total {
			return 0, fmt.Errorf("%q is no offset: the number can not be read, or is too large", word)
		}
		total += part
		rest = rest[end+len(units[unit].name):]
	}
	return sign * total, nil
}

// unitOf returns the unit that a text begins with. What follows must be a
// number or the end.
func unitOf(text string) (int, bool) {
	for i, u := range units {
		after, ok := strings.CutPrefix(text, u.name)
		if ok && (after == "" || after[0] >= '0' && after[0] <= '9') {
			return i, true
		}
	}
	return 0, false
}

// times multiplies a decimal number, exactly as far as nanoseconds go.
func times(number string, unit time.Duration) (time.Duration, bool) {
	whole, fraction, _ := strings.Cut(number, ".")
	if whole == "" && fraction == "" {
		return 0, false
	}
	var n int64
	if whole != "" {
		var err error
		if n, err = strconv.ParseInt(whole, 10, 64); err != nil || n > math.MaxInt64/4/int64(unit) {
			return 0, false
		}
	}
	total := time.Duration(n) * unit
	if fraction == "" {
		return total, true
	}
	f, err := strconv.ParseFloat("0."+fraction, 64)
	if err != nil {
		return 0, false
	}
	return total + time.Duration(math.Round(f*float64(unit))), true
}

// formatOffset writes an offset so that it is read back exactly.
func formatOffset(d time.Duration) string {
	sign := "+"
	if d < 0 {
		sign, d = "-", -max(d, -math.MaxInt64)
	}
	switch {
	case d == 0:
		return sign + "0s"
	case d < time.Second:
		return sign + decimal(d, time.Millisecond) + "ms"
	case d < time.Minute:
		return sign + decimal(d, time.Second) + "s"
	case d < time.Hour:
		return sign + parts(d, time.Minute, "m")
	}
	return sign + parts(d, time.Hour, "h")
}

// parts writes how many units there are, and what is left over.
func parts(d, unit time.Duration, name string) string {
	text := strconv.FormatInt(int64(d/unit), 10) + name
	if rest := d % unit; rest > 0 {
		text += strings.TrimPrefix(formatOffset(rest), "+")
	}
	return text
}

// decimal writes d as a decimal number of units, all its digits.
func decimal(d, unit time.Duration) string {
	text := strconv.FormatInt(int64(d/unit), 10)
	if rest := d % unit; rest > 0 {
		digits := strconv.FormatInt(int64(unit+rest), 10)[1:]
		text += "." + strings.TrimRight(digits, "0")
	}
	return text
}
