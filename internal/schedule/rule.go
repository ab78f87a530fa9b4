package schedule

import (
	"fmt"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/rule"
)

// Timestamp is the field of an event's own time, and Ingested that of its arrival.
const (
	Timestamp = "@timestamp"
	Ingested  = "event.ingested"
)

// Rule is what a schedule knows of a rule. It does not change.
type Rule struct {
	ID   string // the rule's uuid
	Name string

	Interval   time.Duration
	From, To   rule.DateMath
	MaxSignals int
	Indices    event.Patterns

	// Primary and Secondary are the fields of the range test (Kibana: the timestamp
	// override, and @timestamp for documents without it); Secondary may be "".
	Primary, Secondary string

	// Axis is the time in which the rule's ledger is kept.
	Axis Axis
	// Span is how long a sequence may take; 0 for event queries, and for what is
	// judged by whole windows.
	Span time.Duration
	// Trailing says that the sequence ends with a missing event.
	Trailing bool
	// Whole says that what is found depends on where the window begins and ends: of
	// samples and pipes. Its windows are never cut.
	Whole bool

	// Fields are those that the query names without `?`; see Catalog.
	Fields []string
	// Warnings are told at each run, such as exceptions that are not applied.
	Warnings []string
}

// Axis is a time in which events stand.
type Axis uint8

// The axes.
const (
	// EventTime is @timestamp, and for events without it the time of arrival.
	EventTime Axis = iota
	// IngestTime is the time of arrival.
	IngestTime
)

// String names the axis.
func (a Axis) String() string {
	if a == IngestTime {
		return Ingested
	}
	return Timestamp
}

// NewRule takes what a schedule needs from a rule and its checked query.
func NewRule(r *rule.Rule, q *eql.Query) (*Rule, error) {
	out := &Rule{
		ID: r.UUID(), Name: r.Name, MaxSignals: r.MaxSignals, Indices: event.NewPatterns(r.Patterns()),
		Primary: Timestamp, Fields: fieldsOf(q),
	}
	var err error
	if out.Interval, err = rule.ParseInterval(r.Interval); err != nil {
		return nil, fmt.Errorf("read interval: %w", err)
	}
	if out.From, err = rule.ParseDateMath(r.From); err != nil {
		return nil, fmt.Errorf("read from: %w", err)
	}
	if out.To, err = rule.ParseDateMath(r.To); err != nil {
		return nil, fmt.Errorf("read to: %w", err)
	}
	if r.TimestampOverride != "" && r.TimestampOverride != Timestamp {
		out.Primary = r.TimestampOverride
		if !r.TimestampOverrideFallbackDisabled {
			out.Secondary = Timestamp
		}
	}
	out.shape(q)
	return out, nil
}

// shape takes from the query how its windows may be cut.
func (r *Rule) shape(q *eql.Query) {
	switch b := q.Body.(type) {
	case *eql.Sequence:
		r.Span = SpanOf(b, r.From, r.To)
		r.Trailing = b.Terms[len(b.Terms)-1].Missing
		r.Whole = r.Span <= 0
	case *eql.Sample:
		r.Whole = true
	default:
		// What arrives late arrives in the window of its arrival, so nothing has to be
		// run again.
		if r.Primary == Ingested {
			r.Axis = IngestTime
		}
	}
	if len(q.Pipes) > 0 {
		r.Whole, r.Span, r.Trailing = true, 0, false
	}
}

// SpanOf is how long a sequence may take: its maxspan, else the look-back of its
// rule, that is how wide its window is; 0 where neither is known. A stream and a
// schedule that are to agree both use it.
func SpanOf(s *eql.Sequence, from, to rule.DateMath) time.Duration {
	if s.MaxSpan != nil {
		return s.MaxSpan.Duration()
	}
	return LookBack(from, to)
}

// widest is the last moment of a second, a day, a week, a month and a year at
// once: a window that starts at a rounded time is never wider than then.
var widest = time.Date(2022, 12, 31, 23, 59, 59, 999_000_000, time.UTC)

// LookBack is how wide a window is, at its widest; 0 if it does not go with the
// time of the run.
func LookBack(from, to rule.DateMath) time.Duration {
	if !from.IsNow() || !to.IsNow() {
		return 0
	}
	return max(to.At(widest).Sub(from.At(widest)), 0)
}

// reach is how long after an event a match may end that it is part of.
func (r *Rule) reach() time.Duration {
	if r.Whole {
		return LookBack(r.From, r.To)
	}
	return r.Span
}

// window is the rule's window of a run, both ends included.
func (r *Rule) window(now time.Time) (from, to time.Time) { return r.From.At(now), r.To.At(now) }

// fieldsOf lists the fields that must be known.
func fieldsOf(q *eql.Query) []string {
	var out []string
	seen := map[string]bool{}
	add := func(f *eql.Field) {
		if !f.Optional && !seen[f.Name()] {
			seen[f.Name()] = true
			out = append(out, f.Name())
		}
	}
	filter := func(f *eql.Filter) {
		eql.Walk(f.Condition, func(e eql.Expr) {
			if field, ok := e.(*eql.Field); ok {
				add(field)
			}
		})
	}
	terms := func(keys []*eql.Field, list ...*eql.Term) {
		for _, k := range keys {
			add(k)
		}
		for _, t := range list {
			for _, k := range t.Keys {
				add(k)
			}
			filter(t.Filter)
		}
	}
	switch b := q.Body.(type) {
	case *eql.Filter:
		filter(b)
	case *eql.Sequence:
		terms(b.Keys, b.Terms...)
		if b.Until != nil {
			terms(nil, b.Until)
		}
	case *eql.Sample:
		terms(b.Keys, b.Terms...)
	}
	return out
}
