package value

import (
	"strconv"
	"strings"
	"time"
)

// ParseDate reads a date as Elasticsearch reads one for a date field without a
// format of its own: strict_date_optional_time, else epoch_millis.
//
//	2017   2017-08   2017-08-30   2017-08-30T20   ...T20:47   ...T20:47:33
//	...T20:47:33.349   a fraction of 1 to 9 digits after '.' or ','
//	each time may end in Z, +hh:mm, +hhmm or +hh; without, it is UTC
//	1516116808349   digits, but not four: milliseconds since the epoch
func ParseDate(s string) (DateRange, bool) {
	if r, ok := parseISO(s); ok {
		return r, true
	}
	return parseEpochMilli(s)
}

// parseEpochMilli reads milliseconds since the epoch, with up to 6 decimals.
func parseEpochMilli(s string) (DateRange, bool) {
	text, frac, hasFrac := strings.Cut(s, ".")
	ms, ok := parseDigits(text)
	if !ok {
		return DateRange{}, false
	}
	r := millisecond(ms)
	if !hasFrac {
		return r, true
	}
	ns, ok := fraction(frac, 6)
	if !ok {
		return DateRange{}, false
	}
	if strings.HasPrefix(text, "-") {
		ns = -ns
	}
	return exactly(r.From.add(0, ns)), true
}

// parseDigits reads digits, which a minus may precede.
func parseDigits(s string) (int64, bool) {
	if !isNumeric(strings.TrimPrefix(s, "-")) {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// fraction reads decimals as a count of units of ten to the minus digits.
func fraction(s string, digits int) (int64, bool) {
	if len(s) > digits || !isNumeric(s) {
		return 0, false
	}
	n, err := strconv.ParseInt(s+strings.Repeat("0", digits-len(s)), 10, 64)
	return n, err == nil
}

func exactly(t Instant) DateRange { return DateRange{From: t, To: t} }

// add returns t moved by whole seconds and by less than a second either way.
func (t Instant) add(sec, nsec int64) Instant {
	sec, nsec = t.Sec+sec, int64(t.Nsec)+nsec
	switch {
	case nsec < 0:
		sec, nsec = sec-1, nsec+1e9
	case nsec >= 1e9:
		sec, nsec = sec+1, nsec-1e9
	}
	return Instant{Sec: sec, Nsec: int32(nsec)} //nolint:gosec // 0 to 999,999,999
}

// parseISO reads strict_date_optional_time.
func parseISO(s string) (DateRange, bool) {
	p := dateScanner{rest: s}
	d := newDateParts()
	if !d.take(&p, year, 4) {
		return DateRange{}, false
	}
	for _, part := range [...]datePart{month, day} {
		if p.rest == "" {
			return d.span()
		}
		if !p.literal("-") || !d.take(&p, part, 2) {
			return DateRange{}, false
		}
	}
	if p.rest == "" || p.rest == "T" {
		return d.span()
	}
	before := "T"
	for _, part := range [...]datePart{hour, minute, second} {
		if !p.literal(before) {
			break
		}
		if !d.take(&p, part, 2) {
			return DateRange{}, false
		}
		before = ":"
	}
	if d.finest < hour {
		return DateRange{}, false
	}
	if d.finest == second && (p.literal(".") || p.literal(",")) && !d.takeFraction(&p, 1, 9) {
		return DateRange{}, false
	}
	if p.rest != "" && !d.takeZone(&p) || p.rest != "" {
		return DateRange{}, false
	}
	return d.span()
}

// datePart is a part of a written date, from coarse to fine.
type datePart int

const (
	year datePart = iota
	month
	day
	hour
	minute
	second
	nano
	dateParts // how many there are
)

// dateFields are the parts of a date as it is read.
type dateFields struct {
	value   [dateParts]int
	finest  datePart // the finest part written
	digits  int      // of the fraction
	yearDay int      // day of the year; 0 is none
	offset  int      // seconds east of UTC
	half    half
}

// half is a half of a day, for hours of 1 to 12.
type half int

const (
	wholeDay half = iota // hours are of 0 to 23
	beforeNoon
	afterNoon
)

func newDateParts() dateFields {
	return dateFields{value: [dateParts]int{year: 1970, month: 1, day: 1}}
}

func (d *dateFields) set(part datePart, n int) {
	d.value[part] = n
	d.finest = max(d.finest, part)
}

// take reads exactly digits digits for a part.
func (d *dateFields) take(p *dateScanner, part datePart, digits int) bool {
	n, _, ok := p.number(digits, digits)
	if ok {
		d.set(part, n)
	}
	return ok
}

// takeFraction reads the decimals of a second.
func (d *dateFields) takeFraction(p *dateScanner, least, most int) bool {
	n, digits, ok := p.number(least, most)
	if !ok {
		return false
	}
	d.digits = digits
	for ; digits < 9; digits++ {
		n *= 10
	}
	d.set(nano, n)
	return true
}

// takeZone reads Z, +hh:mm, +hhmm or +hh.
func (d *dateFields) takeZone(p *dateScanner) bool {
	if p.literal("Z") {
		return true
	}
	sign := 1
	switch {
	case p.literal("+"):
	case p.literal("-"):
		sign = -1
	default:
		return false
	}
	hours, _, ok := p.number(2, 2)
	if !ok {
		return false
	}
	colon := p.literal(":")
	minutes, _, ok := p.number(2, 2)
	if colon && !ok || minutes > 59 || hours*60+minutes > 18*60 {
		return false
	}
	d.offset = sign * (hours*60 + minutes) * 60
	return true
}

// span returns the time that the parts mean, if there is such a date.
func (d *dateFields) span() (DateRange, bool) {
	v := d.value
	if v[hour] > 23 || v[minute] > 59 || v[second] > 59 {
		return DateRange{}, false
	}
	if d.half != wholeDay {
		v[hour] %= 12
		if d.half == afterNoon {
			v[hour] += 12
		}
	}
	if d.yearDay > 0 {
		v[month], v[day] = 1, d.yearDay
	}
	at := func(v [dateParts]int) time.Time {
		return time.Date(v[year], time.Month(v[month]), v[day], v[hour], v[minute], v[second], v[nano], time.UTC)
	}
	from := at(v)
	switch { // time.Date takes the 30th of February for a day in March
	case d.yearDay > 0 && from.Year() != v[year],
		d.yearDay == 0 && (from.Month() != time.Month(v[month]) || from.Day() != v[day]):
		return DateRange{}, false
	}
	first := InstantOfTime(from).add(int64(-d.offset), 0)
	if d.finest == nano {
		if d.digits > 3 {
			return exactly(first), true
		}
		return DateRange{From: first, To: first.add(0, 999_999)}, true
	}
	v[d.finest]++
	next := InstantOfTime(at(v)).add(int64(-d.offset), 0)
	return DateRange{From: first, To: next.add(0, -1)}, true
}

// dateScanner reads a date from the left.
type dateScanner struct{ rest string }

func (p *dateScanner) literal(s string) bool {
	rest, ok := strings.CutPrefix(p.rest, s)
	if ok {
		p.rest = rest
	}
	return ok
}

// number reads as many digits as there are, from least to most, which is no
// more than nine.
func (p *dateScanner) number(least, most int) (n, digits int, ok bool) {
	for digits < most && digits < len(p.rest) {
		c := p.rest[digits]
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int(c-'0')
		digits++
	}
	if digits < least {
		return 0, 0, false
	}
	p.rest = p.rest[digits:]
	return n, digits, true
}
