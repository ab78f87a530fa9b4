package engine

import (
	"github.com/tripline-sec/tripline/internal/event"
)

// indexNames makes the names of indices out of data_stream.*, and keeps the last
// ones: there are few.
type indexNames struct {
	last  [3]string
	index string
}

// of returns the index of an event: as given by the envelope, else of the data
// stream that it names itself, else event.UnknownIndex.
func (n *indexNames) of(p *Program, row *event.Row, given event.Identity) string {
	if given.Index != "" {
		return given.Index
	}
	var parts [3]string
	for i, slot := range p.streamSlots {
		at := row.Head(slot)
		if at < 0 || row.At(at).Kind != event.StringScalar || row.At(at).Text == "" {
			return event.UnknownIndex
		}
		parts[i] = row.At(at).Text
	}
	if n.index == "" || n.last != parts {
		for i := range parts {
			n.last[i] = string([]byte(parts[i]))
		}
		n.index = n.last[0] + "-" + n.last[1] + "-" + n.last[2]
	}
	return n.index
}
