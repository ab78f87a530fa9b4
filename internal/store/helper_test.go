package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/store"
)

const dir = "/data/store"

// clock is a clock that goes on by a second each time it is read.
type clock struct{ at time.Time }

func newClock() *clock { return &clock{time.Date(2026, 11, 28, 23, 59, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.at = c.at.Add(time.Second)
	return c.at
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, fsys disk.FS, opts store.Options) *store.Store {
	t.Helper()
	opts.Manual = true
	s, err := store.Open(fsys, dir, opts)
	check(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func appendAll(t *testing.T, s *store.Store, events ...store.Event) []store.Result {
	t.Helper()
	results, err := s.Append(t.Context(), events)
	check(t, err)
	return results
}

// scanner is what reads a store, in the process that writes it or another.
type scanner interface {
	Scan(q store.Query) *store.Scan
}

// all reads what a query asks for. Batches are released, so the documents are copies.
func all(s scanner, q store.Query) ([]store.Stored, error) {
	scan := s.Scan(q)
	defer scan.Close()
	var docs []store.Stored
	for {
		b, err := scan.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return docs, err
		}
		for _, d := range b.Docs {
			d.Raw = append([]byte(nil), d.Raw...)
			docs = append(docs, d)
		}
		b.Release()
	}
}

func mustAll(t *testing.T, s scanner, q store.Query) []store.Stored {
	t.Helper()
	docs, err := all(s, q)
	check(t, err)
	return docs
}

// randomEvent draws an event: of a few indices, with an id of the sender's, one of
// its own, or none, out of so few that they meet.
func randomEvent(r *rand.Rand, n int) store.Event {
	e := store.Event{Index: fmt.Sprint("logs-", r.IntN(3)), Source: fmt.Sprint("test", r.IntN(2))}
	text := fmt.Sprintf(`"n":%d`, r.IntN(n))
	if r.IntN(8) > 0 {
		text += fmt.Sprintf(`,"@timestamp":"2026-11-28T%02d:%02d:00.%dZ"`, r.IntN(24), r.IntN(60), r.IntN(1000))
	}
	switch r.IntN(3) {
	case 0:
		e.ID = fmt.Sprint("given", r.IntN(n))
		e.Create = r.IntN(2) == 0
	case 1:
		text += fmt.Sprintf(`,"event":{"id":"own%d","ingested":"1999-01-01T00:00:00Z"}`, r.IntN(n))
	}
	if r.IntN(4) == 0 {
		text += `,"pad":"` + randomText(r, r.IntN(3000)) + `"`
	}
	e.Raw = []byte("{" + text + "}")
	return e
}

func randomText(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "abcdefghijklmnop"[r.IntN(16)]
	}
	return string(b)
}

func noContext() context.Context { return context.Background() }
