package event

import (
	"cmp"
	"slices"

	"github.com/tripline-sec/tripline/internal/value"
)

// Ordinal is an event's place in the order of time (Elasticsearch EQL: the
// timestamp, then the tiebreaker; then, where Elasticsearch goes by its own
// storage, the order of arrival). No two events of one input are equal.
type Ordinal struct {
	Time       value.Instant
	HasTime    bool
	Tiebreaker value.Value // null when there is none
	Arrival    uint64
}

// Compare orders by timestamp, none first; then by tiebreaker, none last; then
// by arrival. Tiebreakers of different kinds stand in the order of join keys,
// so that the order is total whatever a document holds.
func (o Ordinal) Compare(p Ordinal) int {
	if c := o.compareTime(p); c != 0 {
		return c
	}
	switch none, pNone := o.Tiebreaker.IsNull(), p.Tiebreaker.IsNull(); {
	case none && !pNone:
		return 1
	case !none && pNone:
		return -1
	case !none:
		if c := value.CompareKey(o.Tiebreaker, p.Tiebreaker); c != 0 {
			return c
		}
	}
	return cmp.Compare(o.Arrival, p.Arrival)
}

func (o Ordinal) compareTime(p Ordinal) int {
	switch {
	case o.HasTime && p.HasTime:
		return o.Time.Compare(p.Time)
	case o.HasTime:
		return 1
	case p.HasTime:
		return -1
	}
	return 0
}

// Entry is a document with its ordinal.
type Entry struct {
	Doc     *Document
	Ordinal Ordinal
}

// Sort puts entries in the order of their ordinals.
//
// With byAgent, meant for when no tiebreaker is named, the places that the
// documents of one agent.id hold among equal timestamps are then filled by them
// in order of event.sequence. A document without agent.id or without a number
// in event.sequence keeps its place. A document takes over the ordinal of the
// place it fills (its own Arrival stays), so that comparing ordinals afterwards
// gives the order of the slice.
func Sort(entries []Entry, byAgent bool) {
	slices.SortStableFunc(entries, func(a, b Entry) int { return a.Ordinal.Compare(b.Ordinal) })
	if !byAgent {
		return
	}
	for from := 0; from < len(entries); {
		to := from + 1
		for to < len(entries) && entries[to].Ordinal.compareTime(entries[from].Ordinal) == 0 {
			to++
		}
		if to-from > 1 && entries[from].Ordinal.HasTime {
			sortAgents(entries[from:to])
		}
		from = to
	}
}

// sortAgents orders each agent's documents among the places they hold.
func sortAgents(same []Entry) {
	places := make(map[string][]int)
	for i, e := range same {
		if agent := e.Doc.First("agent.id"); !agent.IsNull() && e.Doc.First("event.sequence").IsNumber() {
			places[agent.Text()] = append(places[agent.Text()], i)
		}
	}
	for _, held := range places {
		docs := make([]*Document, len(held))
		for i, place := range held {
			docs[i] = same[place].Doc
		}
		slices.SortStableFunc(docs, func(a, b *Document) int {
			c, _ := value.Compare(a.First("event.sequence"), b.First("event.sequence"))
			return c
		})
		for i, place := range held {
			same[place].Doc = docs[i]
		}
	}
}
