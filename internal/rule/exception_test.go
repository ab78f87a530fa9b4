package rule

import (
	"path/filepath"
	"strings"
	"testing"
)

const exceptionTOML = `[metadata]
list_name = "List"
rule_ids = ["0b7b4b0c-3f52-4b5c-8a0e-5a9b9b8a7a11"]

[[exceptions]]
[exceptions.container]
name = "List"
description = "What is known."
list_id = "known"
namespace_type = "single"
tags = []
type = "detection"

[[exceptions.items]]
name = "Backup"
item_id = "backup"
list_id = "known"
description = "The backup's own shell."
namespace_type = "single"
tags = ["tripline.scope:match"]
type = "simple"
expire_time = 2999-01-01T00:00:00Z
comments = []

[[exceptions.items.entries]]
field = "process.name"
operator = "included"
type = "match"
value = "backup"
`

const usesKnown = `[[rule.exceptions_list]]
id = "x"
list_id = "known"
type = "detection"
namespace_type = "single"
`

// A rule finds its exceptions in whatever file of whatever path they stand, and
// however they are written.
func TestExceptionsAreLinkedOverFiles(t *testing.T) {
	folder := t.TempDir()
	path := write(t, filepath.Join(folder, "rules", "a.toml"), base+usesKnown)
	write(t, filepath.Join(folder, "exceptions.toml"), exceptionTOML)
	write(t, filepath.Join(folder, "more.ndjson"),
		`{"item_id":"more","list_id":"known","name":"More","entries":[{"field":"user.name","type":"exists","operator":"included"}],"created_by":"me","_version":"x"}`)
	for _, paths := range [][]string{{folder}, {path, folder}, {folder + "/exceptions.toml", folder + "/more.ndjson", path}} {
		s := LoadAll(paths...)
		if len(s.Problems) > 0 || len(s.Rules) != 1 || len(s.Rules[0].Exceptions) != 2 {
			t.Fatalf("%v: %d rules, %v", paths, len(s.Rules), s.Problems)
		}
		e := s.Rules[0].Exceptions[0]
		if e.Name != "Backup" || e.Scope.Kind != ScopeMatch || e.Expires.Year() != 2999 || e.String() != `process.name == "backup"` || e.Line != 14 {
			t.Errorf("%+v: %s", e, e)
		}
	}
	s := LoadAll(path)
	if len(s.Problems) != 1 || !s.Problems[0].Unapplied || s.Problems[0].Kind != KindWarning ||
		!strings.Contains(s.Problems[0].Reason, `no exception list "known" of namespace single was read`) {
		t.Errorf("a list that is nowhere: %v", s.Problems)
	}
}

// The endpoint's own list is not the rules'.
func TestEndpointListIsPassedOver(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "a.toml"), base+strings.Replace(usesKnown, "known", "endpoint_list", 1))
	if s := LoadAll(path); len(s.Problems) > 0 || len(s.Rules[0].Exceptions) > 0 {
		t.Errorf("%v", s.Problems)
	}
}

// A bad exception is told with place, field, reason and hint, and is no bad rule.
func TestExceptionProblems(t *testing.T) {
	const entry = `{"field":"process.name","type":"match","operator":"included","value":"a"}`
	tests := []struct{ item, field, reason, hint string }{
		{`"entries":[]`, "entries", "has no entry", "at least one"},
		{`"list_id":7,"entries":[` + entry + `]`, "list_id", "must be a string, not 7", ""},
		{`"entries":[{"type":"match","operator":"included","value":"a"}]`, "entries[0].field", "is missing", "name the field"},
		{`"entries":[{"field":"a","type":"matches","operator":"included","value":"a"}]`, "entries[0].type", `"matches" is not one of match, match_any`, `did you mean "match"?`},
		{`"entries":[{"field":"a","type":"match","operator":"include","value":"a"}]`, "entries[0].operator", `"include" is not one of`, `did you mean "included"?`},
		{`"entries":[{"field":"a","type":"match","value":"a"}]`, "entries[0].operator", "is missing", "included, excluded"},
		{`"entries":[{"field":"a","type":"match","operator":"included"}]`, "entries[0].value", "is missing", "write the value"},
		{`"entries":[{"field":"a","type":"match","operator":"included","value":7}]`, "entries[0].value", "must be a string, not 7", ""},
		{`"entries":[{"field":"a","type":"match_any","operator":"included","value":"a"}]`, "entries[0].value", "must be a list of strings", `write ["a"]`},
		{`"entries":[{"field":"a","type":"match_any","operator":"included","value":[]}]`, "entries[0].value", "is an empty list", ""},
		{`"entries":[{"field":"a","type":"list","operator":"included"}]`, "entries[0].list", "is missing", "id ="},
		{`"entries":[{"field":"a","type":"nested","entries":[]}]`, "entries[0].entries", "has no entry", ""},
		{`"entries":[{"field":"a","type":"nested","entries":[{"field":"b","type":"wildcard","operator":"included","value":"*"}]}]`, "entries[0].entries[0].type", `"wildcard" is not one of match, match_any, exists`, ""},
		{`"os_types":["linux","macosx"],"entries":[` + entry + `]`, "os_types[1]", `"macosx" is no operating system`, `did you mean "macos"?`},
		{`"expire_time":"tomorrow","entries":[` + entry + `]`, "expire_time", `"tomorrow" is no time`, "2026"},
		{`"tags":["x","tripline.scope:stage=0"],"entries":[` + entry + `]`, "tags[1]", "is no scope of an exception", "tripline.scope:match"},
		{`"namespace_type":"all","entries":[` + entry + `]`, "namespace_type", `"all" is not one of single, agnostic`, ""},
		{`"type":"complex","entries":[` + entry + `]`, "type", `"complex" is not one of simple`, ""},
	}
	for _, tt := range tests {
		s := ReadNDJSON("a.ndjson", []byte(`{"item_id":"i","list_id":"l","name":"Item",`+tt.item+"}\n"+baseJSON))
		if len(s.Problems) == 0 || len(s.Rules) != 1 || len(s.Items) != 0 {
			t.Errorf("%s: %d rules, %d items, %v", tt.item, len(s.Rules), len(s.Items), s.Problems)
			continue
		}
		p := s.Problems[0]
		if p.Kind != KindError || !p.Exception || p.Rule != "Item" || p.Line != 1 || p.Field != tt.field || !strings.Contains(p.Reason, tt.reason) || !strings.Contains(p.Hint, tt.hint) {
			t.Errorf("%s:\n%v (%s)", tt.item, p, p.Hint)
		}
	}
}

