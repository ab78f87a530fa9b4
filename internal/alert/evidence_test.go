package alert

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
)

// scene decodes documents and has a tree see them all.
func scene(t *testing.T, raws ...string) (*proctree.Tree, []*event.Document) {
	t.Helper()
	tree, list := proctree.New(), docs(t, raws...)
	for _, d := range list {
		tree.See(d)
	}
	return tree, list
}

// A shell does other things after it connects than a harmless call does: the
// alert tells what the matched process and its children did next.
func TestEvidenceOfAReverseShell(t *testing.T) {
	tree, list := scene(t,
		`{"@timestamp": 1000, "event.action": "exec", "process": {"entity_id": "p", "pid": 30, "name": "python3.11", "parent": {"entity_id": "b", "name": "bash", "pid": 20}, "Ext": {"ancestry": ["b", "s"]}}}`,
		`{"@timestamp": 1020, "event.action": "connection_attempted", "process": {"entity_id": "p", "pid": 30, "name": "python3.11"}, "destination": {"ip": "203.0.113.9", "port": 4444}}`,
		`{"@timestamp": 1030, "event.action": ["fork", "exec"], "process": {"entity_id": "c", "pid": 31, "name": "dash", "args": ["/bin/sh", "-i"], "parent": {"entity_id": "p", "name": "python3.11"}}}`,
		`{"@timestamp": 1041.5, "event.action": "exec", "process": {"entity_id": "d", "pid": 32, "name": "id", "command_line": "id -u", "parent": {"entity_id": "c"}}}`,
		`{"@timestamp": 1050, "event.action": "end", "process": {"entity_id": "d", "pid": 32, "name": "id", "exit_code": 0}}`,
		`{"@timestamp": 1060, "event.action": "creation", "process": {"entity_id": "c", "name": "dash"}, "file.path": "/tmp/x"}`,
		`{"@timestamp": 1070, "event.type": "start", "process": {"entity_id": "c", "name": "dash"}, "destination": {"ip": "fd66::1", "port": 5}}`,
		`{"@timestamp": 1080, "event.action": "exec", "process": {"entity_id": "z", "name": "unrelated"}}`,
		`{"@timestamp": 900, "event.action": "exec", "process": {"entity_id": "c", "name": "before"}}`,
	)
	m := group(list[0], list[1])
	a := New(testRule(), m, now)
	a.Attach(m, Evidence{Clauses: [][]string{{`process.name : "python*"`}, {"x", "y"}}, Processes: tree})

	shell := asJSON(t, a.Documents()[0])
	want(t, shell, map[string]string{
		"tripline.schema_version": `"1.1"`,
		"tripline.lineage":        `[{"entity_id": "b", "name": "bash", "pid": 20}]`,
		"tripline.after": `[
		  {"after_ms": 10, "event_id": "doc-C", "action": "fork+exec", "process": {"entity_id": "c", "name": "dash", "pid": 31}, "detail": "/bin/sh -i"},
		  {"after_ms": 21.5, "event_id": "doc-D", "action": "exec", "process": {"entity_id": "d", "name": "id", "pid": 32}, "detail": "id -u"},
		  {"after_ms": 30, "event_id": "doc-E", "action": "end", "process": {"entity_id": "d", "name": "id", "pid": 32}, "detail": "exit code 0"},
		  {"after_ms": 40, "event_id": "doc-F", "action": "creation", "process": {"entity_id": "c", "name": "dash"}, "detail": "/tmp/x"},
		  {"after_ms": 50, "event_id": "doc-G", "action": "start", "process": {"entity_id": "c", "name": "dash"}, "detail": "[fd66::1]:5"}]`,
		"tripline.after_more": "",
	})
	var events []Matched
	raw, _ := json.Marshal(a.Documents()[0]["tripline.events"])
	if err := json.Unmarshal(raw, &events); err != nil || len(events) != 2 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	if e := events[1]; e.Stage != 2 || e.ID != "doc-B" || e.Index != "logs" || strings.Join(e.Clauses, ",") != "x,y" {
		t.Errorf("second event %+v", e)
	}
	for _, b := range a.Documents()[1:] {
		want(t, asJSON(t, b), map[string]string{"tripline.schema_version": `"1.1"`, "tripline.after": "", "tripline.events": ""})
	}
}

// The order of the terms, and the places of missing ones, are those of the query.
func TestMatchedEventsKeepTheirStages(t *testing.T) {
	_, list := scene(t, `{"@timestamp": 1}`, `{"@timestamp": 2}`)
	m := group(list[0], nil, list[1])
	a := New(testRule(), m, now)
	a.Attach(m, Evidence{})
	if len(a.Matched) != 2 || a.Matched[0].Stage != 1 || a.Matched[1].Stage != 3 || a.Matched[1].Clauses != nil {
		t.Errorf("%+v", a.Matched)
	}
	if a.Lineage != nil || a.After != nil {
		t.Errorf("evidence out of nothing: %+v", a)
	}
}

// The bytes of an event are carried as they came.
func TestMatchedEventsAreWhole(t *testing.T) {
	raw := `{"@timestamp": 1,  "n": 12345678901234567890, "dup": 1, "dup": 2}`
	_, list := scene(t, raw)
	m := single(list[0])
	a := New(testRule(), m, now)
	a.Attach(m, Evidence{})
	if got := string(a.Matched[0].Source); got != raw {
		t.Errorf("%s", got)
	}
}

// However much follows, an alert stays of a size: the rest is counted.
func TestDeedsAreBounded(t *testing.T) {
	raws := []string{`{"@timestamp": 1, "process.entity_id": "p"}`}
	for range mostDeeds + 7 {
		raws = append(raws, `{"@timestamp": 2, "event.action": "creation", "process.entity_id": "p"}`)
	}
	tree, list := scene(t, raws...)
	m := single(list[0])
	a := New(testRule(), m, now)
	a.Attach(m, Evidence{Processes: tree})
	if len(a.After) != mostDeeds || a.AfterMore != 7 {
		t.Errorf("%d deeds and %d more", len(a.After), a.AfterMore)
	}
	want(t, asJSON(t, a.Documents()[0]), map[string]string{"tripline.after_more": "7"})
}

// Without a time there is no afterwards.
func TestNoDeedsWithoutTime(t *testing.T) {
	tree, list := scene(t, `{"process.entity_id": "p"}`, `{"@timestamp": 2, "process.entity_id": "p"}`)
	m := single(list[0])
	a := New(testRule(), m, now)
	a.Attach(m, Evidence{Processes: tree})
	if len(a.After) != 0 {
		t.Errorf("%+v", a.After)
	}
}
