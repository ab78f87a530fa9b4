package sequence

import (
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// A stream keeps the hits of the recent past, each with how to undo what it did
// to the partials of its lane. One that comes in order costs a step, however many
// are retained. For one that comes late, the hits after it are undone, the newest
// first, and done again: what a match costs to correct is how far out of order it
// was. When no acceptable hit can come before the oldest any more, it is folded:
// it stays as it was done, and how to undo it is forgotten.

// hit is a retained event of a lane.
type hit struct {
	doc      *event.Held
	in       set
	arrival  uint64 // of its place
	at       stamp
	tie      int32 // in State.ties
	previous int32 // in the ring of the lane; the newest's next is the oldest
	next     int32
	undo     int32 // what it did, the latest first
	record   int32 // the match that it completed
	lane     int32
	entry    int32 // in State.entries, see ties.go
	sibling  int32 // another hit of that entry; negative: that of a lane that is alone
}

// undo is one thing that a hit did.
type undo struct {
	partial int32
	next    int32
	what    undoKind
}

type undoKind uint8

const (
	undoBegin  undoKind = iota // it began the partial
	undoExtend                 // it extended it
	undoTake                   // it took it out of its slot, and owns it
	undoPush                   // it came into the window that the partial is
	undoShift                  // it took a cell out of the window, and owns it: the number is the cell's
)

// stream is what only a stream has.
type stream struct {
	clocks   map[clockKey]int32
	groups   map[uint64]int32 // by host; of Local queries
	unused   []int32          // groups
	progress int64            // see clock.go, ns
	leading  int64            // that of the newest time of all
	newest   value.Instant
	round    int64        // when to look at those that are silent
	wall     int32        // the clock of Advance
	folds    queue[timer] // lanes, by when to fold their hits

	sameTime map[tieKey]tied // see ties.go
	tieTimes queue[tieTime]
	tieOrder []int32
	arrivals []uint64
	shifted  []int32

	// Of the event that is being fed.
	source     uint32
	late       bool
	clock      int32
	entry      int32
	completing int32 // the match that the hit being done completes
}

func (st *stream) begin() {
	st.clocks = make(map[clockKey]int32)
	st.groups = make(map[uint64]int32)
	st.sameTime = make(map[tieKey]tied)
}

func (s *State) streamBytes() int64 {
	const perMapEntry = 48 // about what a small key and value cost in a map
	return s.hits.bytes() + s.undos.bytes() + s.entries.bytes() + s.clocks.bytes() +
		int64(len(s.stream.sameTime))*perMapEntry + int64(s.stream.folds.size)*foldSize + int64(s.stream.tieTimes.size)*40 +
		int64(len(s.stream.clocks)+len(s.stream.groups))*perMapEntry
}

// folded reports whether an event lies before what its lane, if there is one, can
// no longer undo.
func (s *State) folded(l int32) bool {
	if l == 0 {
		return false
	}
	found := s.lanes.at(l)
	return !found.alone() && found.fold != stamp{} && s.now.at.Compare(found.fold.instant()) < 0
}

// streamLane sees to it that there is a lane of the key, in the group whose clocks
// count for it.
func (s *State) streamLane(q int32, p *plan, l int32, key [4]uint32) int32 {
	if l == 0 {
		l = s.addLane(q, key)
	}
	if found := s.lanes.at(l); p.Local && found.group() == 0 {
		g := s.clocks.at(s.stream.clock).group
		found.setGroup(g)
		s.groups[g].lanes++
	}
	return l
}

// retain takes a hit of a positive term or of until.
func (s *State) retain(p *plan, l int32, in set) {
	if s.beginAlone(l, p, in) {
		return
	}
	floor := s.floor(l)
	if s.lanes.at(l).alone() {
		s.company(l, floor)
	}
	h := s.hits.takeFor(p)
	s.hold(s.now.doc)
	*s.hits.at(h) = hit{
		doc: s.now.doc, in: in, arrival: s.now.arrival, at: stampOf(s.now.at), tie: s.newTie(p, s.now.tie), lane: l,
	}
	s.adopt(h)
	after := s.lanes.at(l).hits
	for after != 0 && s.compareHits(after, h) > 0 {
		s.undo(l, p, after)
		after = s.older(l, after)
	}
	s.insertHit(l, h, after)
	for i := h; i != 0; i = s.newer(l, i) {
		s.redo(l, p, i)
	}
	s.foldTo(l, floor)
	s.queueFold(l)
}

// older returns the hit before, 0 if there is none.
func (s *State) older(l, h int32) int32 {
	if s.hits.at(s.lanes.at(l).hits).next == h {
		return 0
	}
	return s.hits.at(h).previous
}

func (s *State) newer(l, h int32) int32 {
	if s.lanes.at(l).hits == h {
		return 0
	}
	return s.hits.at(h).next
}

// insertHit puts h after another, or before all of them if that is 0.
func (s *State) insertHit(l, h, after int32) {
	found, fresh := s.lanes.at(l), s.hits.at(h)
	if found.hits == 0 {
		fresh.previous, fresh.next, found.hits = h, h, h
		return
	}
	at := after
	if at == 0 {
		at = found.hits // the oldest follows the newest
	}
	fresh.previous, fresh.next = at, s.hits.at(at).next
	s.hits.at(fresh.next).previous = h
	s.hits.at(at).next = h
	if after == found.hits {
		found.hits = h
	}
}

func (s *State) removeHit(l, h int32) {
	found, old := s.lanes.at(l), s.hits.at(h)
	if old.next == h {
		found.hits = 0
		return
	}
	s.hits.at(old.previous).next = old.next
	s.hits.at(old.next).previous = old.previous
	if found.hits == h {
		found.hits = old.previous
	}
}

// compareHits compares their places in time.
func (s *State) compareHits(a, b int32) int {
	x, y := s.hits.at(a), s.hits.at(b)
	if x.at == y.at && x.tie == 0 && y.tie == 0 {
		switch {
		case x.arrival < y.arrival:
			return -1
		case x.arrival > y.arrival:
			return 1
		}
		return 0
	}
	return ordinal(x.at.instant(), s.tie(x.tie), x.arrival).Compare(ordinal(y.at.instant(), s.tie(y.tie), y.arrival))
}

// log remembers what a hit did.
func (s *State) log(p *plan, h int32, what undoKind, i int32) {
	u := s.undos.takeFor(p)
	*s.undos.at(u) = undo{partial: i, next: s.hits.at(h).undo, what: what}
	s.hits.at(h).undo = u
}

// undo puts the partials back as they were before the newest hit that is not
// undone yet. Its match stays, for redo to compare.
func (s *State) undo(l int32, p *plan, h int32) {
	for u := s.hits.at(h).undo; u != 0; {
		did := s.undos.at(u)
		i := did.partial
		if did.what == undoShift {
			s.unshift(s.partials.at(s.lanes.at(l).live), i)
			next := did.next
			s.undos.giveFor(p, u)
			u = next
			continue
		}
		q := s.partials.at(i)
		switch did.what {
		case undoPush:
			s.unpush(p, q)
		case undoBegin:
			*s.slotAt(l, q.stage) = q.next
			s.delist(p, i)
			s.forget(p, i)
		case undoExtend:
			*s.slotAt(l, q.stage) = q.next
			q.cell = s.giveCell(p, q.cell)
			s.putBack(l, i, q.stage-1)
		case undoTake:
			s.putBack(l, i, q.stage)
			s.enlist(p, i)
		}
		next := did.next
		s.undos.giveFor(p, u)
		u = next
	}
	s.hits.at(h).undo = 0
}

func (s *State) putBack(l, i int32, stage int16) {
	link := s.slotAt(l, stage)
	q := s.partials.at(i)
	q.stage, q.next = stage, *link
	*link = i
}

// redo does what a hit does, as the newest of those that are done. A match that
// it completed before and does not now is taken back.
func (s *State) redo(l int32, p *plan, h int32) {
	found := s.hits.at(h)
	before := found.record
	e := place{doc: found.doc, at: found.at.instant(), tie: s.tie(found.tie), arrival: found.arrival}
	s.stream.completing = 0
	s.step(l, p, found.in, &e, h)
	now := s.stream.completing
	if now == before {
		return
	}
	if before != 0 {
		if s.records.at(before).reported {
			s.tellRecord(p, before, true)
		}
		s.giveRecord(before)
	}
	if found.record = now; now != 0 {
		s.judge(now)
	}
}

// completeHit takes a finished sequence. It is the one that the hit completed
// before if the events are the same.
func (s *State) completeHit(l int32, p *plan, before int32, e *place, h int32) {
	if r := s.hits.at(h).record; r != 0 && s.sameChain(s.cells.at(s.records.at(r).cell).previous, before) {
		s.stream.completing = r
		return
	}
	s.stream.completing = s.newRecord(l, p, before, e, h)
}

func (s *State) sameChain(a, b int32) bool {
	for a != 0 && b != 0 {
		x, y := s.cells.at(a), s.cells.at(b)
		if x.doc != y.doc {
			return false
		}
		a, b = x.previous, y.previous
	}
	return a == b
}
