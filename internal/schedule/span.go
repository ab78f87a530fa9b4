package schedule

import (
	"slices"
	"time"
)

// Span is a stretch of time, From included and To not. Of a covered span Arrival
// is the number of the newest event that was there when it was judged; of a dirty
// one, of the newest that made it so.
type Span struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Arrival uint64    `json:"arrival,omitempty"`
}

// Length is how long the span is.
func (s Span) Length() time.Duration { return s.To.Sub(s.From) }

// Contains reports whether a time lies in the span.
func (s Span) Contains(t time.Time) bool { return !t.Before(s.From) && t.Before(s.To) }

func (s Span) empty() bool { return !s.From.Before(s.To) }

// touches reports whether two spans overlap or meet.
func (s Span) touches(o Span) bool { return !s.To.Before(o.From) && !o.To.Before(s.From) }

// between is the part of a span that lies in another.
func (s Span) between(o Span) Span {
	return Span{later(s.From, o.From), earlier(s.To, o.To), s.Arrival}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// after is the next instant: that with which a span ends whose last one is t.
func after(t time.Time) time.Time { return t.Add(1) }

// without takes a stretch out of a list of spans.
func without(list []Span, cut Span) []Span {
	if cut.empty() {
		return list
	}
	out := list[:0:0]
	for _, s := range list {
		if before := (Span{s.From, earlier(s.To, cut.From), s.Arrival}); !before.empty() {
			out = append(out, before)
		}
		if behind := (Span{later(s.From, cut.To), s.To, s.Arrival}); !behind.empty() {
			out = append(out, behind)
		}
	}
	return out
}

// withoutAll takes all stretches of one list out of another.
func withoutAll(list, cuts []Span) []Span {
	for _, c := range cuts {
		list = without(list, c)
	}
	return list
}

// union joins a span to a sorted list of spans that neither overlap nor meet. What
// is joined has the newer arrival.
func union(list []Span, s Span) []Span {
	if s.empty() {
		return list
	}
	out := list[:0:0]
	for _, o := range list {
		if o.touches(s) {
			s = Span{earlier(o.From, s.From), later(o.To, s.To), max(o.Arrival, s.Arrival)}
		} else {
			out = append(out, o)
		}
	}
	return insert(out, s)
}

// overlay puts a span over a sorted list of spans that do not overlap: where it
// lies, it counts. It joins neighbours of the same arrival only.
func overlay(list []Span, s Span) []Span {
	if s.empty() {
		return list
	}
	out := insert(without(list, s), s)
	joined := out[:1]
	for _, o := range out[1:] {
		if last := &joined[len(joined)-1]; last.To.Equal(o.From) && last.Arrival == o.Arrival {
			last.To = o.To
		} else {
			joined = append(joined, o)
		}
	}
	return joined
}

func insert(list []Span, s Span) []Span {
	at, _ := slices.BinarySearchFunc(list, s, func(a, b Span) int { return a.From.Compare(b.From) })
	return slices.Insert(list, at, s)
}

// joined is the list with spans that meet made one, whatever their arrivals; each
// has the least of them.
func joined(list []Span) []Span {
	var out []Span
	for _, s := range list {
		if n := len(out); n > 0 && !out[n-1].To.Before(s.From) {
			out[n-1].To = later(out[n-1].To, s.To)
			out[n-1].Arrival = min(out[n-1].Arrival, s.Arrival)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// shortened makes a list of dirty spans no longer than most, by closing the
// smallest of the gaps between them.
func shortened(list []Span, most int) []Span {
	for len(list) > most {
		at := 1
		for i := 2; i < len(list); i++ {
			if list[i].From.Sub(list[i-1].To) < list[at].From.Sub(list[at-1].To) {
				at = i
			}
		}
		list[at-1].To = later(list[at-1].To, list[at].To)
		list[at-1].Arrival = max(list[at-1].Arrival, list[at].Arrival)
		list = slices.Delete(list, at, at+1)
	}
	return list
}
