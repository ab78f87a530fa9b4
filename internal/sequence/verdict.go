package sequence

import "math"

// verdict is what is known of a match.
type verdict uint8

const (
	rejected  verdict = iota // an offender speaks against it
	undecided                // one might still
	accepted
)

// verdict is the rule of Elasticsearch EQL for missing events (TumblingWindow):
// whole milliseconds, exclusive bounds. Between two positive events there must be
// no offender at all. Before the first and after the last there may be, as long
// as the sequence fits into a window of length maxspan without one: a window that
// ends at the last event for leading missing terms, that starts at the first for
// trailing ones, and any window when the sequence begins and ends with a missing
// term. Time has come as far as mark; of an undecided match, bound is how far it
// must come.
func (s *State) verdict(p *plan, r int32, mark int64) (v verdict, bound int64) {
	if p.offenders == 0 {
		return accepted, 0
	}
	x := s.extraOf(s.records.at(r).lane)
	times := s.times(p, s.records.at(r).cell)
	if p.disturbed(x, times) {
		return rejected, 0
	}
	first, last := times[0], times[len(times)-1]
	left, hasLeft, right, hasRight := p.around(x, first, last)
	switch {
	case p.leading && !hasLeft, !p.leading && !p.trailing:
		return accepted, 0
	case !p.trailing:
		if last <= plus(left, p.spanMilli) {
			return rejected, 0
		}
		return accepted, 0
	case p.leading:
		bound = plus(left, p.spanMilli)
	default:
		bound = plus(first, p.spanMilli)
	}
	switch {
	case hasRight && right <= bound:
		return rejected, 0
	case mark > bound || mark == math.MaxInt64:
		return accepted, 0
	}
	return undecided, bound
}

// times writes down the milliseconds of a match's events.
func (s *State) times(p *plan, c int32) []int64 {
	s.millis = resize(s.millis, len(p.stages))
	for i := len(p.stages) - 1; i >= 0; i-- {
		s.millis[i] = s.cells.at(c).at.instant().UnixMilli()
		c = s.cells.at(c).previous
	}
	return s.millis
}

// disturbed reports whether an offender lies between two events.
func (p *plan) disturbed(x *extra, times []int64) bool {
	for i, t := range p.Terms {
		n := int(p.first[i])
		if !t.Missing || n == 0 || n == len(times) {
			continue
		}
		if ms, ok := p.offendersOf(x, t).after(times[n-1]); ok && ms < times[n] {
			return true
		}
	}
	return false
}

func (p *plan) offendersOf(x *extra, t Term) *milliTimes {
	return &x.offenders[p.slots[p.bits[t.Filter]]]
}

// around returns the newest offender before the first event and the oldest after
// the last one.
func (p *plan) around(x *extra, first, last int64) (left int64, hasLeft bool, right int64, hasRight bool) {
	for i, t := range p.Terms {
		if !t.Missing {
			continue
		}
		found := p.offendersOf(x, t)
		switch int(p.first[i]) {
		case 0:
			if ms, ok := found.before(first); ok && (!hasLeft || ms > left) {
				left, hasLeft = ms, true
			}
		case len(p.stages):
			if ms, ok := found.after(last); ok && (!hasRight || ms < right) {
				right, hasRight = ms, true
			}
		}
	}
	return left, hasLeft, right, hasRight
}
