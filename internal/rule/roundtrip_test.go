package rule

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// everything is a rule with every field.
const everything = `{
 "id": "3f2b7c1e-8f5c-4f4e-9d6a-0d6a1c6f2a11", "rule_id": "r-1", "name": "N", "description": "D", "type": "eql", "language": "eql",
 "query": "any where true", "severity": "high", "risk_score": 73.0,
 "severity_mapping": [{"field": "event.severity", "operator": "equals", "value": "3", "severity": "critical"}],
 "risk_score_mapping": [{"field": "r", "operator": "equals", "value": ""}, {"field": "r", "operator": "equals", "value": "", "risk_score": 0}],
 "rule_name_override": "message", "building_block_type": "default",
 "alert_suppression": {"group_by": ["a", "b"], "duration": {"value": 5, "unit": "h"}, "missing_fields_strategy": "doNotSuppress"},
 "exceptions_list": [{"id": "i", "list_id": "l", "type": "detection", "namespace_type": "single"}],
 "investigation_fields": {"field_names": ["host.name"]},
 "index": ["logs-*", "-logs-x"], "data_view_id": "dv", "filters": [{"query": {"match": {"a": 1.5}}, "meta": {"negate": false, "big": 12345678901234567890}}],
 "timestamp_field": "ts", "event_category_override": "cat", "tiebreaker_field": "tie", "timestamp_override": "event.ingested",
 "timestamp_override_fallback_disabled": true, "enabled": true, "interval": "10m", "from": "now-20m", "to": "now-1m", "max_signals": 7,
 "tags": ["a", "b"], "author": ["me"], "license": "L", "false_positives": ["f"], "references": ["https://example.com/?a=1&b=<2>"],
 "note": "# Note", "setup": "set up",
 "threat": [{"framework": "MITRE ATT&CK", "tactic": {"id": "TA0002", "name": "Execution", "reference": "u"},
   "technique": [{"id": "T1", "name": "n", "reference": "u", "subtechnique": [{"id": "T1.1", "name": "n", "reference": "u"}]}]},
  {"framework": "own", "tactic": {"id": "x", "name": "y", "reference": "z"}}],
 "required_fields": [{"name": "a", "type": "keyword", "ecs": false}, {"name": "b", "type": "long"}],
 "related_integrations": [{"package": "endpoint", "version": "^8.2.0", "integration": "i"}],
 "timeline_id": "t", "timeline_title": "T", "version": 8, "revision": 2, "immutable": true, "rule_source": {"type": "external"},
 "actions": [{"id": "1", "params": {"message": "{{x}}"}}], "response_actions": [{"action_type_id": ".osquery"}], "throttle": "no_actions",
 "namespace": "ns", "output_index": "oi", "meta": {"from": "1m", "n": 1e400, "deep": [[1, null]]},
 "created_at": "2024-01-01T00:00:00Z", "created_by": "me", "updated_at": "x", "updated_by": "y", "execution_summary": {"last": 1}
}`

// content returns a rule without what tells only of the file it was read from.
func contentOf(r *Rule) Rule {
	c := *r
	c.Path, c.Line, c.query, c.Metadata, c.spots = "", 0, literal{}, nil, nil
	return c
}

// roundTrip writes a rule as JSON and reads it again.
func roundTrip(t *testing.T, r *Rule) *Rule {
	t.Helper()
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatalf("%s: %v", r.Path, err)
	}
	s := ReadNDJSON("again.ndjson", append(data, '\n'))
	if len(s.Rules) != 1 || s.Count(KindError) != 0 {
		t.Fatalf("%s: read again: %v of\n%s", r.Path, s.Problems, data)
	}
	return s.Rules[0]
}

func sameAgain(t *testing.T, r *Rule) {
	t.Helper()
	if got, want := contentOf(roundTrip(t, r)), contentOf(r); !reflect.DeepEqual(got, want) {
		t.Errorf("%s: not the same again:\n got %+v\nwant %+v", r.Path, got, want)
	}
}

