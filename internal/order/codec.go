package order

import (
	"encoding/binary"
	"math"
	"net/netip"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// What the first byte of an event says.
const (
	onePlace byte = iota // see placeOnly
	wholeEvent
)

// The flags of a whole event.
const (
	hasTime byte = 1 << iota
	tied
	hasDoc
	hasRaw // the document's bytes are at hand, be they none
)

// appendEvent writes an event. One that only holds a place is one of an agent.
func appendEvent(b []byte, e *sequence.Event) []byte {
	if placeOnly(e) {
		b = append(b, onePlace)
		b = appendInstant(b, e.Time)
		b = binary.AppendUvarint(b, e.Arrival)
		b = binary.LittleEndian.AppendUint64(b, e.Agent)
		return binary.AppendVarint(b, e.Sequence.Int())
	}
	d := e.Doc
	b = append(b, wholeEvent, flag(e.HasTime, hasTime)|flag(e.Tied, tied)|flag(d != nil, hasDoc)|flag(d != nil && d.Raw != nil, hasRaw))
	b = appendInstant(b, e.Time)
	b = binary.AppendUvarint(b, e.Arrival)
	b = appendValue(b, e.Tiebreaker)
	b = binary.LittleEndian.AppendUint64(b, e.Agent)
	b = appendValue(b, e.Sequence)
	b = binary.AppendUvarint(b, uint64(e.Source))
	b = binary.LittleEndian.AppendUint64(b, e.Host)
	b = binary.AppendUvarint(b, uint64(len(e.Hits)))
	for _, h := range e.Hits {
		b = binary.AppendVarint(b, int64(h.Query))
		b = binary.AppendVarint(b, int64(h.Filter))
		b = binary.AppendUvarint(b, uint64(len(h.Keys)))
		for _, key := range h.Keys {
			b = binary.LittleEndian.AppendUint64(b, key[0])
			b = binary.LittleEndian.AppendUint64(b, key[1])
		}
	}
	if d != nil {
		b = appendDocument(b, d)
	}
	return b
}

// appendDocument writes a document: all but who needs it.
func appendDocument(b []byte, d *event.Held) []byte {
	b = appendText(b, d.Raw)
	b = appendText(b, d.Index)
	b = appendText(b, d.ID)
	b = binary.AppendUvarint(b, d.Arrival)
	b = binary.AppendUvarint(b, uint64(d.Length)) //nolint:gosec // not negative
	return binary.AppendUvarint(b, uint64(d.Source))
}

func flag(set bool, f byte) byte {
	if set {
		return f
	}
	return 0
}

func appendText[T string | []byte](b []byte, text T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func appendInstant(b []byte, t value.Instant) []byte {
	return binary.AppendVarint(binary.AppendVarint(b, t.Sec), int64(t.Nsec))
}

// appendValue writes the kind of a value and what it takes to make it again.
func appendValue(b []byte, v value.Value) []byte {
	b = append(b, byte(v.Kind()))
	switch v.Kind() {
	case value.Bool:
		return append(b, flag(v.Bool(), 1))
	case value.Int:
		return binary.AppendVarint(b, v.Int())
	case value.Uint:
		return binary.AppendUvarint(b, v.Uint())
	case value.Float:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float()))
	case value.Date:
		return appendInstant(b, v.Instant())
	case value.String, value.OutOfRange, value.IP, value.Version:
		return appendText(b, v.Str())
	}
	return b
}

// decoder reads what appendEvent wrote. Once something is missing it reads zeros.
type decoder struct {
	rest  []byte
	bad   bool
	index string // the last index read: most events have the same

	now  sequence.Event // what event returns
	hits []sequence.Hit
	keys []sequence.Key
}

// event reads an event, on loan until the next; false if it is not as it was
// written.
func (d *decoder) event() (*sequence.Event, bool) {
	switch d.byte() {
	case onePlace:
		d.now = sequence.Event{HasTime: true, Time: d.instant(), Arrival: d.uvarint(), Agent: d.fixed(), Sequence: value.OfInt(d.varint())}
	case wholeEvent:
		d.whole()
	default:
		d.bad = true
	}
	return &d.now, !d.bad
}

