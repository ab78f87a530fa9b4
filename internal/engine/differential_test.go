package engine_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/randomcase"
)

// trial is a case, and what the reference finds in it.
type trial struct {
	*randomcase.Loaded
	want *randomcase.Outcome
}

func newTrial(c randomcase.Case) (*trial, error) {
	l, err := c.Load()
	if err != nil {
		return nil, err
	}
	want, err := l.Everything()
	return &trial{l, want}, err
}

// way is one way in which the engine must say what the reference says. The
// randomness is the same each time that it is tried on a case.
type way struct {
	name string
	fits func(*trial) bool
	try  func(*trial, *rand.Rand) error
}

func ways() []way {
	always := func(*trial) bool { return true }
	return []way{
		{"sorted", always, func(l *trial, _ *rand.Rand) error {
			return compare(l, feed{StreamOptions: engine.StreamOptions{Sorted: true}, order: l.ByTime(), reload: -1})
		}},
		{"stream", isSequence, func(l *trial, _ *rand.Rand) error {
			return compare(l, inStream(l, false))
		}},
		{"hold", isSequence, func(l *trial, _ *rand.Rand) error {
			return compare(l, inStream(l, true))
		}},
		{"reload", always, func(l *trial, r *rand.Rand) error {
			f := inStream(l, r.IntN(2) == 0)
			f.reload = r.IntN(len(f.order) + 1)
			return compare(l, f)
		}},
		{"reload sorted", always, func(l *trial, r *rand.Rand) error {
			f := feed{StreamOptions: engine.StreamOptions{Sorted: true, Stays: r.IntN(2) == 0}, order: l.ByTime()}
			f.reload = r.IntN(len(f.order) + 1)
			return compare(l, f)
		}},
		{"rows", always, func(l *trial, r *rand.Rand) error {
			f := feed{StreamOptions: engine.StreamOptions{Sorted: true}, order: l.ByTime(), rows: true, reload: -1}
			if r.IntN(2) == 0 {
				f = inStream(l, false)
				f.rows = true
			}
			return compare(l, f)
		}},
		{"shuffle", isSequence, func(l *trial, r *rand.Rand) error {
			f := inStream(l, r.IntN(2) == 0)
			f.order, f.renumber, f.sources = l.Shuffled(r), true, 1+r.IntN(3)
			return compare(l, f)
		}},
		{"skew", isSequence, func(l *trial, r *rand.Rand) error {
			f := inStream(l, r.IntN(2) == 0)
			f.Idle = 10_000 * time.Hour // hosts are further apart than a stream waits for
			var ok bool
			if f.order, ok = l.Skewed(r); !ok {
				return nil
			}
			f.renumber = true
			return compare(l, f)
		}},
		{"company", always, func(l *trial, r *rand.Rand) error {
			f := inStream(l, false)
			if f.companions = company(r); r.IntN(2) == 0 {
				f.Sorted, f.order = true, l.ByTime()
			}
			if r.IntN(2) == 0 {
				f.reload = r.IntN(len(f.order) + 1)
			}
			return compare(l, f)
		}},
		{"window", isSequence, window},
	}
}

// inStream feeds a case as its documents arrive.
func inStream(l *trial, hold bool) feed {
	return feed{StreamOptions: engine.StreamOptions{Lateness: l.Lateness, Hold: hold}, order: l.ByArrival(), reload: -1}
}

func isSequence(l *trial) bool {
	_, ok := l.Checked.Body.(*eql.Sequence)
	return ok
}

// company is queries of other fields and options, to be judged along with the case's.
func company(r *rand.Rand) []engine.Query {
	var queries []engine.Query
	for i := range 1 + r.IntN(3) {
		l, err := randomcase.Query(r).Load()
		if err != nil {
			panic(err) // it was drawn
		}
		queries = append(queries, queryOf(l, fmt.Sprint("companion ", i)))
	}
	return queries
}

// compare runs a case on both and returns how they differ.
func compare(l *trial, f feed) error {
	want := l.want
	got, err := f.run(l.Loaded)
	switch {
	case err != nil:
		return err
	case !l.Tolerant:
		if failed := got.faults+got.noTime > 0; failed != (want.Fault != randomcase.NoFault) {
			return fmt.Errorf("the engine counts %d bad values and %d hits without time, the reference fails on %q", got.faults, got.noTime, want.Fault)
		}
		if want.Fault != randomcase.NoFault {
			return nil // there is no more to compare
		}
	case got.faults != want.ValueErrors || got.noTime != want.NoTimestamp:
		return fmt.Errorf("the engine counts %d bad values and %d hits without time, the reference %d and %d",
			got.faults, got.noTime, want.ValueErrors, want.NoTimestamp)
	}
	return sameLines(got.lines, want.Set())
}

