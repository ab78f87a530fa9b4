package store_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/store"
)

var writeFixture = flag.Bool("write-fixture", false, "write testdata/v1 again: only while no release has that version")

// fixtureDoc is what a fixture must yield.
type fixtureDoc struct {
	Arrival         uint64
	Index, ID, Raw  string
	Source          string
	Time            string
	HasTime, Sealed bool
	Ingested        time.Time
}

// TestFixtures: a store that any released version has written can be opened. To a new
// version belongs a new folder; the old ones stay as they are.
func TestFixtures(t *testing.T) {
	if *writeFixture {
		makeFixture(t, "testdata/v1")
	}
	for _, version := range []string{"v1"} {
		t.Run(version, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "store")
			check(t, os.CopyFS(folder, os.DirFS(filepath.Join("testdata", version, "store"))))
			data, err := os.ReadFile(filepath.Join("testdata", version, "docs.json"))
			check(t, err)
			var want []fixtureDoc
			check(t, json.Unmarshal(data, &want))
			reader, err := store.OpenReader(disk.OS{}, folder)
			check(t, err)
			holds(t, reader, reader.Stats(), want)
			check(t, reader.Close())
			var told []store.Notice
			at := want[len(want)-1].Ingested.Add(time.Minute)
			s, err := store.Open(disk.OS{}, folder, store.Options{
				Manual: true, Told: func(n store.Notice) { told = append(told, n) }, Now: func() time.Time { return at },
			})
			check(t, err)
			defer func() { _ = s.Close() }()
			holds(t, s, s.Stats(), want)
			if len(told) > 0 {
				t.Errorf("told %+v", told)
			}
			for _, d := range want { // ids are known from segments and from the log
				if arrival, ok := s.Has(d.Index, d.ID); !ok || arrival != d.Arrival {
					t.Errorf("%s: known %v, number %d", d.ID, ok, arrival)
				}
			}
			next := appendAll(t, s, store.Event{Raw: []byte(`{"new":1}`)})[0]
			if next.Arrival != want[len(want)-1].Arrival+1 {
				t.Errorf("the next number is %d", next.Arrival)
			}
			check(t, s.Seal(t.Context()))
			if got := len(mustAll(t, s, store.Query{})); got != len(want)+1 {
				t.Errorf("%d documents after sealing", got)
			}
		})
	}
}

func holds(t *testing.T, s scanner, stats store.Stats, want []fixtureDoc) {
	t.Helper()
	docs := mustAll(t, s, store.Query{})
	if len(docs) != len(want) {
		t.Fatalf("%d documents, want %d", len(docs), len(want))
	}
	for i := range docs {
		if got := fixtureOf(&docs[i], stats); got != want[i] {
			t.Errorf("got  %+v\nwant %+v", got, want[i])
		}
	}
}

func fixtureOf(d *store.Stored, stats store.Stats) fixtureDoc {
	return fixtureDoc{
		d.Arrival, d.Index, d.ID, string(d.Raw), d.Source, d.Time.String(), d.HasTime,
		d.Arrival <= stats.SealedArrival, d.Ingested,
	}
}

func makeFixture(t *testing.T, folder string) {
	t.Helper()
	check(t, os.RemoveAll(folder))
	at := time.Date(2026, 11, 28, 23, 59, 58, 0, time.UTC)
	opts := store.Options{Manual: true, Now: func() time.Time { at = at.Add(time.Second); return at }}
	s, err := store.Open(disk.OS{}, filepath.Join(folder, "store"), opts)
	check(t, err)
	n := 0
	some := func() (events []store.Event) {
		for _, text := range []string{
			`"@timestamp":"2026-11-28T12:00:00.123456789Z","event":{"id":"own%d","category":"process"},"process":{"name":"bash"}`,
			`"@timestamp":"9999-12-31T23:59:59Z","n":%d`, `"@timestamp":"never","n":%d`, `"n":%d`,
		} {
			n++
			events = append(events, store.Event{Raw: fmt.Appendf(nil, "{"+text+"}", n), Index: fmt.Sprint("logs-", n%2), Source: "fixture"})
		}
		return events
	}
	appendAll(t, s, some()...)
	appendAll(t, s, some()...)
	check(t, s.Seal(t.Context()))
	appendAll(t, s, some()...)
	check(t, s.Seal(t.Context()))
	appendAll(t, s, some()...)
	appendAll(t, s, store.Event{Raw: []byte(`{"n":99}`), ID: "given", Index: "logs-0"})
	var docs []fixtureDoc
	for _, d := range mustAll(t, s, store.Query{}) {
		docs = append(docs, fixtureOf(&d, s.Stats()))
	}
	check(t, s.Close())
	check(t, os.Remove(filepath.Join(folder, "store", "lock")))
	data, err := json.MarshalIndent(docs, "", " ")
	check(t, err)
	check(t, os.WriteFile(filepath.Join(folder, "docs.json"), data, 0o600))
}

// TestNewerFormats: what a newer program wrote is refused, and said to be so.
func TestNewerFormats(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, folder string){
		"manifest": func(t *testing.T, folder string) {
			t.Helper()
			store.WriteManifestOfFormat(t, filepath.Join(folder, "manifest"), 2)
		},
		"log": func(t *testing.T, folder string) {
			t.Helper()
			store.WriteLogOfFormat(t, folder, 2)
		},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			check(t, os.CopyFS(folder, os.DirFS("testdata/v1/store")))
			change(t, folder)
			_, err := store.Open(disk.OS{}, folder, store.Options{Manual: true})
			if err == nil || !strings.Contains(err.Error(), "format") {
				t.Fatalf("open: %v", err)
			}
			if errors.Is(err, store.ErrFailed) {
				t.Fatalf("it is no failure of the disk: %v", err)
			}
		})
	}
}
