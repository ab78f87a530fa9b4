package generate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
)

// shown shows events in short: offset and fields, which are all there is.
func shown(t *testing.T, events []Event) string {
	t.Helper()
	var lines []string
	for _, e := range events {
		fields, err := marshal(e.Fields)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%d +%v %s", e.Term, e.Offset, fields))
	}
	return strings.Join(lines, "\n")
}

// Documents hold what the query asks for and nothing else.
func TestDocumentsAreMinimal(t *testing.T) {
	for _, c := range []struct{ query, want string }{
		{`process where true`, `{"event.category":"process"}`},
		{`any where process.name == "nc"`, `{"process.name":"nc"}`},
		{`any where process.name != "nc" and not process.args : "*x*"`, `{}`},
		{`any where process.name == "nc" or process.pid == 4`, `{"process.name":"nc"}`},
		{`any where not (process.name != "nc" or process.pid != 4)`, `{"process.name":"nc","process.pid":4}`},
		{`any where not (a == "x" and b == "y") and a == "x"`, `{"a":"x"}`},
		{`any where a in ("x", "y") and not a == "x"`, `{"a":"y"}`},
		{`any where process.name : ("a*", "b*") and process.name : ("*c", "*d")`, `{"process.name":"axc"}`},
		{`any where process.command_line : "*curl*" and process.command_line : "*http*" and not process.command_line : "curl*"`, `{"process.command_line":"xcurl httpx"}`},
		{`any where process.args == "-l" and process.args == "-p"`, `{"process.args":["-l","-p"]}`},
		{`any where file.name == "a" and file.name == "b"`, `{"file.name":["a","b"]}`},
		{`any where process.pid > 4 and process.pid < 6`, `{"process.pid":5}`},
		{`any where process.pid >= 4 and process.pid != 4`, `{"process.pid":5}`},
		{`any where x > 1.5 and x < 1.75`, `{"x":[2.5,0.75]}`},
		{`any where process.interactive`, `{"process.interactive":true}`},
		{`any where process.interactive == false`, `{"process.interactive":false}`},
		{`any where destination.ip != null and not cidrMatch(destination.ip, "203.0.113.0/24", "1.0.0.0/8")`, `{"destination.ip":"9.9.9.9"}`},
		{`any where cidrMatch(destination.ip, "10.0.0.0/8") and destination.ip != "10.0.0.1"`, `{"destination.ip":"10.0.0.0"}`},
		{`any where destination.ip == "192.168.0.0/16"`, `{"destination.ip":"192.168.0.1"}`},
		{`any where process.start > "2026-01-01"`, `{"process.start":"2026-01-02T00:59:59.999Z"}`},
		{`any where length(process.command_line) > 5 and process.command_line like "ab*"`, `{"process.command_line":"abxxxx"}`},
		{`any where length(process.name) == 3`, `{"process.name":"xxx"}`},
		{`any where process.name regex "python[23](\\.[0-9]+)?"`, `{"process.name":"python2"}`},
		{`any where process.args regex "[24][0-9]{3}" and not process.args : "2111"`, `{"process.args":"2000"}`},
		{`any where substring(file.name, 2, 5) == "abc"`, `{"file.name":"xxabcx"}`},
		{`any where substring(file.name, -3) == "abc"`, `{"file.name":"abc"}`},
		{`any where between(file.name, "<", ">") == "q"`, `{"file.name":"<q>"}`},
		{`any where indexOf(file.name, "q") == 3`, `{"file.name":"xxxqx"}`},
		{`any where concat(user.name, "@", host.name) == "a@b"`, `{"host.name":"b","user.name":"a"}`},
		{`any where startsWith("/usr/bin/x", file.path) and file.path != ""`, `{"file.path":"/usr/bin/x"}`},
		{`any where startsWith(process.executable, process.command_line) and process.executable == "/bin/sh"`, `{"process.command_line":"/bin/sh","process.executable":"/bin/sh"}`},
		{`any where string(process.pid) : "12*"`, `{"process.pid":12}`},
		{`any where number(note) == 7`, `{"note":"7"}`},
		{`any where process.pid % 7 == 3 and process.pid > 100`, `{"process.pid":101}`},
		{`any where process.pid * 2 + 1 == 9`, `{"process.pid":4}`},
		{`any where add(process.pid, process.parent.pid) == 9`, `{"process.parent.pid":1,"process.pid":8}`},
		{`any where concat(a, b) == null`, `{}`},
		{`any where concat(a, "x") != null`, `{"a":"x"}`},
	} {
		events, err := Solve(checked(t, c.query))
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
			continue
		}
		if got := strings.TrimPrefix(shown(t, events), "0 +0s "); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.query, got, c.want)
		}
	}
}

