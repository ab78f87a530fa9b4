package rule

import (
	"fmt"
	"strings"
	"testing"
)

// TestFieldProblems: one line of a good rule changed, and what is said of it.
func TestFieldProblems(t *testing.T) {
	tests := []struct {
		line string // replaces a line of the base rule, or is added
		want string // line:col: kind: field: reason
		hint string
	}{
		{`name = ""`, `2:8: error: name: is empty`, "give the rule a name"},
		{`name = 5`, `2:8: error: name: must be a string, not 5`, ""},
		{`description = "  "`, `3:15: error: description: is empty`, "say in a sentence"},
		{`rule_id = ""`, `4:11: error: rule_id: is empty`, "leave it out"},
		{`type = "eq"`, `5:8: error: type: "eq" is no type of rule`, `did you mean "eql"?`},
		{`type = 7`, `5:8: error: type: must be a string, not 7`, ""},
		{`language = "kuery"`, `6:12: error: language: must be eql`, `write language = "eql"`},
		{`severity = "Medium"`, `7:12: error: severity: "Medium" is not one of low, medium, high, critical`, `did you mean "medium"?`},
		{`severity = "urgent"`, `7:12: error: severity: "urgent" is not one of`, "write one of low, medium"},
		{`risk_score = 101`, `8:14: error: risk_score: must be from 0 to 100, not 101`, ""},
		{`risk_score = -1`, `8:14: error: risk_score: must be from 0 to 100, not -1`, ""},
		{`risk_score = 47.5`, `8:14: error: risk_score: must be a whole number, not 47.5`, ""},
		{`risk_score = "47"`, `8:14: error: risk_score: must be a whole number, not the string "47"`, ""},
		{`interval = "5 minutes"`, `2:12: error: interval: "5 minutes" is no interval`, "such as 5m"},
		{`interval = 5`, `2:12: error: interval: must be a string`, ""},
		{`interval = "1h"`, `2:12: error: interval: the window from now-6m to now is shorter than the interval 1h`, "reach back"},
		{`from = "now-4m"`, `2:8: error: from: the window from now-4m to now is shorter than the interval 5m`, "reach back"},
		{`from = "now+1h"`, `2:8: error: from: the window`, ""},
		{`from = "9 minutes ago"`, `2:8: error: from: "9 minutes ago" is no date math`, "now-9m"},
		{`to = "now-9"`, `2:6: error: to: "now-9" is no date math: a unit is missing`, "the units are"},
		{`max_signals = 0`, `2:15: error: max_signals: must be 1 or more, not 0`, ""},
		{`version = 0`, `2:11: error: version: must be 1 or more, not 0`, ""},
		{`revision = -1`, `2:12: error: revision: must be 0 or more`, ""},
		{`index = "logs-*"`, `2:9: error: index: must be a list of strings, not a string`, `write ["logs-*"]`},
		{`index = 4`, `error: index: must be a list, not 4`, ""},
		{`index = ["logs-*", 4]`, `2:20: error: index[1]: must be a string, not 4`, ""},
		{`index = ["logs-*", " "]`, `2:20: error: index[1]: is empty`, "leave it out"},
		{`enabled = "yes"`, `2:11: error: enabled: must be true or false, not the string "yes"`, ""},
		{`meta = []`, `error: meta: must be an object, not a list`, ""},
		{`filters = [1]`, `error: filters: must be a list of objects, not 1`, ""},
		{`timestamp_field = ""`, `2:19: error: timestamp_field: is empty`, "name a field"},
		{`tiebreaker_field = true`, `2:20: error: tiebreaker_field: must be a string, not true`, ""},
		{`timeline_id = "x"`, `2:15: error: timeline_id: stands without timeline_title`, "both or neither"},
		{`timeline_title = "x"`, `2:18: error: timeline_title: stands without timeline_id`, "both or neither"},
		{`threat = [{framework = "F"}]`, `error: threat[0].tactic: is missing`, "id, name and reference"},
		{`threat = [{framework = "F", tactic = {id = "T", name = "N"}}]`, `error: threat[0].tactic.reference: is missing`, ""},
		{`threat = ["T1059"]`, `2:11: error: threat[0]: must be an object, not the string "T1059"`, ""},
		{`severity_mapping = [{field = "f", operator = "is", value = "1", severity = "low"}]`, `2:46: error: severity_mapping[0].operator: "is" is not one of equals`, "write one of equals"},
		{`severity_mapping = [{field = "f", operator = "equals", value = "1", severity = "hig"}]`, `2:80: error: severity_mapping[0].severity: "hig"`, `did you mean "high"?`},
		{`risk_score_mapping = [{field = "f", operator = "equals", value = "", risk_score = 200}]`, `error: risk_score_mapping[0].risk_score: must be from 0 to 100`, ""},
		{`alert_suppression = {group_by = []}`, `error: alert_suppression.group_by: must name one to three fields, not 0`, ""},
		{`alert_suppression = {group_by = ["a", "b", "c", "d"]}`, `error: alert_suppression.group_by: must name one to three fields, not 4`, ""},
		{`alert_suppression = {group_by = ["a"], duration = {unit = "m"}}`, `error: alert_suppression.duration.value: is missing`, ""},
		{`alert_suppression = {group_by = ["a"], duration = {value = 5, unit = "d"}}`, `error: alert_suppression.duration.unit: "d" is not one of s, m, h`, ""},
		{`alert_suppression = {group_by = ["a"], missing_fields_strategy = "drop"}`, `error: alert_suppression.missing_fields_strategy: "drop" is not`, ""},
		{`exceptions_list = [{id = "a", list_id = "b", type = "detection", namespace_type = "all"}]`, `error: exceptions_list[0].namespace_type: "all" is not one of single, agnostic`, ""},
		{`investigation_fields = {field_names = []}`, `error: investigation_fields.field_names: names no field`, ""},
		{`required_fields = [{type = "keyword"}]`, `error: required_fields[0].name: is missing`, ""},
		{`related_integrations = [{package = "endpoint"}]`, `error: related_integrations[0].version: is missing`, ""},
		{`throttle = nan`, `error: : a rule can not hold the numbers nan and inf`, ""},

		{`severty = "low"`, `2:1: warning: severty: is no field of an eql rule; it has no effect`, `did you mean "severity"?`},
		{`zzzzzz.yyyy = 1`, `2:1: warning: zzzzzz: is no field of an eql rule`, ""},
		{`building_block_type = "quiet"`, `2:23: warning: building_block_type: is not default`, ""},
		{`data_view_id = "security"`, `2:16: warning: data_view_id: data views are Kibana's and are not known here; the rule searches apm-*`, "under index"},
		{`id = "17"`, `2:6: warning: id: is no UUID`, "leave it out"},
		{`required_fields = [{name = "a", typ = "keyword", type = "keyword"}]`, `2:33: warning: required_fields[0].typ: is no key that this object has`, `did you mean "type"?`},
	}
	for _, tt := range tests {
		s := ReadTOML("a.toml", []byte(with(tt.line)))
		if len(s.Problems) != 1 {
			t.Errorf("%s: %d problems %v, want one", tt.line, len(s.Problems), s.Problems)
			continue
		}
		p := s.Problems[0]
		got := fmt.Sprintf("%d:%d: %v: %s: %s", p.Line, p.Col, p.Kind, p.Field, p.Reason)
		if !strings.Contains(got, tt.want) || !strings.Contains(p.Hint, tt.hint) || p.Path != "a.toml" {
			t.Errorf("%s:\n got %s (%s)\nwant %s (%s)", tt.line, got, p.Hint, tt.want, tt.hint)
		}
		if kept := len(s.Rules) == 1; kept != (p.Kind == KindWarning) {
			t.Errorf("%s: kept %v with a problem of kind %v", tt.line, kept, p.Kind)
		}
	}
}

