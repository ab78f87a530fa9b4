package order

import (
	"cmp"
	"math"
	"unsafe"

	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// record is an event's place in the order, without pointers. Most events without
// a hit are no more than that here.
type record struct {
	sec     int64
	nsec    int32  // -1 = no time; sec is then the least there is
	extra   uint32 // its flags, and where its body is in the chunk, from 1; 0 = it has none
	arrival uint64
	agent   uint64 // 0 = it holds no place among those of an agent
	seq     int64  // event.sequence, if it is an Int
}

const recordBytes = int64(unsafe.Sizeof(record{}))

// What extra says beside the number of the body. Only an event with a body has flags.
const (
	tiebroken   uint32 = 1 << 31 // it has a tiebreaker
	oddSequence uint32 = 1 << 30 // it holds a place by an event.sequence that is no Int
	bodyNumber         = oddSequence - 1
)

// set makes r the record of an event, without its body.
func (r *record) set(e *sequence.Event) {
	r.sec, r.nsec, r.extra, r.arrival, r.agent, r.seq = math.MinInt64, -1, 0, e.Arrival, 0, 0
	if e.HasTime {
		r.sec, r.nsec = e.Time.Sec, e.Time.Nsec
	}
	if !e.Tiebreaker.IsNull() {
		r.extra = tiebroken
	}
	if holdsPlace(e) {
		r.agent, r.seq = e.Agent, e.Sequence.Int()
		if e.Sequence.Kind() != value.Int {
			r.extra = oddSequence
		}
	}
}

// holdsPlace reports whether an event, with a hit or without, holds a place that
// another event of its agent could take.
func holdsPlace(e *sequence.Event) bool {
	return e.Agent != 0 && e.HasTime && e.Sequence.IsNumber() && e.Tiebreaker.IsNull()
}

// placeOnly reports whether a record says all there is to say of an event that
// holds a place or has a document.
func placeOnly(e *sequence.Event) bool { return e.Doc == nil && e.Sequence.Kind() == value.Int }

func (r *record) time() value.Instant { return value.Instant{Sec: r.sec, Nsec: r.nsec} }

func (r *record) hasTime() bool { return r.nsec >= 0 }

func (r *record) sameTime(s *record) bool { return r.sec == s.sec && r.nsec == s.nsec }

// compare orders two records, of the chunks c and d.
func (r *record) compare(s *record, c, d *chunk) int {
	if r.sec != s.sec {
		return cmp.Compare(r.sec, s.sec)
	}
	if r.nsec != s.nsec {
		return cmp.Compare(r.nsec, s.nsec)
	}
	if (r.extra|s.extra)&tiebroken != 0 {
		if by := r.compareTiebreaker(s, c, d); by != 0 {
			return by
		}
	}
	return cmp.Compare(r.arrival, s.arrival)
}

// compareTiebreaker orders two records of one time by tiebreaker, none last.
func (r *record) compareTiebreaker(s *record, c, d *chunk) int {
	switch {
	case r.extra&tiebroken == 0:
		return 1
	case s.extra&tiebroken == 0:
		return -1
	}
	return value.CompareKey(c.rareOf(r).tiebreaker, d.rareOf(s).tiebreaker)
}

// compareSequence orders two records of one agent, both in c, by event.sequence.
func (r *record) compareSequence(s *record, c *chunk) int {
	if (r.extra|s.extra)&oddSequence == 0 {
		return cmp.Compare(r.seq, s.seq)
	}
	by, _ := value.Compare(r.sequence(c), s.sequence(c))
	return by
}

func (r *record) sequence(c *chunk) value.Value {
	if r.extra&oddSequence != 0 {
		return c.rareOf(r).sequence
	}
	return value.OfInt(r.seq)
}
