package daemontest_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/daemontest"
	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/state"
)

// Recorded reverse shells, as if they were opened now, are each told once: by the stream,
// by the schedule alone, and by both together. `make bench-shells` does it with 1,000.
func TestRecordedShells(t *testing.T) {
	if raced {
		t.Skip("the daemon is a process of its own, which is built without the race detector")
	}
	const shells = 50
	recordings, err := daemontest.Recordings(filepath.Join("..", "..", "testdata", "reverse-shell-traces.zip"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	binary, err := daemontest.Build(dir)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := daemontest.SeedEvery("1s")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := daemontest.WriteRules(dir, []*rule.Rule{seed})
	if err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"stream": {"--schedule=false"}, "schedule": {"--stream=false"}, "both": nil,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), patience)
			defer stop()
			watch, data := daemontest.NewWatch(), filepath.Join(dir, name)
			p, err := daemontest.Start(daemontest.Options{Binary: binary, Data: data, Args: append([]string{"-r", rules}, args...), Out: watch.Out})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = p.Kill() }() // usually it has ended
			if err := p.Ready(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := daemontest.PostShells(ctx, p.Client, recordings, shells, 20*time.Millisecond); err != nil {
				t.Fatal(err)
			}
			if err := watch.Wait(ctx, shells); err != nil {
				t.Error(err)
			}
			if err := p.Stop(); err != nil {
				t.Error(err)
			}
			if err := watch.Check(shells); err != nil {
				t.Error(err)
			}
			st, err := state.OpenExisting(ctx, disk.OS{}, data)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = st.Close() }()
			if n, err := st.Count(ctx, state.Filter{}); err != nil || n != shells {
				t.Errorf("%d alerts are stored, %v", n, err)
			}
		})
	}
}
