package pass

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/order"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// Recording is what the conditions of rules accept of an input, in the order of
// time, so that windows can be judged over it again and again without reading the
// input again. It holds the documents of these events in memory.
type Recording struct {
	program *engine.Program
	rules   []*schedule.Rule
	queries []sequence.Query // by rule
	hits    [][]*hit         // by rule, in the order of time
	facts   map[uint64]*facts

	resolver *engine.Resolver

	// First and Last are when the first and the last of these events arrived.
	First, Last time.Time
	Newest      time.Time // the latest @timestamp of all documents
	// Ingested and Stamped are how many documents say when they were ingested, and
	// how many others have a timestamp, at which they are taken to have arrived.
	Ingested, Stamped int
}

// hit is an event that some conditions of a rule accept.
type hit struct {
	sequence.Event
	*facts
}

// facts are what is known of when an event happened and arrived.
type facts struct {
	came    time.Time
	arrived bool
	times   map[string][]time.Time // by field
}

// RecordingPaths are the fields that the program of a Recorder must read; see
// engine.Compile.
func RecordingPaths(rules []*schedule.Rule) []string {
	paths := TimeFields(rules)
	for _, path := range []string{schedule.Timestamp, schedule.Ingested} {
		if !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// Recorder makes a Recording. The queries of its program must be Ordered, and
// those of sequences have the Span of their rules. It belongs to one goroutine.
type Recorder struct {
	rec    *Recording
	judge  *engine.Judge
	paths  []string
	orders []*order.Orderer
}

// NewRecorder starts with no events. Rules are by the program's numbers.
func NewRecorder(p *engine.Program, rules []*schedule.Rule) *Recorder {
	r := &Recorder{judge: p.NewJudge(), paths: RecordingPaths(rules)}
	r.rec = &Recording{
		program: p, rules: rules, queries: make([]sequence.Query, len(rules)), hits: make([][]*hit, len(rules)), facts: map[uint64]*facts{},
		resolver: p.NewResolver(),
	}
	for _, o := range p.Orders() {
		for i, q := range o.Queries {
			r.rec.queries[q] = o.States[i]
		}
		r.orders = append(r.orders, order.New(order.Options{
			Budget: math.MaxInt64 / 4, // it is all kept in memory afterwards
			Out:    func(e *sequence.Event) { r.rec.take(o.Queries, e) },
		}))
	}
	return r
}

// Add takes a document. The error says why some bytes are none.
func (r *Recorder) Add(raw []byte, given event.Identity, arrival uint64, source uint32) error {
	v, err := r.judge.Judge(raw, given, arrival)
	if err != nil {
		return err
	}
	var doc *event.Held
	f := r.look()
	for n := range v.Events {
		e := v.Events[n]
		if len(e.Hits) == 0 && e.Agent == 0 {
			continue
		}
		if e.Source = source; len(e.Hits) > 0 {
			if doc == nil {
				keep := engine.Reference // it stands for its place alone
				if v.Kept() {
					keep = engine.Copy
				}
				doc = r.judge.Held(given, keep)
				r.rec.note(arrival, f)
			}
			e.Doc = doc
		}
		r.orders[n].Add(&e)
	}
	return nil
}

// look reads when the event at hand happened and arrived.
func (r *Recorder) look() *facts {
	f := &facts{times: map[string][]time.Time{}}
	row := r.judge.Row()
	for _, path := range r.paths {
		for i := headOf(row, row.Schema().Slot(path)); i >= 0; i = row.At(i).Next {
			if v := value.Coerce(row.At(i).Value(), value.TypeDate, ""); v.Kind() == value.Date {
				f.times[path] = append(f.times[path], v.Instant().Time())
			}
		}
	}
	if at := f.times[schedule.Timestamp]; len(at) > 0 && at[0].After(r.rec.Newest) {
		r.rec.Newest = at[0]
	}
	for i, path := range []string{schedule.Ingested, schedule.Timestamp} {
		if at := f.times[path]; len(at) > 0 {
			f.came, f.arrived = at[0], true
			if i == 0 {
				r.rec.Ingested++
			} else {
				r.rec.Stamped++
			}
			break
		}
	}
	return f
}

// note keeps the facts of an event that a condition accepts.
func (r *Recording) note(arrival uint64, f *facts) {
	r.facts[arrival] = f
	if !f.arrived {
		return
	}
	if r.First.IsZero() || f.came.Before(r.First) {
		r.First = f.came
	}
	if f.came.After(r.Last) {
		r.Last = f.came
	}
}

// take takes an event in its place in time, for each rule that has hits of it.
func (r *Recording) take(queries []int32, e *sequence.Event) {
	for from := 0; from < len(e.Hits); {
		to := from + 1
		for to < len(e.Hits) && e.Hits[to].Query == e.Hits[from].Query {
			to++
		}
		rule := queries[e.Hits[from].Query]
		h := &hit{Event: *e, facts: r.facts[e.Doc.Arrival]}
		h.Hits = nil
		for _, one := range e.Hits[from:to] {
			h.Hits = append(h.Hits, sequence.Hit{Filter: one.Filter, Keys: slices.Clone(one.Keys)})
		}
		r.hits[rule] = append(r.hits[rule], h)
		from = to
	}
}

// Close ends the input.
func (r *Recorder) Close() (*Recording, error) {
	for _, o := range r.orders {
		if err := o.Close(); err != nil {
			return nil, fmt.Errorf("put events in order: %w", err)
		}
	}
	return r.rec, nil
}

// find returns what a rule finds in some of its hits, in the order of results.
func (r *Recording) find(rule int, hits []*hit) []engine.Match {
	var out []engine.Match
	if r.program.Kind(rule) == engine.Event {
		for _, h := range hits {
			out = append(out, engine.Match{
				Query: rule, Events: []*event.Held{h.Doc},
				Last: event.Ordinal{Time: h.Time, HasTime: h.HasTime, Tiebreaker: h.Tiebreaker, Arrival: h.Doc.Arrival},
			})
		}
		slices.SortStableFunc(out, engine.CompareMatches) // as a pass has them, which does not look at event.sequence
		return out
	}
	state := sequence.New([]sequence.Query{r.queries[rule]}, sequence.Options{
		Sorted: true,
		Match: func(m sequence.Match) {
			events := slices.Clone(m.Events)
			out = append(out, engine.Match{Query: rule, Key: m.Key, Keys: r.resolver.Keys(rule, m.Key, events), Events: events, Last: m.Last})
		},
	})
	for _, h := range hits {
		e := h.Event
		state.Feed(&e)
	}
	state.Close()
	slices.SortStableFunc(out, engine.CompareMatches)
	return out
}
