package cli

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/rule"
)

// What is kept from run to run never shows: after any change of the documents
// and rules the alerts are those of a judge that begins anew.
func TestKeptJudgementIsThatOfAJudgeAnew(t *testing.T) {
	queries := []string{
		`a where true`,
		`any where x == 1`,
		`any where x > 0 | head 2`,
		`any where 10 / x == 5`,
		`sequence by k [a where true] [b where true]`,
		`sequence with maxspan=5s [a where x == 1] [b where x == 2] until [c where x == 1]`,
		`sequence by k with maxspan=10s [a where true] ![c where true] [b where true]`,
		`sequence [a where x == 3] [a where x == 4] with runs=2`,
		`sample by k [a where x == 1] [b where x == 1]`,
	}
	var all []*readyRule
	for i, q := range queries {
		ready, problems := prepare(&rule.Rule{Name: fmt.Sprint(i), RuleID: fmt.Sprint(i), Query: q, Index: []string{"*"}, Severity: rule.Low})
		if ready == nil {
			t.Fatalf("%s: %v", q, problems[0].Reason)
		}
		all = append(all, ready)
	}
	random := rand.New(rand.NewPCG(1, 2))
	pool := make([]*event.Document, 60)
	for i := range pool {
		text := fmt.Sprintf(`{"@timestamp":"2026-01-01T00:00:%02dZ","event":{"category":"%c","id":"%d","sequence":%d},"agent":{"id":"%d"},"x":%d,"k":%d}`,
			random.IntN(40), 'a'+random.IntN(3), i, random.IntN(9), random.IntN(2), random.IntN(5), random.IntN(2))
		doc, err := event.Decode([]byte(text), event.Identity{}, uint64(i)+1)
		if err != nil {
			t.Fatal(err)
		}
		pool[i] = doc
	}
	kept := newJudgement()
	in := make([]bool, len(pool))
	for round := range 300 {
		for range random.IntN(3) {
			i := random.IntN(len(in))
			in[i] = !in[i]
		}
		var docs []*event.Document
		for i, doc := range pool {
			if in[i] {
				moved := *doc // numbers shift, as they do when a file before it grows
				moved.Arrival = uint64(len(docs)) + 1
				docs = append(docs, &moved)
			}
		}
		rules := slices.DeleteFunc(slices.Clone(all), func(*readyRule) bool { return random.IntN(20) == 0 })
		if got, want := judged(t, rules, docs, kept), judged(t, rules, docs, nil); !slices.Equal(got, want) {
			t.Fatalf("round %d, %d documents:\n got %q\nwant %q", round, len(docs), got, want)
		}
	}
}

// judged returns what there is to tell of a run.
func judged(t *testing.T, rules []*readyRule, docs []*event.Document, kept *judgement) []string {
	t.Helper()
	tree := proctree.New()
	for _, doc := range docs {
		tree.See(doc)
	}
	var told []string
	j := &referenceJudge{
		rules: rules, now: time.Unix(0, 0), stop: func() error { return nil }, processes: tree, docs: docs, kept: kept,
		give: func(a *alert.Alert) { told = append(told, a.Name+" "+a.ID+" "+a.EventTime.String()) },
	}
	v, err := j.close()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range v.rules {
		told = append(told, fmt.Sprintf("%s: %d value errors, %d without time", one.rule.rule.Name, one.valueErrors, one.noTimestamp))
	}
	return told
}
