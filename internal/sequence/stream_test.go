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

// localAgents gives each host agents of its own.
func (c *modelCase) localAgents() {
	for _, e := range c.events {
		if e.agent != 0 {
			e.agent += 10 * e.host
		}
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
				if run.s.folded(run.s.findLane(run.s.number[h.Query], splitKey(k))) {
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

// slowest is the mark of the group that is furthest behind, once those that wait
// for a silent clock have been looked at.
func (run *streamRun) slowest() int64 {
	run.s.goRound()
	mark := int64(1 << 60)
	for g := range run.s.groups {
		mark = min(mark, run.s.markOf(int32(g)))
	}
	return mark
}

func (run *streamRun) run() {
	for i, e := range run.events {
		run.feed(e)
		if run.r.IntN(10) == 0 {
			checkBytes(run.t, run.s)
			run.expect(run.slowest())
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

// stretch makes everything last longer.
func (c *modelCase) stretch(factor int64) {
	for _, e := range c.events {
		e.at *= factor
	}
	for _, q := range c.queries {
		q.span *= time.Duration(factor)
	}
}

// newStreamCase draws a case, its order of arrival and how it is run.
func newStreamCase(t *testing.T, r *rand.Rand) (run *streamRun, wild bool) {
	t.Helper()
	c := newCase(r)
	factor := time.Duration(1)
	if r.IntN(3) == 0 {
		factor = 1000
		c.stretch(1000)
	}
	opts := Options{Lateness: factor * time.Duration(r.IntN(16)) * time.Millisecond, Hold: r.IntN(5) == 0}
	if r.IntN(8) == 0 {
		opts.Lateness += time.Duration(r.IntN(1e6))
	}
	if r.IntN(2) == 0 {
		c.localKeys()
	}
	percent := max(0, r.IntN(70)-30)
	c.disorder(r, opts.Lateness, percent)
	if percent > 0 {
		c.greet()       // who speaks late for the first time may find that his keys are forgotten
		c.localAgents() // and one agent's events that come by several hosts, that their places are
	} else if r.IntN(2) == 0 {
		opts.Idle = factor * time.Duration(1+r.IntN(16)) * time.Millisecond
	}
	return newStreamRun(t, r, c, opts), percent > 0
}

// shares counts in how many cases something was the case.
type shares struct {
	match, disorder, superseded, late, until, missing int
}

func (s *shares) count(run *streamRun) {
	one := func(is bool) int {
		if is {
			return 1
		}
		return 0
	}
	s.match += one(run.matches > 0)
	s.disorder += one(!slices.IsSortedFunc(run.events, func(a, b *modelEvent) int { return cmp.Compare(a.at, b.at) }))
	s.superseded += one(run.superseded > 0)
	s.late += one(run.late > 0)
	s.until += one(slices.ContainsFunc(run.queries, func(q *modelQuery) bool { return q.until != nil }))
	s.missing += one(slices.ContainsFunc(run.queries, func(q *modelQuery) bool {
		return slices.ContainsFunc(q.terms, func(t modelTerm) bool { return t.missing })
	}))
}

// TestStreamEqualsModel holds that what stands is what a sorted run over the
// accepted hits gives, at any time.
func TestStreamEqualsModel(t *testing.T) {
	t.Parallel()
	var seen shares
	n := cases(t, 60_000)
	for i := range n {
		run, wild := newStreamCase(t, rand.New(rand.NewPCG(13, uint64(i))))
		func() {
			defer func() {
				if p := recover(); t.Failed() || p != nil {
					t.Fatalf("case %d, panic %v, lateness %v idle %v hold %v\n%v", i, p, run.opts.Lateness, run.opts.Idle, run.opts.Hold, run)
				}
			}()
			run.run()
		}()
		if !wild && run.late > 0 {
			t.Fatalf("case %d: %d hits were late within the lateness", i, run.late)
		}
		seen.count(run)
	}
	t.Logf("%d cases, of them with %+v", n, seen)
	for _, share := range []int{seen.match, seen.disorder, seen.superseded, seen.late, seen.until, seen.missing} {
		if share < n/10 {
			t.Errorf("a share of the cases is too small: %+v of %d", seen, n)
		}
	}
}
