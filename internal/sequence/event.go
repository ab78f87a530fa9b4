package sequence

import (
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// Key is a tuple of join keys, as a keyed hash of 128 bits: equal tuples have
// equal Keys, and that two others have is as good as impossible. The empty tuple
// is the zero Key.
type Key [2]uint64

// Event is what the state of sequences and samples needs to know of an event.
type Event struct {
	// Doc is the document; nil where no term of any query accepted the event, which
	// then counts for its place in time alone.
	Doc *event.Held

	Time    value.Instant
	HasTime bool

	// Tiebreaker is the value of the named tiebreaker field, null without one;
	// Tied says that there are several.
	Tiebreaker value.Value
	Tied       bool

	// Agent is a hash of agent.id, and Sequence the number in event.sequence; 0 and
	// null without one, and both where a tiebreaker field is named. See event.Sort.
	Agent    uint64
	Sequence value.Value

	Arrival uint64
	Source  uint32 // the input that it came from
	Host    uint64 // a hash of host.id; 0 without one

	Hits []Hit // in ascending order of Query and Filter
}

// Hit says that a condition of a query accepted the event.
type Hit struct {
	Query  int32 // the number of the query in the state
	Filter int32 // the number of the condition, see Query.Terms
	Keys   []Key // the event's join keys under that condition; never empty
}
