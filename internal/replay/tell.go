package replay

import (
	"cmp"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
)

// single gives an event that an event query accepts.
func (r *Replay) single(s *single) {
	r.opts.Match(engine.Match{Query: int(s.query), Events: []*event.Held{s.doc}})
}

// badValue counts a value on which a condition failed, or an event without time,
// and keeps the first of each, in the order of judging.
func (r *Replay) badValue(b *BadValue) {
	q := &r.report.Queries[b.Fault.Query]
	first := &q.FirstBad
	if b.NoTime {
		q.NoTime++
		first = &q.FirstNoTime
	} else {
		q.Bad++
	}
	if *first == nil || b.before(*first) {
		kept := *b
		*first = &kept
	}
}

// First returns what a run that ends on the first bad value, or event without
// time, would end on; nil: there is none.
func (q *QueryReport) First() *BadValue {
	if q.FirstBad == nil || q.FirstNoTime != nil && q.FirstNoTime.before(q.FirstBad) {
		return q.FirstNoTime
	}
	return q.FirstBad
}

// place fills in when a run that judges one event after the other would come upon
// a bad value: the events in the order of time, the terms of a sequence from the
// last, until after them, missing events after all else; a sample's terms one by
// one, the events as they came.
func (b *BadValue) place(p *engine.Program) {
	query, term := int(b.Fault.Query), b.Fault.Filter
	switch {
	case b.NoTime:
		b.term = 2 // what the event was asked before is there, and nothing else
	case p.Kind(query) == engine.Sample:
		b.phase, b.term = int(term), 0
		b.at = event.Ordinal{Arrival: b.at.Arrival}
	case p.Absent(query, term):
		b.phase, b.term = 1+int(term), 0
	case p.Until(query, term):
		b.term = 1
	default:
		b.term = -term
	}
}

func (b *BadValue) before(o *BadValue) bool {
	return cmp.Or(cmp.Compare(b.phase, o.phase), b.at.Compare(o.at), cmp.Compare(b.term, o.term)) < 0
}
