package order

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"unsafe"

	"github.com/tripline-sec/tripline/internal/event"
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
func sorted(tb testing.TB, all []input, opts Options) outcome {
	tb.Helper()
	var out outcome
	opts.Out = func(e *sequence.Event) { out.events = append(out.events, copied(e)) }
	opts.Spilled = func(r Report) { out.reports = append(out.reports, r) }
	if opts.TempDir == "" {
		opts.TempDir = tb.TempDir()
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
		tb.Fatalf("left behind: %v", left)
	}
	if errors.Is(err, ErrTooLate) && !opts.Spill {
		opts.Spill = true
		again := sorted(tb, all, opts)
		again.again = true
		return again
	}
	if err != nil {
		tb.Fatal(err)
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

// The same for streams that chunks and times are small against.
func TestOrderOfLongStreams(t *testing.T) {
	for seed := range uint64(24) {
		r := rand.New(rand.NewPCG(seed, 2))
		s := shape{
			events: 2500, times: []int{1, 30, 600, 1 << 20}[seed%4], named: r.IntN(4) == 0,
			hits: []float64{0.1, 1}[r.IntN(2)], agents: 1 + r.IntN(4), disorder: []int{0, 0, 10, -1}[r.IntN(4)], files: 1 + r.IntN(2),
		}
		all := stream(t, r, s)
		if seed%3 == 0 { // nor do they arrive as they are numbered
			r.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
		}
		budget := []int64{60_000, 450_000, 1 << 30}[r.IntN(3)]
		got := sorted(t, all, Options{Budget: budget})
		same(t, fmt.Sprintf("seed %d %+v, budget %d", seed, s, budget), got, inOrder(all, s.named))
	}
}

// What is released is whole times, in order, until half of the budget is free.
func TestRelease(t *testing.T) {
	for seed := range uint64(4) {
		s := shape{events: 3000, times: 200, hits: 1, agents: 2}
		all := stream(t, rand.New(rand.NewPCG(seed, 4)), s)
		var out outcome
		o := New(Options{Budget: 450_000, Out: func(e *sequence.Event) { out.events = append(out.events, copied(e)) }})
		for i := range all {
			given := len(out.events)
			add(o, &all[i].event)
			if held, left := i-given, i-len(out.events); left < held && (left < held/5 || left > held*4/5) {
				t.Fatalf("seed %d: %d events of %d are left", seed, left, held)
			}
		}
		if err := o.Close(); err != nil || o.stats.Released == 0 {
			t.Fatalf("seed %d: %v, %+v", seed, err, o.stats)
		}
		out.stats = o.stats
		same(t, fmt.Sprint("seed ", seed), out, inOrder(all, false))
	}
}

// A chunk knows whether its events are in order, however they are numbered.
func TestMixed(t *testing.T) {
	mixed := 0
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 5))
		pair := stream(t, r, shape{events: 2, times: 2, hits: 0.3, agents: 1, named: r.IntN(3) == 0, noTime: 0.1, disorder: -1})
		r.Shuffle(2, func(i, k int) { pair[i], pair[k] = pair[k], pair[i] })
		c := &chunk{}
		for i := range pair {
			if e := &pair[i].event; e.Doc != nil || holdsPlace(e) {
				l := loadOf(e)
				to := c.grown(&l.room, &room{}, 2)
				c.grow(&to)
				c.add(e, &l)
			}
		}
		if len(c.records) < 2 {
			continue
		}
		if c.mixed != (c.records[0].compare(&c.records[1], c, c) > 0) {
			t.Fatalf("seed %d: mixed %v: %+v", seed, c.mixed, c.records)
		}
		if c.mixed {
			mixed++
		}
	}
	if mixed < 100 {
		t.Errorf("only %d pairs are not in order", mixed)
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

// Taking and giving is no allocation for an event, with a hit or without, once
// there are chunks to be used again.
func TestNoAllocation(t *testing.T) {
	doc := &event.Held{}
	hits := []sequence.Hit{{Query: 1, Keys: []sequence.Key{{1, 2}}}, {Query: 2, Keys: []sequence.Key{{3, 4}, {5, 6}}}}
	for _, hit := range []bool{false, true} {
		given := 0
		o := New(Options{Budget: 16 << 20, Out: func(*sequence.Event) { given++ }})
		e := sequence.Event{HasTime: true, Agent: 1, Sequence: value.OfInt(1)}
		if hit {
			e.Doc, e.Hits = doc, hits
		}
		const events = 500_000 // more than the budget holds
		round := func() {
			for range events {
				e.Arrival++
				e.Time.Sec++
				o.Add(&e)
			}
		}
		round()
		if per := testing.AllocsPerRun(5, round); per > events/1000 { // for lists of chunks
			t.Errorf("hits %v: %v allocations for %d events", hit, per, events)
		}
		if hit && given == 0 {
			t.Error("nothing was given")
		}
	}
}

// What memory is said to be taken is what is taken, at any time.
func TestAccounts(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		s := shape{
			events: 600, times: []int{20, 1 << 20}[r.IntN(2)], named: r.IntN(3) == 0, noTime: 0.02, hits: []float64{0, 0.3, 1}[r.IntN(3)],
			agents: 4, disorder: []int{0, 30, -1}[r.IntN(3)], files: 1 + r.IntN(3), padding: 300 * r.IntN(2),
		}
		o := New(Options{
			Budget: []int64{4000, 30_000, 1 << 20}[r.IntN(3)], Spill: r.IntN(2) == 0, TempDir: t.TempDir(),
			Out: func(*sequence.Event) {}, Late: func(*sequence.Event) {},
		})
		for _, in := range stream(t, r, s) {
			add(o, &in.event)
			accounts(t, o)
		}
		o.closed = true
		if err := o.giveAll(); err != nil {
			t.Fatal(err)
		}
		if o.file != nil {
			o.hold(-o.file.readers())
		}
		if o.bytes != 0 || o.spare != 0 {
			t.Fatalf("seed %d, %+v: %d and %d bytes are left", seed, s, o.bytes, o.spare)
		}
		o.drop()
	}
}

