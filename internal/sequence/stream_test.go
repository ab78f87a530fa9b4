package sequence

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// streamRun feeds a case in an order of arrival and checks it against the model
// on the way and at the end.
type streamRun struct {
	*modelCase
	t        *testing.T
	r        *rand.Rand
	s        *State
	opts     Options
	order    []*modelQuery // by the number that the state knows them by
	standing []map[string]int
	known    []*modelEvent // what was fed and not late by its own clock
	newest   map[clockKey]int64
	refused  map[refusal]bool
	held     map[int]*event.Held

	late, superseded, matches int
}

// refusal is a hit that came too late for its key.
type refusal struct {
	q       *modelQuery
	id, key int
}

// disorder puts the events into an order of arrival in which none is further
// behind than lateness and those of equal timestamp stay in theirs; a share of
// wild ones, in percent, keeps to nothing.
func (c *modelCase) disorder(r *rand.Rand, lateness time.Duration, wild int) {
	due := map[*modelEvent]int64{}
	last := map[int64]int64{}
	for _, e := range c.events {
		d := e.at
		if r.IntN(2) == 0 {
			d += r.Int64N(int64(lateness) + 1)
		}
		if r.IntN(100) < wild {
			d += r.Int64N(3*int64(lateness) + 10e6)
		} else {
			d = max(d, last[e.at])
			last[e.at] = d
		}
		due[e] = d
	}
	slices.SortStableFunc(c.events, func(a, b *modelEvent) int { return cmp.Compare(due[a], due[b]) })
	for i, e := range c.events {
		e.arrival = i
	}
}

// greet has every clock speak before the others.
func (c *modelCase) greet() {
	var first []*modelEvent
	for host := range uint64(2) {
		for source := range uint32(2) {
			first = append(first, &modelEvent{id: 1000 + len(first), timed: true, tie: -1, seq: -1, source: source, host: host + 1})
		}
	}
	c.events = append(first, c.events...)
	for i, e := range c.events {
		e.arrival = i
	}
}

// localKeys gives each host keys of its own.
func (c *modelCase) localKeys() {
	for _, e := range c.events {
		for f := range e.keys {
			for i := range e.keys[f] {
				e.keys[f][i] += 3 * int(e.host)
			}
		}
	}
	for _, q := range c.queries {
		q.local = true
	}
}

func newStreamRun(t *testing.T, r *rand.Rand, c *modelCase, opts Options) *streamRun {
	t.Helper()
	run := &streamRun{
		modelCase: c, t: t, r: r, opts: opts, order: slices.Clone(c.queries), held: map[int]*event.Held{},
		newest: map[clockKey]int64{}, refused: map[refusal]bool{},
	}
	var queries []Query
	for _, q := range c.queries {
		queries = append(queries, q.query())
		run.standing = append(run.standing, map[string]int{})
	}
	opts.Match = run.match
	run.s = New(queries, opts)
	return run
}

func (run *streamRun) match(m Match) {
	q := run.order[m.Query]
	of, text := run.standing[slices.Index(run.queries, q)], matchText(m)
	if m.Superseded {
		run.superseded++
		if of[text]--; of[text] < 0 || run.opts.Hold {
			run.t.Fatalf("superseded without need: %s", text)
		}
		if of[text] == 0 {
			delete(of, text)
		}
		return
	}
	run.matches++
	of[text]++
	if of[text] > 1 && !q.sample {
		run.t.Fatalf("reported twice: %s\n%v", text, run)
	}
}

// feed feeds the next event, having noted which of its hits will be refused.
func (run *streamRun) feed(e *modelEvent) {
	c := *run.modelCase
	c.queries = run.order
	in := c.event(e, run.held)
	clock := clockKey{e.host, e.source}
	newest, seen := run.newest[clock]
	switch {
	case !e.timed:
	case seen && newest-e.at > int64(run.opts.Lateness):
		if len(in.Hits) > 0 {
			run.late++
		}
		for _, q := range run.queries {
			if q.sample {
				continue
			}
			for k := range 16 {
				run.refused[refusal{q, e.id, k}] = true
			}
		}
	default:
		run.newest[clock] = max(newest, e.at)
		run.known = append(run.known, e)
		run.s.now.at = in.Time
		for _, h := range in.Hits {
			for _, k := range h.Keys {
				if run.s.folded(run.s.number[h.Query], splitKey(k)) {
					run.late++
					run.refused[refusal{run.order[h.Query], e.id, keyNumber(k)}] = true
				}
			}
		}
	}
	run.s.Feed(in)
}

