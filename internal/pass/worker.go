package pass

import (
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/sequence"
)

// result is what a worker makes of a batch. It is used again for another.
type result struct {
	events     int
	judged     int64
	unreadable int
	singles    []single
	ordered    [][]sequence.Event // by order; their hits and keys lie in the slices below
	hits       []sequence.Hit
	keys       []sequence.Key
	bad        []int // by job
	noTime     []int
}

// single is an event that an event query accepts.
type single struct {
	job   int
	match Match
}

func newResult(orders, jobs int) *result {
	return &result{ordered: make([][]sequence.Event, orders), bad: make([]int, jobs), noTime: make([]int, jobs)}
}

// reset forgets a batch, and lets go of its documents.
func (r *result) reset() {
	clear(r.singles)
	for i := range r.ordered {
		clear(r.ordered[i])
		r.ordered[i] = r.ordered[i][:0]
	}
	clear(r.bad)
	clear(r.noTime)
	*r = result{
		singles: r.singles[:0], ordered: r.ordered, hits: r.hits[:0], keys: r.keys[:0], bad: r.bad, noTime: r.noTime,
	}
}

// worker judges batches.
type worker struct {
	ps     *pass
	judge  *engine.Judge
	nobody *event.Held
	result *result

	// The event at hand.
	at    *schedule.Event
	given event.Identity
	held  *event.Held
}

func (ps *pass) worker(judge *engine.Judge) *worker {
	return &worker{ps: ps, judge: judge, nobody: engine.Nobody()}
}

// batch judges the events of a batch that are wanted.
func (w *worker) batch(b schedule.Batch, to *result) {
	w.result = to
	for i := range b.Events {
		e := &b.Events[i]
		to.events++
		if !w.ps.want.Wants(e) {
			continue
		}
		to.judged++
		w.at, w.given, w.held = e, event.Identity{Index: e.Index, ID: e.ID}, nil
		v, err := w.judge.Judge(e.Raw, w.given, e.Arrival)
		if err != nil {
			to.unreadable++
			continue
		}
		w.take(v)
	}
	if b.Release != nil {
		b.Release()
	}
}

// document is the document of the event at hand, copied once.
func (w *worker) document() *event.Held {
	if w.held == nil {
		w.held = w.judge.Held(w.given, engine.Copy)
		w.held.Source = w.at.Source
	}
	return w.held
}

// take takes what came of the event at hand.
func (w *worker) take(v *engine.Verdict) {
	for _, q := range v.Singles {
		w.single(int(q))
	}
	for n := range v.Events {
		e := &v.Events[n]
		hits := w.hits(n, e.Hits)
		if len(hits) == 0 && e.Agent == 0 {
			continue // it takes nobody's place
		}
		kept := *e
		kept.Source, kept.Hits = w.at.Source, hits
		if len(hits) > 0 {
			kept.Doc = w.nobody
			if v.Kept() {
				kept.Doc = w.document()
			}
		}
		w.result.ordered[n] = append(w.result.ordered[n], kept)
	}
	for _, f := range v.Faults {
		w.count(w.result.bad, f.Query)
	}
	for _, q := range v.NoTime {
		w.count(w.result.noTime, q)
	}
}

// count counts something once for a rule, if the event lies in one of its windows.
func (w *worker) count(counts []int, query int32) {
	for i := range w.ps.routes[query] {
		if r := &w.ps.routes[query][i]; r.takes(w.at, w.judge.Row()) {
			counts[r.job]++
			return
		}
	}
}

// single takes an event that an event query accepts.
func (w *worker) single(query int) {
	for i := range w.ps.routes[query] {
		r := &w.ps.routes[query][i]
		if !r.takes(w.at, w.judge.Row()) {
			continue
		}
		w.result.singles = append(w.result.singles, single{r.job, Match{
			Match: engine.Match{
				Query: query, Events: []*event.Held{w.document()}, Last: w.judge.PlaceFor(query, w.at.Arrival),
			},
			Window: r.window, When: w.at.On(r.axis),
		}})
	}
}

// hits makes of the hits of an order those of its windows: for each window that the
// event lies in one of its own.
func (w *worker) hits(n int, hits []sequence.Hit) []sequence.Hit {
	res := w.result
	start := len(res.hits)
	for from := 0; from < len(hits); {
		to := from + 1
		for to < len(hits) && hits[to].Query == hits[from].Query {
			to++
		}
		query := w.ps.locals[n][hits[from].Query]
		routes := w.ps.routes[query]
		if w.ps.program.Kind(int(query)) == engine.Event {
			w.single(int(query))
			routes = nil
		}
		for i := range routes {
			if !routes[i].takes(w.at, w.judge.Row()) {
				continue
			}
			for _, h := range hits[from:to] {
				k := len(res.keys)
				res.keys = append(res.keys, h.Keys...)
				res.hits = append(res.hits, sequence.Hit{
					Query: routes[i].local, Filter: h.Filter, Keys: res.keys[k:len(res.keys):len(res.keys)],
				})
			}
		}
		from = to
	}
	return res.hits[start:len(res.hits):len(res.hits)]
}
