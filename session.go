package tripline

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/replay"
)

// Session runs a query over a pile of documents, in any order of time, as a search
// would: pipes count, and what a search would fail on is an error. It belongs to
// one goroutine and holds what it is fed.
type Session struct {
	query *Query
	docs  []*event.Document
}

// NewSession starts with no documents.
func (q *Query) NewSession() *Session { return &Session{query: q} }

// Feed adds one JSON document. The session keeps the bytes; do not change them. An
// error concerns this document alone, which is left out: no JSON object, or
// nested too deep.
func (s *Session) Feed(document []byte) error {
	d, err := event.Decode(document, event.Identity{}, uint64(len(s.docs)))
	if err != nil {
		return fmt.Errorf("feed document: %w", err)
	}
	s.docs = append(s.docs, &event.Document{Raw: d.Raw, Index: d.Index, ID: d.ID, Arrival: d.Arrival}) // without what was decoded
	return nil
}

// Matches judges the documents fed so far and yields the matches, events in
// order of time and sequences in order of their last event. It stops with an
// error where Elasticsearch's search would fail: an integer overflow, a division
// by zero, text that number() can not read, an event of a sequence without a
// timestamp.
func (s *Session) Matches() iter.Seq2[Match, error] {
	return func(yield func(Match, error) bool) {
		found, err := s.run()
		if err != nil {
			yield(Match{}, err)
			return
		}
		for _, m := range found {
			one := newMatch(m)
			one.Query = s.query
			if !yield(one, nil) {
				return
			}
		}
	}
}

func (s *Session) run() ([]engine.Match, error) {
	query := s.query.query
	query.Ordered = true
	program, err := engine.Compile([]engine.Query{query})
	if err != nil {
		return nil, err
	}
	var found []engine.Match
	report, err := replay.New(program, replay.Options{
		Workers: 1, OrderBudget: math.MaxInt64, StateBudget: math.MaxInt64, // the documents are in memory as it is
		Match: func(m engine.Match) { found = append(found, m) },
	}).Documents(context.Background(), s.docs)
	if err != nil {
		return nil, err
	}
	if bad := report.Queries[0].First(); bad != nil {
		return nil, badValue(query, bad)
	}
	loader := replay.NewLoader(program, nil)
	for i := range found {
		if err := loader.Load(&found[i]); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(found, engine.CompareMatches)
	for _, pipe := range s.query.pipes {
		n := int(min(pipe.Count, int64(len(found))))
		if pipe.Name == "head" {
			found = found[:n]
		} else {
			found = found[len(found)-n:]
		}
	}
	return found, nil
}

// badValue tells what a search would fail on.
func badValue(q engine.Query, b *replay.BadValue) error {
	if b.NoTime {
		field := q.TimestampField
		if field == "" {
			field = "@timestamp"
		}
		return fmt.Errorf("order document [%s/%s]: Expected timestamp field [%s] to have a value but got none", b.Doc.Index, b.Doc.ID, field)
	}
	return fmt.Errorf("evaluate line %d:%d on document [%s/%s]: %w", b.Fault.At.Line, b.Fault.At.Col, b.Doc.Index, b.Doc.ID, b.Fault.Err)
}
