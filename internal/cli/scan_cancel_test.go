package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/source"
)

// cutShort is an input in the middle of which the user presses ^C.
type cutShort struct {
	io.Reader
	left int // bytes until then
	stop context.CancelFunc
}

func (c *cutShort) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if c.left -= n; c.left <= 0 {
		c.stop()
	}
	return n, err
}

// A scan that ends in the middle leaves no temporary file of its matches, or of
// events in disorder, behind.
func TestCancelledScanLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, temp)
	}
	folder := t.TempDir()
	rules := filepath.Join(folder, "rule.toml")
	save(t, rules, watchRule("all", "any where true")+"\n")
	set, err := readRules([]string{rules})
	if err != nil || len(set.ready) != 1 {
		t.Fatal(err, set.problems)
	}
	var events strings.Builder
	for n := range 5000 {
		fmt.Fprintf(&events, `{"@timestamp":"2026-02-03T09:00:00.%03dZ","event":{"id":"e%d"}}`+"\n", (5000-n)%1000, n)
	}
	for _, share := range []int{1, 50, 99} {
		var out strings.Builder
		a := newTestApp(&out, io.Discard)
		var stop context.CancelFunc
		a.ctx, stop = context.WithCancel(context.Background())
		s := a.newScan(set, "ndjson")
		s.matches.limit = 0
		s.bounds.OrderBudget = 10_000
		s.batching = source.Batching{Block: 2_000, Ahead: 4}
		input := &cutShort{strings.NewReader(events.String()), events.Len() * share / 100, stop}
		err := a.scanOnce(s, &scanFlags{}, []string{"-"}, input)
		stop()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("at %d %%: %v", share, err)
		}
		if a.flush(); out.Len() > 0 {
			t.Errorf("at %d %%: alerts of a part: %.200s", share, out.String())
		}
		nothingIn(t, temp, "*")
	}
}
