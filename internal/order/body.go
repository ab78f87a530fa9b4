package order

import (
	"math"
	"unsafe"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// body is what is held of an event beside its record, without pointers: of one
// that has a document, or an event.sequence that is no Int.
type body struct {
	host   uint64
	source uint32
	size   uint32 // of what is on the heap for it alone, see load
	hit    uint32 // where its hits begin in the chunk,
	hits   uint32 // how many there are,
	key    uint32 // and where their keys begin
	rare   uint32 // where its rare is, from 1; 0 = it has none
}

// hit is a sequence.Hit whose keys follow those of the hit before.
type hit struct {
	query, filter int32
	keys          uint32
}

// rare is what few events have, or only where a tiebreaker field is named.
type rare struct {
	tiebreaker value.Value
	sequence   value.Value
	agent      uint64
	tied       bool
}

// load is what it takes to hold an event.
type load struct {
	room
	bytes int64 // on the heap, for the event alone
}

// loadOf works out the load of an event.
func loadOf(e *sequence.Event) (l load) {
	l.records = 1
	if placeOnly(e) {
		return l
	}
	l.bodies, l.hits = 1, len(e.Hits)
	for i := range e.Hits {
		l.keys += len(e.Hits[i].Keys)
	}
	if d := e.Doc; d != nil {
		l.bytes = int64(unsafe.Sizeof(*d)) + int64(len(d.Raw)+len(d.Index)+len(d.ID))
	}
	if isRare(e) {
		l.rare = 1
		l.bytes += int64(len(e.Tiebreaker.Str()) + len(e.Sequence.Str()))
	}
	l.bytes = min(l.bytes, math.MaxUint32)
	return l
}

// isRare reports whether there is more to an event than its record and its body
// can say.
func isRare(e *sequence.Event) bool {
	if e.Tied || !e.Tiebreaker.IsNull() {
		return true
	}
	if e.Agent == 0 {
		return !e.Sequence.IsNull()
	}
	return !e.HasTime || e.Sequence.Kind() != value.Int
}

// addBody puts what a record does not say at the end of the chunk, which has room
// for it, and returns its number. The document's size is part of l.
func (c *chunk) addBody(e *sequence.Event, l *load) uint32 {
	b := body{
		host: e.Host, source: e.Source, size: uint32(l.bytes), //nolint:gosec // see loadOf
		hit: number(len(c.hits)), hits: number(len(e.Hits)), key: number(len(c.keys)),
	}
	for i := range e.Hits {
		h := &e.Hits[i]
		c.hits = append(c.hits, hit{h.Query, h.Filter, number(len(h.Keys))})
		if len(h.Keys) == 1 {
			c.keys = append(c.keys, h.Keys[0]) // as good as always
		} else {
			c.keys = append(c.keys, h.Keys...)
		}
	}
	if l.rare > 0 {
		c.rare = append(c.rare, rare{e.Tiebreaker.Clone(), e.Sequence.Clone(), e.Agent, e.Tied})
		b.rare = number(len(c.rare))
	}
	c.bodies = append(c.bodies, b)
	c.docs = append(c.docs, e.Doc)
	return number(len(c.bodies))
}

// number is a length or a place in a chunk, which are far below 2^30.
func number(n int) uint32 { return uint32(n) } //nolint:gosec // see above

func (c *chunk) bodyOf(r *record) *body { return &c.bodies[r.extra&bodyNumber-1] }

func (c *chunk) rareOf(r *record) *rare { return &c.rare[c.bodyOf(r).rare-1] }

// doc returns the document of a record, if it has one.
func (c *chunk) doc(r *record) *event.Held {
	if r.extra == 0 {
		return nil
	}
	return c.docs[r.extra&bodyNumber-1]
}

// takeDoc returns the document of a record that has a body, and forgets it: it may
// go when nobody else needs it.
func (c *chunk) takeDoc(r *record) *event.Held {
	at := &c.docs[r.extra&bodyNumber-1]
	doc := *at
	*at = nil
	return doc
}

// loan is an event that is made again for as long as somebody looks at it.
type loan struct {
	event sequence.Event
	hits  []sequence.Hit
}

// of makes the event of a record of c, without its document. Its keys are those in
// the chunk.
func (l *loan) of(c *chunk, r *record) *sequence.Event {
	e := &l.event
	e.Doc, e.Hits = nil, nil
	e.Time, e.HasTime = r.time(), r.hasTime()
	if !e.HasTime {
		e.Time = value.Instant{}
	}
	e.Tiebreaker, e.Tied = value.Value{}, false
	e.Agent, e.Sequence = r.agent, value.Value{}
	if r.agent != 0 {
		e.Sequence = value.OfInt(r.seq)
	}
	e.Arrival = r.arrival
	e.Source, e.Host = 0, 0
	if r.extra != 0 {
		l.body(c, r)
	}
	return e
}

// body fills in what a body says.
func (l *loan) body(c *chunk, r *record) {
	e, b := &l.event, c.bodyOf(r)
	e.Source, e.Host = b.source, b.host
	if b.rare != 0 {
		x := &c.rare[b.rare-1]
		e.Tiebreaker, e.Tied, e.Agent, e.Sequence = x.tiebreaker, x.tied, x.agent, x.sequence
	}
	n := int(b.hits)
	if cap(l.hits) < n {
		l.hits = make([]sequence.Hit, n)
	}
	hits, key := l.hits[:n], int(b.key)
	for i := range hits {
		h := &c.hits[int(b.hit)+i]
		to := key + int(h.keys)
		hits[i] = sequence.Hit{Query: h.query, Filter: h.filter, Keys: c.keys[key:to:to]}
		key = to
	}
	e.Hits = hits
}
