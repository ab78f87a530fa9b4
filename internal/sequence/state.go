package sequence

import (
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
	doors  []door  // by internal number
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
		opts.Idle = max(DefaultIdle, opts.Lateness)
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

// planOf returns the plan of a lane.
func (s *State) planOf(l int32) *plan { return s.plans[s.lanes.at(l).query] }

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
		s.doors = append(s.doors, door{})
	}
	s.plans[at] = p
	s.doors[at] = door{begins: p.begins()}
	return int32(at) //nolint:gosec // a few thousand
}
