package state

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/disk/fault"
	"github.com/tripline-sec/tripline/internal/schedule"
)

// drill is a stream with a schedule beside it, in steps that can be done again from
// any position: alerts of a rule with a cap and of one that suppresses.
type drill struct {
	alerts []*alert.Alert
}

const drillSteps = 4

func newDrill(t *testing.T) *drill {
	t.Helper()
	d := &drill{}
	capped, suppressed := shell(), shell(suppressing(hour))
	suppressed.ID = "22222222-2222-3333-4444-555555555555"
	for i := range drillSteps {
		for k := range 2 {
			d.alerts = append(d.alerts,
				found(t, capped, fmt.Sprint("c", i, k), "a", minute(i)), found(t, suppressed, fmt.Sprint("s", i, k), string(rune('a'+i%2)), minute(i)))
		}
	}
	return d
}

// step does one of the steps, which are numbered from 1.
func (d *drill) step(ctx context.Context, s *State, n int) error {
	c := &Commit{
		Now: minute(n), Positions: map[string]uint64{StreamPosition: uint64(n)},
		Caps:    []Cap{{shell().UUID(), minute(n / 2), 2}},
		Runs:    []schedule.Run{{ID: fmt.Sprint("run", n, shell().ID), Rule: shell().UUID(), Started: minute(n)}},
		Ledgers: []schedule.Ledger{{Rule: shell().UUID(), Next: minute(n + 1)}},
	}
	for _, a := range d.alerts[(n-1)*4 : n*4] {
		one, err := s.Candidate(a, Execution{Run: fmt.Sprint("run", n, a.Rule.ID)})
		if err != nil {
			return err
		}
		c.Candidates = append(c.Candidates, one)
	}
	_, err := s.Commit(ctx, c)
	return err
}

// run opens a state and does the steps that are still to be done. It returns how many
// steps are known to be done.
func (d *drill) run(fsys disk.FS) (done int, err error) {
	s, err := Open(ctx, fsys, "/data/state")
	if err != nil {
		return 0, err
	}
	defer s.Close() //nolint:errcheck // the drill may end anywhere
	at, err := s.Arrival(ctx, StreamPosition)
	if err != nil {
		return 0, err
	}
	for done = int(at); done < drillSteps; done++ {
		if err := d.step(ctx, s, done+1); err != nil {
			return done, err
		}
	}
	return done, s.Close()
}

// undisturbed is what a disk with an empty state is like after so many steps of it,
// and what all steps of the drill leave on it.
func (d *drill) undisturbed(t *testing.T) (empty func() *fault.FS, steps int, want string) {
	t.Helper()
	first := fault.New()
	s, err := Open(ctx, first, "/data/state")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	empty = func() *fault.FS { return first.Crash(nil) }
	fsys := empty()
	if done, err := d.run(fsys); done != drillSteps || err != nil {
		t.Fatalf("%d steps, %v", done, err)
	}
	steps, want = fsys.Steps(), dump(t, fsys)
	if !strings.HasPrefix(want, "[ok]") || strings.Count(want, `"id":"run`) != drillSteps {
		t.Fatalf("the undisturbed run left %s", want)
	}
	return empty, steps, want
}

// strides are the steps at which a test cuts or fails: every third, and with
// TRIPLINE_CRASHES=N every one.
func strides(steps int) iter.Seq[int] {
	return func(yield func(int) bool) {
		stride := 3
		switch {
		case os.Getenv("TRIPLINE_CRASHES") != "":
			stride = 1
		case raced: // for races a few are enough
			stride = 40
		}
		for at := 1; at <= steps; at += stride {
			if !yield(at) {
				return
			}
		}
	}
}

