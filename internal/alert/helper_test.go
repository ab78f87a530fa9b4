package alert

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/rule"
)

// The identities of Kibana's alert ids as they were worked out by hand.
const (
	processIndex = ".ds-logs-endpoint.events.process-default-2025.01.01-000001"
	networkIndex = ".ds-logs-endpoint.events.network-default-2025.01.01-000001"
	ruleUUID     = "11111111-2222-3333-4444-555555555555"
)

var now = time.Date(2026, 2, 3, 10, 30, 0, 250_000_000, time.FixedZone("", 3600))

// testRule is a rule with nothing optional set.
func testRule() *rule.Rule {
	return &rule.Rule{
		ID: ruleUUID, RuleID: "the-rule", Name: "My rule", Type: "eql", Language: "eql",
		Query: "any where true", Severity: rule.High, RiskScore: 73,
		Index: []string{"logs-*"}, Interval: "5m", From: "now-9m", To: "now", MaxSignals: 100, Version: 3,
	}
}

func decode(t *testing.T, raw string, given event.Identity) *event.Document {
	t.Helper()
	doc, err := event.Decode([]byte(raw), given, 0)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// docs decodes documents whose ids are doc-A, doc-B and so on.
func docs(t *testing.T, raws ...string) []*event.Document {
	t.Helper()
	var list []*event.Document
	for i, raw := range raws {
		list = append(list, decode(t, raw, event.Identity{Index: "logs", ID: "doc-" + string(rune('A'+i))}))
	}
	return list
}

func single(doc *event.Document) Match { return Match{Events: []*event.Document{doc}} }

func group(list ...*event.Document) Match { return Match{Group: true, Events: list} }

// trace reads the events of a recorded reverse shell that the built-in rule matches.
func trace(t *testing.T) []*event.Document {
	t.Helper()
	data, err := os.ReadFile("testdata/py-subprocess-call.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	var list []*event.Document
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		list = append(list, decode(t, lines.Text(), event.Identity{}))
	}
	return list
}

// asJSON returns a document as a reader of its JSON sees it.
func asJSON(t *testing.T, doc Document) map[string]any {
	t.Helper()
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return object(t, string(data))
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var o map[string]any
	if err := decoder.Decode(&o); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return o
}

// want compares fields of a document with the JSON given for each; "" stands
// for a field that must not be there.
func want(t *testing.T, doc map[string]any, fields map[string]string) {
	t.Helper()
	for path, text := range fields {
		got, there := doc[path]
		switch {
		case text == "" && there:
			t.Errorf("%s = %v, want no such field", path, got)
		case text != "" && !there:
			t.Errorf("%s is not there, want %s", path, text)
		case text != "" && !reflect.DeepEqual(got, object(t, `{"v":`+text+`}`)["v"]):
			t.Errorf("%s = %v, want %s", path, got, text)
		}
	}
}
