package engine

import (
	"cmp"
	"slices"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// Match is what a query found, or, if Superseded, what it had found and would not
// have found had the events come in order.
type Match struct {
	Query      int
	Key        sequence.Key  // of a sequence or sample, and
	Keys       []value.Value // what it stands for; not set where documents are held by reference, see Resolver
	Events     []*event.Held // one for each term; nil for a missing event
	Superseded bool
	Last       event.Ordinal // the place of the last event; results stand in this order, then in that of their keys
}

// CompareMatches orders the matches of a query as its results stand: by the last
// event, then by the keys.
func CompareMatches(a, b Match) int {
	return cmp.Or(a.Last.Compare(b.Last), slices.CompareFunc(a.Keys, b.Keys, value.CompareKey))
}
