package cli

import (
	"runtime/debug"
	"testing"
)

func TestRestCollector(t *testing.T) {
	before := debug.SetGCPercent(50)
	defer debug.SetGCPercent(before)
	percent := func() int { // says it and leaves it
		now := debug.SetGCPercent(50)
		debug.SetGCPercent(now)
		return now
	}
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		restCollector(func(asked string) string {
			if asked == name {
				return "off"
			}
			return ""
		})
		if got := percent(); got != 50 {
			t.Fatalf("with %s set, the collector runs at %d percent, want the 50 it was set to", name, got)
		}
	}
	if got := restFor(8 << 20); got != 800 {
		t.Errorf("a heap of 8 MiB: %d percent, want the 800 that are 64 MiB", got)
	}
	if got := restFor(800 << 20); got != 15 {
		t.Errorf("a heap of 800 MiB: %d percent, want 15", got)
	}
	if got := restFor(0); got != 1600 {
		t.Errorf("no heap: %d percent, want 1600", got)
	}
}
