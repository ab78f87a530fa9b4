package ruletest

import (
	"os"
	"strings"
	"testing"
)

// The example at the top of the manual is one that passes.
func TestManualExample(t *testing.T) {
	manual, err := os.ReadFile("../../docs/test-language.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(manual), "\n    # Anything")
	example, _, closed := strings.Cut(rest, "\n## Lines")
	if !found || !closed {
		t.Fatal("the manual begins with an example")
	}
	var lines []string
	for line := range strings.Lines("    # Anything" + example) {
		lines = append(lines, strings.TrimPrefix(line, "    "))
	}
	report := runText(t, "rule builtin/potential_reverse_shell_via_suspicious_child_process.toml\n"+strings.Join(lines, ""))
	if len(report.Results) != 2 || !report.Passed() {
		t.Errorf("%v", failures(report))
	}
}