// seeds are how often more the power is cut at each step; what is there of the
// unsynced differs.
func seeds(t *testing.T) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(cmp.Or(os.Getenv("TRIPLINE_CRASHES"), "0"), 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// dump is all that is in a state, as text.
func dump(t *testing.T, fsys disk.FS) string {
	t.Helper()
	s, err := Open(ctx, fsys, "/data/state")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // only read
	text := func(scan func(...any) error) (name string, err error) {
		err = scan(&name)
		return name, err
	}
	var b strings.Builder
	whole, err := rows(ctx, s.read, text, `PRAGMA integrity_check`)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(&b, whole)
	tables, err := rows(ctx, s.read, text, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%' ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		columns, err := rows(ctx, s.read, text, `SELECT 'quote(' || name || ')' FROM pragma_table_info(?)`, table)
		if err != nil {
			t.Fatal(err)
		}
		all, err := rows(ctx, s.read, text, `SELECT `+strings.Join(columns, " || ',' || ")+` AS row FROM `+table+` ORDER BY row`)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n%s\n", table, strings.Join(all, "\n"))
	}
	return b.String()
}

// Wherever the power goes, and whatever of the unsynced the disk has kept: what was
// told to be stored is there, nothing is there by half, and going on from the position
// ends where an undisturbed run ends.
func TestPowerCuts(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	empty, steps, want := d.undisturbed(t)
	cuts := 0
	cut := func(at int, seed uint64) {
		fsys := empty()
		fsys.StopAt(at)
		acknowledged, err := d.run(fsys)
		if err == nil {
			return // it had closed its last file by then
		}
		cuts++
		var chance *rand.Rand // none: nothing unsynced is left
		if seed > 0 {
			chance = rand.New(rand.NewPCG(uint64(at), seed))
		}
		after := fsys.Crash(chance)
		s, err := Open(ctx, after, "/data/state")
		if err != nil {
			t.Fatalf("cut at step %d, seed %d: %v", at, seed, err)
		}
		position, err := s.Arrival(ctx, StreamPosition)
		if err != nil || int(position) < acknowledged {
			t.Errorf("cut at step %d, seed %d: position %d, but %d steps were acknowledged; %v", at, seed, position, acknowledged, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if done, err := d.run(after); done != drillSteps || err != nil {
			t.Fatalf("cut at step %d, seed %d: after it, %d steps, %v", at, seed, done, err)
		}
		if got := dump(t, after); got != want {
			t.Fatalf("cut at step %d, seed %d: left\n%s\nwant\n%s", at, seed, got, want)
		}
	}
	for at := range strides(steps) {
		cut(at, uint64(at%2))
		for seed := range seeds(t) {
			cut(at, seed)
		}
	}
	t.Logf("the power was cut %d times", cuts)
}

// It may be cut while the state is made, too.
func TestPowerCutsAtTheFirstStart(t *testing.T) {
	t.Parallel()
	first := fault.New()
	s, err := Open(ctx, first, "/data/state")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want := dump(t, first)
	for at := 1; at <= first.Steps(); at += 5 {
		fsys := fault.New()
		fsys.StopAt(at)
		if s, err := Open(ctx, fsys, "/data/state"); err == nil {
			_ = s.Close() // of a disk that is no more
		}
		if got := dump(t, fsys.Crash(rand.New(rand.NewPCG(uint64(at), 1)))); got != want {
			t.Fatalf("cut at step %d: left\n%s\nwant\n%s", at, got, want)
		}
	}
}

// A disk that fails once, anywhere, makes one commit fail. Done again it is stored,
// and what was acknowledged after a failed sync outlives a power cut.
func TestAFailingDisk(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	empty, steps, want := d.undisturbed(t)
	broken := errors.New("broken")
	failed := 0
	for at := range strides(steps) {
		fsys := empty()
		fsys.FailAt(at, broken)
		s, err := Open(ctx, fsys, "/data/state")
		if err != nil {
			failed++
			if !errors.Is(err, broken) {
				t.Fatalf("fault at step %d: %v", at, err)
			}
			if s, err = Open(ctx, fsys, "/data/state"); err != nil {
				t.Fatalf("fault at step %d: opening again: %v", at, err)
			}
		}
		for n := 1; n <= drillSteps; n++ {
			if err := d.step(ctx, s, n); err != nil {
				failed++
				if !errors.Is(err, broken) {
					t.Fatalf("fault at step %d: %v", at, err)
				}
				if err := d.step(ctx, s, n); err != nil {
					t.Fatalf("fault at step %d: doing it again: %v", at, err)
				}
			}
		}
		after := fsys.Crash(nil)
		_ = s.Close() // of a disk that is no more
		if got := dump(t, after); got != want {
			t.Fatalf("fault at step %d: a power cut left\n%s\nwant\n%s", at, got, want)
		}
	}
	if failed < drillSteps {
		t.Errorf("only %d faults were met", failed)
	}
}

// mortal is a file system as one process sees it: when the process ends, its files are
// closed, and what it had written and not synced can still be read.
type mortal struct {
	disk.FS
	files []disk.File
}

func (m *mortal) OpenFile(name string, flag int) (disk.File, error) {
	f, err := m.FS.OpenFile(name, flag)
	if err == nil {
		m.files = append(m.files, f)
	}
	return f, err
}

func (m *mortal) end() {
	for _, f := range m.files {
		_ = f.Close() // or it is closed already
	}
}

// A daemon that is killed after a failed sync leaves what can be read and is not on the
// disk. What is committed after the next start must not depend on it.
func TestAFailedSyncAndANewStart(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	empty, steps, _ := d.undisturbed(t)
	for at := range strides(steps) {
		fsys := empty()
		fsys.FailAt(at, errors.New("broken"))
		acknowledged := 0
		for acknowledged < drillSteps {
			process := &mortal{FS: fsys}
			s, err := Open(ctx, process, "/data/state")
			if err != nil {
				process.end()
				continue
			}
			position, err := s.Arrival(ctx, StreamPosition)
			if err != nil {
				t.Fatal(err)
			}
			acknowledged = int(position) // it says so
			for n := int(position) + 1; n <= drillSteps; n++ {
				if err := d.step(ctx, s, n); err != nil {
					break
				}
				acknowledged = n
			}
			process.end()
			_ = s.Close() // it finds its files closed
		}
		s := opened(t, fsys.Crash(nil), "/data/state")
		if position, err := s.Arrival(ctx, StreamPosition); err != nil || int(position) != drillSteps {
			t.Fatalf("fault at step %d: a power cut left %d steps; %v", at, position, err)
		}
		var whole string
		if err := s.read.QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&whole); err != nil || whole != "ok" {
			t.Fatalf("fault at step %d: a power cut left %s; %v", at, whole, err)
		}
	}
}

func TestAFullDisk(t *testing.T) {
	for what, c := range map[string]struct {
		begin, end func(*fault.FS)
		is         func(error) bool
	}{
		"full":      {func(f *fault.FS) { f.Limit(f.Used() + 3000) }, func(f *fault.FS) { f.Limit(-1) }, disk.IsFull},
		"read only": {func(f *fault.FS) { f.SetReadOnly(true) }, func(f *fault.FS) { f.SetReadOnly(false) }, disk.IsReadOnly},
	} {
		d := newDrill(t)
		empty, _, want := d.undisturbed(t)
		fsys := empty()
		s := opened(t, fsys, "/data/state")
		if err := d.step(ctx, s, 1); err != nil {
			t.Fatal(err)
		}
		c.begin(fsys)
		for range 3 {
			if err := d.step(ctx, s, 2); !c.is(err) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if all := listed(t, s, Filter{}); len(all) == 0 {
			t.Errorf("%s: nothing can be read", what)
		}
		c.end(fsys)
		for n := 2; n <= drillSteps; n++ {
			if err := d.step(ctx, s, n); err != nil {
				t.Fatalf("%s: afterwards: %v", what, err)
			}
		}
		if got := dump(t, fsys.Crash(nil)); got != want {
			t.Errorf("%s: left\n%s\nwant\n%s", what, got, want)
		}
	}
}
