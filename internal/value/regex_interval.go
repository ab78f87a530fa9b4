package value

import (
	"strconv"
	"strings"
)

// maxIntervalDigits is the number of digits of the largest 64-bit integer.
const maxIntervalDigits = 19

// interval reads <a-b>.
func (t *translator) interval() (node, error) {
	start := t.pos
	text, _, ok := strings.Cut(t.pattern[t.pos+1:], ">")
	if !ok {
		return node{}, t.fail(start, "unclosed %q", "<")
	}
	t.pos += len(text) + 2
	low, high, ok := strings.Cut(text, "-")
	if !ok || !isNumeric(low) || !isNumeric(high) {
		return node{}, t.fail(start, "<%s> is not a numeric interval", text)
	}
	if max(len(low), len(high)) > maxIntervalDigits {
		return node{}, t.fail(start, "a numeric interval of more than %d digits", maxIntervalDigits)
	}
	w := intervalWriter{}
	zeros := ""
	if len(low) != len(high) {
		zeros = "0*" // the number of digits is free
		low, high = trimZeros(low), trimZeros(high)
	}
	if len(low) > len(high) || len(low) == len(high) && low > high {
		low, high = high, low // as in Lucene
	}
	// One range for each number of digits.
	for len(low) < len(high) {
		w.digits("", low, strings.Repeat("9", len(low)))
		low = "1" + strings.Repeat("0", len(low))
	}
	w.digits("", low, high)
	return node{re: zeros + "(?:" + strings.Join(w.alternatives, "|") + ")", size: w.size + 1}, nil
}

// trimZeros takes leading zeros off, but not the last digit.
func trimZeros(s string) string {
	if s = strings.TrimLeft(s, "0"); s == "" {
		return "0"
	}
	return s
}

// intervalWriter collects alternatives that together match the numbers of an
// interval.
type intervalWriter struct {
	alternatives []string
	size         int
}

// digits adds the numbers from low to high, which have the same number of
// digits, each after the given prefix.
func (w *intervalWriter) digits(prefix, low, high string) {
	n := len(low)
	switch {
	case low == strings.Repeat("0", n) && high == strings.Repeat("9", n):
		w.add(prefix, "[0-9]{"+strconv.Itoa(n)+"}", n)
		return
	case n == 1:
		w.add(prefix, "["+low+"-"+high+"]", 1)
		return
	case low[0] == high[0]:
		w.digits(prefix+low[:1], low[1:], high[1:])
		return
	}
	// The first digit splits the interval in three: the rest from low on, all
	// rests, the rest up to high.
	first, last := low[0], high[0]
	if rest := low[1:]; rest != strings.Repeat("0", n-1) {
		w.digits(prefix+string(first), rest, strings.Repeat("9", n-1))
		first++
	}
	rest := high[1:]
	whole := rest == strings.Repeat("9", n-1)
	if !whole {
		last--
	}
	if first <= last {
		w.add(prefix, "["+string(first)+"-"+string(last)+"][0-9]{"+strconv.Itoa(n-1)+"}", n)
	}
	if !whole {
		w.digits(prefix+high[:1], strings.Repeat("0", n-1), rest)
	}
}

func (w *intervalWriter) add(prefix, re string, size int) {
	w.alternatives = append(w.alternatives, prefix+re)
	w.size += len(prefix) + size
}
