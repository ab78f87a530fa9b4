package tripline

import (
	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
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

// Query is a compiled EQL query. It may be shared by goroutines.
type Query struct {
	query    engine.Query
	set      *Set // of the query alone
	pipes    []eql.Pipe
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
	q := &Query{warnings: warnings, text: parsed.String(), pipes: checked.Pipes, query: engine.Query{
		Checked: checked, Schema: opts.Schema,
		CategoryField: opts.CategoryField, TimestampField: opts.TimestampField, TiebreakerField: opts.TiebreakerField,
	}}
	q.query.Name = q.text
	// Compiled by itself too: a fault in it is told here and not by NewSet.
	if q.set, err = NewSet(q); err != nil {
		return nil, err
	}
	return q, nil
}

// Warnings returns what to look at in a query that compiles: field names that
// look like a slip, comparisons that can never be true.
func (q *Query) Warnings() []eql.Warning { return q.warnings }

// String returns the query in the printer's spelling.
func (q *Query) String() string { return q.text }

// Match is one result: an event, or the events of a sequence or sample.
type Match struct {
	// Query or Rule is the member of the Set that found it; the other is nil.
	Query *Query
	Rule  *Rule

	// Keys are the join keys of a sequence or sample, in the order of the query:
	// nil, bool, int64, uint64, float64 or string. Empty for an event query.
	Keys []any
	// Events are the event, or an event for each term in the terms' order.
	Events []Event

	// Superseded says that this match, given before, is taken back: an event that
	// came late shows that the events in their order would not have given it. A
	// match that is taken back may be given again.
	Superseded bool

	held []*event.Held
	keys []value.Value
}

// Event is one document of a match.
type Event struct {
	Index, ID string
	Source    []byte // the document as it was fed; do not change it
	// Missing is set, and all else empty, where the query asks that an event be
	// missing and it was.
	Missing bool
}

func newMatch(m engine.Match) Match {
	out := Match{Superseded: m.Superseded, held: m.Events, keys: m.Keys, Events: make([]Event, len(m.Events))}
	if len(m.Keys) > 0 {
		out.Keys = make([]any, len(m.Keys))
	}
	for i, k := range m.Keys {
		out.Keys[i] = k.Any()
	}
	for i, held := range m.Events {
		if held == nil {
			out.Events[i].Missing = true
			continue
		}
		out.Events[i] = Event{Index: held.Index, ID: held.ID, Source: held.Raw}
		if held.ID == "" { // by the bytes
			if doc, err := held.Document(); err == nil {
				out.Events[i].ID = doc.ID
			}
		}
	}
	return out
}
