package pass_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/pass"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/value"
)

// desk runs rules on their schedule over a store in memory, with an injected clock,
// and keeps the alerts: what a daemon does, without a disk.
type desk struct {
	testing.TB
	rules     []*rule.Rule
	known     []*schedule.Rule
	program   *engine.Program
	store     *memory
	scheduler *schedule.Scheduler
	now       time.Time
	most      int // matches that a pass takes of a rule
	catalog   schedule.Catalog
	before    bool // events come before the scheduler

	alerts  map[string]bool  // by id
	told    []string         // the alerts in the order in which they were told, by the ids of their events
	carried map[int][]*found // by rule
	runs    []schedule.Run
	passes  []*pass.Report
}

// found is an alert that is not told yet.
type found struct {
	*alert.Alert
	text string
}

var day = time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)

// at reads a time of the day.
func at(tb testing.TB, s string) time.Time {
	tb.Helper()
	for _, form := range []string{"15:04", "15:04:05", "15:04:05.999999999"} {
		if t, err := time.Parse(form, s); err == nil {
			return day.Add(t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)))
		}
	}
	tb.Fatalf("%q is no time", s)
	return time.Time{}
}

const (
	ofProcess = `process where true`
	pairs     = `sequence by host.id with maxspan=1m [process where true] [network where true]`
)

// seedLike is a rule that runs every 5m from now-9m.
func seedLike(number int, query string, change func(*rule.Rule)) *rule.Rule {
	r := &rule.Rule{
		ID: fmt.Sprintf("11111111-2222-3333-4444-%012d", number), RuleID: fmt.Sprint(number), Name: fmt.Sprint("Rule ", number), Query: query,
		Interval: "5m", From: "now-9m", To: "now", MaxSignals: 100, Severity: rule.High, RiskScore: 73, Index: []string{"logs-*"},
	}
	if change != nil {
		change(r)
	}
	return r
}

func newDesk(tb testing.TB, p schedule.Policy, start string, rules ...*rule.Rule) *desk {
	tb.Helper()
	d := &desk{TB: tb, rules: rules, store: &memory{}, now: at(tb, start), alerts: map[string]bool{}, carried: map[int][]*found{}}
	var queries []engine.Query
	for _, r := range rules {
		parsed, err := eql.Parse(r.Query)
		if err != nil {
			tb.Fatal(err)
		}
		checked, _, err := eql.Check(parsed, eql.CheckOptions{TimestampField: r.TimestampField})
		if err != nil {
			tb.Fatal(err)
		}
		known, err := schedule.NewRule(r, checked)
		if err != nil {
			tb.Fatal(err)
		}
		d.known = append(d.known, known)
		queries = append(queries, engine.Query{
			Name: r.Name, Checked: checked, Accept: known.Indices.Fit, Patterns: strings.Join(known.Indices, ","), Span: known.Span,
			TimestampField: r.TimestampField,
		})
	}
	var err error
	if d.program, err = engine.Compile(queries, pass.TimeFields(d.known)...); err != nil {
		tb.Fatal(err)
	}
	d.scheduler = schedule.New(p, func() string { return fmt.Sprint("run ", len(d.runs)) })
	d.scheduler.Use(d.known, d.now)
	return d
}

// arrive stores an event of a category that happened at a time, on a host; its id is
// what stands in front.
func (d *desk) arrive(id, category, happened, host string) {
	d.Helper()
	t := at(d, happened)
	raw := fmt.Sprintf(`{"@timestamp":%q,"event":{"category":%q,"ingested":%q},"host":{"id":%q}}`,
		t.Format(time.RFC3339Nano), category, d.now.Format(time.RFC3339Nano), host)
	d.put(schedule.Event{Raw: []byte(raw), ID: id, Time: value.InstantOfTime(t), HasTime: true})
}

func (d *desk) put(e schedule.Event) {
	e.Index, e.Ingested = "logs-x", d.now
	d.store.add(e)
	if d.before {
		return
	}
	d.scheduler.Arrive(schedule.Arrival{Number: d.store.last(), Time: e.Time.Time(), HasTime: e.HasTime, Ingested: d.now}, nil)
}

