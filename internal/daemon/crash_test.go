package daemon

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/disk/fault"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/store"
)

// story is what happens to a daemon: at each step the clock moves on, events come, what
// is due runs, now and then the store is sealed.
type story struct {
	rules []*rule.Rule
	steps []storyStep
}

type storyStep struct {
	at     time.Time
	events []store.Event
	seal   bool
}

func newStory(tb testing.TB) *story {
	tb.Helper()
	d := &desk{TB: tb}
	s := &story{rules: []*rule.Rule{
		pairRule(1, pairs, nil),
		pairRule(2, `file where true`, func(r *rule.Rule) { r.MaxSignals = 2 }),
		pairRule(3, `process where true`, func(r *rule.Rule) {
			r.AlertSuppression = &rule.AlertSuppression{GroupBy: []string{"host.id"}, Duration: &rule.Duration{Value: 1, Unit: "h"}}
		}),
		pairRule(4, `any where event.kind == "signal" and kibana.alert.rule.name == "Rule 1" and kibana.alert.building_block_type == null`,
			func(r *rule.Rule) { r.Index = []string{".alerts-security.*"} }),
	}}
	n := 0
	add := func(step *storyStep, category string, at time.Time, host string) {
		n++
		id := fmt.Sprint("e", n)
		raw := d.event(id, category, at.Format("15:04:05"), host)
		step.events = append(step.events, store.Event{Raw: []byte(raw), ID: id, Create: true, Source: "test"})
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 18 {
		step := storyStep{at: noon.Add(time.Duration(i) * 70 * time.Second), seal: i%7 == 5}
		for range 1 + r.IntN(3) {
			add(&step, []string{"process", "network", "file"}[r.IntN(3)], step.at.Add(-time.Duration(r.IntN(60))*time.Second), fmt.Sprint("h", r.IntN(2)))
		}
		if i%5 == 4 {
			add(&step, "file", step.at.Add(-6*time.Minute), "late")
		}
		s.steps = append(s.steps, step)
	}
	s.steps = append(s.steps, storyStep{at: noon.Add(40 * time.Minute)}, storyStep{at: noon.Add(50 * time.Minute)}, storyStep{at: noon.Add(60 * time.Minute)})
	return s
}

// tell lets the story happen over a disk, which may stop it anywhere: then it goes on
// over what the disk has kept. It returns the daemon at the end.
func (s *story) tell(tb testing.TB, fs *fault.FS, chance *rand.Rand) *desk {
	tb.Helper()
	d := &desk{TB: tb, fs: fs, opts: both(), now: noon, rules: s.rules}
	up, crashes := false, 0
	acknowledged := map[string]bool{}
	for i := 0; i < len(s.steps); {
		err := func() error {
			if !up {
				if err := d.start(); err != nil {
					return err
				}
				up = true
			}
			step := &s.steps[i]
			d.now = step.at
			if len(step.events) > 0 {
				if _, err := d.Append(context.Background(), step.events); err != nil {
					return err
				}
				for _, e := range step.events {
					acknowledged[e.ID] = true
				}
			}
			return d.live(step.seal)
		}()
		if err == nil {
			i++
			continue
		}
		if !errors.Is(err, fault.ErrStopped) && !strings.Contains(err.Error(), "disk I/O") {
			tb.Fatalf("step %d: %v", i, err)
		}
		if crashes++; crashes > 1 {
			tb.Fatalf("it stopped twice: %v", err)
		}
		d.fs.Stop()
		if d.Daemon != nil {
			_ = d.Close()
		}
		d.fs, d.Daemon, up = d.fs.Crash(chance), nil, false
	}
	for id := range acknowledged {
		if _, ok := d.store.Has("logs-x-default", id); !ok {
			tb.Errorf("acknowledged event %s is gone", id)
		}
	}
	return d
}

// live is what a daemon does by itself at a time.
func (d *desk) live(seal bool) error {
	for range 3 {
		if err := d.catchUp(); err != nil {
			return err
		}
		for {
			ran, err := d.pass(context.Background())
			if err != nil {
				return err
			}
			if !ran {
				break
			}
		}
	}
	if seal {
		return d.store.Seal(context.Background())
	}
	return nil
}

// outcome is what must be the same however often the power went.
func (d *desk) outcome() []string {
	out := d.alerts()
	for i, one := range out { // of an alert on an alert, the event's own id is that of the first
		if strings.HasPrefix(one, "4:") {
			out[i] = "4"
		}
	}
	slices.Sort(out)
	for _, l := range d.scheduler.Ledgers() {
		out = append(out, fmt.Sprintf("%s covered %s, dirty %v, gaps %v", l.Rule[30:], spans(l.Coverage()), len(l.Dirty), l.Gaps))
	}
	return out
}

func spans(list []schedule.Span) string {
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "[%s %s]", s.From.Format("15:04:05"), s.To.Format("15:04:05"))
	}
	return b.String()
}

// TestPowerCut stops the disk at steps of a story and goes on over what it has kept:
// TRIPLINE_CUTS of them (40), spread evenly.
func TestPowerCut(t *testing.T) {
	s := newStory(t)
	quiet := fault.New()
	d := s.tell(t, quiet, nil)
	want, steps := d.outcome(), quiet.Steps()
	t.Logf("%d steps; %q", steps, want)
	if len(want) < 10 {
		t.Fatal("nothing happens in this story")
	}
	cuts := 40
	if v := os.Getenv("TRIPLINE_CUTS"); v != "" {
		var err error
		if cuts, err = strconv.Atoi(v); err != nil {
			t.Fatal(err)
		}
	}
	cuts = min(cuts, steps)
	for i := range cuts {
		at := 1 + i*steps/cuts
		fs := fault.New()
		fs.StopAt(at)
		var chance *rand.Rand
		if i%3 > 0 {
			chance = rand.New(rand.NewPCG(uint64(i), 5)) //nolint:gosec // small
		}
		d := s.tell(t, fs, chance)
		if got := d.outcome(); !slices.Equal(got, want) {
			t.Errorf("cut at step %d of %d:\n got %q\nwant %q", at, steps, got, want)
		}
		_ = d.Close()
	}
}
