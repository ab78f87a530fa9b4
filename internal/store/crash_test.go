package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/tripline-sec/tripline/internal/disk/fault"
	"github.com/tripline-sec/tripline/internal/store"
)

// name is who a document is.
type name struct{ index, id string }

// ledger is what the sender knows: what was acknowledged, and what may be there
// besides, because the call that sent it failed.
type ledger struct {
	kept  map[name]store.Result
	sent  map[name][]byte
	maybe []store.Event
	last  uint64
}

func newLedger() *ledger {
	return &ledger{kept: map[name]store.Result{}, sent: map[name][]byte{}}
}

// tell takes what came of an Append.
func (l *ledger) tell(events []store.Event, results []store.Result, err error) error {
	for i, e := range events {
		if err != nil {
			l.maybe = append(l.maybe, e)
			continue
		}
		r := results[i]
		n := name{r.Index, r.ID}
		old, known := l.kept[n]
		switch r.Outcome {
		case store.Created:
			if known {
				return fmt.Errorf("%v was acknowledged twice: %d and %d", n, old.Arrival, r.Arrival)
			}
			if r.Arrival <= l.last {
				return fmt.Errorf("%v has number %d after %d", n, r.Arrival, l.last)
			}
			l.last = r.Arrival
			l.kept[n], l.sent[n] = r, e.Raw
		case store.Noop, store.Conflict:
			if known && r.Arrival != old.Arrival {
				return fmt.Errorf("%v is said to have number %d, not %d", n, r.Arrival, old.Arrival)
			}
			if r.Outcome == store.Noop && known && !bytes.Equal(l.sent[n], e.Raw) {
				return fmt.Errorf("%v: other bytes were no conflict", n)
			}
			if !known && len(l.maybe) == 0 {
				return fmt.Errorf("%v is known, and was never kept", n)
			}
			if !known && r.Outcome == store.Noop { // that too is a promise
				l.kept[n], l.sent[n] = r, e.Raw
			}
		default:
			return fmt.Errorf("%s: %w", e.Raw, r.Err)
		}
	}
	return nil
}

// audit holds a store to the ledger: what was acknowledged is there, once, in order.
func (l *ledger) audit(s scanner) error {
	docs, err := all(s, store.Query{})
	if err != nil {
		return err
	}
	seen := map[name]store.Stored{}
	var last uint64
	for _, d := range docs {
		n := name{d.Index, d.ID}
		if _, twice := seen[n]; twice {
			return fmt.Errorf("%v is there twice", n)
		}
		if d.Arrival <= last {
			return fmt.Errorf("number %d behind %d", d.Arrival, last)
		}
		last = d.Arrival
		seen[n] = d
		if _, known := l.kept[n]; !known && !l.mayBe(d) {
			return fmt.Errorf("%v is there, and was never sent: %s", n, d.Raw)
		}
	}
	for n, r := range l.kept {
		d, ok := seen[n]
		if !ok {
			return fmt.Errorf("%v (number %d) was acknowledged and is lost", n, r.Arrival)
		}
		if d.Arrival != r.Arrival {
			return fmt.Errorf("%v has number %d, acknowledged was %d", n, d.Arrival, r.Arrival)
		}
		if !stampedFrom(d.Raw, l.sent[n]) {
			return fmt.Errorf("%v: sent %s, kept %s", n, l.sent[n], d.Raw)
		}
	}
	return nil
}

func (l *ledger) mayBe(d store.Stored) bool {
	for _, e := range l.maybe {
		if stampedFrom(d.Raw, e.Raw) {
			return true
		}
	}
	return false
}

// stampedFrom says whether a kept document is what was sent, but for what the store
// sets. The events of these tests are written so that a prefix tells.
func stampedFrom(kept, sent []byte) bool {
	before, after, nested := bytes.Cut(sent, []byte("1999-01-01T00:00:00Z"))
	if nested {
		return bytes.HasPrefix(kept, before) && bytes.Contains(kept, after[:len(after)-1]) && !bytes.Contains(kept, []byte("1999")) &&
			strings.Count(string(kept), `"ingested":"2026-11-2`) == 1
	}
	return bytes.HasPrefix(kept, sent[:len(sent)-1]) && strings.Count(string(kept), `"event.ingested":"2026-11-2`) == 1
}

// life is a program that uses a store, the same for the same seed: it appends,
// seals, closes and opens again.
type life struct {
	fs     *fault.FS
	ledger *ledger
	clock  *clock
	r      *rand.Rand
	store  *store.Store
	opts   store.Options
	tries  int // of opening
}

func newLife(fsys *fault.FS, l *ledger, seed uint64) *life {
	c := newClock()
	return &life{
		fs: fsys, ledger: l, clock: c, r: rand.New(rand.NewPCG(seed, 1)), tries: 1,
		opts: store.Options{Manual: true, Now: c.now, Recent: -1},
	}
}

func (l *life) open() (err error) {
	for range l.tries {
		if l.store, err = store.Open(l.fs, dir, l.opts); err == nil {
			break
		}
	}
	return err
}

// act does one thing. The error is of the disk; a broken promise panics.
func (l *life) act() error {
	switch l.r.IntN(10) {
	case 0, 1:
		return l.store.Seal(noContext())
	case 2:
		if err := l.store.Close(); err != nil {
			return err
		}
		return l.open()
	default:
		events := make([]store.Event, 1+l.r.IntN(4))
		for i := range events {
			events[i] = randomEvent(l.r, 12)
		}
		return l.send(events)
	}
}

func (l *life) send(events []store.Event) error {
	results, err := l.store.Append(noContext(), events)
	if wrong := l.ledger.tell(events, results, err); wrong != nil {
		panic(wrong)
	}
	return err
}

