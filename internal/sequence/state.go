package sequence

import (
	"cmp"
	"math"
	"slices"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// State is the memory of all queries that share one order of events: the same
// timestamp and tiebreaker fields. It is not for concurrent use.
type State struct {
	opts   Options
	plans  []*plan // by internal number; nil where Reload dropped one
	number []int32 // from the caller's number of a query to the internal one
	stats  struct {
		late map[uint32]uint64 // by source
	}

	lanes    arena[lane]
	table    table
	extras   arena[extra]
	partials arena[partial]
	cells    arena[cell]
	records  arena[record]
	hits     arena[hit]
	undos    arena[undo]
	entries  arena[entry]
	clocks   arena[clock]
	ties     arena[value.Value] // tiebreakers of retained hits and waiting matches
	wide     wideSets
	held     *HeldStats
	loose    int64 // bytes of the slices within extras

	classes []class
	expiry  heap         // of classes, by when their oldest partial or look is due
	resting list         // of all partials, by last event: who is evicted first
	aging   queue[timer] // of records, by last event
	groups  []group      // the first is that of all clocks
	stream  stream

	now    place // the event that is being fed
	fed    uint64
	pairs  []pair
	chosen []*event.Held // the events of a match as it is told
	millis []int64       // their times
}

// place is an event in its place in time.
type place struct {
	doc     *event.Held
	at      value.Instant
	tie     value.Value
	arrival uint64 // of the place
}

// pair is a condition that accepted the event under a key.
type pair struct {
	key [4]uint32
	bit int16
}

// New returns an empty State.
func New(queries []Query, opts Options) *State {
	if opts.Idle <= 0 {
		opts.Idle = DefaultIdle
	}
	s := &State{opts: opts, held: opts.Held}
	if s.held == nil {
		s.held = new(HeldStats)
	}
	s.stats.late = make(map[uint32]uint64)
	s.groups = []group{{mark: math.MinInt64}}
	s.stream.begin()
	for i, q := range queries {
		s.number = append(s.number, s.addPlan(q, int32(i))) //nolint:gosec // a few thousand
	}
	return s
}

// addPlan returns the internal number of a new query.
func (s *State) addPlan(q Query, number int32) int32 {
	p := newPlan(q)
	p.number = number
	if p.HasSpan {
		p.class = s.classOf(p.Span)
	}
	at := slices.Index(s.plans, nil)
	if at < 0 {
		at = len(s.plans)
		s.plans = append(s.plans, nil)
	}
	s.plans[at] = p
	return int32(at) //nolint:gosec // a few thousand
}

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
	for from := 0; from < len(e.Hits); {
		to := from + 1
		for to < len(e.Hits) && e.Hits[to].Query == e.Hits[from].Query {
			to++
		}
		s.feedQuery(e, e.Hits[from:to])
		from = to
	}
	if !s.opts.Sorted {
		s.settle()
	}
	if s.opts.Budget > 0 {
		s.keepBudget()
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
		s.feedKey(q, p, s.pairs[from:to], positive)
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

// feedKey takes the hits of one query under one key: first as offenders, then as
// events of the sequence if they may be that. The order of the two makes no
// difference: an offender does not count within its own millisecond.
func (s *State) feedKey(q int32, p *plan, pairs []pair, positive bool) {
	key := pairs[0].key
	if !s.opts.Sorted && s.folded(q, key) {
		s.countLate(p)
		return
	}
	var narrow set
	var wide wideSet
	found := false
	for _, of := range pairs {
		if slot := p.slots[of.bit]; slot >= 0 {
			s.offend(q, p, key, slot)
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
		s.retain(q, p, key, narrow)
		return
	}
	l := s.findLane(q, key)
	if l == 0 {
		if !s.has(p, narrow, p.stages[0]) {
			return // nothing waits, nothing begins
		}
		l = s.makeLane(q, key)
	}
	s.step(l, p, narrow, &s.now, 0)
	s.dropIfEmpty(l)
}
