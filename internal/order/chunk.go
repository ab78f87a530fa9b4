package order

import (
	"slices"

	"github.com/tripline-sec/tripline/internal/sequence"
)

// How many records a chunk has: 320 KiB at most.
const (
	firstRecords = 16
	mostRecords  = 8192
)

// chunk is a number of events in the order they came in, until it is sealed; in
// total order from then on.
type chunk struct {
	records []record
	kept    []*kept // see record.extra
	mixed   bool    // the records are not in order
}

// growth is by how many bytes memory grows with the next event, not counting
// the event itself. A chunk has room for so many records at first, and for so
// many at most; after a full one comes a new one.
func (c *chunk) growth(first, most int) int64 {
	room := cap(c.records)
	if len(c.records) < room {
		return 0
	}
	if room == most {
		room = 0
	}
	return int64(grown(room, first, most)-room) * recordBytes
}

func grown(room, first, most int) int { return min(max(2*room, first), most) }

// add puts an event at the end and returns by how much memory grew.
func (c *chunk) add(e *sequence.Event, k *kept, first, most int) (bytes int64) {
	n := len(c.records)
	if n == cap(c.records) {
		bytes = c.growth(first, most)
		c.records = append(make([]record, 0, grown(n, first, most)), c.records...)
	}
	c.records = c.records[:n+1]
	r := &c.records[n]
	r.set(e)
	if k != nil {
		c.kept = append(c.kept, k)
		r.extra = uint16(len(c.kept)) //nolint:gosec // at most mostRecords
		bytes += k.bytes
	}
	if n > 0 && !c.mixed {
		last := &c.records[n-1]
		c.mixed = r.compare(last, k, c.event(last)) < 0
	}
	return bytes
}

// event returns the event of a record; nil if it has none.
func (c *chunk) event(r *record) *kept {
	if r.extra == 0 {
		return nil
	}
	return c.kept[r.extra-1]
}

func (c *chunk) sort() {
	if c.mixed {
		slices.SortFunc(c.records, func(a, b record) int { return a.compare(&b, c.event(&a), c.event(&b)) })
		c.mixed = false
	}
}

func (c *chunk) bytes() int64 { return int64(cap(c.records)) * recordBytes }
