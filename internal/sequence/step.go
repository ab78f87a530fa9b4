package sequence

// step shows an event to every stage of one lane, the last one first, because an
// event must not extend what it has itself just begun or extended; then until
// throws away what is left. In a stream the hit remembers how to undo it.
//
// Partials stand in the lane's list by stage, the latest first, so that one walk
// along the list goes with the walk over the stages.
func (s *State) step(l int32, p *plan, in set, e *place, hit int32) {
	link := &s.lanes.at(l).live
	last := int16(len(p.stages)) - 1 //nolint:gosec // 256 at most
	if p.window {
		last = -1
		if s.has(p, in, p.stages[0]) {
			s.slide(l, p, e, hit)
		}
	}
	for stage := last; stage >= 0; stage-- {
		if !s.has(p, in, p.stages[stage]) {
			continue
		}
		for *link != 0 && s.partials.at(*link).stage > stage {
			link = &s.partials.at(*link).next
		}
		s.advance(l, p, stage, link, e, hit)
	}
	if p.until >= 0 && s.has(p, in, p.until) {
		for i := s.lanes.at(l).live; i != 0; i = s.lanes.at(l).live {
			s.takeOut(p, &s.lanes.at(l).live, hit)
		}
	}
}

// advance is one stage's reaction. Link leads to the partial of that stage, or to
// the first of an earlier one.
func (s *State) advance(l int32, p *plan, stage int16, link *int32, e *place, hit int32) {
	last := stage == int16(len(p.stages))-1 //nolint:gosec // 256 at most
	if stage == 0 {
		if last {
			s.complete(l, p, 0, e, hit)
			return
		}
		i := s.begin(l, p, e)
		s.settleAt(p, stage, link, i, hit)
		s.enlist(p, i)
		if hit != 0 {
			s.log(p, hit, undoBegin, i)
		}
		return
	}
	before := link
	if *before != 0 && s.partials.at(*before).stage == stage {
		before = &s.partials.at(*before).next
	}
	i := *before
	if i == 0 || s.partials.at(i).stage != stage-1 {
		return
	}
	q := s.partials.at(i)
	if p.HasSpan && e.at.Sub(s.cells.at(q.first).at.instant()) > p.Span {
		s.takeOut(p, before, hit) // it is used up all the same
		return
	}
	if last {
		s.complete(l, p, i, e, hit)
		s.takeOut(p, before, hit)
		return
	}
	*before = q.next
	s.settleAt(p, stage, link, i, hit)
	q.cell = s.newCell(p, e.doc, e.at, q.cell)
	s.unlink(&s.resting, restingLinks, i)
	s.append(&s.resting, restingLinks, i)
	if hit != 0 {
		s.log(p, hit, undoExtend, i)
	}
}

// settleAt puts a partial into its stage's slot; the newer one takes the place of
// the older.
func (s *State) settleAt(p *plan, stage int16, link *int32, i, hit int32) {
	if *link != 0 && s.partials.at(*link).stage == stage {
		s.takeOut(p, link, hit)
	}
	q := s.partials.at(i)
	q.stage, q.next = stage, *link
	*link = i
}

// takeOut takes the partial that a link leads to out of all lists, and forgets it
// or leaves it to the hit.
func (s *State) takeOut(p *plan, link *int32, hit int32) {
	i := *link
	*link = s.partials.at(i).next
	s.delist(p, i)
	if hit != 0 {
		s.log(p, hit, undoTake, i)
		return
	}
	s.forget(p, i)
}