func TestStagesAreJoinedAndInTime(t *testing.T) {
	for _, c := range []struct{ query, want string }{
		{
			`sequence by host.id, process.entity_id with maxspan=1s
				[process where process.name : "nc*"] [network where process.name : "*cat"]`,
			`0 +0s {"event.category":"process","host.id":"id-1","process.entity_id":"entity_id-1","process.name":"ncx"}
			 1 +300ms {"event.category":"network","host.id":"id-1","process.entity_id":"entity_id-1","process.name":"cat"}`,
		},
		{
			`sequence [any where a == 1] by process.name [any where b == 1 and process.parent.name : ("*sh", "x")] by process.parent.name`,
			`0 +0s {"a":1,"process.name":"sh"}
			 1 +1s {"b":1,"process.parent.name":"sh"}`,
		},
		{
			`sequence by ?k [any where a == 1] [any where b == 1]`,
			`0 +0s {"a":1}
			 1 +1s {"b":1}`,
		},
		{
			`sequence by ?k [any where a == 1 and k > 5] [any where b == 1 and k < 7]`,
			`0 +0s {"a":1,"k":6}
			 1 +1s {"b":1,"k":6}`,
		},
		{
			`sequence with maxspan=2ms [any where a == 1] with runs=3`,
			`0 +0s {"a":1}
			 0 +500µs {"a":1}
			 0 +1ms {"a":1}`,
		},
		{
			`sequence with maxspan=10s [any where a == 1] ![any where c == 1] [any where b == 1]`,
			`0 +0s {"a":1}
			 2 +2s {"b":1}`,
		},
		{
			`sequence [any where a == 1 or c == 1] [any where b == 1] until [any where a == 1]`,
			`0 +0s {"c":1}
			 1 +1s {"b":1}`,
		},
		{
			`sample by host.id [any where a == 1] [any where b == 1]`,
			`0 +0s {"a":1,"host.id":"id-1"}
			 1 +1s {"b":1,"host.id":"id-1"}`,
		},
	} {
		events, err := Solve(checked(t, c.query))
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
			continue
		}
		if got, want := shown(t, events), strings.ReplaceAll(c.want, "\t", ""); strings.ReplaceAll(got, "\n", "\n ") != want {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.query, got, want)
		}
	}
}

func TestQueriesThatNothingSatisfiesHaveNoEvents(t *testing.T) {
	for _, query := range []string{
		`any where false`,
		`any where a == null and a != null`,
		`any where not (a == "x") and a == "x"`,
		`any where process.name like "a*" and not process.name like "*"`,
		`any where length(a) < 0`,
		`any where process.pid : "x" and cidrMatch(process.pid, "10.0.0.0/8")`,
		`sequence by k [any where k == 1] [any where k == 2]`,
		`sequence by k [any where true] [any where k == null]`,
		`any where a == 1 | head 0`,
	} {
		q, err := eql.Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		c, _, err := eql.Check(q, eql.CheckOptions{})
		if err != nil {
			continue // such a query is refused before it comes here
		}
		if events, err := Solve(c); !errors.Is(err, ErrNoEvents) {
			t.Errorf("%s: events %s, error %v", query, shown(t, events), err)
		}
	}
}

func TestTheSameQueryGivesTheSameEvents(t *testing.T) {
	query := `sequence by host.id [process where process.args : ("a*", "b") and process.name != null or file.path : "/x/*"] [network where destination.port > 1024 and cidrMatch(source.ip, "::1")]`
	events, err := Solve(checked(t, query))
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := Solve(checked(t, query))
		if err != nil {
			t.Fatal(err)
		}
		if shown(t, again) != shown(t, events) {
			t.Fatalf("first\n%s\nthen\n%s", shown(t, events), shown(t, again))
		}
		first, then := slices.Collect(Break(checked(t, query), events)), slices.Collect(Break(checked(t, query), again))
		for i := range first {
			if shown(t, first[i].Events) != shown(t, then[i].Events) {
				t.Fatalf("first\n%s\nthen\n%s", shown(t, first[i].Events), shown(t, then[i].Events))
			}
		}
	}
}

// A search that would take for ever ends: here each of forty choices could be
// another one, and none would help.
func TestSearchIsBounded(t *testing.T) {
	query := `any where length(concat(p, q)) < 0`
	for i := range 40 {
		query += fmt.Sprintf(` and (a%d == "x" or b%d == "x")`, i, i)
	}
	if _, err := Solve(checked(t, query)); !errors.Is(err, ErrNoEvents) {
		t.Errorf("got %v", err)
	}
}
