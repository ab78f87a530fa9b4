package sequence

import "math"

// keepBudget forgets what is oldest, by last event, until the budget is kept.
func (s *State) keepBudget() {
	for s.bookkeeping()+s.held.Bytes > s.opts.Budget && s.evict() {
	}
}

// evict forgets the oldest of the partials, the waiting matches and, in a stream,
// the hits retained for late ones and the places of events of one timestamp. When
// there is none of these left, offenders go. Clocks stay.
func (s *State) evict() bool {
	partial, record, hit, tie := s.oldestPartial(), s.oldestRecord(), s.oldestHit(), s.oldestTie()
	switch {
	case tie < math.MaxInt64 && tie <= partial && tie <= record && tie <= hit:
		s.dropTie(s.stream.tieTimes.pop().key)
	case hit < math.MaxInt64 && hit <= partial && hit <= record:
		s.evictHits()
	case record < math.MaxInt64 && record <= partial:
		s.evictRecord()
	case s.resting.head != 0:
		s.evictPartial(s.resting.head)
	default:
		return s.evictOffenders()
	}
	return true
}

// oldestPartial is the time of the last event of the partial that goes first, in
// milliseconds.
func (s *State) oldestPartial() int64 {
	i := s.resting.head
	if i == 0 {
		return math.MaxInt64
	}
	c := s.partials.at(i).cell
	if c == 0 {
		return math.MinInt64 // of a sample
	}
	return s.cells.at(c).at.instant().UnixMilli()
}

func (s *State) evictPartial(i int32) {
	l := s.partials.at(i).lane
	p := s.planOf(l)
	p.stats.Evicted++
	if p.Sample {
		s.giveSample(l)
		return
	}
	s.foldAll(l)
	s.drop(i)
	s.dropIfEmpty(l)
}

// oldestRecord is the same of the oldest match that waits or may be superseded.
func (s *State) oldestRecord() int64 {
	for s.aging.size > 0 {
		if t := s.aging.front(); s.records.at(t.id).generation == t.generation {
			return t.at
		}
		s.aging.pop()
	}
	return math.MaxInt64
}

// age puts a new match at the end of those that may be evicted. Those that are
// gone by then are left out once they are the most.
func (s *State) age(r int32) {
	if s.opts.Budget <= 0 {
		return
	}
	if s.aging.size > 2*s.records.live()+chunkSize {
		for n := s.aging.size; n > 0; n-- {
			if t := s.aging.pop(); s.records.at(t.id).generation == t.generation {
				s.aging.push(t)
			}
		}
	}
	s.aging.push(timer{at: s.lastMilli(r), id: r, generation: s.records.at(r).generation})
}

// evictRecord forgets the match that oldestRecord found.
func (s *State) evictRecord() {
	t := s.aging.pop()
	r, found := t.id, s.records.at(t.id)
	l := found.lane
	if found.hit != 0 {
		s.foldAll(l) // else it would be found again
		if found.generation != t.generation {
			s.dropIfEmpty(l)
			return
		}
	}
	if found.waiting {
		s.planOf(l).stats.Evicted++
	}
	s.giveRecord(r)
	s.dropIfEmpty(l)
}

// evictOffenders forgets the offenders of the lane that was to be looked at first.
func (s *State) evictOffenders() bool {
	for i := range s.classes {
		for c := &s.classes[i]; c.looks.size > 0; {
			at := c.looks.pop()
			x := s.extras.at(at.extra)
			if x.generation != at.generation {
				continue
			}
			x.looking = false
			p := s.planOf(x.lane)
			for slot := range x.offenders {
				s.addLoose(p, -x.offenders[slot].clear())
			}
			p.stats.Evicted++
			s.dropIfEmpty(x.lane)
			return true
		}
	}
	return false
}
