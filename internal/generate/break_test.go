package generate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
)

// Each clause that a stage requires is broken by itself; all else stays as it was.
func TestClausesAreBrokenOneByOne(t *testing.T) {
	for _, c := range []struct {
		query string
		want  []string
	}{
		{`process where process.name == "nc" and process.pid > 4`, []string{
			`0 event.category == "process": 0 +0s {"event.category":"processx","process.name":"nc","process.pid":5}`,
			`0 process.name == "nc": 0 +0s {"event.category":"process","process.name":"ncx","process.pid":5}`,
			`0 process.pid > 4: 0 +0s {"event.category":"process","process.name":"nc","process.pid":4}`,
		}},
		{`any where not (process.name == "nc" or process.args : "-l*")`, []string{
			`0 not process.name == "nc": 0 +0s {"process.name":"nc"}`,
			`0 not process.args : "-l*": 0 +0s {"process.args":"-lx"}`,
		}},
		{`any where process.name : ("nc", "n*t") and process.name != null`, []string{
			// That a name is there is said by the first clause too, and can not break alone.
			`0 process.name : ("nc", "n*t"): 0 +0s {"process.name":"ncx"}`,
		}},
		{`any where a == "x" or b == "y"`, []string{
			`0 a == "x" or b == "y": 0 +0s {"a":"xx"}`,
		}},
		{`any where true`, nil},
		{`any where a == null`, []string{`0 a == null: 0 +0s {"a":"a-1"}`}},
		{`sequence by host.id [any where a == 1] with runs=2 [any where b == 1 and host.id == "h"]`, []string{
			`0 a == 1: 0 +0s {"a":2,"host.id":"h"}; 0 +1s {"a":1,"host.id":"h"}; 1 +2s {"b":1,"host.id":"h"}`,
			`1 b == 1: 0 +0s {"a":1,"host.id":"h"}; 0 +1s {"a":1,"host.id":"h"}; 1 +2s {"b":2,"host.id":"h"}`,
			// The key changes in every stage, so that it is not the join that fails.
			`1 host.id == "h": 0 +0s {"a":1,"host.id":"hx"}; 0 +1s {"a":1,"host.id":"hx"}; 1 +2s {"b":1,"host.id":"hx"}`,
		}},
		{`sequence by k with maxspan=1m [any where a == 1] ![any where c == 1] [any where b == 1] until [any where d == 1]`, []string{
			`0 a == 1: 0 +0s {"a":2,"k":"k-1"}; 2 +2s {"b":1,"k":"k-1"}`,
			`1: 0 +0s {"a":1,"k":"k-1"}; 1 +1s {"c":1,"k":"k-1"}; 2 +2s {"b":1,"k":"k-1"}`,
			`2 b == 1: 0 +0s {"a":1,"k":"k-1"}; 2 +2s {"b":2,"k":"k-1"}`,
			`3: 0 +0s {"a":1,"k":"k-1"}; 3 +2s {"d":1,"k":"k-1"}; 2 +3s {"b":1,"k":"k-1"}`,
		}},
		{`sequence with maxspan=1m ![any where c == 1] [any where a == 1] ![any where d == 1]`, []string{
			`1 a == 1: 1 +0s {"a":2}`,
		}},
		{`sample by k [any where a == 1] [any where b == 1]`, []string{
			`0 a == 1: 0 +0s {"a":2,"k":"k-1"}; 1 +1s {"b":1,"k":"k-1"}`,
			`1 b == 1: 0 +0s {"a":1,"k":"k-1"}; 1 +1s {"b":2,"k":"k-1"}`,
		}},
	} {
		q := checked(t, c.query)
		events, err := Solve(q)
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
			continue
		}
		var got []string
		for b := range Break(q, events) {
			what := fmt.Sprint(b.Stage)
			if b.Clause != nil {
				what += " " + eql.ExprString(b.Clause)
			}
			got = append(got, what+": "+strings.ReplaceAll(shown(t, b.Events), "\n", "; "))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.query, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestBreakingEndsWhenTheCallerHasEnough(t *testing.T) {
	q := checked(t, `any where a == 1 and b == 1 and c == 1`)
	events, err := Solve(q)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for range Break(q, events) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d variants", n)
	}
}

// Values that the caller has put in place of Solve's are kept.
func TestBreakingKeepsTheEventsItIsGiven(t *testing.T) {
	q := checked(t, `any where process.name : "py*" and process.pid > 4`)
	events := []Event{{Fields: map[string]any{"process.name": "python3", "process.pid": int64(77), "user.name": "eve"}}}
	events[0].Doc = []byte(`{"process.name":"python3","process.pid":77,"user.name":"eve"}`)
	var got []string
	for b := range Break(q, events) {
		got = append(got, shown(t, b.Events))
	}
	want := []string{
		`0 +0s {"process.name":"xpy","process.pid":77,"user.name":"eve"}`,
		`0 +0s {"process.name":"python3","process.pid":4,"user.name":"eve"}`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
