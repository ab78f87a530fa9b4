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
	scratch []byte
}

// of returns the index of an event: as given by the envelope, else of the data
// stream that it names itself, else event.UnknownIndex.
func (n *indexNames) of(p *Program, row *event.Row, given event.Identity) string {
	if given.Index != "" {
		return given.Index
	}
	n.scratch = n.scratch[:0]
	for i, slot := range p.streamSlots {
		at := row.Head(slot)
		if at < 0 || row.At(at).Kind != event.StringScalar || row.At(at).Text == "" {
			return event.UnknownIndex
		}
		if i > 0 {
			n.scratch = append(n.scratch, '-')
		}
		n.scratch = append(n.scratch, row.At(at).Text...)
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