func TestRequiredFields(t *testing.T) {
	for _, key := range []string{"name", "description", "type", "language", "severity", "risk_score"} {
		s := ReadTOML("a.toml", []byte(without(key)))
		if len(s.Problems) != 1 || len(s.Rules) != 0 {
			t.Errorf("without %s: %d rules, problems %v", key, len(s.Rules), s.Problems)
			continue
		}
		// What is missing is missing at [rule].
		if p := s.Problems[0]; p.Field != key || p.Reason != "is missing" || p.Hint == "" || p.Line != 1 || p.Col != 2 {
			t.Errorf("without %s: %+v", key, p)
		}
	}
	s := ReadTOML("a.toml", []byte("[rule]\ntype = 'eql'\n"))
	if len(s.Problems) != 6 {
		t.Errorf("a rule with only a type: %d problems %v, want all that is missing", len(s.Problems), s.Problems)
	}
}

func TestMissingRuleID(t *testing.T) {
	s := ReadTOML("a.toml", []byte(without("rule_id")))
	if len(s.Rules) != 1 || len(s.Problems) != 1 || s.Problems[0].Kind != KindWarning || s.Problems[0].Field != "rule_id" {
		t.Fatalf("%v %v", s.Rules, s.Problems)
	}
	again := ReadTOML("b.toml", []byte(without("rule_id")))
	if id := s.Rules[0].RuleID; id == "" || again.Rules[0].RuleID != id || !strings.Contains(s.Problems[0].Hint, id) {
		t.Errorf("rule_id %q, read again %q, hint %q", id, again.Rules[0].RuleID, s.Problems[0].Hint)
	}
	other := ReadTOML("a.toml", []byte(strings.Replace(without("rule_id"), "A name", "B name", 1)))
	if other.Rules[0].RuleID == s.Rules[0].RuleID {
		t.Error("two names, one rule_id")
	}
}

