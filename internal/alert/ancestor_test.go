package alert

import (
	"reflect"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

// An alert of one rule may be an event of another.
const alertSource = `{
	"kibana.alert.rule.uuid": "other-rule",
	"kibana.alert.depth": 2,
	"kibana": {"alert": {"ancestors": [
		{"id": "raw", "type": "event", "index": "logs", "depth": 0},
		{"id": "block", "type": "signal", "index": "", "depth": 1, "rule": "first-rule"},
		"no object"
	]}},
	"kibana.alert.group.index": 4,
	"event": {"kind": "signal"}
}`

func TestAlertOverAnAlert(t *testing.T) {
	doc := decode(t, alertSource, event.Identity{Index: ".alerts", ID: "alert"})
	a := New(testRule(), single(doc), now)
	got := a.Documents()[0]
	wantAncestors := []Ancestor{
		{ID: "raw", Type: "event", Index: "logs"},
		{ID: "block", Type: "signal", Depth: 1, Rule: "first-rule"},
		{ID: "alert", Type: "signal", Index: ".alerts", Depth: 2, Rule: "other-rule"},
	}
	if !reflect.DeepEqual(got["kibana.alert.ancestors"], wantAncestors) {
		t.Errorf("ancestors %+v", got["kibana.alert.ancestors"])
	}
	want(t, asJSON(t, got), map[string]string{
		"kibana.alert.depth": `3`, "kibana.alert.group.index": "", "kibana.alert.original_event.kind": `"signal"`,
	})
	shell := New(testRule(), group(doc, docs(t, `{}`)[0]), now)
	if d := shell.Documents()[0]["kibana.alert.depth"]; d != 4 {
		t.Errorf("depth of a shell over an alert: %v, want 4", d)
	}
}

func TestDepthOfAnAlertThatDoesNotSay(t *testing.T) {
	for raw, want := range map[string]int{
		`{"kibana.alert.rule.uuid":"r"}`:                               2, // an alert is at least 1 deep
		`{"kibana.alert.rule.uuid":"r","kibana.alert.depth":1.5}`:      1,
		`{"kibana.alert.rule.uuid":"r","kibana.alert.depth":"second"}`: 2,
		`{}`: 1,
	} {
		a := New(testRule(), single(docs(t, raw)[0]), now)
		if got := a.Documents()[0]["kibana.alert.depth"]; got != want {
			t.Errorf("%s: depth %v, want %d", raw, got, want)
		}
	}
}

func TestRecurs(t *testing.T) {
	r := testRule()
	for _, c := range []struct {
		name, raw string
		want      bool
	}{
		{"a raw event", `{}`, false},
		{"another rule's alert", alertSource, false},
		{"the rule's own alert", `{"kibana":{"alert":{"rule":{"uuid":"` + ruleUUID + `"}}}}`, true},
		{"an alert over the rule's alert", `{"kibana.alert.rule.uuid":"x","kibana.alert.ancestors":[{"id":"i","rule":"` + ruleUUID + `"}]}`, true},
	} {
		raw := docs(t, `{}`, c.raw)
		if got := Recurs(r, group(nil, raw[0], raw[1])); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
