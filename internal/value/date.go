package value

import (
	"cmp"
	"fmt"
	"math"
	"time"
)

// InstantOfTime returns t as an Instant.
func InstantOfTime(t time.Time) Instant {
	return Instant{Sec: t.Unix(), Nsec: int32(t.Nanosecond())} //nolint:gosec // 0 to 999,999,999
}

// InstantOfMilli returns the instant ms milliseconds after the Unix epoch.
func InstantOfMilli(ms int64) Instant {
	sec, rest := ms/1000, ms%1000
	if rest < 0 {
		sec, rest = sec-1, rest+1000
	}
	return Instant{Sec: sec, Nsec: int32(rest * 1e6)} //nolint:gosec // below 1e9
}

// Compare returns -1, 0 or 1 as t lies before, at or after u.
func (t Instant) Compare(u Instant) int {
	if c := cmp.Compare(t.Sec, u.Sec); c != 0 {
		return c
	}
	return cmp.Compare(t.Nsec, u.Nsec)
}

// UnixMilli returns the last whole millisecond since the Unix epoch that is not
// after t, held within 64 bits.
func (t Instant) UnixMilli() int64 {
	switch {
	case t.Compare(InstantOfMilli(math.MaxInt64)) >= 0:
		return math.MaxInt64
	case t.Compare(InstantOfMilli(math.MinInt64)) <= 0:
		return math.MinInt64
	}
	return t.Sec*1000 + int64(t.Nsec)/1e6 // the product may wrap around, the sum is back in range
}

// Sub returns t - u. A difference that a time.Duration can not hold, about 292
// years, becomes the longest one it can.
func (t Instant) Sub(u Instant) time.Duration {
	const limit, rest = int64(math.MaxInt64) / 1e9, int64(math.MaxInt64) % 1e9 // of the longest duration
	sec, nsec := t.Sec-u.Sec, int64(t.Nsec)-int64(u.Nsec)
	if (sec < 0) != (t.Sec < u.Sec) { // the difference of seconds itself overflowed
		if t.Sec > u.Sec {
			return math.MaxInt64
		}
		return math.MinInt64
	}
	switch { // give both parts one sign
	case sec > 0 && nsec < 0:
		sec, nsec = sec-1, nsec+1e9
	case sec < 0 && nsec > 0:
		sec, nsec = sec+1, nsec-1e9
	}
	switch {
	case sec > limit || sec == limit && nsec > rest:
		return math.MaxInt64
	case sec < -limit || sec == -limit && nsec < -rest-1:
		return math.MinInt64
	}
	return time.Duration(sec*1e9 + nsec)
}

// Time returns t as a time in UTC.
func (t Instant) Time() time.Time { return time.Unix(t.Sec, int64(t.Nsec)).UTC() }

// String writes t as Elasticsearch does: ISO 8601 in UTC with 3 decimals, or 6
// or 9 where the instant needs them.
func (t Instant) String() string {
	u := t.Time()
	layout := "-01-02T15:04:05.000Z"
	switch {
	case t.Nsec%1e3 != 0:
		layout = "-01-02T15:04:05.000000000Z"
	case t.Nsec%1e6 != 0:
		layout = "-01-02T15:04:05.000000Z"
	}
	year := "%04d"
	switch y := u.Year(); {
	case y > 9999:
		year = "+%d"
	case y < 0:
		year = "%05d" // the sign takes one place
	}
	return fmt.Sprintf(year, u.Year()) + u.Format(layout)
}

// DateRange is the time that a written date means: from its first nanosecond to
// its last, both included. "2017-08" is a month, "2017-08-30T20:47:33Z" a
// second.
//
// Elasticsearch looks a date up as the range of the unit written, and holds
// dates at the millisecond. So a fraction of up to three digits, and an epoch
// number of milliseconds, is that one millisecond; more digits mean one
// nanosecond.
type DateRange struct{ From, To Instant }

// Compare returns -1 when t lies before the range, 1 when it lies after it and
// 0 when it lies within. By this the end of the unit counts for > and <=, its
// start for < and >=, and == means the whole unit, as in Elasticsearch.
func (r DateRange) Compare(t Instant) int {
	switch {
	case t.Compare(r.From) < 0:
		return -1
	case t.Compare(r.To) > 0:
		return 1
	}
	return 0
}

func millisecond(ms int64) DateRange {
	from := InstantOfMilli(ms)
	return DateRange{From: from, To: Instant{Sec: from.Sec, Nsec: from.Nsec + 999_999}}
}
