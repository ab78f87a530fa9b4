package daemontest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/daemontest"
)

// lasts is how long the daemon that is killed lives on average, with its start.
const lasts = time.Second

// patience is after how long a test that waits for a daemon is given up.
const patience = 2 * time.Minute

// TestKilled sends one plan to two daemons at once. One is left alone, the other is
// killed TRIPLINE_KILLS (50) times; its clients send again what was not acknowledged.
// In the end both have the same. A third is killed that has no schedule, which would
// find what a stream has lost.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes more than a minute")
	}
	if raced {
		t.Skip("the daemon is a process of its own, which is built without the race detector")
	}
	kills := 50
	if v := os.Getenv("TRIPLINE_KILLS"); v != "" {
		var err error
		if kills, err = strconv.Atoi(v); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	binary, err := daemontest.Build(dir)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := daemontest.WriteRules(dir, planRules(t))
	if err != nil {
		t.Fatal(err)
	}
	subjects := []*subject{
		newSubject(t, binary, dir, "quiet", 0, "-r", rules),
		newSubject(t, binary, dir, "killed", kills, "-r", rules),
		newSubject(t, binary, dir, "stream alone", (kills+3)/4, "-r", rules, "--schedule=false"),
	}
	subjects[2].unscheduled = true
	p := newPlan(t, time.Now(), time.Duration(max(kills, 5))*lasts)
	want := p.outcome()
	ctx, stop := context.WithTimeout(t.Context(), p.to.Sub(p.from)+patience)
	defer stop()
	var all sync.WaitGroup
	for _, s := range subjects {
		s.start()
		var sending sync.WaitGroup
		for c := range clients {
			sending.Go(func() { s.send(ctx, p, c) })
		}
		all.Go(func() {
			s.live(ctx, p)
			sending.Wait()
		})
	}
	all.Wait()
	for _, s := range subjects {
		t.Logf("%s: %d events sent, %d kills, %d of them of a daemon that took events; %d batches were sent again, %d documents had been stored and not acknowledged",
			s.name, p.events, s.kills, s.ready, s.again.Load(), s.conflicts.Load())
		s.settle(ctx, p, want)
		if err := s.process.Stop(); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		s.compare(p, want)
	}
}

// live kills the daemon and starts it again, as often as it shall be, evenly over the
// plan's time. It runs at the end.
func (s *subject) live(ctx context.Context, p *plan) {
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1)) //nolint:gosec // no secret
	mean := p.to.Sub(p.from) / time.Duration(max(s.kills, 1))
	for kill := range s.kills {
		if kill%4 == 3 { // while it starts
			wait(ctx, time.Duration(r.Int64N(int64(600*time.Millisecond))))
		} else {
			if err := s.process.Ready(ctx); err != nil {
				s.Errorf("%s: %v", s.name, err)
				return
			}
			s.ready++
			wait(ctx, time.Duration(r.Int64N(int64(mean*3/2)))) // a start takes its time too
		}
		if kill%2 == 0 { // while events are taken, or what they complete is committed
			s.awaitPost(ctx)
			wait(ctx, time.Duration(r.IntN(15_000))*time.Microsecond)
		}
		if err := s.process.Kill(); err != nil {
			s.Errorf("%s: %v", s.name, err)
			return
		}
		process, err := daemontest.Start(s.opts)
		if err != nil {
			s.Errorf("%s: %v", s.name, err)
			return
		}
		s.process = process
	}
}

// wait waits.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// awaitPost waits until a client posts.
func (s *subject) awaitPost(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.posts:
	case <-time.After(lasts): // the plan is at its end
	}
}

// send sends a client's part of the plan, each batch at its time or later, until each
// document is acknowledged.
func (s *subject) send(ctx context.Context, p *plan, client int) {
	for _, b := range p.batches {
		if b.client != client {
			continue
		}
		wait(ctx, time.Until(b.at))
		left := b.docs
		for tries := 0; len(left) > 0; tries++ {
			if ctx.Err() != nil {
				s.Errorf("%s: client %d gave up", s.name, client)
				return
			}
			select {
			case s.posts <- struct{}{}:
			default:
			}
			statuses, err := s.client.Bulk(ctx, left)
			if err != nil {
				s.again.Add(1)
				wait(ctx, 20*time.Millisecond)
				continue
			}
			var refused []daemontest.Doc
			for i, status := range statuses {
				switch {
				case status == http.StatusCreated:
				case status == http.StatusConflict && tries > 0:
					s.conflicts.Add(1)
				case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
					refused = append(refused, left[i])
				default:
					s.Errorf("%s: %s: status %d", s.name, left[i].ID, status)
				}
			}
			left = refused
		}
	}
}

// outcome is what the plan must come to: for each rule its alerts, by the ids of
// events or what else tells them apart.
func (p *plan) outcome() map[string][]string {
	all := map[string][]string{}
	for name, list := range p.alerts {
		all[name] = slices.Sorted(slices.Values(list))
	}
	for host, n := range p.counted {
		all[countedName] = append(all[countedName], fmt.Sprintf("%s %d", host, n))
	}
	slices.Sort(all[countedName])
	seen := map[int]bool{}
	for _, b := range p.batches {
		for _, d := range b.docs {
			if n, ok := daemontest.ShellOf(d.ID); ok && !seen[n] {
				seen[n] = true
				all[seedName] = append(all[seedName], fmt.Sprint("shell ", n))
			}
		}
	}
	slices.Sort(all[seedName])
	for range p.alerts[pairName] {
		all[onAlertsName] = append(all[onAlertsName], "an alert")
	}
	return all
}

func newSubject(t *testing.T, binary, dir, name string, kills int, args ...string) *subject {
	t.Helper()
	data := filepath.Join(dir, name)
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	s := &subject{TB: t, name: name, kills: kills, data: data, log: log, told: map[string]int{}, posts: make(chan struct{}), client: daemontest.NewClient(filepath.Join(data, "tripline.sock"))}
	s.opts = daemontest.Options{Binary: binary, Data: data, Args: args, Out: s.out, Log: log}
	t.Cleanup(func() {
		if s.process != nil {
			_ = s.process.Kill() // usually it has ended
		}
		_ = log.Close() // it is looked at only when the test has failed
		if t.Failed() {
			s.showLog()
		}
	})
	return s
}