func TestTOMLSyntax(t *testing.T) {
	tests := []struct{ text, place, want string }{
		{"[rule]\nname = \n", "a.toml:2:8", "not valid TOML"},
		{"[rule]\nquery = '''\nprocess where true\n", "a.toml:3:19", "not terminated"},
		{"[rule]\nname = \"ö\" é\n", "a.toml:2:12", "not valid TOML"},
		{"[rule]\nname = 'a'\nname = 'b'\n", "a.toml:3:1", "name"},
		{"[rule]\nname = \"\xff\"\n", "a.toml:2:9", "UTF-8"},
		{"[rule", "a.toml:1:5", "not valid TOML"},
		{"rule = 4\n", "a.toml:1:8", "rule: must be a table, not 4"},
		{"", "a.toml:1:1", "no [rule] table"},
		{"[rules]\nname = 'a'\n", "a.toml:1:1", "no [rule] table"},
		{"a = " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "a.toml:1:1", "deeper than 200 levels"},
		{"a = " + strings.Repeat("[", 1<<20), "a.toml:1", "not valid TOML"},
		{"[rule]\nx = " + strings.Repeat("{a=", 300) + "1" + strings.Repeat("}", 300), "a.toml:1:1", "deeper than 200 levels"},
		{"x = 1\n" + strings.Repeat("a.", 1<<20) + "b = 1\n", "a.toml:2:1", "a key of more than 10000 parts"},
		{strings.Repeat("a.", 5000) + "b = 1\n", "a.toml:1:1", "deeper than 200 levels"},
		{strings.Repeat("#", maxTOML+1), "a.toml", "at most 8388608 are read"},
	}
	for _, tt := range tests {
		s := ReadTOML("a.toml", []byte(tt.text))
		if len(s.Problems) != 1 || len(s.Rules) != 0 {
			t.Errorf("%.40q: %d rules, problems %v", tt.text, len(s.Rules), s.Problems)
			continue
		}
		p := s.Problems[0]
		if !strings.HasPrefix(p.Place(), tt.place) || !strings.Contains(p.Error(), tt.want) || p.Kind != KindError {
			t.Errorf("%.40q: %v at %s; want %q at %s", tt.text, p, p.Place(), tt.want, tt.place)
		}
	}
	if s := ReadTOML("a.toml", []byte("[rules]\n")); s.Problems[0].Hint != `did you mean "rule"?` {
		t.Errorf("hint %q", s.Problems[0].Hint)
	}
}

