package reference

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
)

// told writes a tree in one line: every node with its result, leaves with what
// they saw.
func told(t *Truth) string {
	result := t.Result.Text()
	if t.Result.IsNull() {
		result = "null"
	}
	if len(t.Children) == 0 {
		var seen []string
		for _, s := range t.Seen {
			seen = append(seen, fmt.Sprintf("%s=%d", s.Field.Name(), len(s.Values)))
		}
		return fmt.Sprintf("%s{%s}", result, strings.Join(seen, " "))
	}
	var children []string
	for _, c := range t.Children {
		children = append(children, told(c))
	}
	op := "not"
	if l, ok := t.Expr.(*eql.Logic); ok {
		op = l.Op.String()
	}
	return fmt.Sprintf("%s:%s(%s)", op, result, strings.Join(children, ", "))
}

func TestExplain(t *testing.T) {
	doc := decode(t, `{"event.category": "process", "a": 5, "s": ["x", "y"], "n": 0}`, 0)
	for query, want := range map[string]string{
		`process where a == 5`:                     "and:true(true{event.category=1}, true{a=1})",
		`network where a == 5`:                     "and:false(false{event.category=1}, true{a=1})",
		`any where a == 5`:                         "and:true(true{a=1})",
		`any where a == 6 and s : "x"`:             "and:false(false{a=1}, true{s=2})",
		`any where a == 6 or s : "x"`:              "and:true(or:true(false{a=1}, true{s=2}))",
		`any where z == 6 or not z == 6`:           "and:true(or:true(null{z=0}, not:true(null{z=0})))",
		`any where z == null and a == null`:        "and:false(true{z=0}, false{a=1})",
		`any where length(z) > 1`:                  "and:false(null{z=0})",
		`any where concat(s, a) == "x5"`:           "and:true(true{s=2 a=1})",
		`any where a / n == 1`:                     "and:false(null{a=1 n=1})",
		`any where s in ("q", "y") and -a + a < 1`: "and:true(true{s=2}, true{a=1})",
		`any where null`:                           "and:false(null{})",
	} {
		parsed, err := eql.Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		checked, _, err := eql.Check(parsed, eql.CheckOptions{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := Compile(checked, Options{Size: -1, Tolerant: true})
		if err != nil {
			t.Fatal(err)
		}
		truth, err := p.Explain(checked.Body.(*eql.Filter), doc)
		if err != nil {
			t.Fatal(err)
		}
		if got := told(truth); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
		if failed := strings.Contains(query, "/ n"); failed != (truth.Children[0].Failed != nil) {
			t.Errorf("%s: failure %v", query, truth.Children[0].Failed)
		}
	}
}