func sameLines(got, want []string) error {
	if slices.Equal(got, want) {
		return nil
	}
	return fmt.Errorf("matches (keys, documents):\nengine    %s\nreference %s", strings.Join(got, " | "), strings.Join(want, " | "))
}

// window runs the engine over a window of the stream alone.
func window(l *trial, r *rand.Rand) error {
	w, ok := l.Window(r)
	if !ok {
		return nil
	}
	f := feed{StreamOptions: engine.StreamOptions{Sorted: true}, reload: -1}
	for _, d := range w.Docs {
		f.order = append(f.order, int(d.Arrival)) //nolint:gosec // a place in a short list
	}
	lenient := *l.Loaded
	lenient.Tolerant = true
	got, err := f.run(&lenient)
	if err != nil {
		return err
	}
	return sameLines(got.lines, (&randomcase.Outcome{Matches: w.Matches}).Set())
}

// TestEngineIsReference compares the engine with the reference on random cases:
// TRIPLINE_CASES of them (12,000), beginning at number TRIPLINE_FIRST (0), and in
// the way TRIPLINE_WAY alone if that is set.
func TestEngineIsReference(t *testing.T) {
	count, first := setting(t, "TRIPLINE_CASES", 12_000), setting(t, "TRIPLINE_FIRST", 0)
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // cases are small, and soon forgotten
	var next, failures atomic.Int64
	var shares shares
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for failures.Load() < 3 {
				n := next.Add(1) - 1
				if n >= int64(count) {
					return
				}
				if err := judge(uint64(first)+uint64(n), &shares); err != nil { //nolint:gosec // not negative
					failures.Add(1)
					t.Error(err)
				}
			}
		})
	}
	workers.Wait()
	shares.report(t)
}

func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		t.Fatalf("%s is %q, want a number", name, s)
	}
	return n
}

// judge draws a case and tries some ways on it.
func judge(number uint64, shares *shares) error {
	r := rand.New(rand.NewPCG(number, 7))
	c := randomcase.New(r)
	l, err := newTrial(c)
	if err != nil {
		return err
	}
	facts, err := l.Facts()
	if err != nil {
		return err
	}
	shares.add(facts)
	for _, w := range chosen(r) {
		try := func(l *trial) error {
			if !w.fits(l) {
				return nil
			}
			return w.attempt(l, number)
		}
		if err := try(l); err != nil {
			return fmt.Errorf("case %d, %s: %w", number, w.name, shrunk(c, err, try))
		}
	}
	return nil
}

// chosen returns the ways that a case is tried in: always the first two, and one of
// the others.
func chosen(r *rand.Rand) []way {
	all := ways()
	if only := os.Getenv("TRIPLINE_WAY"); only != "" {
		return slices.DeleteFunc(all, func(w way) bool { return w.name != only })
	}
	return append(all[:2:2], all[2+r.IntN(len(all)-2)])
}

// attempt tries a way; a panic is an error.
func (w way) attempt(l *trial, seed uint64) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return w.try(l, rand.New(rand.NewPCG(seed, 8)))
}

// shrunk makes a case small and writes it down with the difference.
func shrunk(c randomcase.Case, first error, try func(*trial) error) error {
	last := first
	small := randomcase.Shrink(c, func(c randomcase.Case) bool {
		l, err := newTrial(c)
		if err != nil {
			return false
		}
		if err := try(l); err != nil {
			last = err
			return true
		}
		return false
	})
	return fmt.Errorf("%w\n%s", last, small)
}

// TestKeptCases runs the cases of differences that there once were, in every way.
func TestKeptCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "differences", "*.case"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := randomcase.ParseCase(string(text))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		l, err := newTrial(c)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, w := range ways() {
			for seed := range uint64(20) {
				if !w.fits(l) {
					break
				}
				if err := w.attempt(l, seed); err != nil {
					t.Errorf("%s, %s, seed %d: %v", file, w.name, seed, err)
					break
				}
			}
		}
	}
}
