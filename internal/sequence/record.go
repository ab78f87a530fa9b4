package sequence

import (
	"math"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// record is a match that may still change: one that waits to be decided or
// delivered and, in a stream, one that was reported and may be superseded.
type record struct {
	cell       int32 // of its last event
	lane       int32
	hit        int32 // stream: the retained hit that completed it, 0 once that is folded
	next       int32 // in extra.records, an older one; of queries with missing events
	previous   int32
	tie        int32 // in State.ties, the tiebreaker of the last event
	arrival    uint64
	deadline   int64 // see plan.deadline
	generation uint32
	reported   bool
	waiting    bool // it counts in State.waiting
}

// complete takes a finished sequence: what partial i holds, which may be 0, and
// the event.
func (s *State) complete(l int32, p *plan, i int32, e *place, hit int32) {
	before := int32(0)
	if i != 0 {
		before = s.partials.at(i).cell
	}
	if hit != 0 {
		s.completeHit(l, p, before, e, hit)
		return
	}
	if p.offenders == 0 {
		s.choose(p, before, e.doc)
		s.tell(p, s.lanes.at(l).key, ordinal(e.at, e.tie, e.arrival), false)
		return
	}
	s.judge(s.newRecord(l, p, before, e, 0))
}

func ordinal(at value.Instant, tie value.Value, arrival uint64) event.Ordinal {
	return event.Ordinal{Time: at, HasTime: true, Tiebreaker: tie, Arrival: arrival}
}

// newRecord copies the events before, and puts itself into the lane's list where
// offenders must find it.
func (s *State) newRecord(l int32, p *plan, before int32, e *place, hit int32) int32 {
	r := s.records.takeFor(p)
	found := s.records.at(r)
	*found = record{generation: found.generation, lane: l, hit: hit, arrival: e.arrival, tie: s.newTie(p, e.tie)}
	found.cell = s.newCell(p, e.doc, e.at, 0)
	for c := found.cell; before != 0; before = s.cells.at(before).previous {
		b := s.cells.at(before)
		copied := s.newCell(p, b.doc, b.at.instant(), 0)
		s.cells.at(c).previous = copied
		c = copied
	}
	times := s.times(p, found.cell)
	found.deadline = p.deadline(times[0], times[len(times)-1])
	if p.offenders > 0 {
		x := s.extraOf(l)
		if found.next = x.records; found.next != 0 {
			s.records.at(found.next).previous = r
		}
		x.records = r
	}
	s.age(r)
	return r
}

// giveRecord forgets a match.
func (s *State) giveRecord(r int32) {
	found := s.records.at(r)
	p := s.planOf(found.lane)
	s.giveChain(p, found.cell)
	s.giveTie(p, found.tie)
	s.waitNoMore(found)
	if found.next != 0 {
		s.records.at(found.next).previous = found.previous
	}
	if found.previous != 0 {
		s.records.at(found.previous).next = found.next
	} else if x := s.lanes.at(found.lane).extra; x != 0 && s.extras.at(x).records == r {
		s.extras.at(x).records = found.next
	}
	if found.hit != 0 {
		s.hits.at(found.hit).record = 0
	}
	*found = record{generation: found.generation + 1}
	s.records.giveFor(p, r)
}

func (s *State) wait(r *record) {
	if !r.waiting {
		r.waiting = true
		s.planOf(r.lane).stats.Waiting++
	}
}

func (s *State) waitNoMore(r *record) {
	if r.waiting {
		r.waiting = false
		s.planOf(r.lane).stats.Waiting--
	}
}

// newTie keeps a tiebreaker; null costs nothing.
func (s *State) newTie(p *plan, v value.Value) int32 {
	if v.IsNull() {
		return 0
	}
	i := s.ties.takeFor(p)
	*s.ties.at(i) = v
	return i
}

func (s *State) giveTie(p *plan, i int32) {
	if i != 0 {
		*s.ties.at(i) = value.Value{}
		s.ties.giveFor(p, i)
	}
}

func (s *State) tie(i int32) value.Value {
	if i == 0 {
		return value.Value{}
	}
	return *s.ties.at(i)
}

func (s *State) lastMilli(r int32) int64 {
	return s.cells.at(s.records.at(r).cell).at.instant().UnixMilli()
}

// judge decides on a match as far as that can be done, and reports it or takes
// the report back. The record may be gone afterwards.
func (s *State) judge(r int32) {
	found := s.records.at(r)
	l := found.lane
	p := s.planOf(l)
	v, bound := s.verdict(p, r, s.mark(l))
	if v == rejected {
		if found.reported {
			s.tellRecord(p, r, true)
		}
		s.giveRecord(r)
		return
	}
	at := bound
	if !s.opts.Sorted && (v == accepted || s.opts.Hold) {
		at = s.finally(r)
	}
	if v == accepted && !found.reported && (s.opts.Sorted || !s.opts.Hold) {
		s.tellRecord(p, r, false)
		found.reported = true
	}
	if found.reported {
		s.waitNoMore(found)
	} else {
		s.wait(found)
	}
	switch {
	case s.opts.Sorted && v == accepted:
		s.giveRecord(r)
	case p.offenders > 0 || s.opts.Hold: // a record that only its hit needs goes with it
		g := &s.groups[s.lanes.at(l).group()]
		g.records.push(timer{at: at, id: r, generation: found.generation})
	}
}

// decide looks again at the matches of a group whose time has come.
func (s *State) decide(group int32) {
	g := &s.groups[group]
	for len(g.records) > 0 && (g.records[0].at < g.mark || g.mark == math.MaxInt64) {
		t := g.records.pop()
		if r := s.records.at(t.id); r.generation == t.generation {
			l := r.lane
			if s.opts.Sorted {
				s.judge(t.id)
			} else {
				s.decideAgain(t.id)
			}
			s.dropIfEmpty(l)
			g = &s.groups[group]
		}
	}
}
