package rule

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// DateMath is an expression of Kibana's date math, such as now-9m or
// 2025-01-31||+1M/d: a base and steps applied from left to right.
type DateMath struct {
	base  time.Time // the zero time means now
	steps []step
}

// step adds count units, or rounds down to the unit when round is
// set.
type step struct {
	round bool
	count int64
	unit  string
}

const dateMathHint = "write date math such as now, now-9m or now-1d/d; the units are ms, s, m, h, d, w, M, y"

var dateForms = []string{
	"2006", "2006-01", "2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", time.RFC3339,
	"2006-01-02T15:04:05Z0700",
}

// ParseDateMath reads an expression:
//
//	expr = ("now" | date "||" | date) { op }
//	op   = ("+" | "-") [digits] unit | "/" ["1"] unit
//	unit = "ms" | "s" | "m" | "h" | "d" | "w" | "M" | "y"
//
// A number left out is 1; a number needs a unit; a date alone has no steps.
func ParseDateMath(s string) (DateMath, error) {
	var d DateMath
	steps, isNow := strings.CutPrefix(s, "now")
	if !isNow {
		var date string
		date, steps, _ = strings.Cut(s, "||")
		ok := false
		for _, form := range dateForms {
			if t, err := time.Parse(form, date); err == nil {
				d.base, ok = t.UTC(), true
			}
		}
		if !ok {
			return DateMath{}, fmt.Errorf("%s is no date math: it starts with neither now nor a date", quote(s))
		}
	}
	for steps != "" {
		var err error
		var st step
		if st, steps, err = parseStep(steps); err != nil {
			return DateMath{}, fmt.Errorf("%s is no date math: %w", quote(s), err)
		}
		d.steps = append(d.steps, st)
	}
	return d, nil
}

func parseStep(s string) (st step, rest string, err error) {
	op := s[0]
	if op != '+' && op != '-' && op != '/' {
		return step{}, "", fmt.Errorf("%q is no operator", firstRune(s))
	}
	rest = strings.TrimLeft(s[1:], "0123456789")
	digits := s[1 : len(s)-len(rest)]
	st = step{round: op == '/', count: 1}
	if digits != "" {
		if len(digits) > 10 {
			return step{}, "", fmt.Errorf("the number %s is too large", quote(digits))
		}
		st.count, _ = strconv.ParseInt(digits, 10, 64) // at most ten digits
	}
	if st.round && st.count != 1 {
		return step{}, "", errors.New("/ rounds to one unit, not to several")
	}
	for _, unit := range []string{"ms", "s", "m", "h", "d", "w", "M", "y"} { // ms before m
		if after, ok := strings.CutPrefix(rest, unit); ok {
			st.unit = unit
			if op == '-' {
				st.count = -st.count
			}
			return st, after, nil
		}
	}
	if rest == "" {
		return step{}, "", errors.New("a unit is missing at the end")
	}
	return step{}, "", fmt.Errorf("%q is no unit", firstRune(rest))
}

func firstRune(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

// At returns the instant that the expression means when it is now. Everything is
// reckoned in UTC; a week starts on Sunday, Kibana's default; adding months or
// years keeps the day or takes the month's last.
func (d DateMath) At(now time.Time) time.Time {
	t := d.base
	if t.IsZero() {
		t = now.UTC()
	}
	for _, st := range d.steps {
		if st.round {
			t = floor(t, st.unit)
		} else {
			t = add(t, st.count, st.unit)
		}
	}
	return t
}

// IsNow reports whether the expression reckons from now and not from a date.
func (d DateMath) IsNow() bool { return d.base.IsZero() }

func add(t time.Time, n int64, unit string) time.Time {
	switch unit {
	case "ms":
		return t.Add(time.Duration(n) * time.Millisecond)
	case "s":
		return addSeconds(t, n)
	case "m":
		return addSeconds(t, 60*n)
	case "h":
		return addSeconds(t, 3600*n)
	case "d":
		return addSeconds(t, 86400*n)
	case "w":
		return addSeconds(t, 7*86400*n)
	case "y":
		n *= 12
	}
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	last := time.Date(first.Year(), first.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// addSeconds adds more seconds than a time.Duration may hold.
func addSeconds(t time.Time, n int64) time.Time {
	return time.Unix(t.Unix()+n, int64(t.Nanosecond())).UTC()
}

func floor(t time.Time, unit string) time.Time {
	y, m, d := t.Date()
	switch unit {
	case "y":
		return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
	case "M":
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	case "w":
		return time.Date(y, m, d-int(t.Weekday()), 0, 0, 0, 0, time.UTC)
	case "d":
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	case "h":
		return time.Date(y, m, d, t.Hour(), 0, 0, 0, time.UTC)
	case "m":
		return time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, time.UTC)
	case "s":
		return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	}
	return t.Truncate(time.Millisecond)
}

// widest is the last moment of a second, a day, a week, a month and a year at
// once: a window that starts at a rounded time is never wider than then.
var widest = time.Date(2022, 12, 31, 23, 59, 59, 999_000_000, time.UTC)

// windowWidth returns how wide the window is at its widest. It is known when
// both ends reckon from now, or neither does.
func windowWidth(from, to DateMath) (width time.Duration, known bool) {
	if from.IsNow() != to.IsNow() {
		return 0, false
	}
	// A window from now/d to now lacks one millisecond of its day.
	return to.At(widest).Sub(from.At(widest)) + time.Millisecond, true
}
