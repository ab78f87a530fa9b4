package daemontest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/daemontest"
	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/state"
	"github.com/tripline-sec/tripline/internal/store"
)

const seedName = "Potential Reverse Shell via Suspicious Child Process"

// subject is a daemon that is watched over several lives.
type subject struct {
	testing.TB
	name, data  string
	kills       int // how often it is killed
	ready       int // and how often of that it took events
	unscheduled bool
	opts        daemontest.Options
	process     *daemontest.Process
	client      *daemontest.Client // of all lives
	log         *os.File

	again, conflicts atomic.Int64
	posts            chan struct{} // a client posts

	mu   sync.Mutex
	told map[string]int // by the id of an alert: how often it was written to the terminal
}

func (s *subject) start() {
	s.Helper()
	var err error
	if s.process, err = daemontest.Start(s.opts); err != nil {
		s.Fatal(err)
	}
}

func (s *subject) out(_ time.Time, line []byte) {
	a, ok, err := daemontest.ReadAlert(line)
	if err != nil {
		s.Errorf("%s: %v: %.200s", s.name, err, line)
	}
	if ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.told[a.ID]++
	}
}

// showLog shows the end of what the daemon said.
func (s *subject) showLog() {
	text, err := os.ReadFile(s.log.Name())
	if err != nil {
		return
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	lines = slices.DeleteFunc(lines, func(l []byte) bool { return bytes.Contains(l, []byte(`"msg":"alert"`)) })
	s.Logf("%s said at last:\n%s", s.name, bytes.Join(lines[max(0, len(lines)-30):], nil))
}

// settle waits until the daemon has made of the plan what it should, or for so long that
// it never will.
func (s *subject) settle(ctx context.Context, p *plan, want map[string][]string) {
	s.Helper()
	ctx, stop := context.WithTimeout(ctx, patience/3)
	defer stop()
	for ctx.Err() == nil {
		status, err := s.client.Status(ctx)
		if err == nil && status.Lag == 0 {
			all, ids := s.alerts()
			if equal(all, want) && len(s.owed(p)) == 0 && s.missing(ids) == 0 {
				return
			}
		}
		wait(ctx, 300*time.Millisecond)
	}
}

func equal(a, b map[string][]string) bool { return maps.EqualFunc(a, b, slices.Equal) }

// missing is how many alerts were not written to the terminal.
func (s *subject) missing(ids []string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if s.told[id] == 0 {
			n++
		}
	}
	return n
}

func (s *subject) state() *state.State {
	s.Helper()
	st, err := state.OpenExisting(context.Background(), disk.OS{}, s.data)
	if err != nil {
		s.Fatalf("%s: %v", s.name, err)
	}
	return st
}

// alerts are those that are stored, as plan.outcome has them, and their ids.
func (s *subject) alerts() (all map[string][]string, ids []string) {
	s.Helper()
	st := s.state()
	defer func() { _ = st.Close() }()
	all = map[string][]string{}
	err := st.InOrder(context.Background(), state.Filter{BuildingBlocks: true}, 0, func(a *state.Alert) error {
		docs, err := st.Documents(context.Background(), a)
		if err != nil {
			return err
		}
		told, _, err := daemontest.ReadAlert(docs.Alert)
		if err != nil {
			return err
		}
		text := strings.Join(told.Events, "+")
		switch a.Name {
		case countedName:
			host, _, _ := strings.Cut(told.Events[0], "@") // ids say of which host
			text = fmt.Sprintf("%s %d", host, a.Counted+1)
		case onAlertsName:
			text = "an alert"
		case seedName:
			n, _ := daemontest.ShellOf(told.Events[0])
			text = fmt.Sprint("shell ", n)
		}
		if !a.Superseded.IsZero() {
			text += " superseded"
		}
		all[a.Name], ids = append(all[a.Name], text), append(ids, a.ID)
		return nil
	})
	if err != nil {
		s.Fatalf("%s: %v", s.name, err)
	}
	for _, list := range all {
		slices.Sort(list)
	}
	return all, ids
}

