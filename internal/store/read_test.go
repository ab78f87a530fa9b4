package store_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/disk/fault"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/store"
	"github.com/tripline-sec/tripline/internal/value"
)

// filled is a store with segments, shared ones too, and a log, and what is in it in
// the order of arrival.
func filled(t *testing.T, seed uint64) (*fault.FS, *store.Store, []store.Stored) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 5))
	fsys := fault.New()
	at := time.Date(2026, 11, 28, 20, 0, 0, 0, time.UTC)
	s := open(t, fsys, store.Options{Now: func() time.Time { return at }, Recent: int64(r.IntN(2)*8000 - 1)})
	for range 6 {
		for range 1 + r.IntN(12) {
			at = at.Add(time.Duration(r.IntN(40)) * time.Minute)
			events := make([]store.Event, 1+r.IntN(30))
			for i := range events {
				events[i] = randomEvent(r, 1_000_000)
				if r.IntN(3) == 0 {
					events[i].Index = fmt.Sprintf("logs-%d", r.IntN(50))
				}
			}
			appendAll(t, s, events...)
		}
		if r.IntN(3) > 0 {
			check(t, s.Seal(t.Context()))
		}
	}
	return fsys, s, mustAll(t, s, store.Query{})
}

func same(t *testing.T, what string, got, want []store.Stored) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d documents, want %d", what, len(got), len(want))
	}
	for i := range got {
		a, b := got[i], want[i]
		if string(a.Raw) != string(b.Raw) || a.Index != b.Index || a.ID != b.ID || a.Source != b.Source || a.Arrival != b.Arrival ||
			a.Time != b.Time || a.HasTime != b.HasTime || !a.Ingested.Equal(b.Ingested) {
			t.Fatalf("%s: document %d is\n%+v, want\n%+v", what, i, a, b)
		}
	}
}

// TestScanIsModel holds scans to a plain filter over all documents.
func TestScanIsModel(t *testing.T) {
	for seed := range many(t, 4) {
		fsys, s, docs := filled(t, seed)
		r := rand.New(rand.NewPCG(seed, 6))
		reader, err := store.OpenReader(fsys, dir)
		check(t, err)
		for range 40 {
			q := randomQuery(r, docs)
			var want []store.Stored
			for _, d := range docs {
				if asked(q, &d) {
					want = append(want, d)
				}
			}
			same(t, fmt.Sprintf("seed %d, %+v", seed, q), mustAll(t, s, q), want)
			same(t, fmt.Sprintf("reader, seed %d, %+v", seed, q), mustAll(t, reader, q), want)
		}
		check(t, reader.Close())
		// Sealed, and after a start, it is the same.
		check(t, s.Seal(t.Context()))
		same(t, "sealed", mustAll(t, s, store.Query{}), docs)
		check(t, s.Close())
		same(t, "opened again", mustAll(t, open(t, fsys, store.Options{}), store.Query{}), docs)
	}
}

func asked(q store.Query, d *store.Stored) bool {
	if d.Arrival < q.From || q.To != 0 && d.Arrival > q.To || q.Indices != nil && !q.Indices.Fit(d.Index) || q.Fits != nil && !q.Fits(d.Index) {
		return false
	}
	return len(q.Spans) == 0 || slices.ContainsFunc(q.Spans, func(s store.Span) bool {
		at := d.When()
		if s.Ingested {
			at = value.InstantOfTime(d.Ingested)
		}
		return at.Compare(s.From) >= 0 && at.Compare(s.To) <= 0
	})
}

func randomQuery(r *rand.Rand, docs []store.Stored) store.Query {
	var q store.Query
	if r.IntN(2) == 0 {
		q.From = r.Uint64N(uint64(len(docs)) + 5)
	}
	if r.IntN(2) == 0 {
		q.To = q.From + r.Uint64N(uint64(len(docs))+5)
	}
	for range r.IntN(3) {
		from := docs[r.IntN(len(docs))].When()
		span := store.Span{From: from, To: from, Ingested: r.IntN(2) == 0}
		if r.IntN(3) > 0 {
			span.To = value.InstantOfTime(from.Time().Add(time.Duration(r.Int64N(int64(8 * time.Hour)))))
		}
		if span.Ingested {
			span.From = value.InstantOfTime(docs[r.IntN(len(docs))].Ingested)
		}
		q.Spans = append(q.Spans, span)
	}
	switch r.IntN(5) {
	case 2:
		q.Fits = func(index string) bool { return len(index) == len("logs-7") }
	case 0:
		q.Indices = event.NewPatterns([]string{"logs-*,-logs-1*", "logs-12"})
	case 1:
		q.Indices = event.NewPatterns([]string{fmt.Sprint("logs-", r.IntN(50))})
	}
	return q
}

// TestBefore holds it to a plain search.
func TestBefore(t *testing.T) {
	for seed := range many(t, 3) {
		_, s, docs := filled(t, seed)
		r := rand.New(rand.NewPCG(seed, 8))
		for range 50 {
			from := docs[r.IntN(len(docs))].When()
			to := value.InstantOfTime(from.Time().Add(time.Duration(r.Int64N(int64(time.Hour)))))
			if r.IntN(5) == 0 {
				from, to = value.Instant{Sec: 9e9}, value.Instant{Sec: 9e10}
			}
			want := s.Stats().LastArrival + 1
			for i := range docs {
				if at := docs[i].When(); at.Compare(from) >= 0 && at.Compare(to) <= 0 {
					want = docs[i].Arrival
					break
				}
			}
			got, err := s.Before(t.Context(), from, to)
			check(t, err)
			if got != want {
				t.Fatalf("seed %d, from %v to %v: %d, want %d", seed, from, to, got, want)
			}
		}
	}
}

