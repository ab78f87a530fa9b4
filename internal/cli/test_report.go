package cli

import (
	"fmt"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/ruletest"
	"github.com/tripline-sec/tripline/internal/show"
)

// testTeller tells people what came of tests.
type testTeller struct {
	*app
	palette show.Palette
	faults  *ruleFaults
}

// reports prints a line a file, of very many only for those with failures, what
// failed below it, and a summary.
func (t *testTeller) reports(reports []*ruletest.Report) {
	passed, failed, broken := 0, 0, 0
	for _, r := range reports {
		state := t.palette.Good("ok")
		if !r.Passed() {
			state = t.palette.Bad("FAIL")
		}
		if !r.Passed() || len(reports) <= mostNamed {
			t.printf("%-4s  %s  %s\n", state, show.Escape(r.Path), counted(len(r.Results), "test", "tests"))
		}
		for _, p := range r.Problems {
			t.problem(p)
			broken++
		}
		t.results(r, &passed, &failed)
	}
	parts := []string{t.palette.Good(show.Number(passed) + " passed")}
	if failed > 0 {
		parts = append(parts, t.palette.Bad(show.Number(failed)+" failed"))
	}
	if broken > 0 {
		parts = append(parts, t.palette.Bad(counted(broken, "mistake", "mistakes")))
	}
	t.printf("%s: %s\n", counted(passed+failed, "test", "tests"), strings.Join(parts, ", "))
}

// results prints the tests that failed. What keeps several tests from running,
// such as a rule that does not load, is told once.
func (t *testTeller) results(r *ruletest.Report, passed, failed *int) {
	told := map[string]bool{}
	for _, one := range r.Results {
		if one.Passed() {
			*passed++
			continue
		}
		*failed++
		t.printf("      %s  %s\n", t.palette.Bad("failed"), t.palette.Bold(show.Escape(one.Test.Name)))
		for _, p := range one.Problems {
			if !told[p.Error()] {
				told[p.Error()] = true
				t.problem(p)
			}
		}
		for _, f := range one.Failures {
			t.printf("        %s:%d:%d\n", show.Escape(r.Path), f.At.Line, f.At.Col)
			t.printf("          expected  %s\n", show.Escape(f.Expected))
			t.printf("          happened  %s\n", show.Escape(f.Happened))
			for i, reason := range f.Reasons {
				label := "because"
				if i > 0 {
					label = ""
				}
				t.printf("          %-8s  %s\n", label, show.Escape(reason))
			}
		}
	}
}

// problem prints what is wrong with a file, with the line.
func (t *testTeller) problem(p *ruletest.Problem) {
	t.printf("%s: %s: %s\n", show.Escape(p.Place()), t.palette.Bad("error"), show.EscapeLines(p.Reason))
	if p.Line > 0 {
		if snippet := eql.Snippet(t.faults.text(p.Path), p.Line, p.Col); snippet != "" {
			t.printf("%s\n", snippet)
		}
	}
	if p.Hint != "" {
		t.printf("  hint: %s\n", show.EscapeLines(p.Hint))
	}
}

// coverage says how much of the rules the tests reach, and in long what they do
// not.
func (t *testTeller) coverage(all []*ruletest.Coverage, long bool) {
	reached, total := 0, 0
	for _, c := range all {
		reached += c.Reached()
		total += len(c.Parts)
	}
	if total == 0 {
		return
	}
	text := fmt.Sprintf("coverage: %s of %s", show.Number(reached), counted(total, "branch or list entry", "branches and list entries"))
	switch {
	case long:
		t.printf("%s\n", text)
	case reached < total:
		t.printf("%s; --coverage names the others\n", text)
		return
	default:
		t.printf("%s\n", text)
		return
	}
	for _, c := range all {
		if c.Reached() == len(c.Parts) {
			continue
		}
		t.printf("\n%s: %d of %d reached; no test reaches\n", t.palette.Bold(show.Escape(c.Rule.Name)), c.Reached(), len(c.Parts))
		for _, line := range unreached(c) {
			t.printf("  %s\n", show.Escape(line))
		}
	}
}

// unreached tells what of a rule no test reaches, a line a branch or a list. What
// is part of a branch that is told is not told again.
func unreached(c *ruletest.Coverage) []string {
	var lines []string
	list := "" // the one that the last line is about
	for _, p := range c.Parts {
		if p.Reached || p.Within {
			continue
		}
		same := fmt.Sprintf("%d %s", p.Stage, p.List)
		if p.List != "" && same == list {
			lines[len(lines)-1] += ", " + p.Text
			continue
		}
		list = same
		line, col := c.Rule.Locate(p.Pos.Line, p.Pos.Col)
		text := show.Cut(strings.Join(strings.Fields(p.Text), " "), 100)
		what := "branch " + text
		if p.List != "" {
			what = p.List + " " + text
		}
		lines = append(lines, fmt.Sprintf("%s:%d:%d: %s: %s", c.Rule.Path, line, col, stageText(p.Stage), what))
	}
	return lines
}

func stageText(stage int) string {
	if stage == 0 {
		return "until"
	}
	return fmt.Sprintf("stage %d", stage)
}
