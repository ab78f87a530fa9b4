package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/tripline-sec/tripline/internal/disk/fault"
	"github.com/tripline-sec/tripline/internal/store"
)

func numbered(n int) store.Event {
	return store.Event{Raw: fmt.Appendf(nil, `{"n":%d,"pad":%q}`, n, randomText(rand.New(rand.NewPCG(uint64(n), 0)), 500)), Index: "logs-x", ID: fmt.Sprint(n)}
}

// TestTrouble: while the disk is full or read only, Append says so; then it goes on,
// and what was acknowledged is there once, what was not at most once.
func TestTrouble(t *testing.T) {
	for _, tt := range []struct {
		what       string
		begin, end func(*fault.FS)
		want       error
	}{
		{"full", func(f *fault.FS) { f.Limit(f.Used() + 700) }, func(f *fault.FS) { f.Limit(-1) }, store.ErrFull},
		{"full to the byte", func(f *fault.FS) { f.Limit(0) }, func(f *fault.FS) { f.Limit(-1) }, store.ErrFull},
		{"read only", func(f *fault.FS) { f.SetReadOnly(true) }, func(f *fault.FS) { f.SetReadOnly(false) }, store.ErrReadOnly},
	} {
		t.Run(tt.what, func(t *testing.T) {
			fsys := fault.New()
			s := open(t, fsys, store.Options{Recent: -1})
			acknowledged := map[string]bool{}
			n := 0
			send := func() error {
				results, err := s.Append(t.Context(), []store.Event{numbered(n)})
				if err == nil {
					acknowledged[results[0].ID] = true
				}
				n++
				return err
			}
			for round := range 3 {
				for range 5 {
					check(t, send())
				}
				tt.begin(fsys)
				failed := 0
				for range 8 {
					if err := send(); err != nil {
						if !errors.Is(err, tt.want) {
							t.Fatalf("append: %v", err)
						}
						failed++
					}
				}
				if failed < 5 {
					t.Fatalf("%d appends failed", failed)
				}
				if err := s.Seal(t.Context()); !errors.Is(err, tt.want) {
					t.Fatalf("seal: %v", err)
				}
				if got := len(mustAll(t, s, store.Query{})); got != len(acknowledged) {
					t.Fatalf("meanwhile %d documents are read, %d were acknowledged", got, len(acknowledged))
				}
				tt.end(fsys)
				check(t, send())
				if round == 1 {
					check(t, s.Seal(t.Context()))
				}
				for i := range n { // senders try again; those acknowledged are known
					results := appendAll(t, s, numbered(i))
					if known := acknowledged[results[0].ID]; known != (results[0].Outcome == store.Noop) {
						t.Fatalf("event %d, acknowledged %v: %+v", i, known, results[0])
					}
					acknowledged[results[0].ID] = true
				}
			}
			for _, f := range []*fault.FS{fsys, fsys.Crash(rand.New(rand.NewPCG(1, 1)))} {
				if f == fsys {
					check(t, s.Close())
				}
				docs := mustAll(t, open(t, f, store.Options{}), store.Query{})
				if len(docs) != n {
					t.Fatalf("%d documents after a start, %d were acknowledged", len(docs), n)
				}
			}
		})
	}
}

// TestFullDiskLeavesNothingBehind: sealing that fails does not take the room that
// it needs.
func TestFullDiskLeavesNothingBehind(t *testing.T) {
	fsys := fault.New()
	s := open(t, fsys, store.Options{})
	for n := range 50 {
		appendAll(t, s, numbered(n))
	}
	used := fsys.Used()
	for extra := range 10 {
		fsys.Limit(used + int64(extra)*1000)
		if err := s.Seal(t.Context()); !errors.Is(err, store.ErrFull) {
			t.Fatalf("seal with %d bytes: %v", extra*1000, err)
		}
		if fsys.Used() != used {
			t.Fatalf("%d bytes are used, before it were %d", fsys.Used(), used)
		}
	}
	fsys.Limit(-1)
	check(t, s.Seal(t.Context()))
	if stats := s.Stats(); stats.Documents != 50 || stats.LogFiles != 0 || stats.LogDocuments != 0 {
		t.Fatalf("%+v", stats)
	}
	names, err := fsys.ReadDir(dir + "/log")
	check(t, err)
	if len(names) > 0 {
		t.Fatalf("log files that are sealed: %v", names)
	}
}

