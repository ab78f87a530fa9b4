package order

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// input is one event with what is asked about it.
type input struct {
	event sequence.Event
	doc   *event.Document
}

// shape says what events a stream has.
type shape struct {
	events   int
	times    int     // different ones
	named    bool    // a tiebreaker field is named
	noTime   float64 // share of events without time
	hits     float64
	agents   int
	disorder int // by how many places an event is moved; -1: anywhere
	files    int // sorted inputs, one after the other; 0 = 1
	padding  int // bytes of a document
}

var agentHash = map[string]uint64{"a0": 11, "a1": 12, "a2": 13, "a3": 14}

// stream makes events of a shape, in the order in which they come.
func stream(tb testing.TB, r *rand.Rand, s shape) []input {
	tb.Helper()
	at := make([]int, s.events)
	for i := range at {
		at[i] = r.IntN(s.times)
	}
	files := max(s.files, 1)
	for f := range files {
		slices.Sort(at[f*s.events/files : (f+1)*s.events/files])
	}
	if s.disorder < 0 {
		r.Shuffle(len(at), func(i, j int) { at[i], at[j] = at[j], at[i] })
	} else if s.disorder > 0 {
		moved := make([][2]int, len(at))
		for i := range at {
			moved[i] = [2]int{i + r.IntN(s.disorder+1), at[i]}
		}
		slices.SortStableFunc(moved, func(a, b [2]int) int { return a[0] - b[0] })
		for i := range at {
			at[i] = moved[i][1]
		}
	}
	all := make([]input, s.events)
	for i := range all {
		all[i] = one(tb, r, s, at[i], uint64(i))
	}
	return all
}

func one(tb testing.TB, r *rand.Rand, s shape, at int, arrival uint64) input {
	tb.Helper()
	fields := map[string]any{"n": arrival}
	e := sequence.Event{Arrival: arrival, Source: r.Uint32N(3), Host: uint64(r.IntN(3))}
	if r.Float64() >= s.noTime {
		e.HasTime = true
		e.Time = value.InstantOfMilli(int64(at) * 7)
		fields["@timestamp"] = e.Time.String()
	}
	if s.agents > 0 && r.IntN(6) > 0 {
		fields["agent.id"] = fmt.Sprintf("a%d", r.IntN(s.agents))
	}
	fields["event.sequence"] = []any{r.IntN(20), r.IntN(20), r.IntN(20), float64(r.IntN(20)) + 0.5, uint64(1<<63 + 5), "text", nil}[r.IntN(7)]
	if s.named {
		fields["tie"] = []any{r.IntN(4), r.IntN(4), 2.5, "x", "y", true, json.Number("1e999"), nil}[r.IntN(8)]
	}
	if s.padding > 0 {
		fields["padding"] = string(make([]byte, s.padding/6)) // six bytes each as \u0000
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		tb.Fatal(err)
	}
	doc, err := event.Decode(raw, event.Identity{Index: fmt.Sprint("i", r.IntN(2)), ID: fmt.Sprint(arrival)}, arrival)
	if err != nil {
		tb.Fatal(err)
	}
	if s.named {
		e.Tiebreaker, e.Tied = doc.First("tie"), r.IntN(9) == 0
	} else {
		e.Agent, e.Sequence = agentHash[doc.Text("agent.id")], doc.First("event.sequence")
	}
	if r.Float64() < s.hits {
		e.Doc = &event.Held{Raw: doc.Raw, Index: doc.Index, ID: doc.ID, Arrival: arrival, Source: e.Source}
		for q := range 1 + r.IntN(4) {
			h := sequence.Hit{Query: int32(q), Filter: r.Int32N(5)}
			for range 1 + r.IntN(3) {
				h.Keys = append(h.Keys, sequence.Key{r.Uint64(), r.Uint64()})
			}
			e.Hits = append(e.Hits, h)
		}
	}
	return input{e, doc}
}

// inOrder returns the events with hits in the order that event.Sort says.
func inOrder(all []input, named bool) []*sequence.Event {
	entries := make([]event.Entry, len(all))
	byDoc := map[*event.Document]*sequence.Event{}
	for i := range all {
		in := &all[i]
		entries[i] = event.Entry{Doc: in.doc, Ordinal: event.Ordinal{
			Time: in.event.Time, HasTime: in.event.HasTime, Tiebreaker: in.event.Tiebreaker, Arrival: in.event.Arrival,
		}}
		byDoc[in.doc] = &in.event
	}
	event.Sort(entries, !named)
	var sorted []*sequence.Event
	for _, e := range entries {
		if found := byDoc[e.Doc]; found.Doc != nil {
			sorted = append(sorted, found)
		}
	}
	return sorted
}

// copied returns an event that shares no slices with e.
func copied(e *sequence.Event) *sequence.Event {
	c := *e
	c.Hits = slices.Clone(e.Hits)
	for i := range c.Hits {
		c.Hits[i].Keys = slices.Clone(c.Hits[i].Keys)
	}
	return &c
}

// add hands an event over as a worker does: what it lends is used again.
func add(o *Orderer, e *sequence.Event) {
	loan := *copied(e)
	o.Add(&loan)
	for i := range loan.Hits {
		clear(loan.Hits[i].Keys)
	}
	clear(loan.Hits)
	loan = sequence.Event{}
}

func text(events []*sequence.Event) []string {
	all := make([]string, len(events))
	for i, e := range events {
		e := *e
		doc := *e.Doc
		e.Doc = nil
		all[i] = fmt.Sprintf("%+v %+v", doc, e)
	}
	return all
}

// untimed takes the events without time out.
func untimed(events []*sequence.Event) (timed, none []*sequence.Event) {
	for _, e := range events {
		if e.HasTime {
			timed = append(timed, e)
		} else {
			none = append(none, e)
		}
	}
	return timed, none
}
