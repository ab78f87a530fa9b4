package stream

import "time"

// Nanoseconds.
const (
	millisecond = int64(time.Millisecond)
	second      = int64(time.Second)
	day         = 86_400 * second
)

// appendTime writes an instant, in nanoseconds since 1970, as Elastic Defend does,
// with nine decimals.
func appendTime(dst []byte, at int64) []byte {
	return append(appendFraction(appendSecond(dst, at), at), 'Z')
}

// appendFraction writes the part of an instant below the second: a point and nine
// digits.
func appendFraction(dst []byte, at int64) []byte {
	ns := at % second
	dst = append(dst, ".000000000"...)
	for i := len(dst) - 1; ns > 0; i-- {
		dst[i] = byte('0' + ns%10)
		ns /= 10
	}
	return dst
}

// appendSecond writes an instant up to its second, without a zone.
func appendSecond(dst []byte, at int64) []byte {
	dst = append(appendDate(dst, at, 0), 'T')
	s := int(at % day / second)
	dst = append(appendTwo(dst, s/3600), ':')
	dst = append(appendTwo(dst, s/60%60), ':')
	return appendTwo(dst, s%60)
}

// appendDate writes the date some days before an instant.
func appendDate(dst []byte, at int64, daysBefore int) []byte {
	year, month, dayOfMonth := civil(int(at/day) - daysBefore)
	dst = append(appendTwo(appendTwo(dst, year/100), year%100), '-')
	dst = append(appendTwo(dst, month), '-')
	return appendTwo(dst, dayOfMonth)
}

func appendTwo(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// civil is the date of a day counted from 1970-01-01 (Gregorian calendar, in years
// that begin in March, so that the leap day is the last).
func civil(days int) (year, month, dayOfMonth int) {
	days += 719_468 // since 0000-03-01
	era := days / 146_097
	ofEra := days % 146_097
	yearOfEra := (ofEra - ofEra/1460 + ofEra/36_524 - ofEra/146_096) / 365
	ofYear := ofEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*ofYear + 2) / 153
	dayOfMonth = ofYear - (153*m+2)/5 + 1
	month = m + 3
	if month > 12 {
		month -= 12
	}
	year = yearOfEra + era*400
	if month <= 2 {
		year++
	}
	return year, month, dayOfMonth
}

// clock gives the times of events, in order, over a stretch of time: in bursts, of
// which the events follow each other closely, and pauses.
type clock struct {
	*dice
	start int64
	step  float64 // the mean time between two events
	count int     // times given
	last  int64
}

// next returns the time of the next event. One of a burst follows soon; no event
// is later than an even stream would have it, so that the stretch is kept.
func (c *clock) next(burst bool) int64 {
	due := c.start + int64((float64(c.count)+c.unit())*c.step)
	c.count++
	if burst {
		soon := c.last + 20_000 + int64(c.unit()*c.unit()*float64(4*millisecond))
		due = min(due, soon)
	}
	c.last = max(c.last, due)
	return c.last
}
