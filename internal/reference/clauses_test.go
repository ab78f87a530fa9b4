package reference

import (
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
)

func TestClauses(t *testing.T) {
	doc := decode(t, `{"event.category": "process", "a": 5, "s": ["x", "y"]}`, 0)
	for query, want := range map[string]string{
		`process where a == 5 and (s : "X" or a == 6 or s in ("y", "z"))`: `event.category == "process"; a == 5; s : "X"; s in ("y", "z")`,
		`any where not (a == 6 or s == "q") and a != 7`:                   `not (a == 6 or s == "q"); not a == 7`,
		`any where (a == 6 and s : "x") or (a == 5 and s : "y")`:          `a == 5; s : "y"`,
		`any where a == 6`: ``,
		`any where true`:   `true`,
	} {
		parsed, err := eql.Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		checked, _, err := eql.Check(parsed, eql.CheckOptions{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := Compile(checked, Options{Size: -1})
		if err != nil {
			t.Fatal(err)
		}
		truth, err := p.Explain(checked.Body.(*eql.Filter), doc)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(truth.Clauses(), "; "); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}
