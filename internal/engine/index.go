package engine

import (
	"github.com/tripline-sec/tripline/internal/event"
)

// mostNames is how many names of indices are kept, against senders that never
// use one twice.
const mostNames = 1 << 14

// indexNames makes the names of indices out of data_stream.*, each once.
type indexNames struct {
	names   map[string]string
	near    [64]nearName
	scratch []byte
}

// nearName is a name by a sketch of its data set.
type nearName struct {
	parts [3]string
	name  string
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
	near := &n.near[sketchOf(parts[1])%64]
	if near.name == "" || near.parts != parts {
		*near = nearName{name: n.make(parts)}
		from := near.name
		for i, part := range parts { // of the name, so that they outlive the event
			near.parts[i], from = from[:len(part)], from[min(len(part)+1, len(from)):]
		}
	}
	return near.name
}

// make returns the name of a data stream.
func (n *indexNames) make(parts [3]string) string {
	n.scratch = n.scratch[:0]
	for i, part := range parts {
		if i > 0 {
			n.scratch = append(n.scratch, '-')
		}
		n.scratch = append(n.scratch, part...)
	}
	name, ok := n.names[string(n.scratch)]
	if !ok {
		if n.names == nil || len(n.names) == mostNames {
			n.names = map[string]string{}
		}
		name = string(n.scratch)
		n.names[name] = name
	}
	return name
}