// TestFind: each document is found by its id, within the window of ids and beyond it,
// in the log and in segments; and all indices are listed.
func TestFind(t *testing.T) {
	fsys, s, docs := filled(t, 3)
	reader, err := store.OpenReader(fsys, dir)
	check(t, err)
	defer func() { _ = reader.Close() }()
	indices := map[string]bool{}
	for i := range docs {
		d := docs[i]
		indices[d.Index] = true
		if i%7 > 0 {
			continue
		}
		got, ok, err := s.Find(t.Context(), d.Index, d.ID)
		if err != nil || !ok {
			t.Fatalf("%s %s: %v, %v", d.Index, d.ID, ok, err)
		}
		same(t, "found", []store.Stored{got}, []store.Stored{d})
		got, ok, err = reader.Find(t.Context(), d.Index, d.ID) // which has no window
		if err != nil || !ok {
			t.Fatalf("reader, %s %s: %v, %v", d.Index, d.ID, ok, err)
		}
		same(t, "found by reading", []store.Stored{got}, []store.Stored{d})
	}
	for _, f := range []func(context.Context, string, string) (store.Stored, bool, error){s.Find, reader.Find} {
		if _, ok, err := f(t.Context(), docs[0].Index+"x", docs[0].ID); ok || err != nil {
			t.Errorf("found in another index: %v, %v", ok, err)
		}
	}
	want := slices.Sorted(maps.Keys(indices))
	for range 2 {
		if got := s.Indices(); !slices.Equal(got, want) {
			t.Errorf("indices %q, want %q", got, want)
		}
		check(t, s.Close())
		s = open(t, fsys, store.Options{})
	}
	if got := reader.Indices(); !slices.Equal(got, want) {
		t.Errorf("reader: indices %q, want %q", got, want)
	}
}

// TestTimesFarApart: the years 1970 and 9999 in one batch, and what no calendar has.
func TestTimesFarApart(t *testing.T) {
	s := open(t, fault.New(), store.Options{})
	times := []string{
		`"1970-01-01T00:00:00Z"`, `"9999-12-31T23:59:59.999999999Z"`, `9223372036854775807`, `-9223372036854775808`,
		`"2026-11-28T12:00:00.123456789Z"`, `"never"`,
	}
	for i, at := range times {
		appendAll(t, s, store.Event{Raw: fmt.Appendf(nil, `{"@timestamp":%s,"n":%d}`, at, i)})
	}
	before := mustAll(t, s, store.Query{})
	check(t, s.Seal(t.Context()))
	after := mustAll(t, s, store.Query{})
	for i := range times {
		exact := before[i].Time.Sec < 9e12 && before[i].Time.Sec > -9e12
		if exact && after[i].Time != before[i].Time || before[i].HasTime != (i != 5) || after[i].HasTime != before[i].HasTime {
			t.Errorf("%s: %v in the log, %v sealed", times[i], before[i].Time, after[i].Time)
		}
		at := before[i].When()
		found := mustAll(t, s, store.Query{Spans: []store.Span{{From: at, To: at}}})
		if exact && (len(found) != 1 || found[0].Arrival != before[i].Arrival) {
			t.Errorf("%s: a window finds %d", times[i], len(found))
		}
	}
}

func TestWait(t *testing.T) {
	s := open(t, fault.New(), store.Options{})
	last := make(chan uint64)
	for after := range uint64(3) {
		go func() {
			n, err := s.Wait(t.Context(), after)
			if err != nil {
				t.Error(err)
			}
			last <- n
		}()
	}
	results := appendAll(t, s, store.Event{Raw: []byte(`{"n":1}`)}, store.Event{Raw: []byte(`{"n":2}`)}, store.Event{Raw: []byte(`{"n":3}`)})
	for range 3 {
		if n := <-last; n != results[2].Arrival {
			t.Errorf("waited for %d", n)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Wait(ctx, 3); err == nil {
		t.Error("no error of the context")
	}
	go func() {
		_, err := s.Wait(context.Background(), 3)
		if err == nil {
			t.Error("no error of a store that is closed")
		}
		close(last)
	}()
	check(t, s.Close())
	<-last
}

// TestPruning: a window reads the segments it must and no page twice.
func TestPruning(t *testing.T) {
	at := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	s := open(t, fault.New(), store.Options{Now: func() time.Time { return at }})
	for hour := range 12 {
		var events []store.Event
		for i := range 3000 {
			events = append(events, store.Event{
				Index: fmt.Sprint("logs-", i%2),
				Raw:   fmt.Appendf(nil, `{"@timestamp":"2026-11-28T%02d:%02d:%02dZ","n":%d,"pad":%q}`, hour, i/60, i%60, i, randomText(rand.New(rand.NewPCG(uint64(i), 0)), 900)),
			})
		}
		appendAll(t, s, events...)
		check(t, s.Seal(t.Context()))
	}
	hour := func(h int) value.Instant { return value.InstantOfTime(at.Add(time.Duration(h) * time.Hour)) }
	scan := s.Scan(store.Query{Spans: []store.Span{{From: hour(3), To: hour(4)}, {From: hour(3), To: hour(4)}}, Indices: event.Patterns{"logs-1"}})
	defer scan.Close()
	n := 0
	for {
		b, err := scan.Next(t.Context())
		if err != nil {
			break
		}
		n += len(b.Docs)
		b.Release()
	}
	c := scan.Counts()
	if n != 1500 || c.Segments != 1 || c.Pruned != 23 || c.Pages > 3 || c.Documents != 1500 {
		t.Errorf("%d documents, %+v", n, c)
	}
}
