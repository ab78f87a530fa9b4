package order

import "slices"

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

// growth is by how many bytes memory grows with the next record of a chunk that
// has so much room and so many records, of so many at most. After a full one
// comes a new one.
func growth(room, records, most int) int64 {
	switch {
	case records < room:
		return 0
	case records == most:
		room = 0
	}
	return int64(grown(room, most)-room) * recordBytes
}

func grown(room, most int) int { return min(max(2*room, firstRecords), most) }

// add puts an event at the end and returns by how much memory grew.
func (c *chunk) add(r record, k *kept, most int) (bytes int64) {
	n := len(c.records)
	if n == cap(c.records) {
		bytes = growth(n, n, most)
		c.records = append(make([]record, 0, grown(n, most)), c.records...)
	}
	if k != nil {
		c.kept = append(c.kept, k)
		r.extra = uint16(len(c.kept)) //nolint:gosec // at most mostRecords
		bytes += k.bytes
	}
	if n > 0 && !c.mixed {
		last := &c.records[n-1]
		c.mixed = r.compare(last, k, c.event(last)) < 0
	}
	c.records = append(c.records, r)
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
