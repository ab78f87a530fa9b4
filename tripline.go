package tripline

import (
	"fmt"
	"iter"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// Options says how a query reads documents. The zero value reads ECS events.
type Options struct {
	CategoryField   string // "" is event.category
	TimestampField  string // "" is @timestamp
	TiebreakerField string // "" orders equal times by event.sequence of one agent, then arrival

	// Schema gives the fields their types, as a mapping does in Elasticsearch,
	// and makes a query fail that its types forbid; see eql.ParseMapping. Nil
	// takes every field as mapped, with the types of ECS and Elastic Defend.
	Schema *eql.Schema
}

// Query is a compiled EQL query.
type Query struct {
	program  *reference.Program
	warnings []eql.Warning
	text     string
}

// Compile parses, checks and compiles a query. A query that Elasticsearch would
// refuse gives an *eql.Error, which holds line, column, message and hint.
func Compile(query string, opts Options) (*Query, error) {
	parsed, err := eql.Parse(query)
	if err != nil {
		return nil, err
	}
	checked, warnings, err := eql.Check(parsed, eql.CheckOptions{
		Schema:          opts.Schema,
		CategoryField:   opts.CategoryField,
		TimestampField:  opts.TimestampField,
		TiebreakerField: opts.TiebreakerField,
	})
	if err != nil {
		return nil, err
	}
	program, err := reference.Compile(checked, reference.Options{
		Schema:          opts.Schema,
		CategoryField:   opts.CategoryField,
		TimestampField:  opts.TimestampField,
		TiebreakerField: opts.TiebreakerField,
		Size:            -1,
	})
	if err != nil {
		return nil, err
	}
	return &Query{program: program, warnings: warnings, text: parsed.String()}, nil
}

// Warnings returns what to look at in a query that compiles: field names that
// look like a slip, comparisons that can never be true.
func (q *Query) Warnings() []eql.Warning { return q.warnings }

// String returns the query in the printer's spelling.
func (q *Query) String() string { return q.text }

// Match is one result: an event, or the events of a sequence or sample.
type Match struct {
	// Keys are the join keys of a sequence or sample, in the order of the query:
	// nil, bool, int64, uint64, float64 or string. Empty for an event query.
	Keys []any
	// Events are the event, or an event for each term in the terms' order.
	Events []Event
}

// Event is one document of a match.
type Event struct {
	Index, ID string
	Source    []byte // the document as it was fed; do not change it
	// Missing is set, and all else empty, where the query asks that an event be
	// missing and it was.
	Missing bool
}

// Session runs a query over one stream of documents.
type Session struct {
	query *Query
	docs  []*event.Document
}

// NewSession starts with no documents.
func (q *Query) NewSession() *Session { return &Session{query: q} }

// Feed adds one JSON document, in any order of time. The session keeps the
// bytes; do not change them. An error concerns this document alone, which is
// left out: no JSON object, or nested too deep.
func (s *Session) Feed(document []byte) error {
	d, err := event.Decode(document, event.Identity{}, uint64(len(s.docs)))
	if err != nil {
		return fmt.Errorf("feed document: %w", err)
	}
	s.docs = append(s.docs, d)
	return nil
}

// Matches judges the documents fed so far and yields the matches, events in
// order of time and sequences in order of their last event. It stops with an
// error where Elasticsearch's search would fail: an integer overflow, a division
// by zero, text that number() can not read, an event of a sequence without a
// timestamp.
func (s *Session) Matches() iter.Seq2[Match, error] {
	return func(yield func(Match, error) bool) {
		result, err := s.query.program.Run(s.docs)
		if err != nil {
			yield(Match{}, err)
			return
		}
		for _, d := range result.Events {
			if !yield(Match{Events: []Event{publicEvent(d)}}, nil) {
				return
			}
		}
		for _, found := range result.Sequences {
			m := Match{Keys: make([]any, len(found.Keys)), Events: make([]Event, len(found.Events))}
			for i, k := range found.Keys {
				m.Keys[i] = k.Any()
			}
			for i, d := range found.Events {
				m.Events[i] = publicEvent(d)
			}
			if !yield(m, nil) {
				return
			}
		}
	}
}

func publicEvent(d *event.Document) Event {
	if d == nil {
		return Event{Missing: true}
	}
	return Event{Index: d.Index, ID: d.ID, Source: d.Raw}
}
