package sequence

import (
	"unsafe"

	"github.com/tripline-sec/tripline/internal/event"
)

// heldSize is what a held document costs: its bytes, its names, its header.
func heldSize(d *event.Held) int64 {
	return int64(len(d.Raw)+len(d.Index)+len(d.ID)) + int64(unsafe.Sizeof(*d)) //nolint:gosec // a small size
}

// hold counts one more that needs the document.
func (s *State) hold(d *event.Held) {
	if d.Refs == 0 {
		s.held.Documents++
		s.held.Bytes += heldSize(d)
	}
	d.Refs++
}

func (s *State) release(d *event.Held) {
	if d.Refs--; d.Refs == 0 {
		s.held.Documents--
		s.held.Bytes -= heldSize(d)
	}
}
