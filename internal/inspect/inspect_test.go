package inspect

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

func decode(t *testing.T, text string, arrival int) *event.Document {
	t.Helper()
	doc, err := event.Decode([]byte(text), event.Identity{}, uint64(arrival)) //nolint:gosec // small
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func checked(t *testing.T, query string) *eql.Query {
	t.Helper()
	q, err := eql.Parse(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	c, _, err := eql.Check(q, eql.CheckOptions{})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return c
}

func everywhere(string) bool { return true }

var documents = []string{
	`{"event":{"category":"process","type":["start"],"action":"exec"},"host":{"id":"h","os":{"type":"linux"}},"process":{"name":"sh","pid":7,"entity_id":"p"}}`,
	`{"event":{"category":"process","type":["end"],"action":"end"},"host":{"id":"h","os":{"type":"linux"}},"process":{"name":"sh","exit_code":0}}`,
	`{"event":{"category":["network","session"],"type":"start"},"host":{"id":"h"},"destination":{"ip":"10.0.0.1"}}`,
	`{"event":{"category":"file"},"data_stream":{"type":"logs","dataset":"fim","namespace":"x"},"file":{"path":"/a"}}`,
	`{"message":"x"}`,
}

// Each query, and why it cannot match the documents above; "" where it may.
var cases = map[string]string{
	`process where true`:                                           "",
	`any where true`:                                               "",
	`registry where true`:                                          "no registry events",
	`session where destination.ip != null`:                         "",
	`Process where true`:                                           "no Process events", // Elasticsearch: the category is exact
	`process where false`:                                          "the condition is never true",
	`process where process.args : "x"`:                             "process.args absent",
	`process where not process.args : "x"`:                         "",
	`process where process.args != "x"`:                            "",
	`process where process.args == null`:                           "",
	`process where process.args != null`:                           "process.args absent",
	`process where destination.ip == "10.0.0.1"`:                   "destination.ip absent", // it is in network events
	`any where destination.ip == "10.0.0.1"`:                       "",
	`process where process.name == "nc"`:                           "", // values of this field are not kept
	`process where process.args : "x" or process.name == "nc"`:     "",
	`process where process.args : "x" or user.id == "1"`:           "process.args absent; user.id absent",
	`process where process.pid > 5 and user.id == "1"`:             "user.id absent",
	`process where not (process.args == null or user.id == "")`:    "process.args absent",
	`process where length(process.args) > 3`:                       "process.args absent",
	`process where startsWith(process.args, process.command_line)`: "process.args, process.command_line absent",
	`process where startsWith(process.args, process.name)`:         "", // said only where all fields are absent
	`process where process.pid + process.uptime > 5`:               "",
	`process where event.action == "fork"`:                         `no value for event.action == "fork"`,
	`process where event.action in ("fork", "exec")`:               "",
	`process where event.action : "EX*"`:                           "",
	`process where event.action == "EXEC"`:                         `no value for event.action == "EXEC"`,
	`process where event.type == "start" and event.type == "end"`:  "", // true of no document, but each of some
	`process where event.type != "start"`:                          "",
	`process where not event.type == "change"`:                     "",
	`process where host.os.type == "windows"`:                      `no value for host.os.type == "windows"`,
	`network where host.os.type == "linux"`:                        "host.os.type absent",
	`network where event.action == "x" and user.id == "1"`:         "event.action absent",
	`process where event.action == "fork" and user.id == "1"`:      "user.id absent", // says more than the value

	`sequence by host.id [process where true] [network where true]`:                          "",
	`sequence by host.id [process where true] [file where true]`:                             "2: host.id absent",
	`sequence by ?host.id [process where true] [file where true]`:                            "",
	`sequence [process where true] by user.id [file where true] by host.id`:                  "1: user.id absent",
	`sequence with maxspan=1m [process where true] ![registry where true] [file where true]`: "",
	`sequence [process where true] [file where true] until [registry where true]`:            "",
	`sample by host.id [process where true] [registry where true]`:                           "2: no registry events",
}

func blockedBy(t *testing.T, query string, texts []string) string {
	t.Helper()
	i := New([]*Rule{NewRule("rule", checked(t, query), "", everywhere)}, Options{RulesOnly: true})
	for n, text := range texts {
		i.Take(decode(t, text, n+1))
	}
	all := i.Blocked()
	switch {
	case len(all) == 0:
		return ""
	case strings.HasPrefix(query, "s") && !strings.HasPrefix(query, "session"): // of several terms
		return fmt.Sprintf("%d: %s", all[0].Stage, all[0].Reason.Text)
	}
	return all[0].Reason.Text
}

func TestRulesThatCannotMatch(t *testing.T) {
	for query, want := range cases {
		if got := blockedBy(t, query, documents); got != want {
			t.Errorf("%s\n got %q\nwant %q", query, got, want)
		}
	}
}

// A rule that is said not to match does not: nothing in any mixture of the
// documents is found by it.
func TestWhatCannotMatchDoesNot(t *testing.T) {
	for query := range cases {
		p, err := reference.Compile(checked(t, query), reference.Options{Size: -1, Tolerant: true})
		if err != nil {
			t.Fatal(err)
		}
		for mixture := 1; mixture < 1<<len(documents); mixture++ {
			var texts []string
			var docs []*event.Document
			for n, text := range documents {
				if mixture&(1<<n) != 0 {
					text = `{"@timestamp":` + fmt.Sprint(n) + `,` + text[1:]
					texts = append(texts, text)
					docs = append(docs, decode(t, text, n+1))
				}
			}
			why := blockedBy(t, query, texts)
			result, err := p.Run(docs)
			if err != nil {
				t.Fatal(err)
			}
			if found := len(result.Events) + len(result.Sequences); why != "" && found > 0 {
				t.Errorf("%s\nis said not to match (%s), and matches %d times in\n%s", query, why, found, strings.Join(texts, "\n"))
			}
		}
	}
}

func TestIndexPatternsDecideWhatARuleSees(t *testing.T) {
	fim := func(index string) bool { return index == "logs-fim-x" }
	none := func(string) bool { return false }
	rules := []*Rule{
		NewRule("fim", checked(t, `file where file.path != null`), "", fim),
		NewRule("elsewhere", checked(t, `process where true`), "", fim),
		NewRule("none", checked(t, `process where true`), "", none),
		NewRule("other category field", checked(t, `exec where true`), "event.action", everywhere),
		NewRule("other category field, not there", checked(t, `process where true`), "event.action", everywhere),
	}
	i := New(rules, Options{RulesOnly: true})
	for n, text := range documents {
		i.Take(decode(t, text, n+1))
	}
	want := map[string]Cause{"elsewhere": NoCategory, "none": NoIndex, "other category field, not there": NoCategory}
	for _, b := range i.Blocked() {
		if want[b.Name] != b.Reason.Cause {
			t.Errorf("%s: %+v", b.Name, b.Reason)
		}
		delete(want, b.Name)
	}
	if len(want) > 0 {
		t.Errorf("not told: %v", want)
	}
}

// Memory is bounded, and where it was not enough nothing is claimed.
func TestBounds(t *testing.T) {
	rules := []*Rule{
		NewRule("value", checked(t, `process where event.action == "fork"`), "", everywhere),
		NewRule("category", checked(t, `registry where true`), "", everywhere),
	}
	i := New(rules, Options{})
	take := func(n int, format string, args ...any) { i.Take(decode(t, fmt.Sprintf(format, args...), n+1)) }
	take(0, `{"event":{"category":"process","action":"exec"}}`)
	if n := len(i.Blocked()); n != 2 {
		t.Fatalf("%d rules are blocked at first, want 2", n)
	}
	for n := range mostValues + 1 {
		take(n, `{"event":{"category":"process","action":"a%d"}}`, n)
	}
	if b := i.Blocked(); len(b) != 1 || b[0].Name != "category" {
		t.Errorf("with too many values: %+v", b)
	}
	for n := range mostGroups + 1 {
		take(n, `{"event":{"category":"c%d"},"field%d":{"x":1},"host":{"name":"h%d"}}`, n, n, n)
	}
	if b := i.Blocked(); len(b) != 0 {
		t.Errorf("with too many categories: %+v", b)
	}
	r := i.Report()
	if !r.Unlisted {
		t.Error("the report does not tell that names are missing")
	}
	if len(r.Hosts) > mostNames || len(r.Categories) > mostNames || len(i.groups) > mostGroups {
		t.Errorf("%d hosts, %d categories, %d groups", len(r.Hosts), len(r.Categories), len(i.groups))
	}
}

func TestReport(t *testing.T) {
	i := New(nil, Options{})
	for n, text := range []string{
		`{"@timestamp":"2026-01-01T00:00:05Z","agent":{"type":"endpoint","version":"9.1.0"},"event":{"category":["process","file"],"action":["fork","exec"]},"a":[1,2]}`,
		`{"@timestamp":"2026-01-01T00:00:01Z","agent":{"type":"endpoint"},"event":{"category":"process"}}`,
		`{"a":null,"b":1}`,
	} {
		i.Take(decode(t, text, n+1))
	}
	r := i.Report()
	if r.Documents != 3 || r.NoTimestamp != 1 || r.First != "2026-01-01T00:00:01.000Z" || r.Last != "2026-01-01T00:00:05.000Z" {
		t.Errorf("%+v", r)
	}
	if got, want := fmt.Sprint(r.Sources), "[{endpoint 1} {endpoint 9.1.0 1} { 1}]"; got != want {
		t.Errorf("sources %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(r.Categories), "[{{process 2} [{fork+exec 1} { 1}]} {{file 1} [{fork+exec 1}]} {{ 1} [{ 1}]}]"; got != want {
		t.Errorf("categories %s, want %s", got, want)
	}
	share := map[string]string{}
	for _, f := range r.Fields {
		share[f.Name] = fmt.Sprintf("%d %.2f", f.Count, f.Share)
	}
	for name, want := range map[string]string{"a": "1 0.33", "@timestamp": "2 0.67", "event.category": "2 0.67"} {
		if share[name] != want {
			t.Errorf("%s: %q, want %q", name, share[name], want)
		}
	}
}

func TestSummary(t *testing.T) {
	if s := Summary(nil, 5); s != "" {
		t.Errorf("%q", s)
	}
	var all []Blocked
	for _, text := range strings.Fields("a b b c c c d e f") {
		all = append(all, Blocked{Reason: Reason{Text: text}})
	}
	if got, want := Summary(all, 350), "9 of 350 rules cannot match here: c (3), b (2), a (1), d (1), other reasons (2)"; got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
