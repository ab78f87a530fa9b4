package engine_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/randomcase"
	"github.com/tripline-sec/tripline/internal/value"
)

// feed is a way of showing a case to the engine.
type feed struct {
	engine.StreamOptions
	order      []int          // the places of the documents, in the order in which they are fed
	renumber   bool           // they arrive in that order; else they have the numbers that they had
	sources    int            // how many inputs they come from, in turn; 0 for one
	rows       bool           // they are fed as rows, which are no JSON
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
		source := uint32(i % max(f.sources, 1)) //nolint:gosec // few
		if f.rows {
			r.feedRow(s, l.Docs[place], arrival, source)
		} else if err := r.feedBytes(s, l.Case.Docs[place], arrival, source); err != nil {
			return result{}, fmt.Errorf("feed document %d: %w", place, err)
		}
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

// feedBytes feeds a document. Beyond the call the engine must not need the bytes,
// unless it was told that they stay.
func (r *feeding) feedBytes(s *engine.Stream, raw []byte, arrival uint64, source uint32) error {
	if r.Stays {
		return s.Feed(raw, event.Identity{}, arrival, source)
	}
	raw = slices.Clone(raw)
	defer clear(raw)
	return s.Feed(raw, event.Identity{}, arrival, source)
}

// feedRow feeds the values that the reference's decoder finds in a document.
func (r *feeding) feedRow(s *engine.Stream, d *event.Document, arrival uint64, source uint32) {
	fill := func(row *event.Row) {
		schema := row.Schema()
		for slot := range schema.Len() {
			for _, v := range d.Values(schema.Path(slot)) {
				row.Add(slot, scalarOf(v))
			}
		}
	}
	s.FeedRow(fill, d.Index, arrival, source, func() *event.Held {
		return &event.Held{Raw: d.Raw, Index: d.Index, ID: d.ID, Arrival: arrival}
	})
}

func scalarOf(v value.Value) event.Scalar {
	out := event.Scalar{Text: v.Text(), Kind: event.NumberScalar}
	switch v.Kind() {
	case value.String:
		out.Kind = event.StringScalar
	case value.Bool:
		out.Kind = event.FalseScalar
		if v.Bool() {
			out.Kind = event.TrueScalar
		}
	}
	return out
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
	if _, ok := r.loaded.Checked.Body.(*eql.Sample); ok {
		out.Keys = randomcase.PlainKeyText(m.Keys)
	}
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