// expect compares what stands with the model: of what is not decided, either may
// be.
func (run *streamRun) expect(mark int64) {
	run.t.Helper()
	sorted := arrange(run.known, run.byAgent)
	for i, q := range run.queries {
		if q.sample {
			continue
		}
		got := run.standing[i]
		matches, open := q.run(sorted, func(e *modelEvent, key int) bool { return !run.refused[refusal{q, e.id, key}] }, mark)
		may := map[string]bool{}
		for _, m := range open {
			may[m.text] = true
		}
		for _, m := range matches {
			may[m.text] = true
			if got[m.text] == 0 && !run.opts.Hold {
				run.t.Fatalf("missing %q of query %d, mark %d\n%v", m.text, i, mark, run)
			}
		}
		for text := range got {
			if !may[text] && !(run.opts.Hold && mark < 1<<60) {
				run.t.Fatalf("too much: %q of query %d, mark %d\n%v", text, i, mark, run)
			}
		}
		if mark == 1<<60 && len(got) != len(matches) {
			run.t.Fatalf("query %d: got %d matches, want %d: %v\n%v", i, len(got), len(matches), slices.Sorted(maps.Keys(got)), run)
		}
	}
}

// reload shuffles the queries and adds one.
func (run *streamRun) reload() {
	n := len(run.order)
	perm := run.r.Perm(n + 1)
	extra := newQuery(rand.New(rand.NewPCG(1, 1)))
	extra.filters = nil // nothing accepts what it asks for
	order, from, queries := make([]*modelQuery, n+1), make([]int32, n+1), make([]Query, n+1)
	for i, at := range perm {
		if i == n {
			order[at], from[at], queries[at] = extra, -1, extra.query()
			continue
		}
		order[at], from[at], queries[at] = run.order[i], int32(i), run.order[i].query()
	}
	if at := slices.IndexFunc(order, func(q *modelQuery) bool { return q != extra && !slices.Contains(run.queries, q) }); at >= 0 {
		order, from, queries = slices.Delete(order, at, at+1), slices.Delete(from, at, at+1), slices.Delete(queries, at, at+1)
	}
	run.s.Reload(queries, from)
	run.order = order
}

func (run *streamRun) run() {
	for i, e := range run.events {
		run.feed(e)
		if run.r.IntN(6) == 0 {
			run.expect(run.s.markOf(0))
		}
		if run.r.IntN(40) == 0 {
			run.s.Advance(value.InstantOfTime(time.Unix(0, e.at)))
		}
		if run.r.IntN(12) == 0 && i > 0 {
			run.reload()
		}
	}
	run.s.Close()
	run.expect(1 << 60)
	for i, q := range run.queries {
		if q.sample {
			run.expectSamples(q, run.standing[i])
		}
	}
	checkEmpty(run.t, run.s, run.held)
}

func (run *streamRun) expectSamples(q *modelQuery, got map[string]int) {
	want := map[string]int{}
	for _, of := range q.samples(run.events) {
		for _, text := range of {
			want[text]++
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		run.t.Fatalf("samples: got %v\nwant %v\n%v", got, want, run)
	}
}

// TestStreamEqualsModel holds that what stands is what a sorted run over the
// accepted hits gives, at any time.
func TestStreamEqualsModel(t *testing.T) {
	t.Parallel()
	n, late, superseded, matches := cases(t, 60_000), 0, 0, 0
	for i := range n {
		r := rand.New(rand.NewPCG(13, uint64(i)))
		c := newCase(r)
		lateness := time.Duration(r.IntN(12)) * time.Millisecond
		if r.IntN(8) == 0 {
			lateness += time.Duration(r.IntN(1e6))
		}
		if r.IntN(2) == 0 {
			c.localKeys()
		}
		wild := max(0, r.IntN(60)-30)
		c.disorder(r, lateness, wild)
		if wild > 0 {
			c.greet()
		}
		run := newStreamRun(t, r, c, Options{Lateness: lateness, Hold: r.IntN(3) == 0})
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Logf("case %d panics\n%v", i, c)
					panic(p)
				}
			}()
			run.run()
		}()
		if wild == 0 && run.late > 0 {
			t.Errorf("%d hits were late within the lateness", run.late)
		}
		if t.Failed() {
			t.Fatalf("case %d lateness %v\n%v", i, lateness, c)
		}
		late, superseded, matches = late+run.late, superseded+run.superseded, matches+run.matches
	}
	t.Logf("%d cases: %d matches, %d superseded, %d hits late", n, matches, superseded, late)
	if matches < n || superseded < n/20 || late < n/20 {
		t.Errorf("%d cases test too little: %d matches, %d superseded, %d hits late", n, matches, superseded, late)
	}
}
