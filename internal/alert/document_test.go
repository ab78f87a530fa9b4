package alert

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/tripline-sec/tripline/internal/rule"
)

func TestEventDocument(t *testing.T) {
	r := testRule()
	r.Tags, r.License, r.BuildingBlockType = []string{"Linux"}, "Apache-2.0", "default"
	doc := docs(t, `{
		"@timestamp": "2026-02-03T09:00:00.123456789Z",
		"event": {"kind": "event", "action": "exec", "type": ["start"], "deep": {"er": 1}},
		"event.category": "process",
		"data_stream": {"type": "logs"},
		"process": {"name": "bash", "id": 18446744073709551615},
		"kibana": {"alert": {"uuid": "x"}}, "kibana.alert.group.index": 7,
		"signal": {"a": 1}, "signal.b": 2, "threshold_result": 3, "signals": "stay"
	}`)[0]
	got := asJSON(t, New(r, single(doc), now).Documents()[0])

	want(t, got, map[string]string{
		"@timestamp": `"2026-02-03T09:30:00.250Z"`, // the alert's, in UTC
		"event":      `{"action": "exec", "type": ["start"], "deep": {"er": 1}}`,
		"event.kind": `"signal"`,
		"process":    `{"name": "bash", "id": 18446744073709551615}`,
		"signals":    `"stay"`,

		"kibana": "", "signal": "", "signal.b": "", "threshold_result": "",
		"kibana.alert.group.index": "", "kibana.alert.group.id": "",

		"kibana.alert.uuid":                       `"` + New(r, single(doc), now).ID + `"`,
		"kibana.alert.original_time":              `"2026-02-03T09:00:00.123456789Z"`,
		"kibana.alert.original_event.kind":        `"event"`,
		"kibana.alert.original_event.action":      `"exec"`,
		"kibana.alert.original_event.type":        `["start"]`,
		"kibana.alert.original_event.category":    `"process"`,
		"kibana.alert.original_event.deep.er":     `1`,
		"kibana.alert.original_data_stream.type":  `"logs"`,
		"kibana.alert.ancestors":                  `[{"id": "doc-A", "type": "event", "index": "logs", "depth": 0}]`,
		"kibana.alert.depth":                      `1`,
		"kibana.alert.building_block_type":        `"default"`,
		"kibana.alert.severity":                   `"high"`,
		"kibana.alert.risk_score":                 `73`,
		"kibana.alert.reason":                     `"process event with process bash, created high alert My rule."`,
		"kibana.alert.status":                     `"active"`,
		"kibana.alert.workflow_status":            `"open"`,
		"kibana.alert.workflow_tags":              `[]`,
		"kibana.alert.workflow_assignee_ids":      `[]`,
		"kibana.alert.start":                      `"2026-02-03T09:30:00.250Z"`,
		"kibana.alert.rule.uuid":                  `"` + ruleUUID + `"`,
		"kibana.alert.rule.rule_id":               `"the-rule"`,
		"kibana.alert.rule.name":                  `"My rule"`,
		"kibana.alert.rule.version":               `3`,
		"kibana.alert.rule.type":                  `"eql"`,
		"kibana.alert.rule.category":              `"Event Correlation Rule"`,
		"kibana.alert.rule.rule_type_id":          `"siem.eqlRule"`,
		"kibana.alert.rule.indices":               `["logs-*"]`,
		"kibana.alert.rule.tags":                  `["Linux"]`,
		"kibana.alert.rule.references":            `[]`,
		"kibana.alert.rule.threat":                `[]`,
		"kibana.alert.rule.license":               `"Apache-2.0"`,
		"kibana.alert.rule.note":                  "",
		"kibana.alert.rule.from":                  `"now-9m"`,
		"kibana.alert.rule.max_signals":           `100`,
		"kibana.alert.rule.building_block_type":   `"default"`,
		"kibana.alert.rule.parameters.risk_score": "",
		"kibana.alert.rule.execution.uuid":        "",
	})
	parameters, ok := got["kibana.alert.rule.parameters"].(map[string]any)
	if !ok || parameters["query"] != "any where true" || parameters["risk_score"] != json.Number("73") {
		t.Errorf("rule.parameters = %v", got["kibana.alert.rule.parameters"])
	}
}

func TestBuildingBlockTypeIsAbsentByDefault(t *testing.T) {
	list := docs(t, `{}`, `{}`)
	for _, m := range []Match{single(list[0]), group(list...)} {
		want(t, asJSON(t, New(testRule(), m, now).Documents()[0]), map[string]string{
			"kibana.alert.building_block_type":      "",
			"kibana.alert.rule.building_block_type": "",
		})
	}
}

