package daemon

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/replay"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/ruleset"
	"github.com/tripline-sec/tripline/internal/source"
	"github.com/tripline-sec/tripline/internal/state"
)

// theoremQueries are sequences of which a window has just what the whole has of it,
// and single events.
var theoremQueries = []string{
	`file where host.id == "h1"`,
	`sequence by host.id with maxspan=1m [process where true] [network where true]`,
	`sequence by host.id with maxspan=90s [process where true] [file where true] [network where true]`,
	`sequence by host.id with maxspan=2m [process where true] [network where true] until [file where true]`,
	`sequence by host.id with maxspan=3m [process where true] with runs=2 [network where true]`,
	`sequence by host.id with maxspan=1m [process where true] ![file where true] [network where true]`,
	`sequence by host.id with maxspan=1m [process where true] ![network where true]`,
	`sequence with maxspan=20s [file where true] [file where true]`,
}

// The same events as files are judged, on the stream and on the schedule, through
// the store, give alerts of the same ids.
func TestScanStreamAndScheduleGiveTheSameAlerts(t *testing.T) {
	total := 0
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 77))
		var rules []*rule.Rule
		for i, q := range theoremQueries {
			rules = append(rules, pairRule(i+1, q, func(r *rule.Rule) { r.MaxSignals = 10_000 }))
		}
		maker := &desk{TB: t}
		type timed struct {
			at  time.Time
			doc string
		}
		var events []timed
		at := noon
		for i := range 120 {
			at = at.Add(time.Duration(r.IntN(20_000)) * time.Millisecond)
			doc := maker.event(fmt.Sprint("e", i), []string{"process", "network", "file"}[r.IntN(3)], at.Format("15:04:05.000"), fmt.Sprint("h", r.IntN(3)))
			events = append(events, timed{at, doc})
		}
		scanned := scanIDs(t, rules, func(each func(string)) {
			for _, e := range events {
				each(e.doc)
			}
		})
		total += len(scanned)
		for n, way := range []struct {
			name string
			opts Options
		}{{"stream", Options{Stream: true}}, {"stream", Options{Stream: true}}, {"schedule", Options{Schedule: true}}, {"both", both()}} {
			name := way.name
			r := rand.New(rand.NewPCG(seed, uint64(n)+10)) //nolint:gosec // small
			d := newDesk(t, way.opts, rules...)
			for i, e := range events {
				d.now = e.at
				d.in(e.doc)
				if r.IntN(5) == 0 {
					d.step()
				}
				if r.IntN(40) == 0 {
					if err := d.store.Seal(context.Background()); err != nil {
						t.Fatal(err)
					}
				}
				if i == 60 {
					d.again()
				}
			}
			for range 20 {
				d.step()
				d.now = d.now.Add(time.Minute)
			}
			if got := d.ids(); !slices.Equal(got, scanned) {
				t.Errorf("seed %d, %s: %d alerts, want those of a scan: %d", seed, name, len(got), len(scanned))
			}
			_ = d.Close()
		}
	}
	if t.Logf("%d alerts", total); total < 100 {
		t.Error("too little is found to say anything")
	}
}

// step does what is due now.
func (d *desk) step() {
	d.Helper()
	d.judge()
	for d.opts.Schedule {
		ran, err := d.pass(context.Background())
		if err != nil {
			d.Fatal(err)
		}
		if !ran {
			return
		}
	}
}

// ids are those of the stored alerts that stand.
func (d *desk) ids() []string {
	d.Helper()
	var ids []string
	if err := d.state.InOrder(context.Background(), state.Filter{BuildingBlocks: true}, 0, func(a *state.Alert) error {
		if a.Superseded.IsZero() {
			ids = append(ids, a.ID)
		}
		return nil
	}); err != nil {
		d.Fatal(err)
	}
	slices.Sort(ids)
	return ids
}

// scanIDs are the ids of what files with these events give.
func scanIDs(tb testing.TB, rules []*rule.Rule, each func(func(string))) []string {
	tb.Helper()
	var text strings.Builder
	each(func(doc string) { text.WriteString(doc + "\n") })
	var ready []*ruleset.Rule
	var queries []engine.Query
	for _, r := range rules {
		one, err := ruleset.Prepare(r, noon)
		if err != nil {
			tb.Fatal(err)
		}
		ready, queries = append(ready, one), append(queries, one.Query())
	}
	program, err := engine.Compile(queries)
	if err != nil {
		tb.Fatal(err)
	}
	var found []engine.Match
	open := func() *source.Reader {
		found = nil
		return source.Open([]string{"-"}, strings.NewReader(text.String()), source.Options{Batching: source.Batching{Peek: engine.PeekTime}})
	}
	run := replay.New(program, replay.Options{Match: func(m engine.Match) { found = append(found, m) }, Problem: func(p *source.Problem) { tb.Error(p) }})
	if _, err := run.Run(context.Background(), open, false); err != nil {
		tb.Fatal(err)
	}
	resolver := program.NewResolver()
	var ids []string
	for _, m := range found {
		r := ready[m.Query]
		match, err := r.Match(keysOf(resolver, m.Query, &m), m.Events)
		if err != nil {
			tb.Fatal(err)
		}
		if one := r.Alert(match, noon); one != nil {
			ids = append(ids, one.ID)
		}
	}
	slices.Sort(ids)
	return ids
}
