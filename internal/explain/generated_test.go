package explain_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/explain"
	"github.com/tripline-sec/tripline/internal/reference"
)

// randomQuery writes a sequence or a sample over events named a, b, c and u.
func randomQuery(r *rand.Rand) string {
	var b strings.Builder
	sample := r.IntN(6) == 0
	if sample {
		b.WriteString("sample by k")
	} else {
		b.WriteString("sequence")
		if r.IntN(4) > 0 {
			b.WriteString(" by k")
		}
		fmt.Fprintf(&b, " with maxspan=%dms", 2+r.IntN(12))
	}
	for range 2 + r.IntN(2) {
		if !sample && r.IntN(4) == 0 {
			fmt.Fprintf(&b, ` ![x where n == "%c"]`, "abcu"[r.IntN(4)])
		}
		fmt.Fprintf(&b, ` [x where n == "%c" or n == "%c" and m == "1"]`, "abc"[r.IntN(3)], "abc"[r.IntN(3)])
		if !sample && r.IntN(5) == 0 {
			b.WriteString(" with runs=2")
		}
	}
	if !sample && r.IntN(3) == 0 {
		b.WriteString(` until [x where n == "u"]`)
	}
	return b.String()
}

// Whatever the query and the events, the report has the matches that a run
// finds, and every other key that came near has a cause.
func TestReportsAgreeWithRun(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	causes := map[explain.Cause]int{}
	for range 500 {
		var lines strings.Builder
		ms := 0
		for range r.IntN(14) {
			ms += r.IntN(5)
			fmt.Fprintf(&lines, "%d %s k=%c n=%c m=%d\n", ms, []string{"x", "x", "x", "y"}[r.IntN(4)], "jk"[r.IntN(2)], "abcu"[r.IntN(4)], r.IntN(2))
		}
		query, docs := randomQuery(r), stream(t, lines.String())
		parsed, err := eql.Parse(query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		checked, _, err := eql.Check(parsed, eql.CheckOptions{})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		program, err := reference.Compile(checked, reference.Options{Size: -1, Tolerant: true})
		if err != nil {
			t.Fatal(err)
		}
		result, err := program.Run(docs)
		if err != nil {
			t.Fatal(err)
		}
		report, err := explain.Run(checked, reference.Options{}, docs)
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Matches) != len(result.Sequences) {
			t.Fatalf("%s over\n%s%d matches, run finds %d", query, lines.String(), len(report.Matches), len(result.Sequences))
		}
		for _, m := range report.Misses {
			causes[m.Cause]++
			if m.Text == "" || len(m.Stages) == 0 {
				t.Fatalf("%s over\n%smiss without a text: %+v", query, lines.String(), m)
			}
			if m.Cause == explain.CauseSpan && !strings.Contains(m.Text, "maxspan is") {
				t.Fatalf("%s over\n%s%s", query, lines.String(), m.Text)
			}
		}
	}
	for _, c := range []explain.Cause{
		explain.CauseClause, explain.CauseOrder, explain.CauseSpan, explain.CauseUntil, explain.CauseMissingEvent, explain.CauseReplaced,
	} {
		if causes[c] == 0 {
			t.Errorf("no case of %s in %v", c, causes)
		}
	}
}
