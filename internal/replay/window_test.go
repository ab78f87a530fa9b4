package replay_test

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/replay"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/stream"
)

// positiveSequences are those of some rules, and of the queries of these tests, that
// have no missing events. The events of package stream have one value for each of
// their keys.
func positiveSequences(tb testing.TB, rules []stream.Rule) []question {
	tb.Helper()
	all := questions(tb)
	for _, r := range rules {
		fits := event.NewPatterns(r.Indices)
		all = append(all, question{engine.Query{Name: r.Name, Checked: r.Query, Accept: fits.Fit, Patterns: strings.Join(r.Indices, ",")}, fits.Fit})
	}
	return slices.DeleteFunc(all, func(q question) bool {
		s, ok := q.Checked.Body.(*eql.Sequence)
		return !ok || slices.ContainsFunc(s.Terms, func(t *eql.Term) bool { return t.Missing })
	})
}

// elasticRules are the rules beside the clone.
func elasticRules(tb testing.TB) []stream.Rule {
	tb.Helper()
	folder := filepath.Join("..", "..", "..", "shared", "data", "elastic-rules")
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		tb.Skipf("no folder of test material beside the clone: %s is absent", folder)
	}
	loaded, problems := rule.Load(folder)
	if len(problems) > 0 {
		tb.Fatal(problems[0])
	}
	var rules []stream.Rule
	for _, r := range loaded {
		one, err := stream.OfRule(r, stream.DefaultStart)
		if err != nil {
			tb.Fatal(err)
		}
		rules = append(rules, one)
	}
	return rules
}

// Of a positive sequence with single-valued keys, a window of time has those matches
// of the stream that lie wholly inside it, and no others.
func TestWindowHasTheMatchesInsideIt(t *testing.T) {
	rules := elasticRules(t)
	questions := positiveSequences(t, rules)
	s, err := stream.New(stream.Options{Seed: 13, Events: 2000, Hosts: 8, Ties: 0.2, Rate: 30, Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	var docs []string
	for doc, ok := s.Next(nil); ok; doc, ok = s.Next(nil) {
		docs = append(docs, string(doc))
	}
	whole := run(t, questions, []string{write(t, "events.ndjson", docs...)}, nil, setup{Options: replay.Options{Workers: 1}})
	r := rand.New(rand.NewPCG(1, 2))
	total, fewer := 0, 0
	for range 60 {
		from := r.IntN(len(docs))
		to := from + r.IntN(min(len(docs)-from, 700))
		for from > 0 && timeOf(t, docs[from-1]).Equal(timeOf(t, docs[from])) { // a time is in it whole
			from--
		}
		for to < len(docs)-1 && timeOf(t, docs[to+1]).Equal(timeOf(t, docs[to])) {
			to++
		}
		inside := map[string]bool{}
		for _, doc := range docs[from : to+1] {
			inside[idOf(t, doc)] = true
		}
		got := run(t, questions, []string{write(t, "window.ndjson", docs[from:to+1]...)}, nil, setup{Options: replay.Options{Workers: 1}})
		for i, q := range questions {
			var want []string
			for _, line := range whole.matches[i] {
				_, ids, _ := strings.Cut(line, " ")
				if !slices.ContainsFunc(strings.Fields(ids), func(id string) bool { return !inside[id] }) {
					want = append(want, line)
				}
			}
			total += len(want)
			fewer += len(whole.matches[i]) - len(want)
			if !slices.Equal(got.matches[i], want) {
				t.Errorf("events %d to %d, %s: %d matches, want %d; the first that differ:\n%s",
					from, to, q.Name, len(got.matches[i]), len(want), firstOther(got.matches[i], want))
			}
		}
	}
	t.Logf("%d sequences, 60 windows: %d matches inside, %d not", len(questions), total, fewer)
	if total < 1000 || len(questions) < 60 {
		t.Error("too few to mean something")
	}
}
