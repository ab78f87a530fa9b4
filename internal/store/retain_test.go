package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/disk/fault"
	"github.com/tripline-sec/tripline/internal/store"
)

func TestRetainByAge(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	fsys := fault.New()
	var told []store.Notice
	opts := store.Options{
		Now: func() time.Time { return at }, KeepAge: 72 * time.Hour,
		Told: func(n store.Notice) { told = append(told, n) },
	}
	s := open(t, fsys, opts)
	for day := range 6 {
		appendAll(t, s, store.Event{Index: "logs-a", Raw: fmt.Appendf(nil, `{"n":%d,"@timestamp":"2026-10-0%dT00:00:00Z"}`, day, day+1)},
			store.Event{Index: "logs-b", Raw: fmt.Appendf(nil, `{"n":%d}`, day)})
		check(t, s.Seal(t.Context()))
		at = at.Add(24 * time.Hour)
	}
	check(t, s.Retain(t.Context())) // the first three are older than three days, the fourth is not
	check(t, s.Retain(t.Context()))
	if len(told) != 1 || told[0].Kind != store.Dropped || len(told[0].Lost) != 2 {
		t.Fatalf("told %+v", told)
	}
	if want := "3 of logs-a from 2026-10-01T00:00:00Z to 2026-10-03T00:00:00Z"; !strings.Contains(told[0].Text, want) {
		t.Errorf("told %q", told[0].Text)
	}
	for range 2 {
		stats := s.Stats()
		if stats.Documents != 6 || stats.FirstArrival != 7 || stats.LastArrival != 12 || len(stats.Lost) != 2 {
			t.Fatalf("%+v", stats)
		}
		if l := stats.Lost[0]; l.Index != "logs-a" || l.Documents != 3 || l.First != 1 || l.Last != 5 || l.To.Day() != 3 {
			t.Fatalf("%+v", l)
		}
		check(t, s.Close())
		s = open(t, fsys, opts)
	}
	// When all is gone, numbers go on.
	at = at.Add(1000 * time.Hour)
	check(t, s.Retain(t.Context()))
	check(t, s.Close())
	s = open(t, fsys, opts)
	if r := appendAll(t, s, numbered(1))[0]; r.Arrival != 13 || s.Stats().Documents != 1 {
		t.Errorf("%+v, %+v", r, s.Stats())
	}
	if files := parquetFiles(t, fsys, dir); len(files) != 0 {
		t.Errorf("files are left: %v", files)
	}
}

func parquetFiles(t *testing.T, fsys *fault.FS, folder string) (files []string) {
	t.Helper()
	entries, err := fsys.ReadDir(folder)
	check(t, err)
	for _, e := range entries {
		switch {
		case e.IsDir():
			files = append(files, parquetFiles(t, fsys, folder+"/"+e.Name())...)
		case strings.HasSuffix(e.Name(), ".parquet"), strings.HasSuffix(e.Name(), ".tmp"):
			files = append(files, folder+"/"+e.Name())
		}
	}
	return files
}

func TestRetainBySize(t *testing.T) {
	fsys := fault.New()
	s := open(t, fsys, store.Options{KeepBytes: 100_000})
	for n := range 200 {
		appendAll(t, s, numbered(n), numbered(1000+n), numbered(2000+n))
		if n%10 == 9 {
			check(t, s.Seal(t.Context()))
			check(t, s.Retain(t.Context()))
			if used := s.Stats().DiskBytes; used > 100_000 {
				t.Fatalf("%d bytes on the disk", used)
			}
		}
	}
	stats := s.Stats()
	if stats.Documents < 60 || stats.Documents+stats.Lost[0].Documents != 600 || stats.Lost[0].Last+1 != stats.FirstArrival {
		t.Errorf("%+v", stats)
	}
	// A scan that began before reads on; what is gone is counted.
	scan := s.Scan(store.Query{})
	defer scan.Close()
	s2 := s.Stats().Segments
	check(t, s.Close())
	s = open(t, fsys, store.Options{KeepBytes: 1})
	scan = s.Scan(store.Query{})
	defer scan.Close()
	check(t, s.Retain(t.Context()))
	if _, err := scan.Next(t.Context()); err == nil || scan.Counts().Gone != s2 {
		t.Errorf("%v, %+v", err, scan.Counts())
	}
}

// TestCrashWhileRetaining: each document is there or counted as lost, whenever the
// power goes.
func TestCrashWhileRetaining(t *testing.T) {
	program := func(fsys *fault.FS, sent *int) error {
		s, err := store.Open(fsys, dir, store.Options{Manual: true, KeepBytes: 40_000})
		if err != nil {
			return err
		}
		for n := range 10 {
			*sent = n + 1
			if _, err := s.Append(noContext(), []store.Event{numbered(n)}); err != nil {
				return err
			}
			if n%2 == 1 {
				if err := errors.Join(s.Seal(noContext()), s.Retain(noContext())); err != nil {
					return err
				}
			}
		}
		return s.Close()
	}
	whole, sent := fault.New(), 0
	check(t, program(whole, &sent))
	for step := 1; step <= whole.Steps(); step++ {
		fsys, sent := fault.New(), 0
		fsys.StopAt(step)
		_ = program(fsys, &sent)
		chance := rand.New(rand.NewPCG(9, uint64(step)))
		if chance.IntN(2) == 0 {
			fsys.Restart()
		}
		fsys = fsys.Crash(chance)
		s := open(t, fsys, store.Options{})
		docs := mustAll(t, s, store.Query{})
		lost := int64(0)
		for _, l := range s.Stats().Lost {
			lost += l.Documents
		}
		total := lost + int64(len(docs))
		if total != int64(sent) && total != int64(sent-1) {
			t.Fatalf("cut at step %d: %d there and %d lost, of %d sent", step, len(docs), lost, sent)
		}
		for i := 1; i < len(docs); i++ {
			if docs[i].Arrival != docs[i-1].Arrival+1 {
				t.Fatalf("cut at step %d: number %d behind %d", step, docs[i].Arrival, docs[i-1].Arrival)
			}
		}
		check(t, s.Close())
	}
}
