package randomcase

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// Program is the case's query, compiled for the reference, to be asked about order
// and fields. It reads the documents of every index.
func (l *Loaded) Program() *reference.Program {
	opts := l.Options()
	opts.Accept = nil
	p, err := reference.Compile(l.Checked, opts)
	if err != nil {
		panic(err) // a checked query compiles
	}
	return p
}

// ByTime returns the places of all documents in the order of time.
func (l *Loaded) ByTime() []int {
	var order []int
	for _, placed := range l.Program().Order(l.Docs) {
		order = append(order, number(placed.Document))
	}
	return order
}

// ByArrival returns the places of all documents in order.
func (l *Loaded) ByArrival() []int {
	order := make([]int, len(l.Docs))
	for i := range order {
		order[i] = i
	}
	return order
}

// Shuffled returns the places of all documents in another order of arrival, in
// which none is later than the lateness, and those of equal time keep their order.
// It makes no difference to what a sequence finds.
func (l *Loaded) Shuffled(r *rand.Rand) []int {
	type timed struct {
		place   int
		at, due value.Instant
	}
	var docs []timed
	var untimed []int
	for _, placed := range l.Program().Order(l.Docs) {
		if place := number(placed.Document); placed.HasTime {
			docs = append(docs, timed{place, placed.At, placed.At})
		} else {
			untimed = append(untimed, place)
		}
	}
	slices.SortFunc(docs, func(a, b timed) int { return a.place - b.place })
	slices.SortStableFunc(docs, func(a, b timed) int { return a.at.Compare(b.at) })
	for i := range docs {
		d := &docs[i]
		if l.Lateness > 0 {
			d.due = add(d.at, time.Duration(r.Int64N(int64(l.Lateness)+1)))
		}
		if i > 0 && docs[i-1].at == d.at && docs[i-1].due.Compare(d.due) > 0 {
			d.due = docs[i-1].due
		}
	}
	slices.SortStableFunc(docs, func(a, b timed) int { return a.due.Compare(b.due) })
	var order []int
	for _, d := range docs {
		order = append(order, d.place)
	}
	for _, place := range untimed {
		order = slices.Insert(order, r.IntN(len(order)+1), place)
	}
	return order
}

// Window is a stretch of time, with what lies in it.
type Window struct {
	Docs    []*event.Document // in the order of time
	Matches []Match           // those of the whole stream that lie inside
}

// Window draws a window of the stream. For a sequence without missing terms whose
// events have one value for each key, running the window's documents alone must
// find the window's matches; for others it is not ok.
func (l *Loaded) Window(r *rand.Rand) (w Window, ok bool) {
	p := l.Program()
	if !l.hasSingleKeys(p) {
		return Window{}, false
	}
	lenient := *l
	lenient.Tolerant = true
	found, err := lenient.Everything()
	placed := p.Order(l.Docs)
	if err != nil || len(placed) == 0 {
		return Window{}, false
	}
	from, to := placed[r.IntN(len(placed))].At, placed[r.IntN(len(placed))].At
	if from.Compare(to) > 0 {
		from, to = to, from
	}
	inside := make([]bool, len(l.Docs))
	for _, d := range placed {
		if d.HasTime && d.At.Compare(from) >= 0 && d.At.Compare(to) <= 0 {
			inside[number(d.Document)] = true
			w.Docs = append(w.Docs, d.Document)
		}
	}
	for _, m := range found.Matches {
		if !slices.ContainsFunc(m.Docs, func(d int) bool { return !inside[d] }) {
			w.Matches = append(w.Matches, m)
		}
	}
	return w, true
}

// hasSingleKeys reports whether the query is a sequence without missing terms and
// no document has several values for a key of it.
func (l *Loaded) hasSingleKeys(p *reference.Program) bool {
	s, ok := l.Checked.Body.(*eql.Sequence)
	if !ok || slices.ContainsFunc(s.Terms, func(t *eql.Term) bool { return t.Missing }) {
		return false
	}
	keys := slices.Clone(s.Keys)
	for _, t := range s.Terms {
		keys = append(keys, t.Keys...)
	}
	if s.Until != nil {
		keys = append(keys, s.Until.Keys...)
	}
	return !slices.ContainsFunc(l.Docs, func(d *event.Document) bool {
		return slices.ContainsFunc(keys, func(k *eql.Field) bool { return len(p.Values(k, d)) > 1 })
	})
}