// accounts counts what is in memory.
func accounts(t *testing.T, o *Orderer) {
	t.Helper()
	bytes, spare := o.open.bytes(), int64(0)
	count := func(c *chunk, from int) {
		for i := range c.records[from:] {
			if r := &c.records[from+i]; r.extra != 0 {
				bytes += int64(c.bodyOf(r).size)
			}
		}
	}
	count(o.open, 0)
	for _, l := range o.lanes {
		from := l.at
		for _, c := range l.chunks {
			for i := range c.records[:from] {
				if c.doc(&c.records[i]) != nil {
					t.Fatal("the document of an event that was given is kept alive")
				}
			}
			bytes += c.bytes()
			count(c, from)
			from = 0
		}
	}
	for _, c := range o.spares {
		spare += c.bytes()
	}
	if o.bytes != bytes || o.spare != spare {
		t.Fatalf("%d and %d bytes are said to be taken, it is %d and %d", o.bytes, o.spare, bytes, spare)
	}
	if o.bytes <= o.opts.Budget && o.bytes+o.spare > o.opts.Budget {
		t.Fatalf("spare chunks take more than the budget leaves: %d and %d of %d", o.bytes, o.spare, o.opts.Budget)
	}
}

// An event is only lent: who takes it may change it.
func TestEventOnLoan(t *testing.T) {
	all := stream(t, rand.New(rand.NewPCG(1, 2)), shape{events: 1000, times: 100, hits: 0.8, agents: 2})
	var got []*sequence.Event
	o := New(Options{Out: func(e *sequence.Event) {
		got = append(got, copied(e))
		clear(e.Hits)
		*e = sequence.Event{Tied: true, Source: 9, Host: 9, Agent: 9, Tiebreaker: value.OfString("x")}
	}})
	for i := range all {
		add(o, &all[i].event)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if want := inOrder(all, false); !slices.Equal(text(got), text(want)) {
		t.Errorf("got %s\nwant %s", arrivals(got), arrivals(want))
	}
}
