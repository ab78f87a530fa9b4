package sequence

import (
	"cmp"
	"slices"
)

// Feed takes the next event. It keeps what it needs: e and its slices may be used
// again, but Doc, if not nil, is kept.
func (s *State) Feed(e *Event) {
	s.fed++
	s.now = place{doc: e.Doc, at: e.Time, tie: e.Tiebreaker, arrival: e.Arrival}
	if s.opts.Sorted {
		s.now.arrival = s.fed
		if e.HasTime {
			s.pass(e.Time)
		}
	} else {
		s.observe(e)
	}
	plain := s.opts.Sorted && e.HasTime && !e.Tied
	for from := 0; from < len(e.Hits); {
		q, begins, to := e.Hits[from].Query, uint64(0), from
		door := &s.doors[s.number[q]]
		for ; to < len(e.Hits) && e.Hits[to].Query == q; to++ {
			begins |= door.begins >> uint(e.Hits[to].Filter&63) //nolint:gosec // not negative
		}
		switch idle := plain && begins&1 == 0; {
		case !idle:
			s.feedQuery(e, e.Hits[from:to])
		case door.lanes > 0:
			s.feedWaiting(e, e.Hits[from:to])
		}
		from = to
	}
	if !s.opts.Sorted {
		s.settle()
	}
	if s.opts.Budget > 0 {
		s.keepBudget()
	}
}

// feedWaiting takes hits that begin nothing, in sorted mode: most often what they
// could go on with is not there.
func (s *State) feedWaiting(e *Event, hits []Hit) {
	q := s.number[hits[0].Query]
	if first := &hits[0]; len(hits) == 1 && len(first.Keys) == 1 {
		key := splitKey(first.Keys[0])
		if l := s.findLane(q, key); l != 0 {
			p := s.plans[q]
			s.pairs = append(s.pairs[:0], pair{key, p.bits[first.Filter]})
			s.feedKey(q, p, l, s.pairs, true)
		}
		return
	}
	for i := range hits {
		for _, k := range hits[i].Keys {
			if s.findLane(q, splitKey(k)) != 0 {
				s.feedQuery(e, hits)
				return
			}
		}
	}
}

// feedQuery takes the hits of one query.
func (s *State) feedQuery(e *Event, hits []Hit) {
	q := s.number[hits[0].Query]
	p := s.plans[q]
	if p.Sample {
		s.feedSample(q, p, e, hits)
		return
	}
	positive := true
	if (!e.HasTime || e.Tied) && p.anyPositive(hits) {
		if positive = false; e.HasTime {
			p.stats.Tied++
		} else {
			p.stats.NoTime++
		}
	}
	if !e.HasTime {
		return
	}
	if s.stream.late {
		s.countLate(p)
		return
	}
	s.pairs = s.pairs[:0]
	for _, h := range hits {
		bit := p.bits[h.Filter]
		for _, k := range h.Keys {
			s.pairs = append(s.pairs, pair{splitKey(k), bit})
		}
	}
	if len(s.pairs) > 1 {
		slices.SortFunc(s.pairs, comparePairs)
	}
	for from := 0; from < len(s.pairs); {
		to := from + 1
		for to < len(s.pairs) && s.pairs[to].key == s.pairs[from].key {
			to++
		}
		s.feedKey(q, p, s.findLane(q, s.pairs[from].key), s.pairs[from:to], positive)
		from = to
	}
}

func comparePairs(a, b pair) int {
	for i := range a.key {
		if a.key[i] != b.key[i] {
			return cmp.Compare(a.key[i], b.key[i])
		}
	}
	return cmp.Compare(a.bit, b.bit)
}

// anyPositive reports whether a positive term or until accepted the event.
func (p *plan) anyPositive(hits []Hit) bool {
	for _, h := range hits {
		if p.positive[p.bits[h.Filter]] {
			return true
		}
	}
	return false
}

// feedKey takes the hits of one query under one key, whose lane is l if there is
// one: first as offenders, then as events of the sequence if they may be that. The order of the two makes no
// difference: an offender does not count within its own millisecond.
func (s *State) feedKey(q int32, p *plan, l int32, pairs []pair, positive bool) {
	key := pairs[0].key
	if !s.opts.Sorted && s.folded(l) {
		s.countLate(p)
		return
	}
	var narrow set
	var wide wideSet
	found := false
	for _, of := range pairs {
		if slot := p.slots[of.bit]; slot >= 0 {
			l = s.offend(q, p, l, key, slot)
		}
		if p.positive[of.bit] {
			found = true
			narrow |= 1 << uint(of.bit&63)          //nolint:gosec // a bit is not negative
			wide[of.bit>>6] |= 1 << uint(of.bit&63) //nolint:gosec // a bit is not negative
		}
	}
	if !found || !positive {
		return
	}
	if p.nbits > 64 {
		narrow = s.wide.number(wide)
	}
	if !s.opts.Sorted {
		s.retain(p, s.streamLane(q, p, l, key), narrow)
		return
	}
	if l == 0 {
		if !s.has(p, narrow, p.stages[0]) {
			return // nothing waits, nothing begins
		}
		l = s.addLane(q, key)
	}
	s.step(l, p, narrow, &s.now, 0)
	s.dropIfEmpty(l)
}
