package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/lint"
)

// What SARIF asks of a log: levels of its own words, results that point at their
// rule, regions that count from 1, URIs without what a URI can not hold.
func TestSarif(t *testing.T) {
	var findings []lint.Finding
	for _, c := range lint.Checks() {
		findings = append(findings, lint.Finding{Code: c.Code, Severity: c.Severity, Path: "a b/ö#.toml", Message: "m"})
	}
	findings[1].Line, findings[1].Col, findings[1].Hint = 3, 4, "h"
	a := &app{Env: &Env{Version: "v1.2.3"}}
	run := a.newSarif(findings).Runs[0]
	if v := run.Tool.Driver.Version; v != "1.2.3" {
		t.Errorf("version %q", v)
	}
	for i, r := range run.Results {
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID || r.RuleID != findings[i].Code {
			t.Errorf("result %d of %s points at %d", i, r.RuleID, r.RuleIndex)
		}
		if !strings.Contains(" error warning note ", " "+r.Level+" ") {
			t.Errorf("level %q", r.Level)
		}
		at := r.Locations[0].PhysicalLocation
		if at.ArtifactLocation.URI != "a%20b/%C3%B6%23.toml" {
			t.Errorf("URI %s", at.ArtifactLocation.URI)
		}
		if (at.Region != nil) != (i == 1) {
			t.Errorf("result %d: region %+v", i, at.Region)
		}
	}
	one, err := json.Marshal(run.Results[1])
	if err != nil || !strings.Contains(string(one), `"region":{"startLine":3,"startColumn":4}`) || !strings.Contains(string(one), `"text":"m (h)"`) {
		t.Errorf("%v %s", err, one)
	}
}

func TestFileURI(t *testing.T) {
	for path, want := range map[string]string{
		"rules/a.toml": "rules/a.toml", "/x/a.toml": "file:///x/a.toml", "a:b.toml": "./a:b.toml",
	} {
		if got := fileURI(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestUnifiedDiff(t *testing.T) {
	for _, tt := range []struct{ was, is, want string }{
		{"a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
		{"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\nx\ny\n7\n8\n9\n", "@@ -3,7 +3,8 @@\n 3\n 4\n 5\n-6\n+x\n+y\n 7\n 8\n 9\n"},
		{"a", "a\n", "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n"},
		{"a\nx\nb\ny\nc\n", "a\nX\nb\nY\nc\n", "@@ -1,5 +1,5 @@\n a\n-x\n+X\n b\n-y\n+Y\n c\n"},
		{"\x1b[31m\n", "b\n", "@@ -1,1 +1,1 @@\n-\\x1b[31m\n+b\n"},
	} {
		if got, want := unifiedDiff("f", tt.was, tt.is, false), "--- f\n+++ f\n"+tt.want; got != want {
			t.Errorf("%q to %q:\n got %q\nwant %q", tt.was, tt.is, got, want)
		}
	}
}