// TestOpenOnFullDisk: a store can be opened and read, and goes on when there is room.
func TestOpenOnFullDisk(t *testing.T) {
	fsys := fault.New()
	s := open(t, fsys, store.Options{})
	appendAll(t, s, numbered(1), numbered(2))
	check(t, s.Close())
	fsys.Limit(fsys.Used())
	s = open(t, fsys, store.Options{})
	if len(mustAll(t, s, store.Query{})) != 2 {
		t.Fatal("documents are missing")
	}
	if _, err := s.Append(t.Context(), []store.Event{numbered(3)}); !errors.Is(err, store.ErrFull) {
		t.Fatalf("append: %v", err)
	}
	fsys.Limit(-1)
	appendAll(t, s, numbered(3))
	check(t, s.Seal(t.Context()))
	if len(mustAll(t, s, store.Query{})) != 3 {
		t.Fatal("documents are missing")
	}
}

// TestGroupCommit: those who come while a sync is under way share the next.
func TestGroupCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fsys := fault.New()
		s := open(t, fsys, store.Options{})
		gate := make(chan struct{})
		fsys.Watch(func(step fault.Step) error {
			if step.Op == fault.Sync && strings.HasSuffix(step.Name, ".log") {
				<-gate
			}
			return nil
		})
		var wait sync.WaitGroup
		for n := range 30 {
			wait.Go(func() { appendAll(t, s, numbered(n)) })
			synctest.Wait()
		}
		close(gate)
		wait.Wait()
		if c := s.Counters(); c.Created != 30 || c.Syncs != 2 {
			t.Errorf("%d events with %d syncs", c.Created, c.Syncs)
		}
	})
}

// TestSealingHindersNobody: while a segment is being written, events are appended
// and read.
func TestSealingHindersNobody(t *testing.T) {
	fsys := fault.New()
	s := open(t, fsys, store.Options{})
	appendAll(t, s, numbered(1))
	begun, gate := make(chan struct{}), make(chan struct{})
	fsys.Watch(func(step fault.Step) error {
		if step.Op == fault.Sync && strings.Contains(step.Name, "segments") {
			close(begun)
			<-gate
		}
		return nil
	})
	sealed := make(chan error)
	go func() { sealed <- s.Seal(t.Context()) }()
	<-begun
	appendAll(t, s, numbered(2))
	if got := len(mustAll(t, s, store.Query{})); got != 2 {
		t.Errorf("%d documents are read", got)
	}
	scan := s.Scan(store.Query{}) // begun before, it reads on behind
	defer scan.Close()
	close(gate)
	check(t, <-sealed)
	b, err := scan.Next(t.Context())
	check(t, err)
	if len(b.Docs) != 1 || b.Docs[0].Arrival != 1 {
		t.Errorf("%+v", b.Docs)
	}
	if stats := s.Stats(); stats.Documents != 2 || stats.LogDocuments != 1 {
		t.Errorf("%+v", stats)
	}
}

// TestAppendManySenders is for the race detector, with sealing in the background.
func TestAppendManySenders(t *testing.T) {
	s, err := store.Open(fault.New(), dir, store.Options{SealBytes: 20_000, Recent: 10_000})
	check(t, err)
	const senders, calls = 6, 40
	var wait sync.WaitGroup
	for sender := range senders {
		wait.Go(func() {
			for call := range calls {
				var events []store.Event
				for i := range 4 {
					events = append(events, numbered((sender*calls+call)*4+i))
				}
				results, err := s.Append(t.Context(), events)
				if err != nil {
					t.Error(err)
					return
				}
				for i, r := range results {
					if r.Arrival != results[0].Arrival+uint64(i) {
						t.Errorf("numbers of one call: %+v", results)
					}
				}
			}
		})
	}
	wait.Go(func() { // one who reads right behind
		seen := uint64(0)
		for seen < senders*calls*4 {
			if _, err := s.Wait(t.Context(), seen); err != nil {
				t.Error(err)
				return
			}
			docs, err := all(s, store.Query{From: seen + 1})
			if err != nil {
				t.Error(err)
				return
			}
			for _, d := range docs {
				if d.Arrival != seen+1 {
					t.Errorf("number %d behind %d", d.Arrival, seen)
					return
				}
				seen++
			}
		}
	})
	wait.Wait()
	check(t, s.Close())
	if _, err := s.Append(t.Context(), []store.Event{numbered(1)}); !errors.Is(err, store.ErrClosed) {
		t.Errorf("append to a closed store: %v", err)
	}
	if _, err := s.Scan(store.Query{}).Next(t.Context()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("scan of a closed store: %v", err)
	}
}
