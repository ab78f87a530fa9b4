package order

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"unsafe"

	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// outcome is what came of putting a stream in order.
type outcome struct {
	events  []*sequence.Event
	stats   Stats
	reports []Report
	again   bool // it had to be begun anew
}

// sorted puts a stream in order as scan does: once more from the start if an
// event comes too late.
func sorted(t testing.TB, all []input, opts Options) outcome {
	t.Helper()
	var out outcome
	opts.Out = func(e *sequence.Event) { out.events = append(out.events, copied(e)) }
	opts.Spilled = func(r Report) { out.reports = append(out.reports, r) }
	if opts.TempDir == "" {
		opts.TempDir = t.TempDir()
	}
	o := New(opts)
	for i := range all {
		add(o, &all[i].event)
		if o.Err() != nil {
			break
		}
	}
	err := o.Close()
	if left, _ := os.ReadDir(opts.TempDir); len(left) > 0 {
		t.Fatalf("left behind: %v", left)
	}
	if errors.Is(err, ErrTooLate) && !opts.Spill {
		opts.Spill = true
		again := sorted(t, all, opts)
		again.again = true
		return again
	}
	if err != nil {
		t.Fatal(err)
	}
	out.stats = o.Stats()
	return out
}

// Whatever the disorder and however small the budget, the order is that of
// event.Sort over everything.
func TestOrderIsThatOfSort(t *testing.T) {
	dir := t.TempDir()
	var released, spilled, again, whole int
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := shape{
			events: 1 + r.IntN(300), times: []int{1, 5, 60, 1000}[r.IntN(4)], named: r.IntN(3) == 0,
			noTime: []float64{0, 0, 0.05}[r.IntN(3)], hits: []float64{0.1, 0.5, 1}[r.IntN(3)], agents: r.IntN(5),
			disorder: []int{0, 0, 1, 5, 30, -1}[r.IntN(6)], files: r.IntN(4),
		}
		all := stream(t, r, s)
		budget := []int64{1, 3000, 20_000, 1 << 20}[r.IntN(4)]
		got := sorted(t, all, Options{Budget: budget, TempDir: dir, Spill: r.IntN(5) == 0})
		want := inOrder(all, s.named)
		same(t, fmt.Sprintf("seed %d %+v, budget %d", seed, s, budget), got, want)
		switch {
		case got.again:
			again++
		case got.stats.Released > 0:
			released++
		case got.stats.Runs > 0:
			spilled++
		default:
			whole++
		}
		if (got.stats.Runs > 0) != (len(got.reports) == 1) {
			t.Fatalf("seed %d: %d runs, and it was told %d times", seed, got.stats.Runs, len(got.reports))
		}
	}
	t.Logf("in memory %d, released %d, spilled %d, begun anew %d", whole, released, spilled, again)
	for what, n := range map[string]int{"in memory": whole, "released": released, "spilled": spilled, "begun anew": again} {
		if n < 40 {
			t.Errorf("%s: only %d times", what, n)
		}
	}
}

func same(t *testing.T, what string, got outcome, want []*sequence.Event) {
	t.Helper()
	gotTimed, gotNone := untimed(got.events)
	wantTimed, wantNone := untimed(want)
	if !slices.Equal(text(gotTimed), text(wantTimed)) {
		t.Fatalf("%s: the order differs\n got %s\nwant %s", what, arrivals(gotTimed), arrivals(wantTimed))
	}
	if got.stats.Released > 0 { // then they may come later
		slices.SortFunc(gotNone, func(a, b *sequence.Event) int { return int(a.Arrival) - int(b.Arrival) })
		slices.SortFunc(wantNone, func(a, b *sequence.Event) int { return int(a.Arrival) - int(b.Arrival) })
	} else if slices.ContainsFunc(got.events[:len(gotNone)], func(e *sequence.Event) bool { return e.HasTime }) {
		t.Fatalf("%s: events without time are not first", what)
	}
	if !slices.Equal(text(gotNone), text(wantNone)) {
		t.Fatalf("%s: events without time\n got %s\nwant %s", what, arrivals(gotNone), arrivals(wantNone))
	}
	if got.stats.Given != len(want) {
		t.Fatalf("%s: %d counted as given, want %d", what, got.stats.Given, len(want))
	}
}

func arrivals(events []*sequence.Event) string {
	var all []uint64
	for _, e := range events {
		all = append(all, e.Arrival)
	}
	return fmt.Sprint(all)
}

