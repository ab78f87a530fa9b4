package schedule

import "time"

// Arrival is an event that has been stored, as far as a ledger needs to know it.
type Arrival struct {
	Number   uint64
	Time     time.Time // its @timestamp,
	HasTime  bool      // if it has one
	Ingested time.Time
}

func (a Arrival) on(axis Axis) time.Time {
	if axis == IngestTime || !a.HasTime {
		return a.Ingested
	}
	return a.Time
}

// Arrive is told of each event in order of arrival. If it comes into time that has
// been judged, it makes the ledgers dirty of those rules that it matters to: it
// matters to a rule of which a condition accepts it. Matters is asked of late events
// only; nil says that it matters to all.
func (s *Scheduler) Arrive(a Arrival, matters func(rule int) bool) {
	s.position = max(s.position, a.Number)
	if !a.on(EventTime).Before(s.frontier[EventTime]) && !a.Ingested.Before(s.frontier[IngestTime]) || !s.policy.Marks() {
		return
	}
	for i := range s.rules {
		s.late(i, a, matters)
	}
}

// Late reports whether Arrive would ask to which rules an event matters.
func (s *Scheduler) Late(a Arrival) bool {
	if !s.policy.Marks() {
		return false
	}
	return a.on(EventTime).Before(s.frontier[EventTime]) || a.Ingested.Before(s.frontier[IngestTime])
}

func (s *Scheduler) late(rule int, a Arrival, matters func(rule int) bool) {
	r, l := s.rules[rule], s.ledgers[rule]
	at := a.on(r.Axis)
	end := l.Frontier()
	for _, f := range s.flying[rule] {
		end = later(end, f.To)
	}
	if !at.Before(end) || matters != nil && !matters(rule) {
		return
	}
	dirty := []Span{{at, earlier(after(at.Add(r.reach())), end), a.Number}}
	for _, c := range l.Covered {
		if c.Arrival >= a.Number {
			dirty = without(dirty, c) // it was judged with the event, which is told once more
		}
	}
	for _, d := range dirty {
		l.soil(d)
		s.change(l)
	}
}
