package ruletest

import (
	"path/filepath"
	"testing"
)

// TestSemantics runs what testdata/semantics says of the language.
func TestSemantics(t *testing.T) {
	files, err := filepath.Glob("testdata/semantics/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	tests := 0
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			report := (&Runner{}).RunFile(path)
			for _, text := range failures(report) {
				t.Error(text)
			}
			for _, one := range report.Results {
				if !one.Passed() {
					t.Errorf("%s:%d: %s", path, one.Test.At.Line, one.Test.Name)
				}
			}
			tests += len(report.Results)
		})
	}
	t.Logf("%d tests", tests)
}
