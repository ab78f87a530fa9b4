package reference

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
)

// randomCondition writes a condition over the fields a, b and c, some of which
// fail on some values.
func randomCondition(r *rand.Rand, depth int) string {
	if depth > 0 {
		switch r.IntN(4) {
		case 0:
			return "(" + randomCondition(r, depth-1) + " and " + randomCondition(r, depth-1) + ")"
		case 1:
			return "(" + randomCondition(r, depth-1) + " or " + randomCondition(r, depth-1) + ")"
		case 2:
			return "not (" + randomCondition(r, depth-1) + ")"
		}
	}
	f, n := string("abc"[r.IntN(3)]), r.IntN(4)
	return []string{
		fmt.Sprintf("%s == %d", f, n), fmt.Sprintf("%s != %d", f, n), fmt.Sprintf("%s > %d", f, n),
		fmt.Sprintf("%s in (%d, 7)", f, n), fmt.Sprintf("%s not in (%d, 7)", f, n), fmt.Sprintf(`%s : "%d*"`, f, n),
		f + " == null", f + " != null", fmt.Sprintf("%s + a > %d", f, n), fmt.Sprintf("%s / b == %d", f, n),
		fmt.Sprintf("length(%s) == %d", f, n), "true", "false", "?z == 1", fmt.Sprintf(`startsWith(%s, "%d")`, f, n),
	}[r.IntN(15)]
}

func randomDocument(r *rand.Rand) string {
	values := []string{"0", "1", "2", "3", `"1"`, `"22"`, "[1, 2]", "[]", "null", `["3", 0]`, "true"}
	fields := []string{fmt.Sprintf(`"event.category": "%s"`, []string{"process", "file"}[r.IntN(2)])}
	for _, f := range "abc" {
		if r.IntN(4) > 0 {
			fields = append(fields, fmt.Sprintf("%q: %s", string(f), values[r.IntN(len(values))]))
		}
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

func TestExplainAgreesWithRun(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	matched := 0
	for range 600 {
		query := []string{"process", "any"}[r.IntN(2)] + " where " + randomCondition(r, 3)
		parsed, err := eql.Parse(query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		checked, _, err := eql.Check(parsed, eql.CheckOptions{})
		if err != nil {
			continue // such as a comparison that is refused
		}
		p, err := Compile(checked, Options{Size: -1, Tolerant: true})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		for range 3 {
			doc := randomDocument(r)
			d := decode(t, doc, 0)
			result, err := p.Run([]*event.Document{d})
			if err != nil {
				t.Fatalf("%s on %s: %v", query, doc, err)
			}
			truth, err := p.Explain(checked.Body.(*eql.Filter), d)
			if err != nil {
				t.Fatalf("%s: %v", query, err)
			}
			if truth.Holds() != (len(result.Events) == 1) {
				t.Fatalf("%s on %s: explain says %v, run finds %d", query, doc, truth.Holds(), len(result.Events))
			}
			matched += len(result.Events)
		}
	}
	if matched < 200 {
		t.Errorf("only %d matches: the cases are no test", matched)
	}
}