// run does some things, until an error.
func (l *life) run(acts int) error {
	if err := l.open(); err != nil {
		return err
	}
	for range acts {
		if err := l.act(); err != nil {
			return err
		}
	}
	return l.store.Close()
}

// many is how many programs a generated test draws.
func many(t *testing.T, few int) uint64 {
	t.Helper()
	if text := os.Getenv("TRIPLINE_CASES"); text != "" {
		n, err := strconv.Atoi(text)
		check(t, err)
		few = n
	}
	return uint64(few)
}

// TestCrashAtEachStep cuts the power at each step of a program, opens what is left,
// cuts it again while that is put right, and looks whether all that was
// acknowledged is there.
func TestCrashAtEachStep(t *testing.T) {
	const acts = 20
	for seed := range many(t, 12) {
		whole := fault.New()
		check(t, newLife(whole, newLedger(), seed).run(acts))
		for step := range someSteps(t, seed, whole.Steps()) {
			crashAt(t, seed, acts, step)
		}
	}
}

// someSteps are steps of a program: a few for a quick test, all of them otherwise.
func someSteps(t *testing.T, seed uint64, steps int) iter.Seq[int] {
	t.Helper()
	few := 10
	if os.Getenv("TRIPLINE_CASES") != "" {
		few = steps
	}
	order := rand.New(rand.NewPCG(seed, 7)).Perm(steps)
	return func(yield func(int) bool) {
		for _, step := range order[:min(few, steps)] {
			if !yield(step + 1) {
				return
			}
		}
	}
}

func crashAt(t *testing.T, seed uint64, acts, step int) {
	t.Helper()
	fail := func(err error) {
		t.Helper()
		t.Fatalf("seed %d, cut at step %d: %v", seed, step, err)
	}
	chance := rand.New(rand.NewPCG(seed, uint64(step)))
	known := newLedger()
	fsys := fault.New()
	fsys.StopAt(step)
	if err := newLife(fsys, known, seed).run(acts); err != nil && !errors.Is(err, fault.ErrStopped) {
		fail(err)
	}
	// Start again, with a second cut soon after, and then to the end. The first time it
	// may be the program alone that was killed.
	if chance.IntN(2) == 0 {
		fsys.Restart()
	} else {
		fsys = fsys.Crash(chance)
	}
	fsys.StopAt(fsys.Steps() + 1 + chance.IntN(40))
	next := newLife(fsys, known, seed+1000)
	err := next.open()
	if err == nil {
		if err := known.audit(next.store); err != nil && !errors.Is(err, fault.ErrStopped) {
			fail(err)
		}
		for range 6 {
			if err := next.act(); err != nil {
				break
			}
		}
	}
	fsys = fsys.Crash(chance)
	last := newLife(fsys, known, seed+2000)
	if err := last.open(); err != nil {
		fail(err)
	}
	if err := known.audit(last.store); err != nil {
		fail(err)
	}
	for _, e := range known.maybe { // senders repeat what was not acknowledged
		if err := last.send([]store.Event{e}); err != nil {
			fail(err)
		}
	}
	if err := last.store.Seal(noContext()); err != nil {
		fail(err)
	}
	if err := known.audit(last.store); err != nil {
		fail(err)
	}
	if err := last.store.Close(); err != nil {
		fail(err)
	}
	again := newLife(fsys, known, 0)
	if err := again.open(); err != nil {
		fail(err)
	}
	if err := known.audit(again.store); err != nil {
		fail(err)
	}
	check(t, again.store.Close())
}

// TestFailureAtEachStep makes each step of a program fail once, with the program
// going on, and cuts the power at the end.
func TestFailureAtEachStep(t *testing.T) {
	const acts = 20
	for seed := range many(t, 12) {
		whole := fault.New()
		check(t, newLife(whole, newLedger(), seed).run(acts))
		for step := range someSteps(t, seed, whole.Steps()) {
			for kind, cause := range []error{syscall.EIO, syscall.ENOSPC} {
				failAt(t, seed, acts, step, kind, cause)
			}
		}
	}
}

func failAt(t *testing.T, seed uint64, acts, step, kind int, cause error) {
	t.Helper()
	fail := func(err error) {
		t.Helper()
		t.Fatalf("seed %d, %v at step %d: %v", seed, cause, step, err)
	}
	known := newLedger()
	fsys := fault.New()
	fsys.FailAt(step, cause)
	chance := rand.New(rand.NewPCG(seed, uint64(step)))
	if chance.IntN(2) == 0 {
		fsys.FailAt(step+1+chance.IntN(8), cause)
	}
	l := newLife(fsys, known, seed)
	l.tries = 3
	if err := l.open(); err != nil {
		fail(err)
	}
	for range acts {
		if err := l.act(); err != nil {
			want := []error{store.ErrFailed, store.ErrFull}[kind]
			if !errors.Is(err, want) {
				fail(fmt.Errorf("another error than %w was expected: %w", want, err))
			}
			if _, err := store.OpenReader(fsys, dir); err != nil {
				fail(err)
			}
		}
	}
	for _, e := range slices.Clone(known.maybe) { // senders repeat what was not acknowledged
		if err := l.send([]store.Event{e}); err != nil {
			if err = l.send([]store.Event{e}); err != nil { // two steps fail at most
				fail(err)
			}
		}
	}
	if err := known.audit(l.store); err != nil {
		fail(err)
	}
	fsys = fsys.Crash(chance)
	l = newLife(fsys, known, seed)
	if err := l.open(); err != nil {
		fail(err)
	}
	if err := known.audit(l.store); err != nil {
		fail(err)
	}
	check(t, l.store.Close())
}
