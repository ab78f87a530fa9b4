package store_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tripline-sec/tripline/internal/disk/fault"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/store"
)

// TestSealingInTheBackground: by size at once, by age when it has come, retention
// with it, and after a failure again.
func TestSealingInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fsys := fault.New()
		var told []store.Notice
		s, err := store.Open(fsys, dir, store.Options{
			SealBytes: 5000, SealAge: time.Hour, KeepAge: 48 * time.Hour,
			Told: func(n store.Notice) { told = append(told, n) },
		})
		check(t, err)
		n := 0
		fill := func(events int) {
			for range events {
				appendAll(t, s, numbered(n))
				n++
			}
			synctest.Wait()
		}
		holds := func(what string, segments int, logged int64) {
			t.Helper()
			if stats := s.Stats(); stats.Segments != segments || stats.LogDocuments != logged {
				t.Fatalf("%s: %d segments, %d documents in the log", what, stats.Segments, stats.LogDocuments)
			}
		}
		fill(5)
		holds("a little", 0, 5)
		fill(4)
		holds("beyond the size", 1, 0)
		fill(3)
		time.Sleep(40 * time.Minute)
		synctest.Wait()
		holds("not yet of age", 1, 3)
		time.Sleep(25 * time.Minute)
		synctest.Wait()
		holds("of age", 2, 0)

		fsys.Watch(func(step fault.Step) error {
			if step.Op == fault.Rename {
				return errors.New("no luck")
			}
			return nil
		})
		fill(10)
		holds("sealing fails", 2, 10)
		if len(told) != 1 || told[0].Kind != store.Failed || !errors.Is(told[0].Err, store.ErrFailed) {
			t.Fatalf("told %+v", told)
		}
		fill(10) // it is not tried again with each append
		if len(told) != 1 {
			t.Fatalf("told %d times", len(told))
		}
		fsys.Watch(nil)
		time.Sleep(16 * time.Minute)
		synctest.Wait()
		holds("tried again", 3, 0)

		time.Sleep(72 * time.Hour)
		synctest.Wait()
		holds("all is old", 0, 0)
		if last := told[len(told)-1]; last.Kind != store.Dropped || last.Lost[0].Documents == 0 {
			t.Fatalf("told %+v", last)
		}
		check(t, s.Close())
	})
}

// TestManyIndices: senders who make up names do not make as many files.
func TestManyIndices(t *testing.T) {
	fsys := fault.New()
	s := open(t, fsys, store.Options{})
	var events []store.Event
	for i := range 600 {
		events = append(events, store.Event{Index: fmt.Sprintf("logs-%03d", i%200), Raw: fmt.Appendf(nil, `{"n":%d}`, i)})
	}
	appendAll(t, s, events...)
	check(t, s.Seal(t.Context()))
	if n := len(parquetFiles(t, fsys, dir)); n != 33 {
		t.Errorf("%d files", n)
	}
	for _, tt := range []struct {
		patterns         []string
		documents, files int
	}{
		{[]string{"logs-*"}, 600, 33},
		{[]string{"logs-000"}, 3, 1},
		{[]string{"logs-150", "logs-003"}, 6, 2},
		{[]string{"logs-*", "-logs-1*"}, 300, 33},
		{[]string{"nothing-*"}, 0, 0},
	} {
		scan := s.Scan(store.Query{Indices: event.NewPatterns(tt.patterns)})
		n := 0
		for {
			b, err := scan.Next(t.Context())
			if err != nil {
				break
			}
			n += len(b.Docs)
			b.Release()
		}
		if c := scan.Counts(); n != tt.documents || c.Segments != tt.files {
			t.Errorf("%v: %d documents of %d files", tt.patterns, n, c.Segments)
		}
		scan.Close()
	}
}
