package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/disk/fault"
	"github.com/tripline-sec/tripline/internal/generate"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/ruleset"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/state"
	"github.com/tripline-sec/tripline/internal/store"
)

// desk is a daemon over a disk in memory, with an injected clock, driven step by step:
// nothing sleeps.
type desk struct {
	testing.TB
	*Daemon
	fs    *fault.FS
	opts  Options
	now   time.Time
	rules []*rule.Rule
	log   bytes.Buffer
}

var noon = time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)

func newDesk(tb testing.TB, opts Options, rules ...*rule.Rule) *desk {
	tb.Helper()
	d := &desk{TB: tb, fs: fault.New(), opts: opts, now: noon, rules: rules}
	d.open()
	return d
}

// open opens the daemon, again if there was one.
func (d *desk) open() {
	d.Helper()
	if err := d.start(); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) start() error {
	opts := d.opts
	opts.FS, opts.Data, opts.Store.Manual = d.fs, "/data", true
	opts.Now = func() time.Time { return d.now }
	opts.Log = slog.New(slog.NewTextHandler(&d.log, nil))
	opts.Load = func() (*Rules, error) {
		out := &Rules{Paths: []string{"rules"}}
		for _, r := range d.rules {
			ready, err := ruleset.Prepare(r, d.now)
			if err != nil {
				out.Problems = append(out.Problems, r.Name+": "+err.Error())
				continue
			}
			out.Ready = append(out.Ready, ready)
			out.Until = ready.Expires(d.now, out.Until)
		}
		return out, nil
	}
	var err error
	d.Daemon, err = Open(context.Background(), opts)
	return err
}

// in stores documents.
func (d *desk) in(docs ...string) {
	d.Helper()
	if err := d.append(docs...); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) append(docs ...string) error {
	events := make([]store.Event, len(docs))
	for i, doc := range docs {
		events[i] = store.Event{Raw: []byte(doc), Source: "test"}
	}
	_, err := d.Append(context.Background(), events)
	return err
}

// judge lets the stream, and the schedule's account, catch up with the store.
func (d *desk) judge() {
	d.Helper()
	if err := d.catchUp(); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) catchUp() error {
	ctx := context.Background()
	if _, err := d.read(ctx, d.commit); err != nil {
		return err
	}
	d.passTime()
	if err := d.commit(ctx); err != nil {
		return err
	}
	return d.bringAlerts(ctx, outbox{d.state})
}

// until lets the clock run, a second at a time, and what is due with it.
func (d *desk) until(clock string) {
	d.Helper()
	for end := at(d, clock); ; d.now = d.now.Add(time.Second) {
		d.judge()
		d.expire(context.Background())
		for d.opts.Schedule {
			ran, err := d.pass(context.Background())
			if err != nil {
				d.Fatal(err)
			}
			if !ran {
				break
			}
		}
		if !d.now.Before(end) {
			return
		}
	}
}

// at is a time of the day.
func at(tb testing.TB, clock string) time.Time {
	tb.Helper()
	for _, form := range []string{"15:04", "15:04:05", "15:04:05.999999999"} {
		if t, err := time.Parse(form, clock); err == nil {
			return noon.Truncate(24 * time.Hour).Add(t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)))
		}
	}
	tb.Fatalf("%q is no time", clock)
	return time.Time{}
}

// event is an event of a category that happened at a time of the day.
func (d *desk) event(id, category, clock, host string) string {
	d.Helper()
	return fmt.Sprintf(`{"@timestamp":%q,"event":{"category":%q,"id":%q},"host":{"id":%q},"data_stream":{"type":"logs","dataset":"x","namespace":"default"}}`,
		at(d, clock).Format(time.RFC3339Nano), category, id, host)
}

// pairRule is a rule like the seed: every 5m from now-9m.
func pairRule(number int, query string, change func(*rule.Rule)) *rule.Rule {
	r := &rule.Rule{
		ID: fmt.Sprintf("11111111-2222-3333-4444-%012d", number), RuleID: fmt.Sprint(number), Name: fmt.Sprint("Rule ", number), Query: query,
		Type: "eql", Interval: "5m", From: "now-9m", To: "now", MaxSignals: 100, Severity: rule.High, RiskScore: 73, Index: []string{"logs-*"},
	}
	if change != nil {
		change(r)
	}
	return r
}

const pairs = `sequence by host.id with maxspan=1m [process where true] [network where true]`

// both has stream and schedule on.
func both() Options { return Options{Stream: true, Schedule: true} }

// alerts are the stored alerts by the ids of their events, with what is odd of them.
func (d *desk) alerts() []string {
	d.Helper()
	var out []string
	err := d.state.InOrder(context.Background(), state.Filter{BuildingBlocks: true}, 0, func(a *state.Alert) error {
		docs, err := d.state.Documents(context.Background(), a)
		if err != nil {
			return err
		}
		out = append(out, a.RuleID+":"+strings.Join(eventIDs(d, docs), "+")+mark(a))
		return nil
	})
	if err != nil {
		d.Fatal(err)
	}
	return out
}

func mark(a *state.Alert) string {
	text := ""
	if !a.Superseded.IsZero() {
		text += " superseded"
	}
	if a.Counted > 0 {
		text += fmt.Sprintf(" +%d", a.Counted)
	}
	return text
}

func eventIDs(tb testing.TB, docs *state.Documents) []string {
	tb.Helper()
	var shell struct {
		Events []struct {
			ID string `json:"_id"`
		} `json:"tripline.events"`
	}
	if err := json.Unmarshal(docs.Alert, &shell); err != nil {
		tb.Fatal(err)
	}
	var ids []string
	for _, e := range shell.Events {
		ids = append(ids, e.ID)
	}
	return ids
}

func (d *desk) want(alerts ...string) {
	d.Helper()
	got := d.alerts()
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(alerts))) {
		d.Errorf("alerts %q, want %q\n%s", got, alerts, d.log.String())
	}
}

// shell is the events of a recorded-like match of a rule, the last of them at a time.
func shell(tb testing.TB, r *rule.Rule, number int, last time.Time) []string {
	tb.Helper()
	ready, err := ruleset.Prepare(r, last)
	if err != nil {
		tb.Fatal(err)
	}
	events, err := generate.Solve(ready.Checked)
	if err != nil {
		tb.Fatal(err)
	}
	begin := last.Add(-events[len(events)-1].Offset)
	var out []string
	for i, e := range events {
		doc := maps.Clone(e.Fields)
		doc["@timestamp"] = begin.Add(e.Offset).Format(time.RFC3339Nano)
		doc["event.id"] = fmt.Sprintf("%d-%d", number, i)
		doc["process.entity_id"] = fmt.Sprint("p", number)
		doc["data_stream.type"], doc["data_stream.dataset"], doc["data_stream.namespace"] = "logs", "endpoint.events.process", "default"
		text, err := json.Marshal(doc)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, string(text))
	}
	return out
}

// runs are all runs, the newest first. That there are some is part of what is asked.
func (d *desk) runs() []schedule.Run {
	d.Helper()
	runs, err := d.state.Runs(context.Background(), "", 10_000)
	if err != nil || len(runs) == 0 {
		d.Fatalf("%d runs, %v", len(runs), err)
	}
	return runs
}
