package rule

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func seed(t *testing.T) *Rule {
	t.Helper()
	seed, err := Seed()
	if err != nil {
		t.Fatal(err)
	}
	return seed
}

func TestBuiltin(t *testing.T) {
	r := seed(t)
	got := contentOf(r)
	want := Rule{
		RuleID: "70108f57-66d6-421b-ba6a-d1ce98720e5a", Name: "Potential Reverse Shell via Suspicious Child Process",
		Description: "This detection rule detects the creation of a shell through a suspicious process chain. Any reverse shells spawned by the specified utilities that are initialized from a single process followed by a network connection attempt will be captured through this rule. Attackers may spawn reverse shells to establish persistence onto a target system.",
		Type:        "eql", Language: "eql", Severity: Medium, RiskScore: 47, Interval: "5m", From: "now-9m", To: "now", MaxSignals: 100,
		Index: []string{"logs-endpoint.events.*"}, Version: 8, Author: []string{"Elastic"}, License: "Elastic License v2",
		Tags:  []string{"Domain: Endpoint", "OS: Linux", "Use Case: Threat Detection", "Tactic: Execution", "Data Source: Elastic Defend"},
		Query: got.Query, Note: got.Note, Threat: got.Threat,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if !strings.Contains(r.Note, "127.0.0.0/8") || !strings.Contains(r.Note, "put back") {
		t.Errorf("the note does not say what was put back: %s", r.Note)
	}
	if len(r.Threat) != 1 || r.Threat[0].Tactic.Name != "Execution" || r.Threat[0].Technique[0].Subtechnique[0].ID != "T1059.004" {
		t.Errorf("threat %+v", r.Threat)
	}
	if strings.Contains(r.Query, `""`) || !strings.Contains(r.Query, `"127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "::1"`) {
		t.Error("the query's address blocks are not complete")
	}
	for _, branch := range []string{`(process.name : "openssl" and process.args : "-connect")`, `(process.name : "telnet" and process.args_count >= 3)`} {
		if !strings.Contains(r.Query, branch) {
			t.Errorf("the query lacks %s", branch)
		}
	}
	sameAgain(t, r)
	if again := seed(t); again != r {
		t.Error("the built-in rules are read again")
	}
}

// TestBuiltinIsTheSeed: text for text, but for the three blocks.
func TestBuiltinIsTheSeed(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "seed-rule.txt"))
	if err != nil {
		t.Skipf("the rule as it was given is not beside the clone: %v", err)
	}
	text := string(data)
	query := text[strings.Index(text, "sequence by"):]
	query = strings.Replace(strings.TrimSpace(query), `"", "", "", "::1"`, `"127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "::1"`, 1)
	r := seed(t)
	if r.Query != query {
		t.Errorf("got\n%s\nwant\n%s", r.Query, query)
	}
	if !strings.Contains(text, r.Description) || !strings.Contains(text, r.Name) {
		t.Error("name or description is not as it was given")
	}
}

func TestBuiltinFiles(t *testing.T) {
	for name, want := range map[string]string{
		"LICENSE.txt": "Elastic License 2.0", "LICENSE-NOTICE.txt": "only file", "potential_reverse_shell_via_suspicious_child_process.toml": "Elastic License v2",
	} {
		data, err := fs.ReadFile(BuiltinFiles(), name)
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s does not say %q: %v", name, want, err)
		}
	}
}
