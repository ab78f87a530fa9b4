package value

import (
	"strings"
	"time"
)

// patternMatcher reads a date by a Java pattern.
type patternMatcher struct {
	lenient     bool // leading zeros may lack
	anyFraction bool // a fraction has 1 to 9 digits, however many S there are
}

// match reports whether the pattern reads all of p, and fills d. An optional
// part in brackets is tried first and then done without.
func (m patternMatcher) match(pattern string, p dateScanner, d *dateFields) bool {
	for pattern != "" {
		c := pattern[0]
		switch {
		case c == '[':
			inner, rest, ok := cutOptional(pattern)
			if !ok {
				return false
			}
			with := *d
			if m.match(inner+rest, p, &with) {
				*d = with
				return true
			}
			pattern = rest
		case c == '\'':
			text, rest, ok := cutQuoted(pattern)
			if !ok || !p.literal(text) {
				return false
			}
			pattern = rest
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
			rest := strings.TrimLeft(pattern, pattern[:1])
			if !m.letter(c, len(pattern)-len(rest), &p, d) {
				return false
			}
			pattern = rest
		default:
			if !p.literal(pattern[:1]) {
				return false
			}
			pattern = pattern[1:]
		}
	}
	return p.rest == ""
}

// cutOptional splits a pattern that begins with a bracket into what the bracket
// holds and what follows it.
func cutOptional(pattern string) (inner, rest string, ok bool) {
	depth, quoted := 0, false
	for i := range len(pattern) {
		switch c := pattern[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '[':
			depth++
		case c == ']':
			if depth--; depth == 0 {
				return pattern[1:i], pattern[i+1:], true
			}
		}
	}
	return "", "", false
}

// cutQuoted reads quoted text at the start of a pattern; two quotes are a quote.
func cutQuoted(pattern string) (text, rest string, ok bool) {
	if rest, ok = strings.CutPrefix(pattern, "''"); ok {
		return "'", rest, true
	}
	var b strings.Builder
	for i := 1; i < len(pattern); i++ {
		if pattern[i] != '\'' {
			b.WriteByte(pattern[i])
			continue
		}
		if i+1 == len(pattern) || pattern[i+1] != '\'' {
			return b.String(), pattern[i+1:], true
		}
		b.WriteByte('\'')
		i++
	}
	return "", "", false
}

// letter reads what count times the letter c stands for.
func (m patternMatcher) letter(c byte, count int, p *dateScanner, d *dateFields) bool {
	switch c {
	case 'y', 'u':
		return m.year(count, p, d)
	case 'M', 'L':
		if count > 2 {
			return monthName(count, p, d)
		}
		return m.number(month, count, p, d)
	case 'd':
		return m.number(day, count, p, d)
	case 'H':
		return m.number(hour, count, p, d)
	case 'm':
		return m.number(minute, count, p, d)
	case 's':
		return m.number(second, count, p, d)
	case 'D':
		return m.dayOfYear(count, p, d)
	case 'h':
		return m.number(hour, count, p, d) && d.value[hour] >= 1 && d.value[hour] <= 12
	case 'a':
		return d.takeHalf(p)
	case 'S':
		if m.anyFraction {
			return d.takeFraction(p, 1, 9)
		}
		return count <= 9 && d.takeFraction(p, count, count)
	case 'E':
		return weekdayName(count, p)
	case 'X', 'x', 'Z':
		return d.takeZone(p)
	}
	return false
}

// number reads a part: one letter stands for as many digits as there are, two
// letters for two digits.
func (m patternMatcher) number(part datePart, count int, p *dateScanner, d *dateFields) bool {
	if count > 2 {
		return false
	}
	least := count
	if m.lenient {
		least = 1
	}
	n, _, ok := p.number(least, 2)
	if ok {
		d.set(part, n)
	}
	return ok
}

func (m patternMatcher) year(count int, p *dateScanner, d *dateFields) bool {
	least, most := count, max(count, 4)
	switch {
	case count == 2:
		most = 2
	case count > 9:
		return false
	case m.lenient:
		least = 1
	}
	n, _, ok := p.number(least, most)
	if !ok {
		return false
	}
	if count == 2 {
		n += 2000 // as Java reads two digits
	}
	d.set(year, n)
	return true
}

func (m patternMatcher) dayOfYear(count int, p *dateScanner, d *dateFields) bool {
	least := count
	if m.lenient {
		least = 1
	}
	n, _, ok := p.number(least, 3)
	if !ok || n == 0 {
		return false
	}
	d.yearDay = n
	d.set(day, n)
	return true
}

// takeHalf reads AM or PM.
func (d *dateFields) takeHalf(p *dateScanner) bool {
	switch {
	case p.literal("AM"):
		d.half = beforeNoon
	case p.literal("PM"):
		d.half = afterNoon
	default:
		return false
	}
	return true
}

// monthName reads the name of a month in English: three letters of it for three
// letters in the pattern, the whole for four.
func monthName(count int, p *dateScanner, d *dateFields) bool {
	for n := time.January; n <= time.December; n++ {
		if p.literal(shortened(n.String(), count)) {
			d.set(month, int(n))
			return true
		}
	}
	return false
}

// weekdayName reads the name of a day, which adds nothing to the date.
func weekdayName(count int, p *dateScanner) bool {
	for n := time.Sunday; n <= time.Saturday; n++ {
		if p.literal(shortened(n.String(), count)) {
			return true
		}
	}
	return false
}

func shortened(name string, count int) string {
	if count < 4 {
		return name[:3]
	}
	return name
}
