package lint

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tripline-sec/tripline/internal/rule"
)

// seen is how many findings of each check there are in the recorded rules. Those
// of T021 to T024, T030 and T033 were read one by one, of the others a sample.
var seen = map[string]int{
	"T021": 7, "T023": 1, "T024": 6, "T025": 138, "T030": 21, "T031": 88, "T032": 224, "T033": 4, "T034": 96,
	"T041": 4, "T050": 136, "T052": 301, "T061": 24,
}

// The recorded rules are sound: nothing in them is an error, and each kind of
// finding stays as rare as it was when all of its findings had been looked at.
func TestRecordedRules(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "data", "elastic-rules")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the folder of rules is not here")
	}
	counts := map[string]int{}
	for _, f := range Rules(rule.LoadAll(folder)) {
		counts[f.Code]++
		if f.Severity == Error {
			t.Errorf("%s %s: %s", filepath.Base(f.Place()), f.Code, f.Message)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		c, _ := Lookup(code)
		if most, ok := seen[code]; !ok || counts[code] > most {
			t.Errorf("%s: %d findings, at most %d had been looked at", code, counts[code], most)
		}
		t.Logf("%s %s %s: %d", code, c.Severity, c.Name, counts[code])
	}
}
