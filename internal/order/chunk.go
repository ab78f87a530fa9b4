package order

import (
	"slices"
	"unsafe"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/sequence"
)

// How many records a chunk has: 320 KiB at most, not counting bodies.
const (
	firstRecords = 16
	mostRecords  = 8192
)

// chunk is a number of events in the order they came in, until it is sealed; in
// total order from then on. Only documents and what is rare are pointers in it.
type chunk struct {
	records []record
	bodies  []body
	docs    []*event.Held // of the bodies
	hits    []hit
	keys    []sequence.Key
	rare    []rare
	mixed   bool // the records are not in order
}

// room is how many elements the slices of a chunk hold, or could.
type room struct{ records, bodies, hits, keys, rare int }

func (r *room) bytes() int64 {
	const bodyBytes = unsafe.Sizeof(body{}) + unsafe.Sizeof((*event.Held)(nil))
	return int64(r.records)*recordBytes + int64(r.bodies)*int64(bodyBytes) + int64(r.hits)*int64(unsafe.Sizeof(hit{})) +
		int64(r.keys)*int64(unsafe.Sizeof(sequence.Key{})) + int64(r.rare)*int64(unsafe.Sizeof(rare{}))
}

// has is the room that there is.
func (c *chunk) has() room {
	return room{cap(c.records), cap(c.bodies), cap(c.hits), cap(c.keys), cap(c.rare)}
}

func (c *chunk) bytes() int64 {
	has := c.has()
	return has.bytes()
}

// fits reports whether there is room for n more.
func (c *chunk) fits(n *room) bool {
	return n.records <= cap(c.records)-len(c.records) && n.bodies <= cap(c.bodies)-len(c.bodies) &&
		n.hits <= cap(c.hits)-len(c.hits) && n.keys <= cap(c.keys)-len(c.keys) && n.rare <= cap(c.rare)-len(c.rare)
}

// grown is the room that there must be for n more. A slice without any begins with
// that of first; one with too little doubles. There is no need of room for more
// than most events.
func (c *chunk) grown(n, first *room, most int) room {
	return room{
		min(enough(len(c.records)+n.records, cap(c.records), first.records), most),
		min(enough(len(c.bodies)+n.bodies, cap(c.bodies), first.bodies), most),
		enough(len(c.hits)+n.hits, cap(c.hits), first.hits),
		enough(len(c.keys)+n.keys, cap(c.keys), first.keys),
		enough(len(c.rare)+n.rare, cap(c.rare), first.rare),
	}
}

func enough(need, has, first int) int {
	if need <= has {
		return has
	}
	return max(need, 2*has, first)
}

// grow gives the slices exactly so much room.
func (c *chunk) grow(to *room) {
	c.records = resized(c.records, to.records)
	c.bodies = resized(c.bodies, to.bodies)
	c.docs = resized(c.docs, to.bodies)
	c.hits = resized(c.hits, to.hits)
	c.keys = resized(c.keys, to.keys)
	c.rare = resized(c.rare, to.rare)
}

func resized[T any](s []T, to int) []T {
	if cap(s) == to {
		return s
	}
	return append(make([]T, 0, to), s...)
}

// addPlace puts an event at the end that only holds a place, see placeOnly.
func (c *chunk) addPlace(e *sequence.Event) {
	n := len(c.records)
	c.records = c.records[:n+1]
	r := &c.records[n]
	r.sec, r.nsec, r.extra, r.arrival, r.agent, r.seq = e.Time.Sec, e.Time.Nsec, 0, e.Arrival, e.Agent, e.Sequence.Int()
	if n > 0 && !c.mixed {
		if last := &c.records[n-1]; last.sec > r.sec || last.sec == r.sec && last.nsec >= r.nsec {
			c.mixed = last.compare(r, c, c) > 0
		}
	}
}

// add puts an event at the end. There must be room for it.
func (c *chunk) add(e *sequence.Event, l *load) {
	if l.bodies == 0 {
		c.addPlace(e)
		return
	}
	n := len(c.records)
	c.records = c.records[:n+1]
	r := &c.records[n]
	r.set(e)
	r.extra |= c.addBody(e, l)
	if n > 0 && !c.mixed {
		c.mixed = c.records[n-1].compare(r, c, c) > 0
	}
}

// move puts an event of another chunk, which it is taken from, at the end.
func (c *chunk) move(from *chunk, r *record) {
	c.records = append(c.records, *r)
	if r.extra == 0 {
		return
	}
	b := *from.bodyOf(r)
	hits, key := from.hits[b.hit:b.hit+b.hits], int(b.key)
	b.hit, b.key = number(len(c.hits)), number(len(c.keys))
	for _, h := range hits {
		c.keys = append(c.keys, from.keys[key:key+int(h.keys)]...)
		key += int(h.keys)
	}
	c.hits = append(c.hits, hits...)
	if b.rare != 0 {
		c.rare = append(c.rare, from.rare[b.rare-1])
		b.rare = number(len(c.rare))
	}
	c.bodies = append(c.bodies, b)
	c.docs = append(c.docs, from.takeDoc(r))
	c.records[len(c.records)-1].extra = r.extra&^bodyNumber | number(len(c.bodies))
}

// reset forgets all events and keeps the room.
func (c *chunk) reset() {
	clear(c.docs)
	clear(c.rare)
	c.records, c.bodies, c.docs = c.records[:0], c.bodies[:0], c.docs[:0]
	c.hits, c.keys, c.rare = c.hits[:0], c.keys[:0], c.rare[:0]
	c.mixed = false
}

// sort puts the records in order. Those that come nearly so are moved one by one.
func (c *chunk) sort() {
	if c.mixed && !c.insert() {
		slices.SortFunc(c.records, func(a, b record) int { return a.compare(&b, c, c) })
	}
	c.mixed = false
}

// mostMoves is by how many places a record is moved on the average, at most, before
// sorting as if there were no order at all is worth its while; fewMoves are nothing
// to go by.
const (
	mostMoves = 16
	fewMoves  = 256
)

// insert moves each record to its place among those before it; false if it gives up.
func (c *chunk) insert() bool {
	rs, moves := c.records, 0
	for i := 1; i < len(rs); i++ {
		if rs[i-1].compare(&rs[i], c, c) <= 0 {
			continue
		}
		r, to := rs[i], i-1
		for to > 0 && rs[to-1].compare(&r, c, c) > 0 {
			to--
		}
		if moves += i - to; moves > mostMoves*i+fewMoves {
			return false
		}
		copy(rs[to+1:i+1], rs[to:i])
		rs[to] = r
	}
	return true
}
