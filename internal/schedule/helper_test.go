package schedule

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/rule"
)

// day is the day of all tests.
var day = time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)

// at reads a time of that day, or of another one as 2026-02-04T09:00.
func at(tb testing.TB, s string) time.Time {
	tb.Helper()
	for _, form := range []string{"15:04", "15:04:05", "15:04:05.999999999"} {
		if t, err := time.Parse(form, s); err == nil {
			return day.Add(t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)))
		}
	}
	t, err := time.Parse("2006-01-02T15:04", s)
	if err != nil {
		tb.Fatalf("%q is no time: %v", s, err)
	}
	return t
}

// seedLike is a rule as the seed rule is scheduled, with changes.
func seedLike(tb testing.TB, query string, change func(*rule.Rule)) *Rule {
	tb.Helper()
	r := &rule.Rule{
		ID: "11111111-2222-3333-4444-555555555555", RuleID: "r", Name: "Rule", Query: query,
		Interval: "5m", From: "now-9m", To: "now", MaxSignals: 100, Index: []string{"logs-endpoint.events.*"},
	}
	if change != nil {
		change(r)
	}
	parsed, err := eql.Parse(r.Query)
	if err != nil {
		tb.Fatal(err)
	}
	checked, _, err := eql.Check(parsed, eql.CheckOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	out, err := NewRule(r, checked)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

const (
	single   = `process where true`
	pair     = `sequence by host.id with maxspan=1m [process where true] [network where true]`
	trailing = `sequence by host.id with maxspan=1m [process where true] ![network where true]`
	sample   = `sample by host.id [process where true] [network where true]`
)

// clock writes a time of the day.
func clock(t time.Time) string {
	text := t.Format("15:04:05.999999999")
	if !t.Truncate(24 * time.Hour).Equal(day) {
		text = t.Format("2006-01-02T15:04:05.999999999")
	}
	return text
}

// windows writes the windows of a job: what is claimed and, where it is another
// stretch, what is read.
func windows(j *Job) string {
	var out []string
	for _, w := range j.Windows {
		text := fmt.Sprintf("%s %s-%s", w.Why, clock(w.From), clock(w.To))
		if !w.Low.Equal(w.From) || !w.High.Equal(w.To) {
			text += fmt.Sprintf(" (%s-%s)", clock(w.Low), clock(w.High))
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func spans(list []Span) string {
	var out []string
	for _, s := range list {
		out = append(out, fmt.Sprintf("%s-%s", clock(s.From), clock(s.To)))
	}
	return strings.Join(out, "; ")
}

// driver drives a Scheduler with an injected clock, and stores what it is to store.
type driver struct {
	testing.TB
	*Scheduler
	now     time.Time
	arrival uint64
	oldest  time.Time
	catalog Catalog
	stored  Saved
	runs    []Run
}

func newDriver(tb testing.TB, p Policy, start string, rules ...*Rule) *driver {
	tb.Helper()
	d := &driver{TB: tb, now: at(tb, start)}
	d.Scheduler = New(p, d.id)
	d.Use(rules, d.now)
	return d
}

func (d *driver) id() string { return fmt.Sprintf("run-%d", len(d.runs)) }

func (d *driver) moment() Moment {
	return Moment{Now: d.now, Arrival: d.arrival, Oldest: d.oldest, Catalog: d.catalog}
}

// pass runs what is due, with nothing found, and returns its jobs.
func (d *driver) pass() []*Job {
	w := d.Begin(d.moment())
	if w == nil {
		return nil
	}
	d.finish(w, make([]Result, len(w.Jobs)))
	return w.Jobs
}

func (d *driver) finish(w *Work, results []Result) {
	c := d.Finish(w, results, d.now)
	d.store(c.Saved)
	d.runs = append(d.runs, c.Runs...)
	d.Apply(c)
}

func (d *driver) store(s Saved) {
	for _, l := range s.Ledgers {
		d.stored.put(l)
	}
	d.stored.Position = s.Position
}

// crash begins anew with what was stored.
func (d *driver) crash(rules ...*Rule) {
	d.Scheduler = New(d.Policy(), d.id)
	d.Load(d.stored)
	d.Use(rules, d.now)
}

// arrives tells of an event that stands at a time.
func (d *driver) arrives(t string) {
	d.arrival++
	d.Arrive(Arrival{Number: d.arrival, Time: at(d, t), HasTime: true, Ingested: d.now}, nil)
}

func (d *driver) ledger() *Ledger { return d.ledgers[0] }
