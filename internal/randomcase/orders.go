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

// Skewed returns the places of all documents in an order in which hosts are far
// apart: each host's documents come in their order, and those of another come
// whenever. To a sequence that has host.id, not optional, among its join keys it
// makes no difference; for others, and where the order of equal times would be another, it
// is not ok.
func (l *Loaded) Skewed(r *rand.Rand) (order []int, ok bool) {
	p := l.Program()
	if !l.keepsHosts() || l.Tiebreaker == "" && l.tiesHosts(p) {
		return nil, false
	}
	byHost := map[string][]int{}
	var hosts []string
	for i, d := range l.Docs {
		host := d.First("host.id").Text()
		if byHost[host] == nil {
			hosts = append(hosts, host)
		}
		byHost[host] = append(byHost[host], i)
	}
	for len(hosts) > 0 {
		at := r.IntN(len(hosts))
		places := byHost[hosts[at]]
		n := 1 + r.IntN(len(places))
		order = append(order, places[:n]...)
		if byHost[hosts[at]] = places[n:]; n == len(places) {
			hosts = slices.Delete(hosts, at, at+1)
		}
	}
	return order, true
}

// keepsHosts reports whether the events of a match are all of one host, whatever
// the documents hold.
func (l *Loaded) keepsHosts() bool {
	s, ok := l.Checked.Body.(*eql.Sequence)
	if !ok || slices.ContainsFunc(l.Docs, func(d *event.Document) bool { return len(d.Values("host.id")) > 1 }) {
		return false
	}
	return slices.ContainsFunc(s.Keys, func(k *eql.Field) bool { return k.Path == "host.id" && !k.Optional })
}

// tiesHosts reports whether documents of different hosts have equal times.
func (l *Loaded) tiesHosts(p *reference.Program) bool {
	placed := p.Order(l.Docs)
	for i := 1; i < len(placed); i++ {
		a, b := placed[i-1], placed[i]
		if a.HasTime && b.HasTime && a.At == b.At && a.Document.First("host.id") != b.Document.First("host.id") {
			return true
		}
	}
	return false
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
