package sequence

import (
	"math"
	"unsafe"
)

// judgeAgain asks again of each match of a lane whether it stands, now that there
// is one more offender. One that is reported stays so while that is open.
func (s *State) judgeAgain(l int32, p *plan, offender int64) {
	for r := s.extraOf(l).records; r != 0; {
		found := s.records.at(r)
		next := found.next
		if offender <= found.deadline {
			if v, _ := s.verdict(p, r, math.MaxInt64); v == rejected {
				s.judge(r)
			}
		}
		r = next
	}
}

// finally is how far time must come for a match to be final.
func (s *State) finally(r int32) int64 {
	return plus(s.records.at(r).deadline, milliseconds(s.opts.Lateness))
}

// decideAgain looks at a match that is not final, or not reported, when its time
// has come. It is final when its hit is folded and no offender can come.
func (s *State) decideAgain(r int32) {
	l := s.records.at(r).lane
	p := s.planOf(l)
	if mark := s.mark(l); mark < math.MaxInt64 && mark <= s.finally(r) {
		s.judge(r)
		return
	}
	generation := s.records.at(r).generation
	s.foldTo(l, s.floor(l))
	if s.records.at(r).generation != generation {
		return
	}
	s.deliver(p, r)
	s.giveRecord(r)
}

// deliver reports a match that is final, if it stands and was not reported.
func (s *State) deliver(p *plan, r int32) {
	if s.records.at(r).reported {
		return
	}
	if v, _ := s.verdict(p, r, math.MaxInt64); v == accepted {
		s.tellRecord(p, r, false)
	}
}

// foldTo folds the hits of a lane that lie before a time, in milliseconds.
func (s *State) foldTo(l int32, floor int64) {
	found := s.lanes.at(l)
	if found.alone() {
		if s.cells.at(s.partials.at(found.live).cell).at.instant().UnixMilli() < floor {
			s.foldAlone(l)
		}
		return
	}
	for found.hits != 0 {
		oldest := s.hits.at(found.hits).next
		if s.hits.at(oldest).at.instant().UnixMilli() >= floor {
			return
		}
		s.fold(l, oldest)
	}
}

// foldAll folds them all.
func (s *State) foldAll(l int32) {
	found := s.lanes.at(l)
	if found.alone() {
		s.foldAlone(l)
	}
	for found.hits != 0 {
		s.fold(l, s.hits.at(found.hits).next)
	}
}

// fold makes the oldest hit of a lane one that can not be undone.
func (s *State) fold(l, h int32) {
	found := s.hits.at(h)
	p := s.planOf(l)
	for u := found.undo; u != 0; {
		did := s.undos.at(u)
		switch did.what {
		case undoTake:
			s.forget(p, did.partial)
		case undoShift:
			s.giveCell(p, did.partial)
		}
		next := did.next
		s.undos.giveFor(p, u)
		u = next
	}
	if r := found.record; r != 0 {
		s.records.at(r).hit, found.record = 0, 0
		if p.offenders == 0 { // else offenders may still speak against it
			s.deliver(p, r)
			s.giveRecord(r)
		}
	}
	s.lanes.at(l).fold = found.at
	s.removeHit(l, h)
	s.disown(h)
	s.giveTie(p, found.tie)
	s.release(found.doc)
	*found = hit{}
	s.hits.giveFor(p, h)
}

// queueFold sees to it that the hits of a lane do not stay for ever.
func (s *State) queueFold(l int32) {
	if found := s.lanes.at(l); !found.queued() && found.hits != 0 {
		found.setQueued(true)
		s.planOf(l).bytes += foldSize
		s.stream.folds.push(timer{at: s.foldTime(), id: l})
	}
}

// foldSize is what a lane costs in stream.folds.
const foldSize = int64(unsafe.Sizeof(timer{}))

// leaveFolds is told when a lane was taken out of stream.folds.
func (s *State) leaveFolds(l int32) {
	s.lanes.at(l).setQueued(false)
	s.planOf(l).bytes -= foldSize
}

func (s *State) foldTime() int64 {
	return plus(s.stream.progress, max(int64(s.opts.Lateness), int64(s.opts.Idle)/8))
}

// foldDue folds what is due.
func (s *State) foldDue() {
	folds := &s.stream.folds
	for n := folds.size; n > 0 && folds.front().at < s.stream.progress; n-- {
		l := folds.pop().id
		s.leaveFolds(l)
		s.foldTo(l, s.floor(l))
		s.queueFold(l)
		s.dropIfEmpty(l)
	}
}

// oldestHit is the time in milliseconds of the oldest hit of the lane that is to
// be folded first.
func (s *State) oldestHit() int64 {
	folds := &s.stream.folds
	for folds.size > 0 {
		l := folds.front().id
		if found := s.lanes.at(l); found.hits != 0 {
			return s.hits.at(s.hits.at(found.hits).next).at.instant().UnixMilli()
		}
		folds.pop()
		s.leaveFolds(l)
		s.dropIfEmpty(l)
	}
	return math.MaxInt64
}

// evictHits folds the hits of that lane before their time.
func (s *State) evictHits() {
	l := s.stream.folds.pop().id
	s.leaveFolds(l)
	s.foldAll(l)
	s.dropIfEmpty(l)
}

// expireLate drops a partial of a stream if no acceptable event can finish it.
func (s *State) expireLate(c *class, i int32) bool {
	p := s.partials.at(i)
	l := p.lane
	floor := s.floor(l)
	over := func(of *cell) bool { return plus(of.at.instant().UnixMilli(), c.span.Milliseconds()) < floor }
	if !over(s.cells.at(p.first)) {
		return false
	}
	s.foldTo(l, floor)
	if p.window > 0 && s.shrink(s.planOf(l), p, over) {
		return false
	}
	s.expirePartial(i)
	return true
}

// Ticks are what partials count progress in: 2^27 ns, so that 32 bits last for 18
// years.
const tickBits = 27

func tick(progress int64) uint32 {
	return uint32(min(uint64(max(progress, 0))>>tickBits+1, math.MaxUint32)) //nolint:gosec // held within
}

func ofTick(t uint32) int64 { return int64(t) << tickBits }
