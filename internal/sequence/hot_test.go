package sequence

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// TestHotKey holds that a hit in order costs the same however many are retained
// for its key, and one that comes late only as much as it is late: counted in
// undo entries, which are what is done.
func TestHotKey(t *testing.T) {
	s := New([]Query{pairQuery()}, Options{Lateness: time.Hour})
	f := newFeeder(s, 100_000)
	for i := range 20_000 {
		f.feed(i, time.Duration(i)*time.Millisecond, 1, int32(i%2))
	}
	if got := s.hits.live(); got != 20_000 {
		t.Fatalf("%d hits are retained", got)
	}
	redone := 0
	s.opts.Match = func(Match) { redone++ }
	f.feed(20_000, 19_990*time.Millisecond+1, 1, 0)
	if redone > 12 {
		t.Errorf("%d matches told for one late hit", redone)
	}
	if got := testing.AllocsPerRun(100, func() {
		f.feed(20_001, 20_001*time.Millisecond, 1, 0)
	}); got > 1 {
		t.Errorf("%v allocations", got)
	}
}

func TestNoAllocationStream(t *testing.T) {
	three := pairQuery()
	three.Terms = append(three.Terms, Term{Filter: 2})
	missing := Query{
		Terms: []Term{{Filter: 0}, {Filter: 1}, {Filter: 2, Missing: true}}, Until: 3, Span: 10 * time.Millisecond, HasSpan: true,
	}
	for name, q := range map[string]Query{"two stages": pairQuery(), "three": three, "missing": missing} {
		for _, hold := range []bool{false, true} {
			matches := 0
			f := newFeeder(New([]Query{q}, Options{Lateness: 20 * time.Millisecond, Idle: time.Second, Hold: hold, Match: func(Match) { matches++ }}), 1000)
			n := 0
			f.e.Agent, f.e.Sequence = 7, value.OfInt(1)
			run := func() {
				for range 1000 {
					f.feed(n, time.Duration(n-n%3*5+20)*time.Millisecond, n%7*n%5, int32(n*n%11%len(q.Terms)))
					n++
				}
			}
			for range 100 {
				run()
			}
			if got := testing.AllocsPerRun(20, run); got > 0 {
				t.Errorf("%s, hold %v: %v allocations in 1000 hits", name, hold, got)
			}
			if matches == 0 {
				t.Errorf("%s: no match", name)
			}
		}
	}
}

// TestBytesOfRetained says what a hit that is not the only one of its key costs
// while it is retained, and that it costs no more than in sorted mode afterwards.
func TestBytesOfRetained(t *testing.T) {
	heap, _ := perPartial(t, Options{Lateness: time.Minute}, []Query{pairQuery()}, func(f *feeder) {
		for i := range len(f.docs) { // a hit of the second stage, before the first
			f.feed(i, -time.Second, i, 1)
		}
	})
	if each := (heap - 128) / 2; each > 110 {
		t.Errorf("%.1f bytes for each of two hits that are retained", each)
	}
	s := New([]Query{pairQuery()}, Options{})
	f := newFeeder(s, 10)
	for i := range 1000 {
		f.feed(i, time.Duration(i)*10*time.Millisecond, i, 0)
	}
	f.feed(1000, 50*time.Second, 1, 1)
	if s.hits.live() > 1 || s.Stats().Queries[0].Partials != 999 {
		t.Errorf("%d hits are retained, %+v", s.hits.live(), s.Stats().Queries[0])
	}
}

// TestWideQuery holds that a query may have more conditions than a word has bits.
func TestWideQuery(t *testing.T) {
	for _, sorted := range []bool{true, false} {
		q := Query{Until: 200}
		for i := range int32(150) {
			q.Terms = append(q.Terms, Term{Filter: i})
		}
		matches, last := 0, int64(0)
		s := New([]Query{q}, Options{Sorted: sorted, Lateness: time.Second, Match: func(m Match) {
			matches++
			for i, e := range m.Events {
				if e.ID != fmt.Sprint(i) {
					t.Fatalf("event %d is %s", i, e.ID)
				}
			}
		}})
		r := rand.New(rand.NewPCG(1, 9))
		feed := func(filters ...int32) {
			last += 1 + r.Int64N(3)
			e := &Event{HasTime: true, Time: value.Instant{Sec: last}, Doc: &event.Held{ID: fmt.Sprint(filters[0])}}
			for _, f := range filters {
				e.Hits = append(e.Hits, Hit{Filter: f, Keys: []Key{{}}})
			}
			s.Feed(e)
		}
		for i := range int32(150) {
			feed(i, max(i, (i+60)%150))
		}
		for i := range int32(149) {
			feed(i)
		}
		feed(148, 200)
		feed(149)
		s.Close()
		if matches != 1 {
			t.Errorf("sorted %v: %d matches, want 1", sorted, matches)
		}
	}
}
