package sequence

import "slices"

// milliTimes are times in epoch milliseconds, ascending, each once.
type milliTimes struct {
	ms   []int64
	head int // those before it are gone
}

func (t *milliTimes) all() []int64 { return t.ms[t.head:] }
func (t *milliTimes) len() int     { return len(t.ms) - t.head }

// add returns how many bytes that took.
func (t *milliTimes) add(ms int64) int64 {
	n := len(t.ms)
	switch {
	case t.len() == 0 || t.ms[n-1] < ms:
		t.ms = append(t.ms, ms)
	default:
		i, found := slices.BinarySearch(t.all(), ms)
		if found {
			return 0
		}
		t.ms = slices.Insert(t.ms, t.head+i, ms)
	}
	return 8
}

// trim forgets those before a time and returns how many bytes that freed.
func (t *milliTimes) trim(floor int64) int64 {
	from := t.head
	for t.head < len(t.ms) && t.ms[t.head] < floor {
		t.head++
	}
	freed := int64(t.head-from) * 8
	if t.head > len(t.ms)/2 {
		t.ms = t.ms[:copy(t.ms, t.all())]
		t.head = 0
	}
	return freed
}

// clear forgets all of them, and does not keep much room for others.
func (t *milliTimes) clear() int64 {
	freed := int64(t.len()) * 8
	t.head, t.ms = 0, t.ms[:0]
	if cap(t.ms) > 64 {
		t.ms = nil
	}
	return freed
}

// before returns the newest strictly before a time.
func (t *milliTimes) before(ms int64) (int64, bool) {
	i, _ := slices.BinarySearch(t.all(), ms)
	if i == 0 {
		return 0, false
	}
	return t.all()[i-1], true
}

// after returns the oldest strictly after a time.
func (t *milliTimes) after(ms int64) (int64, bool) {
	i, found := slices.BinarySearch(t.all(), ms)
	if found {
		i++
	}
	if i == t.len() {
		return 0, false
	}
	return t.all()[i], true
}

// offend takes an event that a missing term accepts. It returns the key's lane, 0 if
// there is none, as it took it.
func (s *State) offend(q int32, p *plan, l int32, key [4]uint32, slot int16) int32 {
	ms := s.now.at.UnixMilli()
	if !s.opts.Sorted {
		l = s.streamLane(q, p, l, key)
		s.store(l, p, slot, ms)
		s.judgeAgain(l, p, ms)
		return l
	}
	if l != 0 && p.keep[slot]&keepTrailing != 0 {
		s.rejectBefore(l, ms)
		l = s.findLane(q, key) // it may have been the last that was remembered of it
	}
	switch {
	case p.keep[slot]&keepLeading != 0:
		if l == 0 {
			l = s.addLane(q, key)
		}
		s.store(l, p, slot, ms)
	case p.keep[slot]&keepInner != 0 && l != 0 && s.lanes.at(l).live != 0:
		s.store(l, p, slot, ms)
	}
	return l
}

func (s *State) store(l int32, p *plan, slot int16, ms int64) {
	x := s.extraOf(l)
	s.trim(x, p, s.floor(l))
	s.addLoose(p, x.offenders[slot].add(ms))
	s.lookLater(p, s.lanes.at(l).extra)
}

// trim forgets offenders that lie a whole span before all that can still come.
func (s *State) trim(x *extra, p *plan, floor int64) {
	for i := range x.offenders {
		s.addLoose(p, -x.offenders[i].trim(plus(floor, -p.spanMilli)))
	}
}

// rejectBefore takes away, in sorted mode, the matches that wait and whose last
// event lies before an offender: were it too late to count, they would not wait.
func (s *State) rejectBefore(l int32, ms int64) {
	x := s.lanes.at(l).extra
	if x == 0 {
		return
	}
	for r := s.extras.at(x).records; r != 0; {
		next := s.records.at(r).next
		if s.lastMilli(r) < ms {
			s.giveRecord(r)
		}
		r = next
	}
	s.dropIfEmpty(l)
}
