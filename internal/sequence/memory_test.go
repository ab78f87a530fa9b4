package sequence

import (
	"runtime"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// pairQuery is [A] [B] with maxspan=1m.
func pairQuery() Query {
	return Query{Terms: []Term{{Filter: 0}, {Filter: 1}}, Until: -1, Span: time.Minute, HasSpan: true, Local: true}
}

// feeder feeds events of one key and one condition each.
type feeder struct {
	s    *State
	e    Event
	docs []event.Held
}

func newFeeder(s *State, docs int) *feeder {
	f := &feeder{s: s, docs: make([]event.Held, docs)}
	f.e.Hits = []Hit{{Keys: make([]Key, 1)}}
	f.e.HasTime = true
	return f
}

func (f *feeder) feed(n int, at time.Duration, key int, filter int32) {
	d := &f.docs[n%len(f.docs)]
	f.e.Doc, f.e.Arrival = d, uint64(n)
	f.e.Time = value.Instant{Sec: 1_700_000_000 + int64(at/time.Second), Nsec: int32(at % time.Second)}
	f.e.Hits[0].Filter, f.e.Hits[0].Keys[0] = filter, keyOf(key)
	f.s.Feed(&f.e)
}

// perPartial is what each of many partials that wait takes: of the heap, and by the
// state's own count.
func perPartial(t *testing.T, opts Options, queries []Query, rest func(f *feeder)) (heap, counted float64) {
	t.Helper()
	const n = 100_000
	f := newFeeder(New(queries, opts), n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range n {
		f.feed(i, time.Duration(i)*10*time.Microsecond, i, 0)
	}
	if rest != nil {
		rest(f)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if got := f.s.Stats().Queries[0].Partials; got < n {
		t.Fatalf("%d partials, want %d", got, n)
	}
	heap, counted = float64(after.HeapAlloc-before.HeapAlloc)/n, float64(f.s.Stats().Bookkeeping)/n
	t.Logf("%.1f bytes of heap, %.1f by the state's own count", heap, counted)
	runtime.KeepAlive(f)
	return heap, counted
}

// TestBytesOfPartial holds that a partial that waits at its first stage costs 128
// bytes at most, with all that is kept for it: in order, and in a stream whether its
// hit may still be undone or is older than the lateness.
func TestBytesOfPartial(t *testing.T) {
	later := func(f *feeder) { f.feed(0, 30*time.Second, -1, 1) }
	for name, c := range map[string]struct {
		opts Options
		rest func(f *feeder)
	}{
		"sorted":                  {Options{Sorted: true}, nil},
		"stream, may be undone":   {Options{Lateness: time.Minute}, nil},
		"stream, past lateness":   {Options{}, later},
		"stream, hits are held":   {Options{Lateness: time.Minute, Hold: true}, nil},
		"stream, looked at since": {Options{Lateness: time.Second}, later},
	} {
		t.Run(name, func(t *testing.T) {
			if heap, counted := perPartial(t, c.opts, []Query{pairQuery()}, c.rest); max(heap, counted) > 128 {
				t.Errorf("%.1f bytes, want 128 at most", max(heap, counted))
			}
		})
	}
}

func TestNoAllocationSorted(t *testing.T) {
	three := pairQuery()
	three.Terms = append(three.Terms, Term{Filter: 2})
	missing := Query{
		Terms: []Term{{Filter: 0}, {Filter: 1}, {Filter: 2, Missing: true}}, Until: 3, Span: 10 * time.Millisecond, HasSpan: true,
	}
	for name, q := range map[string]Query{"two stages": pairQuery(), "three": three, "missing": missing} {
		matches := 0
		f := newFeeder(New([]Query{q}, Options{Sorted: true, Match: func(Match) { matches++ }}), 100)
		n := 0
		run := func() {
			for range 1000 {
				f.feed(n, time.Duration(n)*time.Millisecond, n%7*n%5, int32(n*n%11%len(q.Terms)))
				n++
			}
		}
		for range 100 {
			run()
		}
		if got := testing.AllocsPerRun(20, run); got != 0 {
			t.Errorf("%s: %v allocations in 1000 hits", name, got)
		}
		if matches == 0 {
			t.Errorf("%s: no match", name)
		}
	}
}