// owed is what the ledgers do not cover of the plan's time, what they hold for dirty in
// it, and what they have given up.
func (s *subject) owed(p *plan) (all []string) {
	s.Helper()
	st := s.state()
	defer func() { _ = st.Close() }()
	ledgers, err := st.Ledgers(context.Background())
	if err != nil {
		s.Fatalf("%s: %v", s.name, err)
	}
	if len(ledgers) != 5 {
		return []string{fmt.Sprintf("%d ledgers", len(ledgers))}
	}
	for i := range ledgers {
		l := &ledgers[i]
		if s.unscheduled {
			break // nothing is covered
		}
		at := p.from
		for _, c := range l.Coverage() {
			if !c.From.After(at) && c.To.After(at) {
				at = c.To
			}
		}
		if at.Before(p.to) {
			all = append(all, fmt.Sprintf("rule %s is covered up to %s of %s", l.Rule, at, p.to))
		}
		for _, d := range l.Dirty {
			if d.From.Before(p.to) && d.To.After(p.from) {
				all = append(all, fmt.Sprintf("rule %s has %s to %s to judge again", l.Rule, d.From, d.To))
			}
		}
		for _, g := range l.Gaps {
			all = append(all, fmt.Sprintf("rule %s has a gap %s to %s: %s", l.Rule, g.From, g.To, g.Reason))
		}
	}
	waiting, err := st.Waiting(context.Background())
	if err != nil {
		s.Fatalf("%s: %v", s.name, err)
	}
	for _, w := range waiting {
		all = append(all, fmt.Sprintf("rule %s has %d alerts that wait", w.Rule, w.Carried))
	}
	runs, err := st.Runs(context.Background(), "", -1)
	if err != nil {
		s.Fatalf("%s: %v", s.name, err)
	}
	for i := range runs {
		if runs[i].Status != schedule.Succeeded {
			all = append(all, fmt.Sprintf("run of %s at %s: %s", runs[i].Rule, runs[i].Started, runs[i].Text()))
		}
	}
	return all
}

// compare tells how what a daemon has left differs from what the plan must come to.
func (s *subject) compare(p *plan, want map[string][]string) {
	s.Helper()
	all, ids := s.alerts()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		less, more := difference(want[name], all[name])
		s.Logf("%s: %q: %d alerts", s.name, name, len(all[name]))
		if len(less)+len(more) > 0 {
			s.Errorf("%s: %q: %d alerts of %d; missing %q, too many %q", s.name, name, len(all[name]), len(want[name]), less[:min(10, len(less))], more[:min(10, len(more))])
		}
	}
	if len(all) != len(want) {
		s.Errorf("%s: alerts of %q", s.name, slices.Sorted(maps.Keys(all)))
	}
	for _, text := range s.owed(p) {
		s.Errorf("%s: %s", s.name, text)
	}
	if n := s.missing(ids); n > 0 {
		s.Errorf("%s: %d alerts never reached the terminal", s.name, n)
	}
	if text, err := os.ReadFile(s.log.Name()); err != nil || bytes.Contains(text, []byte("not applied")) {
		s.Errorf("%s: it says that it does not apply a part of a rule, %v", s.name, err)
	}
	stored := s.stored()
	for _, b := range p.batches {
		for i := range b.docs {
			if n := stored[b.docs[i].ID]; n != 1 {
				s.Errorf("%s: acknowledged event %s is stored %d times", s.name, b.docs[i].ID, n)
			}
		}
	}
	for _, id := range ids {
		if n := stored[id]; n != 1 {
			s.Errorf("%s: alert %s is stored %d times as an event", s.name, id, n)
		}
	}
}

// stored counts the events of the store by their ids.
func (s *subject) stored() map[string]int {
	s.Helper()
	r, err := store.OpenReader(disk.OS{}, filepath.Join(s.data, "store"))
	if err != nil {
		s.Fatalf("%s: %v", s.name, err)
	}
	defer func() { _ = r.Close() }()
	all := map[string]int{}
	scan := r.Scan(store.Query{})
	defer scan.Close()
	for {
		b, err := scan.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			s.Fatalf("%s: %v", s.name, err)
		}
		for i := range b.Docs {
			all[strings.Clone(b.Docs[i].ID)]++
		}
		b.Release()
	}
}

// difference is what is in one sorted list only.
func difference(want, got []string) (less, more []string) {
	for len(want) > 0 || len(got) > 0 {
		switch {
		case len(got) == 0 || len(want) > 0 && want[0] < got[0]:
			less, want = append(less, want[0]), want[1:]
		case len(want) == 0 || got[0] < want[0]:
			more, got = append(more, got[0]), got[1:]
		default:
			want, got = want[1:], got[1:]
		}
	}
	return less, more
}