// TestEveryFieldIsKept: what is written is what was read, key by key, and no
// field of a Rule is left empty by a rule that has them all; exceptions stand in
// objects of their own.
func TestEveryFieldIsKept(t *testing.T) {
	s := ReadJSON("a.json", []byte(everything))
	if len(s.Rules) != 1 || len(s.Problems) != 1 || s.Problems[0].Field != "data_view_id" {
		t.Fatalf("problems %v", s.Problems)
	}
	r := s.Rules[0]
	v := reflect.ValueOf(*r)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() && name != "Metadata" && name != "Exceptions" {
			t.Errorf("%s is empty", name)
		}
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var got, want map[string]any
	if err := json.Unmarshal(data, &got); err == nil {
		t.Fatal("1e400 was not kept as it was written")
	}
	if err := json.Unmarshal([]byte(strings.Replace(string(data), "1e400", "1", 1)), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(strings.Replace(everything, "1e400", "1", 1)), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	sameAgain(t, r)
}

func TestDefaults(t *testing.T) {
	r := one(t, base)
	want := Rule{
		RuleID: "0b7b4b0c-3f52-4b5c-8a0e-5a9b9b8a7a11", Name: "A name", Description: "What it detects.", Type: "eql", Language: "eql",
		Query: "process where true\n", Severity: Low, RiskScore: 21, Interval: "5m", From: "now-6m", To: "now", MaxSignals: 100, Version: 1,
	}
	if got := contentOf(r); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	sameAgain(t, r)
	s := ReadJSON("a.json", []byte(baseJSON))
	if len(s.Rules) != 1 || !reflect.DeepEqual(contentOf(s.Rules[0]), want) {
		t.Errorf("JSON: %+v %v", s.Rules, s.Problems)
	}
	// Empty lists, nulls and defaults written out are the same rule.
	s = ReadJSON("a.json", []byte(strings.Replace(baseJSON, "{", `{"tags": [], "index": [], "meta": {}, "note": null, "max_signals": 100, `+
		`"threat": [], "alert_suppression": null, "to": "now", "interval": "5m", "version": 1.0, `, 1)))
	if len(s.Rules) != 1 || !reflect.DeepEqual(contentOf(s.Rules[0]), want) {
		t.Errorf("written out: %+v %v", s.Rules, s.Problems)
	}
}

// TestTOMLValues: TOML's own kinds of value become JSON's.
func TestTOMLValues(t *testing.T) {
	r := one(t, with(`meta = {day = 2025-01-31, time = 10:00:00, at = 2025-01-31T10:00:00Z, local = 2025-01-31T10:00:00, whole = 1.0, half = 0.5, big = 1e30, hex = 0xff}`))
	want := map[string]any{
		"day": "2025-01-31", "time": "10:00:00", "at": "2025-01-31T10:00:00Z", "local": "2025-01-31T10:00:00",
		"whole": int64(1), "half": 0.5, "big": 1e30, "hex": int64(255),
	}
	if !reflect.DeepEqual(r.Meta, want) {
		t.Errorf("got %#v", r.Meta)
	}
	sameAgain(t, r)
}

func TestUnknownKeysAreKept(t *testing.T) {
	s := ReadTOML("a.toml", []byte(with(`colour = {red = 1}`)))
	if len(s.Rules) != 1 || !reflect.DeepEqual(s.Rules[0].Extra, map[string]any{"colour": map[string]any{"red": int64(1)}}) {
		t.Fatalf("%v %v", s.Rules, s.Problems)
	}
	data, err := json.Marshal(s.Rules[0])
	if err != nil || !strings.HasSuffix(string(data), `,"colour":{"red":1}}`) {
		t.Errorf("%s, %v", data, err)
	}
}

// TestMarshalRefuses: what a caller put there that JSON can not hold is an error.
func TestMarshalRefuses(t *testing.T) {
	for _, r := range []*Rule{{Meta: map[string]any{"f": func() {}}}, {Extra: map[string]any{"f": func() {}}}} {
		if data, err := r.MarshalJSON(); err == nil || !strings.Contains(err.Error(), "write rule") {
			t.Errorf("%s, %v", data, err)
		}
	}
}

func TestUUID(t *testing.T) {
	const id = "3f2b7c1e-8f5c-4f4e-9d6a-0d6a1c6f2a11"
	made := (&Rule{RuleID: "r-1"}).UUID()
	tests := []struct {
		r    Rule
		want string
	}{
		{Rule{ID: id, RuleID: "r-1"}, id},
		{Rule{ID: strings.ToUpper(id)}, id},
		{Rule{ID: "no uuid", RuleID: "r-1"}, made},
		// Pinned: alert ids of every version hang on it.
		{Rule{RuleID: "76e4d92b-61c1-4a95-ab61-5fd94179a1ee"}, "711acc46-f58a-51f8-9bb0-f883bf8d2e24"},
	}
	for _, tt := range tests {
		if got := tt.r.UUID(); got != tt.want {
			t.Errorf("UUID of %q, %q = %s, want %s", tt.r.ID, tt.r.RuleID, got, tt.want)
		}
	}
	if made == (&Rule{RuleID: "r-2"}).UUID() || len(made) != 36 || made[14] != '5' {
		t.Errorf("%s is no UUID of version 5 of its own", made)
	}
}

func TestPatterns(t *testing.T) {
	r := &Rule{Index: []string{"a-*"}}
	if got := r.Patterns(); !reflect.DeepEqual(got, []string{"a-*"}) {
		t.Errorf("%v", got)
	}
	got := (&Rule{}).Patterns()
	if len(got) != 9 || got[4] != "logs-*" || got[8] != "-*elastic-cloud-logs-*" {
		t.Errorf("%v", got)
	}
	got[0] = "changed"
	if (&Rule{}).Patterns()[0] == "changed" {
		t.Error("the default list is handed out itself")
	}
}

func TestSeverityRank(t *testing.T) {
	for s, want := range map[Severity]int{Low: 1, Medium: 2, High: 3, Critical: 4, "": 0, "HIGH": 0} {
		if got := s.Rank(); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

// elasticRules returns the folder of Elastic's own rules, beside the clone.
func elasticRules(t *testing.T) string {
	t.Helper()
	folder := filepath.Join("..", "..", "..", "shared", "data", "elastic-rules")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("Elastic's rules are not beside the clone: %v", err)
	}
	return folder
}

// TestElasticRules: each of Elastic's Linux and cross-platform EQL rules is read
// without a word, and is the same after it was written as JSON and read again.
func TestElasticRules(t *testing.T) {
	folder := elasticRules(t)
	files := 0
	_ = filepath.WalkDir(folder, func(path string, _ fs.DirEntry, _ error) error {
		if filepath.Ext(path) == ".toml" {
			files++
		}
		return nil
	})
	rules, problems := Load(folder)
	for _, p := range problems {
		t.Errorf("%v", p)
	}
	if files != 350 || len(rules) != files {
		t.Errorf("%d rules of %d files, want 350", len(rules), files)
	}
	for _, r := range rules {
		sameAgain(t, r)
		// The whole query can be located: its first and last characters.
		data, err := os.ReadFile(r.Path)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Split(string(data), "\n")
		for i, line := range strings.Split(strings.TrimRight(r.Query, "\n"), "\n") {
			at, col := r.Locate(i+1, 1)
			if got := string([]rune(text[at-1])[col-1:]); !strings.HasPrefix(got, line) && !strings.Contains(got, `\`) {
				t.Errorf("%s:%d:%d: %q, want %q", r.Path, at, col, got, line)
			}
		}
	}
}
