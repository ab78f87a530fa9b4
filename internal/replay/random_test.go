package replay_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/randomcase"
	"github.com/tripline-sec/tripline/internal/replay"
	"github.com/tripline-sec/tripline/internal/source"
)

// TestReplayIsReferenceOnRandomCases judges random sequences over files, in order of
// time or as their documents come, in batches of a few documents:
// TRIPLINE_CASES of them (1,500), beginning at number TRIPLINE_FIRST (0).
func TestReplayIsReferenceOnRandomCases(t *testing.T) {
	count, first := number(t, "TRIPLINE_CASES", 1_500), number(t, "TRIPLINE_FIRST", 0)
	path := filepath.Join(t.TempDir(), "events.ndjson")
	restarts, matches, failures := 0, 0, 0
	for n := first; n < first+count && failures < 3; n++ {
		r := rand.New(rand.NewPCG(uint64(n), 11)) //nolint:gosec // not negative
		c := randomcase.New(r)
		l, err := c.Load()
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := l.Checked.Body.(*eql.Sequence); !ok {
			continue
		}
		if r.IntN(3) > 0 {
			c.Docs = inPlaces(c.Docs, l.ByTime())
			if at := r.IntN(len(c.Docs) + 1); at > 0 && r.IntN(3) == 0 { // one is late
				c.Docs = slices.Insert(slices.Clone(c.Docs[1:]), at-1, c.Docs[0])
			}
		}
		block, workers := 100+r.IntN(2000), 1+r.IntN(3)
		differs := func(c randomcase.Case) error {
			again, found, err := differs(c, path, block, workers)
			restarts, matches = restarts+again, matches+found
			return err
		}
		if err := differs(c); err != nil {
			failures++
			small := randomcase.Shrink(c, func(c randomcase.Case) bool { return differs(c) != nil })
			t.Errorf("case %d, blocks of %d, %d workers: %v\n%s", n, block, workers, differs(small), small)
		}
	}
	t.Logf("%d matches, %d inputs read again", matches, restarts)
	if matches == 0 || restarts == 0 {
		t.Error("matches and restarts are what this is about")
	}
}

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		t.Fatalf("%s is %q, want a number", name, s)
	}
	return n
}

func inPlaces(docs [][]byte, places []int) [][]byte {
	out := make([][]byte, len(places))
	for i, place := range places {
		out[i] = docs[place]
	}
	return out
}

// differs judges a case by both and returns how they differ.
func differs(c randomcase.Case, path string, block, workers int) (restarts, matches int, err error) {
	c.Tolerant, c.Size, c.Head = true, -1, false
	l, err := c.Load()
	if err != nil {
		return 0, 0, nil // shrunk too far
	}
	want, err := l.Everything()
	if err != nil {
		return 0, 0, err
	}
	var text []byte
	var ends []uint64
	for _, doc := range c.Docs {
		text = append(append(text, bytes.TrimSpace(doc)...), '\n')
		ends = append(ends, uint64(len(text)))
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return 0, 0, err
	}
	queries := []engine.Query{randomQuery(l, l.Checked)}
	for _, other := range l.Others {
		queries = append(queries, randomQuery(l, other))
	}
	p, err := engine.Compile(queries, replay.LineagePaths...)
	if err != nil {
		return 0, 0, err
	}
	var found []engine.Match
	var reader *source.Reader
	report, err := replay.New(p, replay.Options{
		Workers: workers, Problem: func(*source.Problem) {},
		Match:   func(m engine.Match) { found = append(found, m) },
		Restart: func(bool) { found, restarts = nil, restarts+1 },
	}).Run(context.Background(), func() *source.Reader {
		reader = source.Open([]string{path}, nil, source.Options{Batching: source.Batching{Block: block, Peek: engine.PeekTime}})
		return reader
	}, true)
	if err != nil {
		return restarts, 0, err
	}
	all := make([]*engine.Match, len(found))
	for i := range found {
		all[i] = &found[i]
	}
	if err := replay.NewLoader(p, reader).Load(all...); err != nil {
		return restarts, 0, err
	}
	got := randomcase.Outcome{ValueErrors: report.Queries[0].Bad, NoTimestamp: report.Queries[0].NoTime}
	for _, m := range found {
		if m.Query == 0 {
			got.Matches = append(got.Matches, randomcase.Match{Keys: randomcase.KeyText(m.Keys), Docs: placesOf(m, ends)})
		}
	}
	if got.ValueErrors != want.ValueErrors || got.NoTimestamp != want.NoTimestamp {
		return restarts, 0, fmt.Errorf("%d bad values and %d hits without time, the reference has %d and %d",
			got.ValueErrors, got.NoTimestamp, want.ValueErrors, want.NoTimestamp)
	}
	if g, w := got.Set(), want.Set(); !slices.Equal(g, w) {
		return restarts, 0, fmt.Errorf("replay    %q\nreference %q", g, w)
	}
	return restarts, len(found), nil
}

// placesOf returns which documents a match is made of. A document's arrival is where
// it begins; ends are where the documents end.
func placesOf(m engine.Match, ends []uint64) []int {
	places := make([]int, len(m.Events))
	for i, held := range m.Events {
		if places[i] = -1; held != nil {
			places[i], _ = slices.BinarySearch(ends, held.Arrival+1)
		}
	}
	return places
}

func randomQuery(l *randomcase.Loaded, checked *eql.Query) engine.Query {
	q := engine.Query{
		Checked: checked, Schema: l.Schema,
		TimestampField: l.Timestamp, TiebreakerField: l.Tiebreaker, CategoryField: l.Category,
	}
	if l.Accept != nil {
		q.Accept = l.Accepts
		q.Patterns = fmt.Sprint(l.Accept)
	}
	return q
}
