package cli

import (
	"path/filepath"
	"testing"
)

// All rules over each recorded trace, and over all of them together.
func TestScanIsReferenceOnTraces(t *testing.T) {
	set, files := allRules(t), traceFiles(t)
	lines := 0
	for _, file := range files {
		got, _, _ := scanBy(t, set, []string{file}, nil, nil)
		lines += same(t, filepath.Base(file), got, oracle(t, set, documents(t, nil, file)))
	}
	if lines == 0 {
		t.Error("no alerts")
	}
	got, _, _ := scanBy(t, set, files, nil, nil)
	together := same(t, "all together", got, oracle(t, set, documents(t, nil, files...)))
	t.Logf("%d rules, %d traces: %d lines of alerts one by one, %d together", len(set.ready), len(files), lines, together)
}
