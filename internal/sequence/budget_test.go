package sequence

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// TestExpiry holds that partials do not outlive their maxspan, and those without
// one do.
func TestExpiry(t *testing.T) {
	endless := pairQuery()
	endless.HasSpan, endless.Span = false, 0
	f := newFeeder(New([]Query{pairQuery(), endless}, Options{Sorted: true}), 10)
	f.e.Hits = append(f.e.Hits, Hit{Query: 1, Keys: make([]Key, 1)})
	for i := range 1000 { // one a second, each of another key
		f.e.Hits[1].Keys[0] = keyOf(i)
		f.feed(i, time.Duration(i)*time.Second, i, 0)
		got := f.s.Stats().Queries
		if want := min(i+1, 61); got[0].Partials != want || got[1].Partials != i+1 {
			t.Fatalf("after %d s: %d and %d partials, want %d and %d", i, got[0].Partials, got[1].Partials, want, i+1)
		}
	}
	got := f.s.Stats().Queries[0]
	if got.Expired != 1000-61 || got.Peak != 61 || got.Evicted != 0 {
		t.Errorf("%+v", got)
	}
}

// TestExpiryOfStream is the same where time comes from several clocks.
func TestExpiryOfStream(t *testing.T) {
	f := newFeeder(New([]Query{pairQuery()}, Options{Lateness: 10 * time.Second}), 10)
	most := 0
	for i := range 5000 {
		f.e.Host = uint64(i % 3)
		f.feed(i, time.Duration(i)*time.Second+time.Duration(i%3)*time.Hour, i, 0)
		most = max(most, f.s.Stats().Queries[0].Partials)
	}
	if most > 2*(60+10+20) {
		t.Errorf("up to %d partials, one a second, with a maxspan of 60 s", most)
	}
	if got := f.s.Stats(); got.Held.Documents > 180 || f.s.hits.live() > 60 {
		t.Errorf("%d documents are held, %d hits retained", got.Held.Documents, f.s.hits.live())
	}
}

// TestBudget holds that the budget is kept, that who has waited longest goes
// first, and that it is counted.
func TestBudget(t *testing.T) {
	endless := pairQuery()
	endless.HasSpan, endless.Span = false, 0
	for _, sorted := range []bool{true, false} {
		matched, oldest := 0, uint64(5000)
		s := New([]Query{endless}, Options{Sorted: sorted, Budget: 1 << 20, Match: func(m Match) {
			matched++
			oldest = min(oldest, m.Events[0].Arrival)
		}})
		f := newFeeder(s, 100_000)
		for i := range f.docs {
			f.docs[i].Raw = make([]byte, 900)
			f.docs[i].Arrival = uint64(i)
		}
		for i := range 5000 {
			f.feed(i, time.Duration(i)*time.Second, i, 0)
			if got := s.Stats(); got.Bookkeeping+got.Held.Bytes > 1<<20 {
				t.Fatalf("%d + %d bytes", got.Bookkeeping, got.Held.Bytes)
			}
		}
		got := s.Stats().Queries[0]
		if got.Partials < 850 || got.Evicted != uint64(5000-got.Partials) {
			t.Errorf("sorted %v: %+v", sorted, got)
		}
		left := got.Partials
		for i := range 5000 { // those that are left are the newest
			f.feed(5000+i, time.Hour*2+time.Duration(i)*time.Second, i, 1)
		}
		// A stream retains what completed a match for a while, which costs a few more.
		if matched < left*9/10 || sorted && matched != left || oldest < uint64(5000-left) {
			t.Errorf("sorted %v: %d matches of %d that waited, the oldest began with %d", sorted, matched, left, oldest)
		}
	}
}

// TestHeldOnce holds that a document counts once, however many hold it.
func TestHeldOnce(t *testing.T) {
	s := New([]Query{pairQuery(), pairQuery(), pairQuery()}, Options{Sorted: true})
	d := &event.Held{Raw: make([]byte, 1000)}
	s.Feed(&Event{Doc: d, HasTime: true, Time: value.Instant{Sec: 1}, Hits: []Hit{
		{Query: 0, Keys: []Key{keyOf(1), keyOf(2)}}, {Query: 2, Keys: []Key{keyOf(1)}},
	}})
	if got := s.Stats().Held; got.Documents != 1 || got.Bytes != heldSize(d) || d.Refs != 3 {
		t.Errorf("%+v, %d references", got, d.Refs)
	}
	s.Close()
	if got := s.Stats().Held; got != (HeldStats{}) || d.Refs != 0 {
		t.Errorf("after Close: %+v, %d references", got, d.Refs)
	}
}

// TestBudgetGenerated runs random streams in too little memory: whatever is lost,
// nothing is reported that is none, nothing is superseded that was not reported,
// and nothing is left.
func TestBudgetGenerated(t *testing.T) {
	t.Parallel()
	var evicted uint64
	for i := range cases(t, 4000) {
		r := rand.New(rand.NewPCG(17, uint64(i)))
		c := newCase(r)
		sorted := r.IntN(2) == 0
		if !sorted {
			c.disorder(r, 10*time.Millisecond, 0)
		}
		c.queries = slices.DeleteFunc(c.queries, func(q *modelQuery) bool { return len(q.terms) == 0 })
		held, standing := map[int]*event.Held{}, make([]map[string]int, len(c.queries))
		var queries []Query
		for j, q := range c.queries {
			queries = append(queries, q.query())
			standing[j] = map[string]int{}
		}
		s := New(queries, Options{Sorted: sorted, Lateness: 10 * time.Millisecond, Budget: 1000 + r.Int64N(6000), Match: func(m Match) {
			text := matchText(m)
			if m.Superseded {
				if standing[m.Query][text]--; standing[m.Query][text] < 0 {
					t.Fatalf("case %d: superseded, but not reported: %s\n%v", i, text, c)
				}
				return
			}
			standing[m.Query][text]++
		}})
		events := c.events
		if sorted {
			events = arrange(events, c.byAgent)
		}
		for _, e := range events {
			s.Feed(c.event(e, held))
		}
		s.Close()
		checkEmpty(t, s, held)
		for _, q := range s.Stats().Queries {
			evicted += q.Evicted
		}
		if t.Failed() {
			t.Fatalf("case %d\n%v", i, c)
		}
	}
	if evicted == 0 {
		t.Error("nothing was evicted: the budgets are too large")
	}
}

// TestHeldShared holds that a document counts once where several states have it.
func TestHeldShared(t *testing.T) {
	var held HeldStats
	a := New([]Query{pairQuery()}, Options{Sorted: true, Held: &held})
	b := New([]Query{pairQuery()}, Options{Held: &held})
	e := &Event{Doc: new(event.Held), HasTime: true, Hits: []Hit{{Keys: []Key{{}}}}}
	a.Feed(e)
	b.Feed(e)
	if held.Documents != 1 || held.Bytes != heldSize(e.Doc) {
		t.Errorf("%+v", held)
	}
	a.Close()
	b.Close()
	if held != (HeldStats{}) {
		t.Errorf("after Close: %+v", held)
	}
}
