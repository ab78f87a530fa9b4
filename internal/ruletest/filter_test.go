package ruletest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a rule's filters rule out gives no alert in a test either, and is named as
// the reason.
func TestFiltersHold(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("r.toml", `[rule]
name = "r"
description = "d"
type = "eql"
language = "eql"
severity = "low"
risk_score = 21
rule_id = "r"
query = 'process where process.name == "nc"'
[[rule.filters]]
meta = {negate = true}
query = {match_phrase = {"user.name" = "root"}}
`)
	test := write("r.test", `test root is left out
  +0s process exec process.name=nc user.name=root
  +1s process exec process.name=nc user.name=me
  expect alert e1
`)
	got := strings.Join(failures((&Runner{}).RunFile(test)), "\n")
	for _, want := range []string{"an alert over e1 / an alert over e2", `user.name is "root"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}