func TestExceptionWarnings(t *testing.T) {
	item := func(id, entry string) string {
		return `{"item_id":"` + id + `","list_id":"l","name":"Item","entries":[` + entry + `]}` + "\n"
	}
	s := ReadNDJSON("a.ndjson", []byte(item("1", `{"field":"proces.name","type":"match","operator":"included","value":"a"}`)))
	if len(s.Items) != 1 || len(s.Problems) != 1 || s.Problems[0].Kind != KindWarning || !strings.Contains(s.Problems[0].Reason, "process.name") {
		t.Errorf("a slip: %v", s.Problems)
	}
	s = ReadNDJSON("a.ndjson", []byte(item("1", `{"field":"a","type":"exists","operator":"included"}`)+item("1", `{"field":"b","type":"exists","operator":"included"}`)))
	if len(s.Items) != 1 || len(s.Problems) != 1 || s.Problems[0].Kind != KindError || s.Problems[0].Line != 2 ||
		!strings.Contains(s.Problems[0].Reason, `"1" is taken by "Item" of a.ndjson:1`) {
		t.Errorf("an identity taken: %v", s.Problems)
	}
}

// A filter that can not be applied is an error of the rule, and named.
func TestFilterProblems(t *testing.T) {
	tests := []struct{ filter, field, reason string }{
		{`{meta = {alias = "Mine"}, query = {query_string = {query = "a:b"}}}`, "filters[0].query.query_string", `is a query that is not applied here (the filter "Mine")`},
		{`{meta = {key = "a"}, script = {script = {}}}`, "filters[0].script", `is a query that is not applied here (the filter "a")`},
		{`{query = {match = {message = "two words"}}}`, "filters[0].query.match.message", "needs an analyser"},
		{`{query = {match_phrase = {a = 1, b = 2}}}`, "filters[0].query.match_phrase", "must name one field, not 2"},
		{`{query = {range = {"@timestamp" = {gte = "now-1d"}}}}`, "filters[0].query.range.@timestamp.gte", "date math"},
		{`{query = {range = {a = {above = 1}}}}`, "filters[0].query.range.a.above", "is no bound"},
		{`{query = {bool = {should = [{term = {a = 1}}, {term = {b = 1}}, {term = {c = 1}}], minimum_should_match = 2}}}`, "filters[0].query.bool.minimum_should_match", "of 2 is not applied"},
		{`{query = {bool = {must = [7]}}}`, "filters[0].query.bool.must[0]", "must be an object, not 7"},
		{`{query = {terms = {a = "b"}}}`, "filters[0].query.terms.a", "must be a list"},
		{`{query = 7}`, "filters[0].query", "must be an object, not 7"},
		{`{meta = {}}`, "filters[0]", "must have one clause, not 0"},
	}
	for _, tt := range tests {
		s := ReadTOML("a.toml", []byte(with("filters = ["+tt.filter+"]")))
		if len(s.Rules) != 0 || len(s.Problems) != 1 {
			t.Errorf("%s: %d rules, %v", tt.filter, len(s.Rules), s.Problems)
			continue
		}
		p := s.Problems[0]
		if p.Kind != KindError || p.Line != 2 || p.Field != tt.field || !strings.Contains(p.Reason, tt.reason) || p.Hint == "" {
			t.Errorf("%s:\n%v", tt.filter, p)
		}
	}
}

// In a folder, as a checkout of a rules repository is one, what its authors do
// not want run is skipped; a rule that is named runs.
func TestMaturityInFolders(t *testing.T) {
	folder := t.TempDir()
	for _, maturity := range maturities {
		text := "[metadata]\nmaturity = \"" + maturity + "\"\n" + strings.Replace(strings.Replace(base, "11\"", "1-"+maturity+"\"", 1), "A name", maturity, 1)
		write(t, filepath.Join(folder, maturity+".toml"), text)
	}
	s := LoadAll(folder)
	if got := names(s); got != "beta experimental production" {
		t.Errorf("rules %s", got)
	}
	if s.Count(KindSkipped) != 2 || s.Count(KindError)+s.Count(KindWarning) != 0 {
		t.Errorf("%v", s.Problems)
	}
	if s := LoadAll(filepath.Join(folder, "development.toml")); len(s.Rules) != 1 {
		t.Errorf("a rule that is named: %v", s.Problems)
	}
}

func TestBuiltinIsAPath(t *testing.T) {
	all, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	path := write(t, filepath.Join(t.TempDir(), "a.toml"), base)
	s := LoadAll(BuiltinName, path, BuiltinName)
	if len(s.Rules) != len(all)+1 || s.Count(KindError) > 0 {
		t.Errorf("%d rules of %d and one: %v", len(s.Rules), len(all), s.Problems)
	}
	seed, err := Seed()
	if err != nil || seed.RuleID != "70108f57-66d6-421b-ba6a-d1ce98720e5a" {
		t.Errorf("seed %v, %v", seed, err)
	}
}