func TestGroupOfTheRecordedReverseShell(t *testing.T) {
	seed, err := rule.Seed()
	if err != nil {
		t.Fatal(err)
	}
	events := trace(t)
	a := New(seed, group(events...), now)
	shell := asJSON(t, a.Documents()[0])
	want(t, shell, map[string]string{
		"event.kind":                             `"signal"`,
		"event":                                  `{"category": [], "module": "endpoint", "ingested": "2026-02-03T09:00:02Z", "outcome": "unknown", "type": ["start"]}`,
		"message":                                "",
		"source":                                 "",
		"kibana.alert.uuid":                      `"` + a.ID + `"`,
		"kibana.alert.group.id":                  `"` + a.ID + `"`,
		"kibana.alert.group.index":               "",
		"kibana.alert.building_block_type":       "",
		"kibana.alert.depth":                     `2`,
		"kibana.alert.original_time":             `"2026-02-03T09:00:00.005908578Z"`,
		"kibana.alert.original_event.module":     `"endpoint"`,
		"kibana.alert.original_event.action":     "",
		"kibana.alert.original_event.kind":       `"event"`,
		"kibana.alert.original_data_stream.type": `"logs"`,
		"kibana.alert.severity":                  `"medium"`,
		"kibana.alert.risk_score":                `47`,
		"kibana.alert.reason":                    `"event with process python3.11, by root on lab-web-01 created medium alert Potential Reverse Shell via Suspicious Child Process."`,
	})
	if got := find(shell, "host.name"); got != "lab-web-01" {
		t.Errorf("host.name = %v", got)
	}

	blocks := a.Documents()[1:]
	if len(blocks) != 2 {
		t.Fatalf("%d blocks", len(blocks))
	}
	var ancestors []Ancestor
	for i, reason := range []string{
		"process event with process python3.11, parent process bash, by root on lab-web-01 created medium alert Potential Reverse Shell via Suspicious Child Process.",
		"network event with process python3.11, source 10.66.0.2:55034, destination 10.66.0.1:4444, by root on lab-web-01 created medium alert Potential Reverse Shell via Suspicious Child Process.",
	} {
		id, _ := blocks[i]["kibana.alert.uuid"].(string)
		self := Ancestor{ID: events[i].ID, Type: "event", Index: events[i].Index}
		ancestors = append(ancestors, self, Ancestor{ID: id, Type: "signal", Depth: 1, Rule: seed.UUID()})
		block := asJSON(t, blocks[i])
		want(t, block, map[string]string{
			"kibana.alert.building_block_type": `"default"`,
			"kibana.alert.group.id":            `"` + a.ID + `"`,
			"kibana.alert.group.index":         []string{"0", "1"}[i],
			"kibana.alert.depth":               `1`,
			"kibana.alert.reason":              `"` + reason + `"`,
			"kibana.alert.original_time":       []string{`"2026-02-03T09:00:00.005908578Z"`, `"2026-02-03T09:00:00.027909295Z"`}[i],
			"kibana.alert.rule.name":           `"Potential Reverse Shell via Suspicious Child Process"`,
		})
		if got := blocks[i]["kibana.alert.ancestors"]; !reflect.DeepEqual(got, []Ancestor{self}) {
			t.Errorf("block %d: ancestors %v", i, got)
		}
	}
	if got := a.Documents()[0]["kibana.alert.ancestors"]; !reflect.DeepEqual(got, ancestors) {
		t.Errorf("ancestors of the shell:\n%v, want\n%v", got, ancestors)
	}
}

// A rule with missing events may have a single positive term; its matches are groups all the same.
func TestGroupOfOne(t *testing.T) {
	a := New(testRule(), group(nil, docs(t, `{"host":{"name":"h"},"list":[{"a":1}]}`)[0]), now)
	want(t, asJSON(t, a.Documents()[0]), map[string]string{
		"host":                     `{"name": "h"}`,
		"list":                     `[{"a": 1}]`,
		"kibana.alert.group.id":    `"` + a.ID + `"`,
		"kibana.alert.group.index": "",
		"kibana.alert.depth":       `2`,
	})
	if blocks := a.Documents()[1:]; len(blocks) != 1 || blocks[0]["kibana.alert.uuid"] == a.ID {
		t.Errorf("blocks: %v", blocks)
	}
}

func TestDocumentsBelongToTheCaller(t *testing.T) {
	a := New(testRule(), group(docs(t, `{"host":{"name":"h"}}`, `{"host":{"name":"h"}}`)...), now)
	first := a.Documents()[0]
	first["host"].(map[string]any)["name"] = "changed"
	first["kibana.alert.uuid"] = "changed"
	want(t, asJSON(t, a.Documents()[0]), map[string]string{"host": `{"name": "h"}`, "kibana.alert.uuid": `"` + a.ID + `"`})
}

// TestReasonOfOutline holds that the reason is that of the whole documents, of which
// it decodes a part.
func TestReasonOfOutline(t *testing.T) {
	first := `{"@timestamp":"2026-01-01T00:00:00Z","event":{"kind":"event","category":"process"},"process.name":"a","host":{"name":"h"}}`
	second := `{"@timestamp":"2026-01-01T00:00:01Z","event.category":"network","process":{"name":"a"},"host":{"name":"h"}}`
	for _, m := range []Match{single(docs(t, first)[0]), group(docs(t, first)...), group(docs(t, first, second)...)} {
		a := New(testRule(), m, now)
		var bodies []map[string]any
		for _, e := range a.Events {
			bodies = append(bodies, body(e))
		}
		if whole := a.reason(common(bodies)); a.Reason != whole {
			t.Errorf("reason %q, of the whole documents %q", a.Reason, whole)
		}
	}
}