// What events take in memory stays within the budget, also while runs are merged.
func TestBudget(t *testing.T) {
	const budget = 256 << 10
	for _, s := range []shape{
		{events: 4000, times: 1 << 20, hits: 1, agents: 4, padding: 1000},
		{events: 4000, times: 1 << 20, hits: 0.5, agents: 4, padding: 1000, disorder: 20},
		{events: 4000, times: 1 << 20, hits: 1, agents: 4, padding: 1000, disorder: -1},
		{events: 4000, times: 1 << 20, hits: 1, agents: 4, padding: 1000, files: 5},
		{events: 30_000, times: 1 << 20, hits: 0.01, agents: 4, disorder: -1},
		{events: 4000, times: 1, hits: 1, padding: 1000}, // of one time, but nothing to arrange
	} {
		got := sorted(t, stream(t, rand.New(rand.NewPCG(1, 2)), s), Options{Budget: budget})
		if got.stats.Peak > budget {
			t.Errorf("%+v: %d bytes at most, the budget is %d", s, got.stats.Peak, budget)
		}
		if got.stats.Released == 0 && got.stats.Runs == 0 {
			t.Errorf("%+v: the budget was not used up", s)
		}
		t.Logf("%+v: %+v, anew %v", s, got.stats, got.again)
	}
}

// Nothing is given before the budget is full, and nothing at all before Close
// where it is asked to spill.
func TestNothingIsGivenTooSoon(t *testing.T) {
	all := stream(t, rand.New(rand.NewPCG(1, 2)), shape{events: 2000, times: 1 << 20, hits: 1, agents: 2})
	for _, opts := range []Options{{Budget: 100 << 20}, {Budget: 20_000, Spill: true, TempDir: t.TempDir()}} {
		given := 0
		opts.Out = func(*sequence.Event) { given++ }
		o := New(opts)
		for i := range all {
			add(o, &all[i].event)
		}
		if given > 0 {
			t.Errorf("%d events were given before Close", given)
		}
		if err := o.Close(); err != nil || given != len(all) {
			t.Errorf("%d events, %v", given, err)
		}
		if err := o.Close(); err != nil {
			t.Errorf("closed twice: %v", err)
		}
	}
}

// late is a stream in order of which one event, the last, lies before the rest.
func late(t *testing.T) []input {
	t.Helper()
	all := stream(t, rand.New(rand.NewPCG(1, 2)), shape{events: 1000, times: 1 << 20, hits: 1})
	all[len(all)-1].event.Time = value.InstantOfMilli(-1)
	return all
}

func TestTooLate(t *testing.T) {
	all := late(t)
	given := 0
	o := New(Options{Budget: 20_000, Out: func(*sequence.Event) { given++ }})
	for i := range all[:len(all)-1] {
		add(o, &all[i].event)
	}
	if err := o.Err(); err != nil || given == 0 {
		t.Fatalf("%d events, %v", given, err)
	}
	before := given
	add(o, &all[len(all)-1].event)
	if err := o.Err(); !errors.Is(err, ErrTooLate) {
		t.Errorf("Err: %v", err)
	}
	if err := o.Close(); !errors.Is(err, ErrTooLate) || given != before {
		t.Errorf("Close: %v, %d events more", err, given-before)
	}
	if got := sorted(t, all, Options{Budget: 20_000}); !got.again || got.events[0].Arrival != 999 {
		t.Errorf("begun anew: %v, first %v", got.again, got.events[0])
	}
}

// What can not be read again has late events handed out apart.
func TestLateIsHandedOut(t *testing.T) {
	all := late(t)
	var gone []uint64
	got := sorted(t, all, Options{Budget: 20_000, Late: func(e *sequence.Event) { gone = append(gone, e.Arrival) }})
	if got.again || len(got.events) != len(all)-1 || fmt.Sprint(gone) != "[999]" || got.stats.Late != 1 {
		t.Errorf("%d events, late %v, %+v", len(got.events), gone, got.stats)
	}
}

// Disorder is told.
func TestStats(t *testing.T) {
	o := New(Options{Out: func(*sequence.Event) {}})
	for _, ms := range []int64{5, 9, 3, 9, 8} {
		o.Add(&sequence.Event{HasTime: true, Time: value.InstantOfMilli(ms)})
	}
	if s := o.Stats(); s.OutOfOrder != 2 || s.Disorder.Milliseconds() != 6 {
		t.Errorf("%+v", s)
	}
}

func TestSizeOfARecord(t *testing.T) {
	if n := unsafe.Sizeof(record{}); n > 48 {
		t.Errorf("an event without a hit takes %d bytes", n)
	}
}

// An event without a hit is no allocation, but for that of chunks.
func TestNoAllocationWithoutHit(t *testing.T) {
	o := New(Options{Out: func(*sequence.Event) {}})
	e := sequence.Event{HasTime: true, Agent: 1, Sequence: value.OfInt(1)}
	per := testing.AllocsPerRun(20, func() {
		for range mostRecords {
			e.Arrival++
			e.Time.Sec++
			o.Add(&e)
		}
	})
	if per > 20 { // of 8,192 events
		t.Errorf("%v allocations", per)
	}
}
