package schedule

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// Reader reads what is stored, for a pass.
type Reader interface {
	// Read gives, in order of arrival, every event that is wanted, each once; it may
	// give others too, which are passed over. A batch, and the bytes in it, stay as
	// they are until its Release is called, once, from any goroutine. An error ends
	// the reading.
	Read(ctx context.Context, want Want) iter.Seq2[Batch, error]
}

// Want says which events a pass needs: those that arrived by a number, are of an
// index that fits, and lie in one of the spans by either time. Spans are in order
// and do not overlap.
type Want struct {
	Arrival  uint64
	Fits     func(index string) bool // nil: all do
	Indices  event.Patterns          // the same as patterns, which may fit more
	Event    []Span                  // by @timestamp; an event that has none stands where it arrived
	Ingested []Span                  // by the time of arrival
}

// Wants reports whether an event is wanted, by its times.
func (w *Want) Wants(e *Event) bool {
	return e.Arrival <= w.Arrival && (contains(w.Event, e.On(EventTime)) || contains(w.Ingested, e.On(IngestTime)))
}

func contains(spans []Span, t time.Time) bool {
	_, found := slices.BinarySearchFunc(spans, t, func(s Span, t time.Time) int {
		switch {
		case t.Before(s.From):
			return 1
		case !t.Before(s.To):
			return -1
		}
		return 0
	})
	return found
}

// Batch is some events, one after another.
type Batch struct {
	Events  []Event
	Release func() // may be nil
}

// Event is a stored event.
type Event struct {
	Raw       []byte
	Index, ID string
	Arrival   uint64
	Source    uint32
	Time      value.Instant // its @timestamp,
	HasTime   bool          // if it has one
	Ingested  time.Time     // when it arrived
}

// On is where an event stands on an axis.
func (e *Event) On(a Axis) time.Time {
	if a == IngestTime || !e.HasTime {
		return e.Ingested
	}
	return e.Time.Time()
}

// Catalog knows which indices there are, and, which only Elastic's policy asks,
// their fields.
type Catalog interface {
	// Indices are the names of those that fit.
	Indices(fits func(index string) bool) []string
	// Has reports whether a field is known in an index.
	Has(index, field string) bool
}

// WantOf is what a pass needs for its jobs.
func WantOf(w *Work) Want {
	want := Want{Arrival: w.Arrival}
	rules := make([]*Rule, 0, len(w.Jobs))
	for _, j := range w.Jobs {
		if j.Idle || len(j.Windows) == 0 {
			continue
		}
		rules = append(rules, j.Rule)
		for _, p := range j.Rule.Indices {
			if !strings.HasPrefix(p, "-") && !slices.Contains(want.Indices, p) {
				want.Indices = append(want.Indices, p)
			}
		}
		for _, win := range j.Windows {
			s := Span{From: win.Low, To: after(win.High)}
			switch {
			case !j.Strict && j.Rule.Axis == IngestTime:
				want.Ingested = union(want.Ingested, s)
			case !j.Strict || j.Rule.Primary == Timestamp:
				want.Event = union(want.Event, s)
			default:
				want.override(j.Rule, s)
			}
		}
	}
	want.Fits = func(index string) bool {
		return slices.ContainsFunc(rules, func(r *Rule) bool { return r.Indices.Fit(index) })
	}
	return want
}

// farFromOwn is how far the time that an override names may be from the time of
// arrival, for Elastic's policy to see the event.
const farFromOwn = 24 * time.Hour

// override adds what is needed for a range test on another field than @timestamp.
func (w *Want) override(r *Rule, s Span) {
	if r.Secondary != "" {
		w.Event = union(w.Event, s)
	}
	if r.Primary != Ingested {
		s.From, s.To = s.From.Add(-farFromOwn), s.To.Add(farFromOwn)
	}
	w.Ingested = union(w.Ingested, s)
}
