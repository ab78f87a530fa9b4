package sequence

// `[X] with runs=N`, with nothing else that is positive, would fill every slot
// with events that the others hold as well: the last one, the last two, and so
// on. It is the same as a window: the newest events of the key since until, each
// within maxspan of the newest, N-1 at most. With one more they are a match.
//
// The one partial of such a lane holds that window. Its cells are linked from the
// oldest to the newest, and not the other way as elsewhere.

// isWindow reports whether the positive terms are one condition, three times or
// more.
func (p *plan) isWindow() bool {
	if p.Sample || len(p.stages) < 3 {
		return false
	}
	for _, bit := range p.stages {
		if bit != p.stages[0] {
			return false
		}
	}
	return true
}

// slide takes an event into the window of a lane.
func (s *State) slide(l int32, p *plan, e *place, hit int32) {
	link := &s.lanes.at(l).live
	if *link != 0 && p.HasSpan && e.at.Sub(s.cells.at(s.partials.at(*link).cell).at.instant()) > p.Span {
		s.takeOut(p, link, hit) // the newest of it is too old
	}
	if *link == 0 {
		i := s.begin(l, p, e)
		s.partials.at(i).window = 1
		*link = i
		s.enlist(p, i)
		if hit != 0 {
			s.log(p, hit, undoBegin, i)
		}
		return
	}
	i := *link
	w, first := s.partials.at(i), s.partials.at(i).first
	for p.HasSpan && e.at.Sub(s.cells.at(w.first).at.instant()) > p.Span {
		s.shift(p, w, hit)
	}
	if int(w.window) == len(p.stages)-1 {
		s.reverse(w)
		s.complete(l, p, i, e, hit)
		s.reverse(w)
		s.shift(p, w, hit)
	}
	c := s.newCell(p, e.doc, e.at, 0)
	s.cells.at(w.cell).previous = c
	w.cell = c
	w.window++
	if hit != 0 {
		s.log(p, hit, undoPush, i)
	}
	s.unlink(&s.resting, restingLinks, i)
	s.append(&s.resting, restingLinks, i)
	if w.first != first && p.class >= 0 {
		s.toTail(&s.classes[p.class], i)
	}
}

// shift takes the oldest event out of a window that has another.
func (s *State) shift(p *plan, w *partial, hit int32) {
	c := w.first
	w.first = s.cells.at(c).previous
	w.window--
	if hit != 0 {
		s.log(p, hit, undoShift, c)
		return
	}
	s.giveCell(p, c)
}

// unshift is the reverse.
func (s *State) unshift(w *partial, c int32) {
	s.cells.at(c).previous = w.first
	w.first = c
	w.window++
}

// unpush takes the newest event out of a window that has another.
func (s *State) unpush(p *plan, w *partial) {
	before := w.first
	for s.cells.at(before).previous != w.cell {
		before = s.cells.at(before).previous
	}
	s.giveCell(p, w.cell)
	s.cells.at(before).previous = 0
	w.cell = before
	w.window--
}

// reverse turns the links of a window around; first stays the oldest.
func (s *State) reverse(w *partial) {
	c, last := w.first, int32(0)
	if s.cells.at(c).previous == 0 {
		c = w.cell
	}
	for c != 0 {
		found := s.cells.at(c)
		next := found.previous
		found.previous = last
		last, c = c, next
	}
}

// shrink takes the events out of a window from which on maxspan is over, and
// reports whether any are left.
func (s *State) shrink(p *plan, w *partial, over func(c *cell) bool) bool {
	for w.window > 1 && over(s.cells.at(w.first)) {
		s.shift(p, w, 0)
	}
	return !over(s.cells.at(w.first))
}
