package sequence

import (
	"math"

	"github.com/tripline-sec/tripline/internal/value"
)

// Advance tells a stream how late it is by the clock of the wall, so that hosts
// that say nothing are not waited for without end. It does nothing in sorted mode.
func (s *State) Advance(now value.Instant) {
	if s.opts.Sorted {
		return
	}
	s.now = place{at: now}
	s.stream.late, s.stream.entry = false, 0
	if w := s.stream.wall; w != 0 && s.clocks.at(w).newest.Sub(now) > s.opts.Lateness {
		s.clocks.at(w).forget() // it was set back, and would stand still until then
		s.clocks.give(w)
		s.stream.wall = 0
	}
	if s.stream.wall == 0 {
		s.stream.wall = s.newClock(clockKey{}, now, 0)
	}
	s.tellTime(s.stream.wall, now)
	s.settle()
	if s.opts.Budget > 0 {
		s.keepBudget()
	}
}

// Close is the end of input: what waits is decided, as if nothing more could
// come, and samples are reported. The state is empty afterwards.
func (s *State) Close() {
	for i := range s.groups {
		s.groups[i].mark = math.MaxInt64
	}
	for i := range s.groups {
		s.decide(int32(i)) //nolint:gosec // as many as hosts
	}
	s.tellSamples()
	s.clearFolds()
	s.purgeAll(nil)
}

// clearFolds empties the queue of lanes.
func (s *State) clearFolds() {
	for s.stream.folds.size > 0 {
		l := s.stream.folds.pop().id
		s.leaveFolds(l)
		s.dropIfEmpty(l)
	}
}
