package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/disk/fault"
	"github.com/tripline-sec/tripline/internal/store"
)

// TestReaderBeside: who reads while another appends and seals sees at each look all
// that was acknowledged before it, once, in order.
func TestReaderBeside(t *testing.T) {
	fsys := fault.New()
	if r, err := store.OpenReader(fsys, dir); err != nil || r.Stats().Documents != 0 {
		t.Fatalf("reader of nothing: %v", err)
	}
	s := open(t, fsys, store.Options{})
	var acknowledged atomic.Int64
	done := make(chan error, 1)
	const total = 300
	go func() {
		for n := range total {
			if _, err := s.Append(noContext(), []store.Event{numbered(n)}); err != nil {
				done <- err
				return
			}
			acknowledged.Store(int64(n + 1))
			if n%7 == 6 {
				if err := s.Seal(noContext()); err != nil {
					done <- err
					return
				}
			}
		}
		done <- nil
	}()
	reader, err := store.OpenReader(fsys, dir)
	check(t, err)
	defer func() { _ = reader.Close() }()
	for seen := 0; seen < total; {
		least := int(acknowledged.Load())
		check(t, reader.Refresh())
		docs, err := all(reader, store.Query{})
		check(t, err)
		if len(docs) < least {
			t.Fatalf("%d documents are read, %d were acknowledged before", len(docs), least)
		}
		for i := range docs {
			if docs[i].Arrival != uint64(i+1) {
				t.Fatalf("document %d has number %d", i, docs[i].Arrival)
			}
		}
		if stats := reader.Stats(); stats.Documents != int64(len(docs)) || stats.LastArrival != uint64(len(docs)) {
			t.Fatalf("%d documents, %+v", len(docs), stats)
		}
		seen = len(docs)
	}
	check(t, <-done)
}

func TestOneWriter(t *testing.T) {
	fsys := fault.New()
	s := open(t, fsys, store.Options{})
	if _, err := store.Open(fsys, dir, store.Options{}); !errors.Is(err, disk.ErrLocked) {
		t.Fatalf("second writer: %v", err)
	}
	check(t, s.Close())
	check(t, s.Close())
	check(t, open(t, fsys, store.Options{}).Close())
}

// TestDamage: what something else changed on the disk is told, and the rest is read.
func TestDamage(t *testing.T) {
	make3 := func(t *testing.T) (*fault.FS, string) {
		t.Helper()
		fsys := fault.New()
		s := open(t, fsys, store.Options{})
		for n := range 3 {
			appendAll(t, s, numbered(n))
		}
		check(t, s.Close())
		return fsys, dir + "/log/0000000000000001.log"
	}
	change := func(t *testing.T, fsys disk.FS, name string, at int64) {
		t.Helper()
		file, err := fsys.OpenFile(name, os.O_RDWR)
		check(t, err)
		if at < 0 {
			size, err := file.Size()
			check(t, err)
			at += size
		}
		var b [1]byte
		_, err = file.ReadAt(b[:], at)
		check(t, err)
		b[0] ^= 0x40
		_, err = file.WriteAt(b[:], at)
		check(t, err)
		check(t, file.Close())
	}
	t.Run("log", func(t *testing.T) {
		fsys, name := make3(t)
		data, err := disk.ReadFile(fsys, name)
		check(t, err)
		for at := 0; at < len(data); at += 11 {
			fsys, name := make3(t)
			if info, err := fsys.Stat(name); err != nil || int64(at) >= info.Size() {
				break // the times pack differently
			}
			change(t, fsys, name, int64(at))
			var told []store.Notice
			s := open(t, fsys, store.Options{Told: func(n store.Notice) { told = append(told, n) }})
			docs := mustAll(t, s, store.Query{})
			if len(docs) < 2 || len(docs) == 2 && len(told) == 0 {
				t.Fatalf("byte %d: %d documents are left, told: %+v", at, len(docs), told)
			}
			for _, d := range docs {
				if !strings.HasPrefix(string(d.Raw), `{"n":`+d.ID+`,`) {
					t.Fatalf("byte %d: document %s is %s", at, d.ID, d.Raw)
				}
			}
			check(t, s.Close())
		}
	})
	t.Run("segment", func(t *testing.T) {
		fsys, _ := make3(t)
		s := open(t, fsys, store.Options{})
		check(t, s.Seal(t.Context()))
		files := parquetFiles(t, fsys, dir)
		size, err := disk.ReadFile(fsys, files[0])
		check(t, err)
		for at := 0; at < len(size); at += 29 {
			change(t, fsys, files[0], int64(at))
			docs, err := all(s, store.Query{})
			for _, d := range docs {
				if !strings.HasPrefix(string(d.Raw), `{"n":`) {
					t.Fatalf("byte %d: document %s is %s", at, d.ID, d.Raw)
				}
			}
			if err == nil && len(docs) != 3 {
				t.Fatalf("byte %d: %d documents and no error", at, len(docs))
			}
			change(t, fsys, files[0], int64(at))
		}
		check(t, fsys.Remove(files[0]))
		var read *store.ReadError
		if _, err := all(s, store.Query{}); !errors.As(err, &read) {
			t.Fatalf("without the file: %v", err)
		}
	})
	t.Run("manifest", func(t *testing.T) {
		fsys, _ := make3(t)
		s := open(t, fsys, store.Options{})
		check(t, s.Seal(t.Context()))
		check(t, s.Close())
		change(t, fsys, dir+"/manifest", 20)
		if _, err := store.Open(fsys, dir, store.Options{}); err == nil || !strings.Contains(err.Error(), "manifest") {
			t.Fatalf("open: %v", err)
		}
	})
}

// TestOnDisk is the same store on the machine's disk: folders by index and day.
func TestOnDisk(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "store")
	s, err := store.Open(disk.OS{}, folder, store.Options{Manual: true})
	check(t, err)
	names := []string{"logs-endpoint.events.process-default", "../../x", strings.Repeat("long", 100), ".alerts-security.alerts-default", "_shared", "a=b/ü"}
	for i, index := range names {
		e := numbered(i)
		e.Index = index
		appendAll(t, s, e)
	}
	check(t, s.Seal(t.Context()))
	appendAll(t, s, numbered(99))
	found, err := filepath.Glob(filepath.Join(folder, "segments", "index=*", "day=????-??-??", "*.parquet"))
	check(t, err)
	if len(found) != len(names) {
		t.Errorf("files: %q", found)
	}
	check(t, s.Close())
	s, err = store.Open(disk.OS{}, folder, store.Options{Manual: true})
	check(t, err)
	docs := mustAll(t, s, store.Query{})
	for i, index := range names {
		if docs[i].Index != index {
			t.Errorf("index %q became %q", index, docs[i].Index)
		}
	}
	if len(docs) != len(names)+1 {
		t.Errorf("%d documents", len(docs))
	}
	check(t, s.Close())
}
