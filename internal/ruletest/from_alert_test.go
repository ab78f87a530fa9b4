package ruletest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/rule"
)

// builtin returns the rule that these tests are about.
func builtin(t *testing.T) *rule.Rule {
	t.Helper()
	rules, err := rule.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if r.RuleID == "70108f57-66d6-421b-ba6a-d1ce98720e5a" {
			return r
		}
	}
	t.Fatal("the built-in rule is not there")
	return nil
}

// alertsOf judges a recording and returns its alerts as scan writes them.
func alertsOf(t *testing.T, r *rule.Rule, path string) string {
	t.Helper()
	docs, err := readEvents(path)
	if err != nil {
		t.Fatal(err)
	}
	ready, problems := Prepare(r)
	if ready == nil {
		t.Fatal(problems)
	}
	result, err := ready.Program.Run(docs)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	for _, m := range alert.Matches(result) {
		one := alert.New(r, m, time.Unix(0, 0))
		one.Attach(m, alert.Evidence{})
		for _, doc := range one.Documents() {
			if err := encoder.Encode(doc); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.String()
}

// testOf writes the tests of a file of alerts.
func testOf(t *testing.T, r *rule.Rule, alerts string) string {
	t.Helper()
	list, err := ReadAlerts("a.ndjson", []byte(alerts))
	if err != nil {
		t.Fatal(err)
	}
	ready, problems := Prepare(r)
	if ready == nil {
		t.Fatal(problems)
	}
	var text string
	for _, one := range list {
		part, err := FromAlert(r.Name, one, ready)
		if err != nil {
			t.Fatal(err)
		}
		text += part
	}
	return text
}

var recordings = []string{
	"../alert/testdata/py-subprocess-call.ndjson", "../cli/demo/perl-socket-exec.ndjson.gz", "../cli/demo/php-fsockopen-exec.ndjson.gz",
	"../cli/demo/ncat-e.ndjson.gz",
}

// An alert turned into a test passes, and fails once the rule is broken in any
// clause of any stage that the alert rests on.
func TestAlertRoundTrip(t *testing.T) {
	r := builtin(t)
	for _, path := range recordings {
		t.Run(path, func(t *testing.T) {
			text := testOf(t, r, alertsOf(t, r, path))
			report := (&Runner{}).Run("x.test", []byte("rule "+r.Path+"\n"+text))
			if !report.Passed() || len(report.Results) != 1 {
				t.Fatalf("the test of an alert does not pass: %v\n%s", failures(report), text)
			}
			for i := range stagesIn(t, r.Query) {
				for name, broken := range breaks(t, r.Query, i) {
					changed := *r
					changed.Query = broken
					runner := &Runner{Prepare: func(*rule.Rule) (*Ready, []*rule.Problem) { return Prepare(&changed) }}
					if report := runner.Run("x.test", []byte("rule "+r.Path+"\n"+text)); report.Passed() || len(report.Results[0].Problems) > 0 {
						t.Errorf("stage %d with %s: the test does not fail: %v", i+1, name, report.Results[0].Problems)
					}
				}
			}
		})
	}
}

func stagesIn(t *testing.T, query string) []*eql.Term {
	t.Helper()
	q, err := eql.Parse(query)
	if err != nil {
		t.Fatal(err)
	}
	return q.Body.(*eql.Sequence).Terms
}

// breaks returns a query with one stage broken, each clause in turn negated, the
// category another, the whole stage gone.
func breaks(t *testing.T, query string, stage int) map[string]string {
	t.Helper()
	out := map[string]string{}
	change := func(name string, do func(*eql.Query, *eql.Term)) {
		q, err := eql.Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		do(q, q.Body.(*eql.Sequence).Terms[stage])
		out[name] = q.String()
	}
	change("another category", func(_ *eql.Query, s *eql.Term) { s.Filter.Category = "registry" })
	change("no event at all", func(_ *eql.Query, s *eql.Term) {
		s.Filter.Condition = &eql.Unary{Op: eql.Not, X: s.Filter.Condition}
	})
	clauses := stagesIn(t, query)[stage].Filter.Condition.(*eql.Logic).Args
	for i, c := range clauses {
		change("clause negated: "+eql.ExprString(c), func(_ *eql.Query, s *eql.Term) {
			args := s.Filter.Condition.(*eql.Logic).Args
			args[i] = &eql.Unary{Op: eql.Not, X: args[i]}
		})
	}
	return out
}

func failures(r *Report) []string {
	var texts []string
	for _, p := range r.Problems {
		texts = append(texts, p.Error())
	}
	for _, one := range r.Results {
		for _, p := range one.Problems {
			texts = append(texts, p.Error())
		}
		for _, f := range one.Failures {
			texts = append(texts, f.Expected+" / "+f.Happened+" / "+strings.Join(f.Reasons, "; "))
		}
	}
	return texts
}

// Only what the rule asks for is in the test.
func TestFromAlertKeepsOnlyFieldsOfTheRule(t *testing.T) {
	r := builtin(t)
	text := testOf(t, r, alertsOf(t, r, recordings[0]))
	for _, want := range []string{"e1: +0s process exec ", " process.args=[python3, -c, ", "process.parent.name=bash", "network connection_attempted", "destination.ip=", "expect alert e1 e2"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	for _, no := range []string{"host.mac", "process.Ext", "event.created", "event.type", "@timestamp", "user.", "event.sequence"} {
		if strings.Contains(text, no) {
			t.Errorf("%q is in\n%s", no, text)
		}
	}
}

// A missing event, null fields and values of every type come back as they were.
func TestFromAlertOfAMissingEvent(t *testing.T) {
	r := &rule.Rule{ID: "11111111-2222-3333-4444-555555555555", Name: "r", Query: `sequence by ?user.id with maxspan=1m
  [any where a == "x y" and b == 1.5 and c == true and d : "tab*"] ![any where f == 1] [any where ` + "`odd name`" + ` == "]"]
  ![any where f == 2] until [any where g == 1]`}
	ready, problems := Prepare(r)
	if ready == nil {
		t.Fatal(problems)
	}
	docs := []string{
		`{"@timestamp":"2026-02-03T09:00:00.123456789Z","a":["x y","q,r"],"b":1.5,"c":true,"d":"tab\t\"q\"","event":{"action":["fork","exec"],"type":"start"}}`,
		`{"@timestamp":"2026-02-03T09:00:01.5Z","odd name":"]","event":{"category":"file","type":["start","end"]}}`,
	}
	var list []alert.Matched
	for i, raw := range docs {
		list = append(list, alert.Matched{Index: "i", ID: "d" + string(rune('1'+i)), Stage: 1 + 2*i, Source: json.RawMessage(raw)})
	}
	text, err := FromAlert("a\nb", Alert{Events: list}, ready)
	if err != nil {
		t.Fatal(err)
	}
	runner := &Runner{}
	report := runner.Run("x.test", []byte("query '''"+r.Query+"'''\n"+text))
	if !report.Passed() || !strings.Contains(text, "expect alert e1 - e2 -\n") || !strings.Contains(text, "test a b\n") || !strings.Contains(text, "+1.376543211s") {
		t.Errorf("%v\n%s", failures(report), text)
	}
}

func TestReadAlertsRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, want, hint string }{
		"an event":          {`{"@timestamp":1,"event":{"category":"process"}}`, "a:1:1: this is an event, not an alert", "tripline scan -o"},
		"no alert at all":   {"\n" + `{"a":1}`, "a:2:1: this is no alert", "tripline scan"},
		"not JSON":          {`{"kibana.alert.uuid":"u","tripline.schema_version":"1.0","tripline.events":[{"stage":1,"_source":{}}]}` + "\nhello", "a:2:1: not JSON", "tripline scan"},
		"no object":         {`[1]`, "a:1:1: an alert is a JSON object", ""},
		"a later version":   {`{"kibana.alert.uuid":"u","tripline.schema_version":"2.3"}`, "a:1:1: the alert is of schema version 2.3, and this Tripline reads 1.x", "judge the events again"},
		"Kibana's":          {`{"kibana.alert.uuid":"u"}`, "no tripline.schema_version", "tripline scan"},
		"nothing":           {``, "a:1:1: the file holds no alert", ""},
		"without events":    {`{"kibana.alert.uuid":"u","tripline.schema_version":"1.0"}`, "tripline.events does not hold", ""},
		"a cut line":        {`{"kibana.alert.uuid":"u","tripline`, "not JSON", ""},
		"events of no kind": {`{"kibana.alert.uuid":"u","tripline.schema_version":"1.0","tripline.events":7}`, "tripline.events does not hold", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadAlerts("a", []byte(c.text))
			problems, ok := err.(Problems) //nolint:errorlint // that is what it is documented to be
			if !ok || !strings.Contains(err.Error(), c.want) || !strings.Contains(problems[0].Hint, c.hint) {
				t.Errorf("%v, want %s, hint %s", err, c.want, c.hint)
			}
		})
	}
}
