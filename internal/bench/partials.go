package main

import (
	"runtime"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/stream"
	"github.com/tripline-sec/tripline/internal/value"
)

// partials is what waiting sequences of two stages cost.
type partials struct {
	Waiting     int
	Bookkeeping float64 // bytes for each, as counted
	Heap        float64 // bytes for each, as the heap has grown
	Documents   float64 // bytes of the documents, for each
}

const waitingPartials = 100_000

// waitingCost lets sequences wait for their second stage, each with a key and a
// document of its own, in the order of time as scan has it or in a stream.
func waitingCost(c *corpus, sorted bool) (partials, error) {
	docs, err := heldDocuments(c)
	if err != nil {
		return partials{}, err
	}
	before := liveHeap()
	state := sequence.New([]sequence.Query{{
		Terms: []sequence.Term{{Filter: 0}, {Filter: 1}}, Until: -1, Span: time.Hour, HasSpan: true,
	}}, sequence.Options{Sorted: sorted, Match: func(sequence.Match) {}})
	start := value.InstantOfTime(stream.DefaultStart)
	e := sequence.Event{HasTime: true, Hits: []sequence.Hit{{Keys: make([]sequence.Key, 1)}}}
	for i := range docs {
		e.Doc, e.Arrival, e.Time = &docs[i], docs[i].Arrival, start
		e.Time.Sec += int64(i / 1000)
		e.Time.Nsec = int32(i%1000) * 1_000_000 //nolint:gosec // below a second
		key := uint64(i + 1)                    //nolint:gosec // counted from 0
		e.Hits[0].Keys[0] = sequence.Key{key * 0x9e3779b97f4a7c15, key * 0xc2b2ae3d27d4eb4f}
		state.Feed(&e)
	}
	stats := state.Stats()
	n := stats.Queries[0].Partials
	p := partials{
		Waiting:     n,
		Bookkeeping: float64(stats.Bookkeeping) / float64(n),
		Heap:        float64(liveHeap()-before) / float64(n),
		Documents:   float64(stats.Held.Bytes) / float64(n),
	}
	runtime.KeepAlive(docs)
	state.Close()
	return p, nil
}

// heldDocuments are documents of the corpus, again and again, that share its bytes.
func heldDocuments(c *corpus) ([]event.Held, error) {
	docs := make([]event.Held, 0, waitingPartials)
	for len(docs) < waitingPartials {
		err := lines(c.data, func(raw []byte) error {
			if len(docs) < waitingPartials {
				docs = append(docs, event.Held{Raw: raw[:len(raw):len(raw)], Arrival: uint64(len(docs))})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return docs, nil
}
