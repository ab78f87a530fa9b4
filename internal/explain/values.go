package explain

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// How much of what stands in documents and queries one line shows.
const (
	mostText   = 60 // characters of one value
	mostValues = 6  // values of one field
	mostWanted = 12 // constants of one clause
)

// wanted lists what a clause wants. Where a single value nearly is one of them,
// that one is named and the others are counted.
func wanted(values []value.Value, wants []string) string {
	best, same := likeliest(values, wants)
	switch others := len(wants) - 1; {
	case best == "":
		return oneOf(wants)
	case same:
		return best + " (letter case differs)"
	case others == 0:
		return best
	case others == 1:
		return best + " or one other"
	default:
		return fmt.Sprintf("%s or one of %d others", best, others)
	}
}

// standsIn reports whether a name begins or ends with a shorter one, such as
// ruby3.1 with ruby and gawk with awk. Two letters must stand apart: nc.openbsd
// begins with nc, nclient does not.
func standsIn(short, name string) bool {
	before, ends := strings.CutSuffix(name, short)
	after, begins := strings.CutPrefix(name, short)
	if len(short) > 2 {
		return begins || ends
	}
	letter := func(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }
	return len(short) == 2 && (name == short || ends && !letter(before[len(before)-1:]) || begins && !letter(after[:1]))
}

// likeliest returns the constant that stands in a field's only value, the longest
// such, whatever the letter case; same says that it is all of the value.
func likeliest(values []value.Value, wants []string) (best string, same bool) {
	if len(values) != 1 {
		return "", false
	}
	has, like := strings.ToLower(values[0].Text()), ""
	for _, w := range wants {
		text, err := strconv.Unquote(w)
		text = strings.ToLower(strings.Trim(text, "*"))
		if err == nil && len(text) > len(like) && standsIn(text, has) {
			best, like = w, text
		}
	}
	return best, like == has
}

// nearly reports whether a plain leaf fails on a value that nearly is one that
// it wants.
func nearly(t *reference.Truth) bool {
	if len(t.Seen) != 1 || !isPlain(t.Expr) {
		return false
	}
	best, _ := likeliest(t.Seen[0].Values, constants(t.Expr))
	return best != ""
}

// oneOf lists constants: `"a"`, or `one of "a", "b"`.
func oneOf(all []string) string {
	if len(all) == 1 {
		return all[0]
	}
	more := ""
	if len(all) > mostWanted {
		more = fmt.Sprintf(" and %d more", len(all)-mostWanted)
		all = all[:mostWanted]
	}
	return "one of " + strings.Join(all, ", ") + more
}

// Values shows the values of a field: absent, one, or a list of them.
func Values(values []value.Value) string {
	switch len(values) {
	case 0:
		return "absent"
	case 1:
		return one(values[0])
	}
	var all []string
	for i, v := range values {
		if i == mostValues {
			all = append(all, fmt.Sprintf("%d more", len(values)-i))
			break
		}
		all = append(all, one(v))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// one shows a value: text in quotes, cut where it is long.
func one(v value.Value) string {
	switch v.Kind() {
	case value.Null:
		return "null"
	case value.String, value.IP, value.Version, value.Date:
		text := v.Text()
		if runes := []rune(text); len(runes) > mostText {
			text = string(runes[:mostText]) + "..."
		}
		return strconv.Quote(text)
	}
	return v.Text()
}

// Span writes a length of time. It is rounded, but never to a round number that
// it is not: beside a maxspan of 1s, a nanosecond more must be seen.
func Span(d time.Duration) string {
	switch {
	case d >= time.Minute:
		return d.Round(time.Millisecond).String()
	case d >= time.Second:
		return rounded(d, time.Second, 3, 9) + " s"
	case d < 10*time.Millisecond:
		return rounded(d, time.Millisecond, 3, 6) + " ms"
	}
	return rounded(d, time.Millisecond, 1, 6) + " ms"
}

func rounded(d, unit time.Duration, places, most int) string {
	text := trim(float64(d)/float64(unit), places)
	if !strings.Contains(text, ".") && d%unit != 0 {
		return trim(float64(d)/float64(unit), most)
	}
	return text
}

func trim(f float64, places int) string {
	text := strconv.FormatFloat(f, 'f', places, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}
