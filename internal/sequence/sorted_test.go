package sequence

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

// cases is how many random cases a property is tried on; TRIPLINE_CASES=10 asks
// for ten times as many, which is a million in all.
func cases(t *testing.T, n int) int {
	t.Helper()
	if testing.Short() {
		n /= 10
	}
	if text := os.Getenv("TRIPLINE_CASES"); text != "" {
		times, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		n *= times
	}
	return n
}

// told is a match as it was reported.
type told struct {
	last event.Ordinal
	key  int
	text string
}

// sortedRun feeds a case in its order of time.
func (c *modelCase) sortedRun(t *testing.T, opts Options) ([][]told, *State) {
	t.Helper()
	out := make([][]told, len(c.queries))
	var queries []Query
	for _, q := range c.queries {
		queries = append(queries, q.query())
	}
	opts.Sorted = true
	opts.Match = func(m Match) {
		if m.Superseded {
			t.Fatalf("superseded in order: %s", matchText(m))
		}
		out[m.Query] = append(out[m.Query], told{m.Last, keyNumber(m.Key), matchText(m)})
	}
	s := New(queries, opts)
	held := map[int]*event.Held{}
	for _, e := range arrange(c.events, c.byAgent) {
		s.Feed(c.event(e, held))
	}
	s.Close()
	checkEmpty(t, s, held)
	for _, of := range out {
		slices.SortStableFunc(of, func(a, b told) int { return cmp.Or(a.last.Compare(b.last), cmp.Compare(a.key, b.key)) })
	}
	return out, s
}

// checkEmpty holds that a closed state keeps nothing.
func checkEmpty(t *testing.T, s *State, held map[int]*event.Held) {
	t.Helper()
	for id, d := range held {
		if d.Refs != 0 {
			t.Errorf("document %d is still held %d times", id, d.Refs)
		}
	}
	got := s.Stats()
	if got.Held != (HeldStats{}) || s.lanes.live() != 0 || s.extras.live() != 0 || s.partials.live() != 0 ||
		s.cells.live() != 0 || s.records.live() != 0 || s.hits.live() != 0 || s.ties.live() != 0 || s.loose != 0 {
		t.Errorf("a closed state keeps %+v, lanes %d extras %d partials %d cells %d records %d hits %d ties %d loose %d", got.Held,
			s.lanes.live(), s.extras.live(), s.partials.live(), s.cells.live(), s.records.live(), s.hits.live(), s.ties.live(), s.loose)
	}
	for i, d := range s.doors {
		if d.lanes != 0 {
			t.Errorf("%d lanes of plan %d are counted", d.lanes, i)
		}
	}
	for i, q := range got.Queries {
		if q.Partials != 0 || q.Waiting != 0 || q.Bytes != 0 {
			t.Errorf("query %d has %d partials and %d matches that wait, and %d bytes", i, q.Partials, q.Waiting, q.Bytes)
		}
	}
}

func texts(in []told) []string {
	var out []string
	for _, m := range in {
		out = append(out, m.text)
	}
	return out
}

// expectSorted compares what one query reported with the model.
func (c *modelCase) expectSorted(t *testing.T, q *modelQuery, got []told) int {
	t.Helper()
	if q.sample {
		want := q.samples(c.events)
		byKey := map[int][]string{}
		for _, m := range got {
			byKey[m.key] = append(byKey[m.key], m.text)
		}
		if fmt.Sprint(byKey) != fmt.Sprint(want) {
			t.Fatalf("samples: got %v\nwant %v\n%v", byKey, want, c)
		}
		return len(got)
	}
	matches, _ := q.run(arrange(c.events, c.byAgent), nil, 1<<60)
	var want []string
	for _, m := range matches {
		want = append(want, m.text)
	}
	if !slices.Equal(texts(got), want) {
		t.Fatalf("got  %q\nwant %q\n%v", texts(got), want, c)
	}
	return len(got)
}

func TestSortedEqualsModel(t *testing.T) {
	t.Parallel()
	found, n := 0, cases(t, 40_000)
	for i := range n {
		r := rand.New(rand.NewPCG(7, uint64(i)))
		c := newCase(r)
		got, _ := c.sortedRun(t, Options{})
		for j, q := range c.queries {
			found += c.expectSorted(t, q, got[j])
		}
		if t.Failed() {
			t.Fatalf("case %d\n%v", i, c)
		}
	}
	t.Logf("%d matches in %d cases", found, n)
	if found < n {
		t.Errorf("only %d matches in %d cases: they test too little", found, n)
	}
}
