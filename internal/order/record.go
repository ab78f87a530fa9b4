package order

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unsafe"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// record is an event's place in the order, without pointers. Most events are no
// more than that here.
type record struct {
	sec     int64
	arrival uint64
	agent   uint64 // 0 = it holds no place among those of an agent
	seq     int64  // event.sequence, if it is an Int
	nsec    int32  // -1 = no time; sec is then the least there is
	extra   uint16 // where its event is in the chunk, from 1; 0 = it has none
	flags   uint16
}

const recordBytes = int64(unsafe.Sizeof(record{}))

// What there is to know of a record beside its numbers.
const (
	tiebroken   uint16 = 1 << iota // its event has a tiebreaker
	oddSequence                    // its event has event.sequence, which is no Int
)

// set makes r the record of an event, without its place in a chunk.
func (r *record) set(e *sequence.Event) {
	*r = record{sec: math.MinInt64, nsec: -1, arrival: e.Arrival}
	if e.HasTime {
		r.sec, r.nsec = e.Time.Sec, e.Time.Nsec
	}
	if !e.Tiebreaker.IsNull() {
		r.flags = tiebroken
	}
	if holdsPlace(e) {
		r.agent, r.seq = e.Agent, e.Sequence.Int()
		if e.Sequence.Kind() != value.Int {
			r.flags = oddSequence
		}
	}
}

// holdsPlace reports whether an event, with a hit or without, holds a place that
// another event of its agent could take.
func holdsPlace(e *sequence.Event) bool {
	return e.Agent != 0 && e.HasTime && e.Sequence.IsNumber() && e.Tiebreaker.IsNull()
}

func (r *record) time() value.Instant { return value.Instant{Sec: r.sec, Nsec: r.nsec} }

func (r *record) hasTime() bool { return r.nsec >= 0 }

func (r *record) sameTime(s *record) bool { return r.sec == s.sec && r.nsec == s.nsec }

// compare orders two records; k and l are their events.
func (r *record) compare(s *record, k, l *kept) int {
	if r.sec != s.sec {
		return cmp.Compare(r.sec, s.sec)
	}
	if r.nsec != s.nsec {
		return cmp.Compare(r.nsec, s.nsec)
	}
	if (r.flags|s.flags)&tiebroken != 0 {
		switch rTie, sTie := r.flags&tiebroken != 0, s.flags&tiebroken != 0; {
		case !rTie:
			return 1
		case !sTie:
			return -1
		}
		if c := value.CompareKey(k.event.Tiebreaker, l.event.Tiebreaker); c != 0 {
			return c
		}
	}
	return cmp.Compare(r.arrival, s.arrival)
}

// compareSequence orders two records of one agent by event.sequence.
func (r *record) compareSequence(s *record, k, l *kept) int {
	if (r.flags|s.flags)&oddSequence == 0 {
		return cmp.Compare(r.seq, s.seq)
	}
	c, _ := value.Compare(r.sequence(k), s.sequence(l))
	return c
}

func (r *record) sequence(k *kept) value.Value {
	if r.flags&oddSequence != 0 {
		return k.event.Sequence
	}
	return value.OfInt(r.seq)
}

// kept is an event that is held, with room for its hits, so that it is one
// allocation where these are few.
type kept struct {
	event sequence.Event
	hits  [2]sequence.Hit
	keys  [3]sequence.Key
	bytes int64
}

func keep(e *sequence.Event) *kept {
	k := &kept{event: *e}
	k.event.Tiebreaker, k.event.Sequence = own(e.Tiebreaker), own(e.Sequence)
	keys := 0
	for _, h := range e.Hits {
		keys += len(h.Keys)
	}
	space := k.keys[:0]
	if keys > cap(space) {
		space = make([]sequence.Key, 0, keys)
	}
	k.event.Hits = append(k.hits[:0], e.Hits...)
	for i, h := range e.Hits {
		from := len(space)
		space = append(space, h.Keys...)
		k.event.Hits[i].Keys = slices.Clip(space[from:])
	}
	k.measure()
	return k
}

// measure works out the size: what is on the heap for it alone.
func (k *kept) measure() {
	size := int64(unsafe.Sizeof(*k)) + int64(len(k.event.Tiebreaker.Str())+len(k.event.Sequence.Str()))
	keys := 0
	for _, h := range k.event.Hits {
		keys += len(h.Keys)
	}
	if n := len(k.event.Hits); n > len(k.hits) {
		size += int64(n) * int64(unsafe.Sizeof(sequence.Hit{}))
	}
	if keys > len(k.keys) {
		size += int64(keys) * int64(unsafe.Sizeof(sequence.Key{}))
	}
	if d := k.event.Doc; d != nil {
		size += int64(unsafe.Sizeof(event.Held{})) + int64(len(d.Raw)+len(d.Index)+len(d.ID))
	}
	k.bytes = size
}

// own returns v with a text of its own: that of a row is on loan.
func own(v value.Value) value.Value {
	switch v.Kind() {
	case value.String:
		return value.OfString(strings.Clone(v.Str()))
	case value.OutOfRange:
		return value.OfJSONNumber(strings.Clone(v.Str()))
	case value.Version:
		return value.OfVersion(strings.Clone(v.Str()))
	case value.IP:
		return value.OfIP(v.Addr())
	}
	return v
}
