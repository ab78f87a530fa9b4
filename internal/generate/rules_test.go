package generate

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/rule"
)

// elasticRules loads the rules beside the clone.
func elasticRules(t *testing.T) []*rule.Rule {
	t.Helper()
	folder := filepath.Join("..", "..", "..", "shared", "data", "elastic-rules")
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no folder of test material beside the clone: %s is absent", folder)
	}
	rules, problems := rule.Load(folder)
	for _, p := range problems {
		t.Error(p)
	}
	return rules
}

func checked(tb testing.TB, text string) *eql.Query {
	tb.Helper()
	q, err := eql.Parse(text)
	if err != nil {
		tb.Fatalf("%s\n%v", text, err)
	}
	c, _, err := eql.Check(q, eql.CheckOptions{})
	if err != nil {
		tb.Fatalf("%s\n%v", text, err)
	}
	return c
}

func TestElasticRulesAreSolvedAndBrokenInEachStage(t *testing.T) {
	rules := elasticRules(t)
	solved, stages, brokenStages, variants, alone := 0, 0, 0, 0, 0
	for _, r := range rules {
		q := checked(t, r.Query)
		name := filepath.Base(r.Path)
		events, err := Solve(q)
		if err != nil {
			t.Logf("not solved: %s: %v", name, err)
			continue
		}
		solved++
		if n := found(t, q, docsOf(events)); n != 1 {
			t.Errorf("%s: %d results in its events", name, n)
		}
		terms := newPlan(q).terms
		broken := map[int]bool{}
		for b := range Break(q, events) {
			variants++
			broken[b.Stage] = true
			if n := found(t, q, docsOf(b.Events)); n != 0 {
				t.Errorf("%s: %d results with %s of stage %d broken", name, n, clauseText(b), b.Stage)
			}
			if b.Clause == nil || brokenClauses(t, terms[b.Stage], b.Events) == 1 {
				alone++
			}
		}
		for _, term := range terms {
			stages++
			if broken[term.number] {
				brokenStages++
			} else {
				t.Logf("not broken: %s, stage %d", name, term.number)
			}
		}
	}
	t.Logf("%d of %d rules solved; %d of their %d stages broken, in %d variants; in %d of these all other clauses hold",
		solved, len(rules), brokenStages, stages, variants, alone)
	if solved < len(rules)*345/350 || brokenStages < stages*98/100 || alone < variants*98/100 {
		t.Error("too few")
	}
}

// The rules that are compiled in are solved and broken too, each stage by each
// clause that it requires.
func TestBuiltinRulesAreSolvedAndBrokenInEachStage(t *testing.T) {
	rules, err := rule.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		q := checked(t, r.Query)
		events, err := Solve(q)
		if err != nil {
			t.Errorf("%s: %v", r.Name, err)
			continue
		}
		broken := map[int]bool{}
		for b := range Break(q, events) {
			broken[b.Stage] = true
			if n := found(t, q, docsOf(b.Events)); n != 0 {
				t.Errorf("%s: %d results with %s of stage %d broken", r.Name, n, clauseText(b), b.Stage)
			}
		}
		for _, term := range newPlan(q).terms {
			if !broken[term.number] {
				t.Errorf("%s: stage %d is not broken", r.Name, term.number)
			}
		}
	}
}

// brokenClauses counts the clauses of a term that the first of its events, the one
// that breaks, does not satisfy.
func brokenClauses(t *testing.T, term *term, events []Event) int {
	t.Helper()
	n := 0
	for _, e := range events {
		if e.Term != term.number {
			continue
		}
		for _, c := range term.clauses() {
			n += 1 - found(t, &eql.Query{Body: &eql.Filter{Any: true, Condition: c.shown()}}, [][]byte{e.Doc})
		}
		break
	}
	return n
}