func TestProblemText(t *testing.T) {
	tests := []struct {
		p    Problem
		want string
	}{
		{Problem{Path: "a.toml", Line: 3, Col: 4, Field: "name", Reason: "is empty"}, "a.toml:3:4: name: is empty"},
		{Problem{Path: "a.toml", Reason: "open: no such file"}, "a.toml: open: no such file"},
	}
	for _, tt := range tests {
		if got := tt.p.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	s := Set{Problems: []*Problem{{}, {Kind: KindWarning}, {}, {Kind: KindSkipped}}}
	if s.Count(KindError) != 2 || s.Count(KindWarning) != 1 || s.Count(KindSkipped) != 1 {
		t.Error("Count is wrong")
	}
}

func TestMetadata(t *testing.T) {
	meta := "[metadata]\ncreation_date = \"2023/07/04\"\nupdated_date = \"2026/03/24\"\nmaturity = \"MATURITY\"\n" +
		"integration = \"endpoint\"\nmin_stack_version = \"8.0\"\n\n"
	end := "\n[[transform.osquery]]\nlabel = \"l\"\n"
	r := one(t, strings.Replace(meta, "MATURITY", "production", 1)+base+end)
	m := r.Metadata
	if m.CreationDate != "2023/07/04" || m.UpdatedDate != "2026/03/24" || m.Maturity != MaturityProduction ||
		fmt.Sprint(m.Integration) != "[endpoint]" || m.Other["min_stack_version"] != "8.0" || m.Other["transform"] == nil || r.Deprecated() {
		t.Errorf("metadata %+v", m)
	}
	if r.Line != 8 || r.Path != "a.toml" {
		t.Errorf("rule at %s:%d", r.Path, r.Line)
	}
	m = one(t, "[metadata]\nintegration = [\"a\", \"b\", 3]\nmaturity = 4\n\n"+base).Metadata
	if fmt.Sprint(m.Integration) != "[a b]" || m.Maturity != "" || m.Other["maturity"] != int64(4) {
		t.Errorf("metadata %+v", m)
	}

	for maturity, want := range map[string]string{
		"deprecated": "4:12: the rule is deprecated", "producton": `4:12: "producton" is no maturity`,
	} {
		s := ReadTOML("a.toml", []byte(strings.Replace(meta, "MATURITY", maturity, 1)+base))
		if len(s.Rules) != 1 || len(s.Problems) != 1 {
			t.Fatalf("%s: %v %v", maturity, s.Rules, s.Problems)
		}
		p := s.Problems[0]
		if got := fmt.Sprintf("%d:%d: %s", p.Line, p.Col, p.Reason); got != want || p.Kind != KindWarning {
			t.Errorf("%s: %s, want %s", maturity, got, want)
		}
		if s.Rules[0].Deprecated() != (maturity == "deprecated") {
			t.Errorf("%s: Deprecated() = %v", maturity, s.Rules[0].Deprecated())
		}
	}
	s := ReadTOML("a.toml", []byte("[metdata]\nx = 1\n"+base))
	if len(s.Rules) != 1 || len(s.Problems) != 1 || s.Problems[0].Hint != `did you mean "metadata"?` || s.Problems[0].Line != 1 {
		t.Errorf("an unknown table: %v", s.Problems)
	}
}
