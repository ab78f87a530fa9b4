package rule

import (
	"os"
	"path/filepath"
	"testing"
)

const besideRule = `[rule]
name = "Shell"
description = "A shell."
rule_id = "shell"
type = "eql"
language = "eql"
severity = "low"
risk_score = 21
query = "process where true"
`

const besideList = `[[exceptions]]
[exceptions.container]
name = "Muted"
list_id = "tripline-shell"
type = "rule_default"
tags = ["tripline.rule:shell", "other"]

[[exceptions.items]]
item_id = "one"
name = "The backup"
[[exceptions.items.entries]]
field = "process.name"
operator = "included"
type = "match"
value = "restic"
`

// A list may name the rule that it is for, which then need not name the list. Beside a
// rule's file it is read even when the rule's file is named by itself.
func TestListsThatNameTheirRule(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "shell.toml")
	for name, text := range map[string]string{"shell.toml": besideRule, "shell.exceptions.toml": besideList} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := ExceptionsBeside(path); got != filepath.Join(dir, "shell.exceptions.toml") {
		t.Errorf("beside it stands %s", got)
	}
	for what, paths := range map[string][]string{
		"the folder": {dir}, "the rule": {path}, "both files": {path, filepath.Join(dir, "shell.exceptions.toml")}, "the folder and the rule": {dir, path},
	} {
		s := LoadAll(paths...)
		if len(s.Rules) != 1 || len(s.Problems) > 0 {
			t.Fatalf("%s: rules %v, problems %v", what, s.Rules, s.Problems)
		}
		found := s.Rules[0].Exceptions
		if len(found) != 1 || found[0].String() != `process.name == "restic"` {
			t.Errorf("%s: exceptions %v", what, found)
		}
	}
	builtin := LoadAll(BuiltinName, filepath.Join(dir, "shell.exceptions.toml"))
	for _, r := range builtin.Rules {
		if len(r.Exceptions) > 0 {
			t.Errorf("another rule, %s, has it too", r.Name)
		}
	}
}

// A rule that names the list as well has its items once.
func TestListsThatNameEachOther(t *testing.T) {
	dir := t.TempDir()
	text := besideRule + `[[rule.exceptions_list]]
id = "tripline-shell"
list_id = "tripline-shell"
type = "rule_default"
namespace_type = "single"
`
	for name, text := range map[string]string{"shell.toml": text, "exceptions.toml": besideList} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if s := LoadAll(dir); len(s.Rules) != 1 || len(s.Rules[0].Exceptions) != 1 {
		t.Errorf("rules %v, problems %v", s.Rules, s.Problems)
	}
}
