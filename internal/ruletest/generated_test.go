package ruletest_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/generate"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/ruletest"
)

// For each of Elastic's rules a test is made whose events satisfy the rule: it must
// pass. And the same with one required clause of a stage broken, for each that there
// is: it must fail. The rules and the tests stand in a temporary folder.
func TestGeneratedTestsOfElasticRulesPassAndFailWhenBroken(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "data", "elastic-rules")
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no folder of test material beside the clone: %s is absent", folder)
	}
	rules, problems := rule.Load(folder)
	for _, p := range problems {
		t.Error(p)
	}
	var passed, stages, failedStages, variants int
	for i, r := range rules {
		name := filepath.Base(r.Path)
		made, err := newGenerated(r)
		if err != nil {
			t.Logf("no test: %s: %v", name, err)
			continue
		}
		report := made.run(t, filepath.Join(t.TempDir(), fmt.Sprint(i)))
		for _, p := range report.Problems {
			t.Errorf("%s: %v", name, p)
		}
		broken := map[int]bool{}
		for n, result := range report.Results {
			for _, p := range result.Problems {
				t.Errorf("%s: %v", name, p)
			}
			switch {
			case n == 0 && result.Passed():
				passed++
			case n == 0:
				t.Logf("the test does not pass: %s: %s\n%s", name, result.Failures[0].Happened, made.text)
			case result.Passed():
				t.Errorf("%s: %s: the test passes all the same\n%s", name, result.Test.Name, made.text)
			default:
				variants++
				broken[made.variants[n-1].Stage] = true
			}
		}
		for stage := range made.terms {
			stages++
			if broken[stage] {
				failedStages++
			} else {
				t.Logf("no broken test: %s, stage %d", name, stage)
			}
		}
	}
	t.Logf("%d of %d rules pass their test; %d tests with a broken clause fail, for %d of %d stages", passed, len(rules), variants, failedStages, stages)
	if passed < len(rules)*345/350 || failedStages < stages*98/100 {
		t.Error("too few")
	}
}

// generated is a rule's generated test file.
type generated struct {
	rule     *rule.Rule
	terms    int
	variants []generate.Broken
	text     string
}

func newGenerated(r *rule.Rule) (*generated, error) {
	q, err := eql.Parse(r.Query)
	if err != nil {
		return nil, err
	}
	checked, _, err := eql.Check(q, eql.CheckOptions{})
	if err != nil {
		return nil, err
	}
	events, err := generate.Solve(checked)
	if err != nil {
		return nil, err
	}
	g := &generated{rule: r, terms: 1}
	var terms []*eql.Term
	switch b := checked.Body.(type) {
	case *eql.Sequence:
		terms = b.Terms
	case *eql.Sample:
		terms = b.Terms
	}
	g.terms = max(len(terms), 1)

	// What is expected: an event for each positive term, as often as it runs.
	expected, n := "expect alert", 0
	for range events {
		for len(terms) > 0 && terms[0].Missing {
			expected, terms = expected+strings.Repeat(" -", max(terms[0].Runs, 1)), terms[1:]
		}
		n++
		expected += fmt.Sprintf(" e%d", n)
		if len(terms) > 0 && (n == len(events) || events[n].Term != events[n-1].Term) {
			terms = terms[1:]
		}
	}
	for _, t := range terms {
		expected += strings.Repeat(" -", max(t.Runs, 1))
	}

	var b strings.Builder
	write := func(name string, events []generate.Event, names map[int]string) {
		fmt.Fprintf(&b, "test %s\n", name)
		for i, e := range events {
			fmt.Fprintf(&b, "  %s\n", ruletest.FormatEvent(names[i], e.Offset, e.Fields))
		}
		fmt.Fprintf(&b, "  %s\n\n", expected)
	}
	write("as the rule wants it", events, number(events, events))
	for broken := range generate.Break(checked, events) {
		g.variants = append(g.variants, broken)
		write(fmt.Sprintf("%d: stage %d is broken", len(g.variants), broken.Stage), broken.Events, number(events, broken.Events))
	}
	g.text = b.String()
	return g, nil
}

// number names events as those of the whole test are named; an event too many is x.
func number(whole, events []generate.Event) map[int]string {
	names := map[int]string{}
	n := 0
	for i, e := range events {
		if len(events) > len(whole) && (n == len(whole) || e.Term != whole[n].Term) {
			names[i] = "x"
			continue
		}
		n++
		names[i] = fmt.Sprintf("e%d", n)
	}
	return names
}

// run writes the rule and its tests into a folder and runs them.
func (g *generated) run(t *testing.T, folder string) *ruletest.Report {
	t.Helper()
	data, err := os.ReadFile(g.rule.Path)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "rule.test")
	for _, err := range []error{
		os.MkdirAll(folder, 0o755),
		os.WriteFile(filepath.Join(folder, "rule.toml"), data, 0o644),
		os.WriteFile(file, []byte(g.text), 0o644),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return new(ruletest.Runner).RunFile(file)
}