// until lets the clock run, a second at a time, and runs what is due.
func (d *desk) until(s string) {
	d.Helper()
	for end := at(d, s); ; d.now = d.now.Add(time.Second) {
		for d.run() {
		}
		if !d.now.Before(end) {
			return
		}
	}
}

func (d *desk) moment() schedule.Moment {
	return schedule.Moment{Now: d.now, Arrival: d.store.last(), Catalog: d.catalog}
}

func (d *desk) run() bool {
	w := d.scheduler.Begin(d.moment())
	if w != nil {
		d.work(w)
	}
	return w != nil
}

// work runs a pass and commits what comes of it.
func (d *desk) work(w *schedule.Work) {
	d.Helper()
	report, err := pass.NewRunner(d.program, pass.Options{Workers: 2, Matches: d.most}).Run(context.Background(), w, d.store)
	if err != nil {
		d.Fatal(err)
	}
	d.passes = append(d.passes, report)
	results := make([]schedule.Result, len(w.Jobs))
	for i, j := range w.Jobs {
		results[i] = d.settle(j, &report.Jobs[i])
	}
	c := d.scheduler.Finish(w, results, d.now)
	d.runs = append(d.runs, c.Runs...)
	d.scheduler.Apply(c)
}

// settle makes the alerts of a job, those that there have not been, and tells as
// many as may be told.
func (d *desk) settle(j *schedule.Job, r *pass.JobReport) schedule.Result {
	out := schedule.Result{Counts: r.Counts, Messages: r.Messages()}
	var fresh []*found
	for _, m := range r.Matches {
		one := d.alert(j, m)
		if d.alerts[one.ID] {
			continue
		}
		d.alerts[one.ID] = true
		fresh = append(fresh, one)
	}
	out.Counts.New = len(fresh)
	if !d.scheduler.Policy().Carries() {
		if r.Capped {
			out.Messages = append(out.Messages, schedule.Message{Level: schedule.Warning, Text: schedule.CapText(false)})
		}
		d.tell(&out, fresh)
		return out
	}
	c := d.scheduler.Cap(j.Index, d.now)
	now, later := schedule.Admit(&c, j.Rule.MaxSignals, append(d.carried[j.Index], fresh...), func(a, b *found) int {
		return cmp.Or(a.EventTime.Compare(b.EventTime), cmp.Compare(a.ID, b.ID))
	})
	d.carried[j.Index], out.Counts.Carried = later, len(later)
	d.scheduler.SetCap(j.Index, c)
	if text := c.Text(j.Rule.MaxSignals); text != "" {
		out.Messages = append(out.Messages, schedule.Message{Level: schedule.Warning, Text: text})
	}
	d.tell(&out, now)
	return out
}

func (d *desk) tell(r *schedule.Result, alerts []*found) {
	for _, one := range alerts {
		d.told = append(d.told, one.text)
	}
	r.Counts.Told = len(alerts)
}

func (d *desk) alert(j *schedule.Job, m pass.Match) *found {
	match := alert.Match{Group: d.program.Kind(j.Index) != engine.Event, Keys: m.Keys}
	var ids []string
	for _, h := range m.Events {
		if h == nil {
			match.Events = append(match.Events, nil)
			continue
		}
		doc, err := h.Document()
		if err != nil {
			d.Fatal(err)
		}
		match.Events = append(match.Events, doc)
		ids = append(ids, h.ID)
	}
	text := strings.Join(ids, "+")
	if len(d.rules) > 1 {
		text = d.rules[j.Index].RuleID + ":" + text
	}
	return &found{alert.New(d.rules[j.Index], match, d.now), text}
}

func (d *desk) want(told ...string) {
	d.Helper()
	if !slices.Equal(d.told, told) {
		d.Errorf("%s: told %q, want %q", d.scheduler.Policy().Name(), d.told, told)
	}
}

func (d *desk) last() schedule.Run { return d.runs[len(d.runs)-1] }

func both() []schedule.Policy {
	return []schedule.Policy{schedule.Tripline(schedule.Limits{}), schedule.Elastic()}
}
