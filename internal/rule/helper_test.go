package rule

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// base is a rule with nothing but what is required.
const base = `[rule]
name = "A name"
description = "What it detects."
rule_id = "0b7b4b0c-3f52-4b5c-8a0e-5a9b9b8a7a11"
type = "eql"
language = "eql"
severity = "low"
risk_score = 21
query = '''
process where true
'''
`

// baseJSON is the same rule as Kibana writes it.
const baseJSON = `{"name": "A name", "description": "What it detects.", "rule_id": "0b7b4b0c-3f52-4b5c-8a0e-5a9b9b8a7a11",` +
	` "type": "eql", "language": "eql", "severity": "low", "risk_score": 21, "query": "process where true\n"}`

// with returns base with one line replaced or, if no line starts with the key,
// added right after [rule].
func with(line string) string {
	key, _, _ := strings.Cut(line, " ")
	var out []string
	replaced := false
	for l := range strings.Lines(base) {
		if strings.HasPrefix(l, key+" ") && key != "query" {
			l, replaced = line+"\n", true
		}
		out = append(out, l)
	}
	if !replaced {
		out[0] += line + "\n"
	}
	return strings.Join(out, "")
}

func without(key string) string {
	var out []string
	for l := range strings.Lines(base) {
		if !strings.HasPrefix(l, key+" ") {
			out = append(out, l)
		}
	}
	return strings.Join(out, "")
}

// one reads a TOML rule that must have no problem.
func one(t *testing.T, text string) *Rule {
	t.Helper()
	s := ReadTOML("a.toml", []byte(text))
	if len(s.Problems) > 0 || len(s.Rules) != 1 {
		t.Fatalf("%d rules, problems %v, of\n%s", len(s.Rules), s.Problems, text)
	}
	return s.Rules[0]
}

// write makes a file and returns its path.
func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
