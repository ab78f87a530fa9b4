package sequence

import (
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// cell is one event of a partial or of a match, and a link to the one before.
type cell struct {
	doc      *event.Held
	at       stamp
	previous int32
}

// partial is an unfinished sequence. It lies in its lane's list, in the list of
// its class by its first event, and in the list of all by its last event; or in
// none of them, while an undo entry owns it.
type partial struct {
	cell   int32 // of the last event
	first  int32 // the cell of the first
	lane   int32
	next   int32 // of the lane, of an earlier stage
	stage  int16
	window uint16 // how many events its window has, 0 if it is none; see window.go
	due    uint32 // stream: the tick at which to see whether it has expired
	aged   links  // in its class
	rest   links  // in State.resting
}

// links makes a doubly linked list of partials.
type links struct{ previous, next int32 }

type list struct{ head, tail int32 }

func agedLinks(p *partial) *links    { return &p.aged }
func restingLinks(p *partial) *links { return &p.rest }

// append puts a partial at the end of a list.
func (s *State) append(l *list, of func(*partial) *links, i int32) {
	k := of(s.partials.at(i))
	*k = links{previous: l.tail}
	if l.tail != 0 {
		of(s.partials.at(l.tail)).next = i
	} else {
		l.head = i
	}
	l.tail = i
}

func (s *State) unlink(l *list, of func(*partial) *links, i int32) {
	k := of(s.partials.at(i))
	if k.previous != 0 {
		of(s.partials.at(k.previous)).next = k.next
	} else {
		l.head = k.next
	}
	if k.next != 0 {
		of(s.partials.at(k.next)).previous = k.previous
	} else {
		l.tail = k.previous
	}
	*k = links{}
}

// newCell holds the document.
func (s *State) newCell(p *plan, doc *event.Held, at value.Instant, previous int32) int32 {
	s.hold(doc)
	i := s.cells.takeFor(p)
	*s.cells.at(i) = cell{doc: doc, at: stampOf(at), previous: previous}
	return i
}

// giveCell releases the document and returns the cell before.
func (s *State) giveCell(p *plan, i int32) int32 {
	c := s.cells.at(i)
	previous := c.previous
	s.release(c.doc)
	*c = cell{}
	s.cells.giveFor(p, i)
	return previous
}

func (s *State) giveChain(p *plan, i int32) {
	for i != 0 {
		i = s.giveCell(p, i)
	}
}

// begin makes a partial of one event. It is in no list yet.
func (s *State) begin(l int32, p *plan, e *place) int32 {
	c := s.newCell(p, e.doc, e.at, 0)
	i := s.partials.takeFor(p)
	*s.partials.at(i) = partial{cell: c, first: c, lane: l}
	return i
}

// enlist puts a partial that its lane has taken up into the two other lists.
func (s *State) enlist(p *plan, i int32) {
	if p.class >= 0 {
		s.watch(p.class, i)
	}
	s.append(&s.resting, restingLinks, i)
	p.stats.Partials++
	p.stats.Peak = max(p.stats.Peak, p.stats.Partials)
}

// delist is the reverse.
func (s *State) delist(p *plan, i int32) {
	if p.class >= 0 {
		s.unlink(&s.classes[p.class].partials, agedLinks, i)
	}
	s.unlink(&s.resting, restingLinks, i)
	p.stats.Partials--
}

// forget gives a partial back that is in no list.
func (s *State) forget(p *plan, i int32) {
	found := s.partials.at(i)
	if found.window > 0 {
		s.giveChain(p, found.first)
	} else {
		s.giveChain(p, found.cell)
	}
	*found = partial{}
	s.partials.giveFor(p, i)
}

// slotAt returns the link in a lane's list that leads to the partial of a stage,
// or to where it would stand.
func (s *State) slotAt(l int32, stage int16) *int32 {
	link := &s.lanes.at(l).live
	for *link != 0 {
		p := s.partials.at(*link)
		if p.stage <= stage {
			break
		}
		link = &p.next
	}
	return link
}

// drop takes a partial out of its lane and forgets it.
func (s *State) drop(i int32) {
	found := s.partials.at(i)
	l := found.lane
	link := s.slotAt(l, found.stage)
	*link = found.next
	p := s.planOf(l)
	s.delist(p, i)
	s.forget(p, i)
}
