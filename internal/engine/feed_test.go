package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/randomcase"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// feed is a way of showing a case to the engine.
type feed struct {
	engine.StreamOptions
	order      []int          // the places of the documents, in the order in which they are fed
	renumber   bool           // they arrive in that order; else they have the numbers that they had
	reload     int            // the document before which the program is compiled again; -1 for none
	companions []engine.Query // queries that are compiled with those of the case
}

// mainQuery is the name of the case's own query among companions.
const mainQuery = "main"

// result is what the engine found: a line for each match that it reported and did
// not take back, sorted.
type result struct {
	lines          []string
	faults, noTime int
}

// run runs a case on the engine.
func (f feed) run(l *randomcase.Loaded) (result, error) {
	r := &feeding{feed: f, loaded: l, found: map[string]int{}}
	for i, q := range l.Others {
		other := queryOf(l, fmt.Sprint("other ", i))
		other.Checked = q
		r.companions = append(r.companions, other)
	}
	p, err := r.compile(r.companions, nil)
	if err != nil {
		return result{}, err
	}
	r.Match = r.match
	s := p.NewStream(r.StreamOptions)
	for i, place := range f.order {
		if i == f.reload {
			r.count(s)
			half := len(r.companions) / 2
			if p, err = r.compile(r.companions[half:], r.companions[:half]); err != nil {
				return result{}, err
			}
			s.Reload(p)
		}
		arrival := uint64(place) //nolint:gosec // a place in a short list
		if f.renumber {
			arrival = uint64(i) //nolint:gosec // the same
		}
		// The engine must not need the bytes beyond the call.
		raw := slices.Clone(l.Case.Docs[place])
		if err := s.Feed(raw, event.Identity{}, arrival, 0); err != nil {
			return result{}, fmt.Errorf("feed document %d: %w", place, err)
		}
		clear(raw)
	}
	s.Close()
	r.count(s)
	for line, n := range r.found {
		if n > 0 {
			r.lines = append(r.lines, line)
		}
	}
	slices.Sort(r.lines)
	return r.result, r.wrong
}

// feeding is one run.
type feeding struct {
	feed
	result
	loaded *randomcase.Loaded
	main   int // the number of the case's query
	found  map[string]int
	wrong  error
}

func (r *feeding) compile(before, after []engine.Query) (*engine.Program, error) {
	r.main = len(before)
	return engine.Compile(slices.Concat(before, []engine.Query{queryOf(r.loaded, mainQuery)}, after))
}

func queryOf(l *randomcase.Loaded, name string) engine.Query {
	q := engine.Query{
		Name: name, Checked: l.Checked, Schema: l.Schema, MaxSamplesPerKey: l.PerKey,
		TimestampField: l.Timestamp, TiebreakerField: l.Tiebreaker, CategoryField: l.Category,
	}
	if l.Accept != nil {
		q.Accept, q.Patterns = l.Accepts, strings.Join(l.Accept, ",")
	}
	return q
}

// match counts a match, or takes it back.
func (r *feeding) match(m engine.Match) {
	if m.Query != r.main {
		return
	}
	out := randomcase.Match{Keys: randomcase.KeyText(m.Keys)}
	for _, h := range m.Events {
		place := -1
		if h != nil {
			place = int(h.Arrival) //nolint:gosec // a place in a short list
			if r.renumber {
				place = r.order[place]
			}
			if string(h.Raw) != strings.Trim(string(r.loaded.Case.Docs[place]), " \t\r\n") {
				r.wrong = fmt.Errorf("the bytes of document %d changed", place)
			}
		}
		out.Docs = append(out.Docs, place)
	}
	line := out.String()
	switch was := r.found[line]; {
	case m.Superseded && r.Hold:
		r.wrong = fmt.Errorf("held, and yet superseded: %s", line)
	case m.Superseded && was == 0:
		r.wrong = fmt.Errorf("superseded before it was reported: %s", line)
	case m.Superseded:
		r.found[line]--
	case was > 0:
		r.wrong = fmt.Errorf("reported twice: %s", line)
	default:
		r.found[line]++
	}
}

func (r *feeding) count(s *engine.Stream) {
	faults, noTime := s.Bad(r.main)
	r.faults += int(faults)
	r.noTime += int(noTime)
}

// timeOrder returns the places of the documents in the order of time, as the
// reference puts them.
func timeOrder(l *randomcase.Loaded) []int {
	var order []int
	for _, placed := range program(l).Order(l.Docs) {
		order = append(order, int(placed.Document.Arrival)) //nolint:gosec // a place in a short list
	}
	return order
}

// program compiles the case's query for the reference, to be asked about order
// and fields: it reads every index.
func program(l *randomcase.Loaded) *reference.Program {
	opts := l.Options()
	opts.Accept = nil
	p, err := reference.Compile(l.Checked, opts)
	if err != nil {
		panic(err) // it was compiled before
	}
	return p
}

// arrivalOrder is the order in which the documents of a case arrive.
func arrivalOrder(l *randomcase.Loaded) []int {
	order := make([]int, len(l.Docs))
	for i := range order {
		order[i] = i
	}
	return order
}

// shuffled is another order of arrival in which no document is later than the
// lateness, and documents of equal time keep their order.
func shuffled(l *randomcase.Loaded, r *rand.Rand) []int {
	type timed struct {
		place   int
		at, due value.Instant
	}
	var docs, untimed []timed
	for _, placed := range program(l).Order(l.Docs) {
		t := timed{int(placed.Document.Arrival), placed.At, placed.At} //nolint:gosec // a place in a short list
		if !placed.HasTime {
			untimed = append(untimed, t)
			continue
		}
		docs = append(docs, t)
	}
	slices.SortStableFunc(docs, func(a, b timed) int { return a.place - b.place })
	slices.SortStableFunc(docs, func(a, b timed) int { return a.at.Compare(b.at) })
	for i := range docs {
		d := &docs[i]
		if l.Lateness > 0 {
			late := time.Duration(r.Int64N(int64(l.Lateness) + 1))
			d.due = value.InstantOfTime(d.at.Time().Add(late))
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
	for _, d := range untimed {
		order = slices.Insert(order, r.IntN(len(order)+1), d.place)
	}
	return order
}
