package store

import (
	"math"
	"time"

	"github.com/tripline-sec/tripline/internal/value"
)

// bounds is what some documents hold at the outside, so that who looks for others
// need not read them. Times are microseconds since 1970, rounded down.
type bounds struct {
	Documents   int64  `json:"documents"`
	Bytes       int64  `json:"bytes"` // of the documents themselves
	First       uint64 `json:"first"` // arrival
	Last        uint64 `json:"last"`
	MinTime     int64  `json:"min_time"` // of event time, see Stored.When
	MaxTime     int64  `json:"max_time"`
	MinIngested int64  `json:"min_ingested"`
	MaxIngested int64  `json:"max_ingested"`
}

// add takes one more document in.
func (b *bounds) add(bytes int, arrival uint64, when, ingested int64) {
	b.join(bounds{1, int64(bytes), arrival, arrival, when, when, ingested, ingested})
}

// join takes others in.
func (b *bounds) join(c bounds) {
	switch {
	case c.Documents == 0:
		return
	case b.Documents == 0:
		*b = c
		return
	}
	b.Documents += c.Documents
	b.Bytes += c.Bytes
	b.First, b.Last = min(b.First, c.First), max(b.Last, c.Last)
	b.MinTime, b.MaxTime = min(b.MinTime, c.MinTime), max(b.MaxTime, c.MaxTime)
	b.MinIngested, b.MaxIngested = min(b.MinIngested, c.MinIngested), max(b.MaxIngested, c.MaxIngested)
}

// micros rounds an instant down; what is beyond 292,000 years counts as that.
func micros(t value.Instant) int64 {
	const limit = math.MaxInt64/1_000_000 - 1
	switch {
	case t.Sec > limit:
		return math.MaxInt64
	case t.Sec < -limit:
		return math.MinInt64
	}
	return t.Sec*1_000_000 + int64(t.Nsec)/1000
}

// instantOfMicros is the instant of microseconds and the nanoseconds beyond them.
func instantOfMicros(us int64, ns int32) value.Instant {
	sec, rest := us/1_000_000, us%1_000_000
	if rest < 0 {
		sec, rest = sec-1, rest+1_000_000
	}
	return value.Instant{Sec: sec, Nsec: int32(rest)*1000 + ns}
}

// whenMicros is Stored.When, rounded.
func whenMicros(t value.Instant, timed bool, ingested int64) int64 {
	if timed {
		return micros(t)
	}
	return ingested
}

func timeOfMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }

// bounds are those of a batch whose first document has a number.
func (b *batch) bounds(first uint64) bounds {
	var out bounds
	for i := range b.docs {
		d := &b.docs[i]
		out.add(0, first+uint64(i), whenMicros(d.time, d.timed, b.ingested), b.ingested)
	}
	for i := range b.pages {
		out.Bytes += int64(b.pages[i].size - 4*b.pages[i].docs)
	}
	return out
}
