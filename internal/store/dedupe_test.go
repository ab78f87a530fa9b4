package store_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/disk/fault"
	"github.com/tripline-sec/tripline/internal/store"
)

// TestDedupe holds the answers to a plain model of the bulk API's rules: a map of
// what was kept.
func TestDedupe(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	fsys := fault.New()
	opts := store.Options{Manual: true}
	s := open(t, fsys, opts)
	type doc struct {
		raw     string
		arrival uint64
	}
	kept := map[name]doc{}
	for n := range 400 {
		switch r.IntN(20) {
		case 0:
			check(t, s.Seal(t.Context()))
		case 1:
			check(t, s.Close())
			s = open(t, fsys, opts)
		}
		events := make([]store.Event, 1+r.IntN(6)) // some of one call meet
		for i := range events {
			events[i] = randomEvent(r, 40)
		}
		for i, result := range appendAll(t, s, events...) {
			e := events[i]
			at := name{result.Index, result.ID}
			old, known := kept[at]
			want := store.Created
			switch {
			case known && old.raw == string(e.Raw) && !(e.ID != "" && e.Create):
				want = store.Noop
			case known:
				want = store.Conflict
			}
			if result.Outcome != want {
				t.Fatalf("call %d, %+v %s: %v, want %v", n, at, e.Raw, result.Outcome, want)
			}
			if e.ID == "" && want == store.Conflict {
				t.Fatalf("call %d, %+v: a conflict, and the sender gave no id", n, at)
			}
			if e.ID != "" && e.ID != result.ID {
				t.Fatalf("call %d: id %s became %s", n, e.ID, result.ID)
			}
			if !known {
				kept[at] = doc{string(e.Raw), result.Arrival}
			} else if result.Arrival != old.arrival && result.Arrival != 0 {
				t.Fatalf("call %d, %+v: number %d, the first had %d", n, at, result.Arrival, old.arrival)
			}
		}
	}
	if docs := mustAll(t, s, store.Query{}); len(docs) != len(kept) {
		t.Fatalf("%d documents are there, %d were kept", len(docs), len(kept))
	}
}

func TestOwnIDThatIsTaken(t *testing.T) {
	s := open(t, fault.New(), store.Options{})
	one, two := []byte(`{"event":{"id":"x"},"n":1}`), []byte(`{"event":{"id":"x"},"n":2}`)
	results := appendAll(t, s, store.Event{Raw: one}, store.Event{Raw: two}, store.Event{Raw: two}, store.Event{Raw: one, Create: true},
		store.Event{Raw: one, ID: "x", Create: true}, store.Event{Raw: two, ID: "x"}, store.Event{Raw: one, ID: "x"})
	want := []store.Outcome{store.Created, store.Created, store.Noop, store.Noop, store.Conflict, store.Conflict, store.Noop}
	for i, w := range want {
		if results[i].Outcome != w {
			t.Errorf("event %d: %+v, want %v", i, results[i], w)
		}
	}
	if results[0].ID != "x" || len(results[1].ID) != 64 || results[2].ID != results[1].ID {
		t.Errorf("ids: %q %q %q", results[0].ID, results[1].ID, results[2].ID)
	}
	// Even one whose hash somebody took before.
	three := []byte(`{"event":{"id":"x"},"n":3}`)
	hash := appendAll(t, open(t, fault.New(), store.Options{}), store.Event{Raw: []byte(`{"event":{"id":"x"},"n":1}`)}, store.Event{Raw: three})[1].ID
	results = appendAll(t, s, store.Event{Raw: []byte(`{}`), ID: hash}, store.Event{Raw: three}, store.Event{Raw: three})
	if results[1].Outcome != store.Created || results[1].ID != hash+"-2" || results[2].Outcome != store.Noop {
		t.Errorf("%+v", results)
	}
}

func TestSameIDAtTheSameTime(t *testing.T) {
	s := open(t, fault.New(), store.Options{})
	const senders, ids = 8, 200
	var wait sync.WaitGroup
	created := make([]int, senders)
	for sender := range senders {
		wait.Go(func() {
			for i := range ids {
				e := store.Event{Raw: fmt.Appendf(nil, `{"n":%d,"by":%d}`, i, sender%2), ID: fmt.Sprint(i), Index: "x"}
				results, err := s.Append(t.Context(), []store.Event{e, e})
				if err != nil {
					t.Error(err)
					return
				}
				for _, r := range results {
					if r.Outcome == store.Created {
						created[sender]++
					}
				}
				if results[1].Outcome == store.Created {
					t.Errorf("id %d: the second of a call was created", i)
				}
			}
		})
	}
	wait.Wait()
	total := 0
	for _, n := range created {
		total += n
	}
	if docs := mustAll(t, s, store.Query{}); total != ids || len(docs) != ids {
		t.Errorf("%d created, %d there, of %d ids", total, len(docs), ids)
	}
}

// TestWindow: what is within the window is known, what is far out is not, and the
// memory is bounded.
func TestWindow(t *testing.T) {
	at := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	opts := store.Options{DedupeCount: 100, DedupeAge: time.Hour, Now: func() time.Time { return at }}
	fsys := fault.New()
	s := open(t, fsys, opts)
	send := func(id int) store.Outcome {
		return appendAll(t, s, store.Event{Raw: fmt.Appendf(nil, `{"n":%d}`, id), ID: fmt.Sprint(id)})[0].Outcome
	}
	for id := range 1000 {
		if send(id) != store.Created {
			t.Fatalf("id %d is known", id)
		}
		if id >= 99 && send(id-99) != store.Noop {
			t.Fatalf("id %d of the last hundred is not known", id-99)
		}
		if id >= 200 {
			if _, known := s.Has("file", fmt.Sprint(id-200)); known {
				t.Fatalf("id %d is known after 200 others", id-200)
			}
		}
		if known := s.Counters().KnownIDs; known > 200 {
			t.Fatalf("%d ids are known", known)
		}
	}
	// A start knows the same, from the log and from segments.
	for range 2 {
		check(t, s.Close())
		s = open(t, fsys, opts)
		for id := 901; id < 1000; id++ {
			if send(id) != store.Noop {
				t.Fatalf("after a start id %d is not known", id)
			}
		}
		check(t, s.Seal(t.Context()))
	}
	at = at.Add(29 * time.Minute)
	if send(999) != store.Noop {
		t.Fatal("not known after half of the age")
	}
	at = at.Add(31 * time.Minute)
	if send(999) != store.Created {
		t.Fatal("known after the age")
	}
	check(t, s.Close())
	at = at.Add(2 * time.Hour)
	if s = open(t, fsys, opts); s.Counters().KnownIDs != 0 {
		t.Fatalf("%d ids known after a long pause", s.Counters().KnownIDs)
	}
}
