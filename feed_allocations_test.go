package tripline

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/stream"
)

// warming is how often events are fed at the most until there are no more
// allocations: what a stream keeps of their values grows ever more seldom.
const warming = 50

// An event that is no hit is fed without an allocation once its like has been seen.
func TestFeedingAnEventWithoutHitAllocatesNothing(t *testing.T) {
	for name, path := range map[string]string{"built-in": "builtin", "Elastic's": filepath.Join("..", "shared", "data", "elastic-rules")} {
		t.Run(name, func(t *testing.T) {
			if _, err := os.Stat(path); path != "builtin" && errors.Is(err, fs.ErrNotExist) {
				t.Skipf("no folder of test material beside the clone: %s is absent", path)
			}
			rules, err := LoadRules(path)
			if err != nil {
				t.Fatal(err)
			}
			set, err := SetOf(slices.DeleteFunc(rules, looksForNothing))
			if err != nil {
				t.Fatal(err)
			}
			quiet := eventsWithoutHit(t, set)
			s := set.NewStream(StreamOptions{})
			defer s.Close()
			feed := func() {
				for _, raw := range quiet {
					if err := s.Feed(raw); err != nil {
						t.Fatal(err)
					}
				}
			}
			var n float64
			for range warming {
				if n = testing.AllocsPerRun(1, feed); n == 0 {
					return
				}
			}
			t.Errorf("%v allocations for %d events", n, len(quiet))
		})
	}
}

// looksForNothing reports whether a rule is over a missing event: there is one by
// which nothing at all may follow, so that every event is a hit of it.
func looksForNothing(r *Rule) bool {
	b, ok := r.query.Checked.Body.(*eql.Sequence)
	return ok && slices.ContainsFunc(b.Terms, func(t *eql.Term) bool { return t.Missing })
}

// eventsWithoutHit generates events and leaves out those that a condition of some
// member accepts.
func eventsWithoutHit(t *testing.T, set *Set) [][]byte {
	t.Helper()
	s, err := stream.New(stream.Options{Seed: 22, Events: 8192, Hosts: 40})
	if err != nil {
		t.Fatal(err)
	}
	judge := set.program.NewJudge()
	var quiet [][]byte
	for doc, ok := s.Next(nil); ok; doc, ok = s.Next(nil) {
		v, err := judge.Judge(doc, event.Identity{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if !v.Hit() {
			quiet = append(quiet, doc)
		}
	}
	if len(quiet) < 2000 {
		t.Fatalf("only %d events are no hits", len(quiet))
	}
	return quiet
}