func (d *decoder) whole() {
	flags := d.byte()
	e := &d.now
	*e = sequence.Event{
		HasTime: flags&hasTime != 0, Tied: flags&tied != 0,
		Time: d.instant(), Arrival: d.uvarint(), Tiebreaker: d.value(), Agent: d.fixed(), Sequence: d.value(),
		Source: uint32(d.uvarint()), Host: d.fixed(), //nolint:gosec // was one
	}
	d.hits, d.keys = d.hits[:0], d.keys[:0]
	for range d.count() {
		h := sequence.Hit{Query: int32(d.varint()), Filter: int32(d.varint())} //nolint:gosec // were such
		from := len(d.keys)
		for range d.count() {
			d.keys = append(d.keys, sequence.Key{d.fixed(), d.fixed()})
		}
		h.Keys = d.keys[from:len(d.keys):len(d.keys)]
		d.hits = append(d.hits, h)
	}
	e.Hits = d.hits
	if flags&hasDoc != 0 {
		e.Doc = d.document(flags&hasRaw != 0)
	}
}

func (d *decoder) document(raw bool) *event.Held {
	h := &event.Held{}
	if b := d.bytes(); raw {
		h.Raw = append(make([]byte, 0, len(b)), b...)
	}
	if index := d.bytes(); string(index) != d.index {
		d.index = string(index)
	}
	h.Index = d.index
	h.ID = string(d.bytes())
	h.Arrival = d.uvarint()
	h.Length = int32(d.uvarint())  //nolint:gosec // was one
	h.Source = uint32(d.uvarint()) //nolint:gosec // was one
	return h
}

func (d *decoder) value() value.Value {
	switch value.Kind(d.byte()) {
	case value.Null:
	case value.Bool:
		return value.OfBool(d.byte() != 0)
	case value.Int:
		return value.OfInt(d.varint())
	case value.Uint:
		return value.OfUint(d.uvarint())
	case value.Float:
		return value.OfFloat(math.Float64frombits(d.fixed()))
	case value.Date:
		return value.OfDate(d.instant())
	case value.String:
		return value.OfString(string(d.bytes()))
	case value.OutOfRange:
		return value.OfJSONNumber(string(d.bytes()))
	case value.Version:
		return value.OfVersion(string(d.bytes()))
	case value.IP:
		a, err := netip.ParseAddr(string(d.bytes()))
		d.bad = d.bad || err != nil
		return value.OfIP(a)
	default:
		d.bad = true
	}
	return value.Value{}
}

func (d *decoder) instant() value.Instant {
	return value.Instant{Sec: d.varint(), Nsec: int32(d.varint())} //nolint:gosec // was one
}

// count reads how many things follow, each of a byte at least.
func (d *decoder) count() int {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.bad = true
		return 0
	}
	return int(n) //nolint:gosec // no more than there are bytes
}

func (d *decoder) bytes() []byte {
	n := d.count()
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) byte() byte {
	if len(d.rest) == 0 {
		d.bad = true
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

func (d *decoder) fixed() uint64 {
	if len(d.rest) < 8 {
		d.bad, d.rest = true, nil
		return 0
	}
	u := binary.LittleEndian.Uint64(d.rest)
	d.rest = d.rest[8:]
	return u
}

func (d *decoder) uvarint() uint64 {
	u, n := binary.Uvarint(d.rest)
	return u & d.read(n)
}

func (d *decoder) varint() int64 {
	i, n := binary.Varint(d.rest)
	return i & int64(d.read(n)) //nolint:gosec // all bits or none
}

// read goes behind a number of n bytes and returns a mask: all ones, or zero if
// it is broken.
func (d *decoder) read(n int) uint64 {
	if n <= 0 {
		d.bad, d.rest = true, nil
		return 0
	}
	d.rest = d.rest[n:]
	return math.MaxUint64
}
