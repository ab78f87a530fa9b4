package explain_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/tripline-sec/tripline/internal/explain"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/rule"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Each trace is one that the built-in rule is silent on; the cause is the one
// that whoever recorded the trace gives for it.
func TestGoldenNearestMisses(t *testing.T) {
	query := seed(t)
	for name, cause := range map[string]explain.Cause{
		"py-bash-c-exec-in-place":       explain.CauseClause,
		"py-late-connect-2s":            explain.CauseSpan,
		"py-os-system-no-keyword":       explain.CauseClause,
		"ruby-tcpsocket":                explain.CauseClause,
		"lua-socket-os-execute":         explain.CauseClause,
		"nc-traditional-e":              explain.CauseClause,
		"ncat-bind-e-slow":              explain.CauseSpan,
		"bash-dev-tcp":                  explain.CauseClause,
		"socat-exec-pty":                explain.CauseClause,
		"tclsh-socket":                  explain.CauseClause,
		"busybox-nc-e":                  explain.CauseClause,
		"telnet-fifo":                   explain.CauseClause,
		"gawk-inet-tcp":                 explain.CauseClause,
		"benign-py-subprocess-curl":     explain.CauseClause,
		"benign-py-subprocess-loopback": explain.CauseClause,
		"benign-pip":                    explain.CauseClause,
	} {
		t.Run(name, func(t *testing.T) {
			report := run(t, query, reference.Options{}, trace(t, name))
			if len(report.Matches) > 0 || len(report.Misses) == 0 {
				t.Fatalf("%d matches, %d misses", len(report.Matches), len(report.Misses))
			}
			if report.Misses[0].Cause != cause {
				t.Errorf("cause %s, want %s", report.Misses[0].Cause, cause)
			}
			got, path := text(report, 2), filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// seed is the query of the rule that the traces were recorded for.
func seed(t *testing.T) string {
	t.Helper()
	rules, problems := rule.Load("../rule/builtin/potential_reverse_shell_via_suspicious_child_process.toml")
	if len(rules) != 1 {
		t.Fatalf("load rule: %v", problems)
	}
	return rules[0].Query
}
