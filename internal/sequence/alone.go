package sequence

// In a stream most hits that begin a sequence are the only ones of their key for a
// long time. Such a hit is not kept beside the partial that it began, which has its
// document and its time: the lane is alone, and what else there is to know of the
// hit stands where the lane has no other use for it. So a sequence that waits costs
// the same whether its hit may still be undone or not.

// alone reports whether the lane's one partial stands for its one retained hit.
func (l *lane) alone() bool { return l.where&laneAlone != 0 }

// place is that of the hit of a lane that is alone.
func (l *lane) place() uint64 { return uint64(l.fold.high)<<32 | uint64(l.fold.low) }

func (l *lane) setPlace(arrival uint64) {
	l.fold.high, l.fold.low = uint32(arrival>>32), uint32(arrival) //nolint:gosec // halves
}

// entry is that of the hit of a lane that is alone, in State.entries.
func (l *lane) entry() int32 { return int32(l.fold.nsec) } //nolint:gosec // the bits come back

// endAlone readies the lane for others.
func (l *lane) endAlone() {
	l.where &^= laneAlone
	l.hits, l.fold = 0, stamp{}
}

// aloneSet is the one set of conditions that a hit which stays alone may have met:
// that of the first stage. It is 0, which is no hit's, if there is none.
func (p *plan) aloneSet() set {
	if p.Sample || p.window || p.nbits > 64 || len(p.stages) < 2 || p.until == p.stages[0] {
		return 0
	}
	return 1 << uint(p.stages[0]) //nolint:gosec // a bit is not negative
}

// beginAlone takes a hit that begins a sequence where nothing else is remembered,
// and reports whether it was one.
func (s *State) beginAlone(l int32, p *plan, in set) bool {
	found := s.lanes.at(l)
	if in != p.alone || in == 0 || found.live != 0 || found.hits != 0 || found.where&^laneGroup != 0 ||
		found.fold != (stamp{}) || !s.now.tie.IsNull() {
		return false
	}
	s.step(l, p, in, &s.now, 0)
	found.where |= laneAlone
	found.setPlace(s.now.arrival)
	if i := s.stream.entry; i != 0 {
		found.fold.nsec = uint32(i) //nolint:gosec // not negative
		found.hits, s.entries.at(i).hits = s.entries.at(i).hits, -l
	}
	return true
}

// company makes the lane's hit one among others. If the next one comes after it and
// it can not be undone any more, it is not even needed.
func (s *State) company(l int32, floor int64) {
	found := s.lanes.at(l)
	i := found.live
	c := s.cells.at(s.partials.at(i).cell)
	at := c.at.instant()
	if at.UnixMilli() < floor && at.Compare(s.now.at) < 0 {
		s.foldAlone(l)
		return
	}
	p := s.plans[found.query]
	h := s.hits.takeFor(p)
	s.hold(c.doc)
	fresh := s.hits.at(h)
	*fresh = hit{
		doc: c.doc, in: p.alone, arrival: found.place(), at: c.at, lane: l, entry: found.entry(), sibling: found.hits,
	}
	if fresh.entry != 0 {
		*s.linkTo(fresh.entry, -l) = h
	}
	found.endAlone()
	s.insertHit(l, h, 0)
	s.log(p, h, undoBegin, i)
}

// foldAlone is fold for the hit of a lane that is alone.
func (s *State) foldAlone(l int32) {
	found := s.lanes.at(l)
	if i := found.entry(); i != 0 {
		*s.linkTo(i, -l) = found.hits
	}
	found.endAlone()
	found.fold = s.cells.at(s.partials.at(found.live).cell).at
}
