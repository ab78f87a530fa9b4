package generate

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// Event is one event that was made.
type Event struct {
	// Term is the number of the query's term, from 0, that the event is for; of
	// until, which has no number, one more than the last.
	Term int
	// Offset is the time after the first event.
	Offset time.Duration
	// Fields are the fields that matter, by dotted name: a string, int64, uint64,
	// float64 or bool, or a []any of them.
	Fields map[string]any
	// Doc is the whole document: the fields, and the timestamp.
	Doc []byte
}

// ErrNoEvents says that no events were found that satisfy a query: there are none,
// or the search, which is bounded, did not come upon them.
var ErrNoEvents = errors.New("no events found that satisfy the query")

// Solve makes events that satisfy a query from eql.Check, in the order of time: one
// for each positive term, as often as `with runs` says. The query finds them, once.
func Solve(q *eql.Query) ([]Event, error) {
	j := newJudge()
	p := newPlan(q)
	parts := p.parts()
	s := newSearch(j, len(parts))
	docs, ok := s.solve(p.goal(s, parts))
	if j.err != nil {
		return nil, fmt.Errorf("solve query: %w", j.err)
	}
	if !ok {
		return nil, fmt.Errorf("solve query: %w", ErrNoEvents)
	}
	events, err := p.events(parts, docs)
	if err != nil {
		return nil, fmt.Errorf("solve query: %w", err)
	}
	n, err := count(q, events)
	switch {
	case err != nil:
		return nil, fmt.Errorf("solve query: %w", err)
	case n != 1:
		return nil, fmt.Errorf("solve query: %w: the events made for it give %d results", ErrNoEvents, n)
	}
	return events, nil
}

// start is the time of the first event.
var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// newEvent writes an event's document. A timestamp among the fields stays.
func newEvent(term int, offset time.Duration, fields map[string]any) (Event, error) {
	whole := maps.Clone(fields)
	if whole[eql.DefaultTimestampField] == nil {
		whole[eql.DefaultTimestampField] = value.InstantOfTime(start.Add(offset)).String()
	}
	doc, err := marshal(whole)
	if err != nil {
		return Event{}, fmt.Errorf("write event: %w", err)
	}
	return Event{Term: term, Offset: offset, Fields: fields, Doc: doc}, nil
}

// count runs the query over events and counts the results.
func count(q *eql.Query, events []Event) (int, error) {
	p, err := reference.Compile(q, options())
	if err != nil {
		return 0, err
	}
	var docs []*event.Document
	for i, e := range events {
		d, err := event.Decode(e.Doc, event.Identity{}, uint64(i))
		if err != nil {
			return 0, err
		}
		docs = append(docs, d)
	}
	result, err := p.Run(docs)
	if err != nil {
		return 0, err
	}
	return len(result.Events) + len(result.Sequences), nil
}
