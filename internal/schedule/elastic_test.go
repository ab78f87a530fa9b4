package schedule

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/rule"
)

// Kibana's gap table: interval 5m, from now-6m.
func TestElasticGapTable(t *testing.T) {
	r := seedLike(t, single, func(r *rule.Rule) { r.From = "now-6m" })
	for _, tt := range []struct {
		delay     time.Duration
		n         int
		remaining time.Duration
		status    Status
	}{
		{5 * time.Minute, 0, 0, Succeeded},
		{6 * time.Minute, 0, 0, Succeeded},
		{7 * time.Minute, 1, 0, Succeeded},
		{16 * time.Minute, 2, 0, Succeeded},
		{26 * time.Minute, 4, 0, Succeeded},
		{30 * time.Minute, 4, 4 * time.Minute, Failed},
	} {
		d := newDriver(t, Elastic(), "12:00", r)
		d.pass()
		d.now = d.now.Add(tt.delay)
		j := d.pass()[0]
		if got := len(j.Windows) - 1; got != tt.n {
			t.Errorf("%s: %d catch-up tuples, want %d", tt.delay, got, tt.n)
		}
		for k, w := range slices.Backward(j.Windows) { // oldest first
			back := time.Duration(len(j.Windows)-1-k) * r.Interval
			if !w.To.Equal(d.now.Add(-back)) || w.To.Sub(w.From) != 6*time.Minute || w.Low != w.From || w.High != w.To {
				t.Errorf("%s: tuple %d is %s", tt.delay, k, windows(j))
			}
		}
		run := d.runs[len(d.runs)-1]
		if run.Status != tt.status {
			t.Errorf("%s: %s, want %s", tt.delay, run.Status, tt.status)
		}
		switch gaps := run.Gaps; {
		case tt.remaining == 0 && len(gaps) > 0:
			t.Errorf("%s: gaps %v", tt.delay, gaps)
		case tt.remaining > 0:
			if len(gaps) != 1 || !gaps[0].From.Equal(at(t, "12:00")) || gaps[0].To.Sub(gaps[0].From) != tt.remaining {
				t.Errorf("%s: gaps %v, want %s", tt.delay, gaps, tt.remaining)
			}
			for _, part := range []string{"4 minutes (240000ms)", "not queried", "last execution", "missed", "look-behind"} {
				if !strings.Contains(run.Text(), part) {
					t.Errorf("%s: %q lacks %q", tt.delay, run.Text(), part)
				}
			}
		}
		if d.ledger().Previous != d.now {
			t.Errorf("%s: the run is not the one before the next", tt.delay)
		}
	}
}

// With now-9m a delay of 29 minutes is covered, one of 30 is not.
func TestElasticCoversTwentyNineMinutes(t *testing.T) {
	for delay, gaps := range map[time.Duration]int{29 * time.Minute: 0, 30 * time.Minute: 1} {
		d := newDriver(t, Elastic(), "12:00", seedLike(t, single, nil))
		d.pass()
		d.now = d.now.Add(delay)
		if j := d.pass()[0]; len(j.Gaps) != gaps || len(j.Windows) != 5 {
			t.Errorf("%s: %d gaps, %s", delay, len(j.Gaps), windows(j))
		}
	}
}

// A run that fails outright keeps the state of the one before; a gap does not.
func TestElasticFailedRun(t *testing.T) {
	d := newDriver(t, Elastic(), "12:00", seedLike(t, single, nil))
	d.pass()
	d.now = at(t, "12:05")
	w := d.Begin(d.moment())
	d.finish(w, []Result{{Err: errTest}})
	if run := d.runs[1]; run.Status != Failed || run.Text() != `An error occurred during rule execution: message: "no disk"` {
		t.Errorf("%s: %s", run.Status, run.Text())
	}
	d.now = at(t, "12:10")
	if j := d.pass()[0]; !j.Previous.Equal(at(t, "12:00")) || windows(j) != "catch-up 11:56:00-12:05:00; window 12:01:00-12:10:00" {
		t.Errorf("after %s: %s", clock(j.Previous), windows(j))
	}
}

// catalog is some indices with their fields.
type catalog map[string][]string

func (c catalog) Indices(fits func(string) bool) []string {
	var out []string
	for name := range c {
		if fits(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (c catalog) Has(index, field string) bool { return slices.Contains(c[index], field) }

const processIndex, networkIndex = "logs-endpoint.events.process-default", "logs-endpoint.events.network-default"

// Acceptance point 8, and the checks before a search.
func TestElasticChecks(t *testing.T) {
	for _, tt := range []struct {
		name, query, override string
		catalog               catalog
		status                Status
		searched              bool
		text                  string
	}{
		{"nothing fits", single, "", catalog{"logs-system.auth-default": {"@timestamp"}}, PartialFailure, false, `no index matching: ["logs-endpoint.events.*"] was found`},
		{"all is there", pair, "", catalog{processIndex: {"@timestamp", "host.id"}}, Succeeded, true, "Rule execution completed successfully"},
		{"no timestamp", single, "", catalog{processIndex: {"@timestamp"}, networkIndex: nil}, PartialFailure, true, `The following indices are missing the timestamp field "@timestamp": ["` + networkIndex + `"]`},
		{"no override", single, "event.ingested", catalog{processIndex: {"@timestamp"}}, PartialFailure, true, `missing the timestamp override field "event.ingested"`},
		{"unknown field", `process where a.b == 1 and c.d == 2`, "", catalog{processIndex: {"@timestamp", "c.d"}}, Failed, false, "Unknown column [a.b]"},
		{"known in one index", `process where a.b == 1`, "", catalog{processIndex: {"@timestamp"}, networkIndex: {"@timestamp", "a.b"}}, Succeeded, true, ""},
		{"optional field", `process where ?a.b == 1`, "", catalog{processIndex: {"@timestamp"}}, Succeeded, true, ""},
	} {
		d := newDriver(t, Elastic(), "12:00", seedLike(t, tt.query, func(r *rule.Rule) { r.TimestampOverride = tt.override }))
		d.catalog = tt.catalog
		j := d.pass()[0]
		if run := d.runs[0]; run.Status != tt.status || !strings.Contains(run.Text(), tt.text) || j.Idle == tt.searched {
			t.Errorf("%s: %s, idle %v: %s", tt.name, run.Status, j.Idle, run.Text())
		}
	}
}

// By default an unknown field is no fault of a run, and nothing to search is told.
func TestTriplineChecks(t *testing.T) {
	d := newDriver(t, Tripline(Limits{}), "12:00", seedLike(t, `process where a.b == 1`, nil))
	d.catalog = catalog{processIndex: {"@timestamp"}}
	if j := d.pass()[0]; j.Idle || d.runs[0].Status != Succeeded {
		t.Errorf("%+v", d.runs[0])
	}
	d.catalog, d.now = catalog{"other": nil}, at(t, "12:05")
	j := d.pass()[0]
	if run := d.runs[1]; !j.Idle || run.Status != PartialFailure || !strings.Contains(run.Text(), "no index matching") {
		t.Errorf("%+v", run)
	}
	if want := WantOf(&Work{Jobs: []*Job{j}}); len(want.Event) > 0 {
		t.Errorf("something is read: %v", want.Event)
	}
	if got := spans(d.ledger().Coverage()); got != "11:51:00-12:05:00.000000001" {
		t.Errorf("covered %s: where there is nothing, nothing is missed", got)
	}
}

func TestElasticLimits(t *testing.T) {
	d := newDriver(t, Elastic(), "12:00", seedLike(t, single, func(r *rule.Rule) { r.MaxSignals = 2000 }))
	j := d.pass()[0]
	if run := d.runs[0]; j.Size != 2000 || run.Status != PartialFailure ||
		!strings.HasPrefix(run.Text(), "The rule's max alerts per run setting (2000) is greater than the Kibana alerting limit (1000)") {
		t.Errorf("size %d, %s: %s", j.Size, run.Status, run.Text())
	}
}

// A backfill: one run for each interval, with its own clock and no gap logic.
func TestElasticManualRun(t *testing.T) {
	d := newDriver(t, Elastic(), "12:00", seedLike(t, single, nil))
	d.pass()
	works, err := d.Asked(d.rules[0].ID, at(t, "10:00"), at(t, "10:12"), d.moment())
	if err != nil || len(works) != 3 {
		t.Fatal(len(works), err)
	}
	var got []string
	for _, w := range works {
		if !d.Start(w, d.arrival) {
			t.Fatal("not started")
		}
		got = append(got, windows(w.Jobs[0]))
		d.finish(w, make([]Result, 1))
		if run := d.runs[len(d.runs)-1]; run.Kind.Type() != "manual" || !run.Due.Equal(run.Started) {
			t.Errorf("%+v", run)
		}
	}
	if want := "window 09:51:00-10:00:00|window 09:56:00-10:05:00|window 10:01:00-10:10:00"; strings.Join(got, "|") != want {
		t.Errorf("%q", got)
	}
	if l := d.ledger(); !l.Previous.Equal(at(t, "12:00")) || !l.Next.Equal(at(t, "12:05")) {
		t.Errorf("a manual run changed the schedule: %+v", l)
	}
	if _, err := d.Asked("another", at(t, "10:00"), at(t, "10:12"), d.moment()); err == nil {
		t.Error("an unknown rule was run")
	}
}

// What Elastic's range test needs to be read: the override's time, and @timestamp
// for documents without it.
func TestElasticWants(t *testing.T) {
	for _, tt := range []struct {
		override  string
		off       bool
		by, other string
	}{
		{"", false, "11:51:00-12:00:00.000000001", ""},
		{"event.ingested", false, "11:51:00-12:00:00.000000001", "11:51:00-12:00:00.000000001"},
		{"event.ingested", true, "", "11:51:00-12:00:00.000000001"},
		{"event.created", true, "", "2026-02-02T11:51:00-2026-02-04T12:00:00.000000001"},
	} {
		d := newDriver(t, Elastic(), "12:00", seedLike(t, single, func(r *rule.Rule) {
			r.TimestampOverride, r.TimestampOverrideFallbackDisabled = tt.override, tt.off
		}))
		want := WantOf(&Work{Jobs: d.pass()})
		if spans(want.Event) != tt.by || spans(want.Ingested) != tt.other {
			t.Errorf("%s: %s and %s", tt.override, spans(want.Event), spans(want.Ingested))
		}
		if !want.Indices.Fit(processIndex) || want.Indices.Fit("other") || !want.Fits(processIndex) || want.Fits("other") || !want.Fits(event.UnknownIndex) {
			t.Errorf("%s: not the rule's indices", tt.override)
		}
	}
}

func TestHumanised(t *testing.T) {
	for d, want := range map[time.Duration]string{
		10 * time.Second: "a few seconds", time.Minute: "a minute", 90 * time.Second: "2 minutes", 24 * time.Minute: "24 minutes",
		time.Hour: "an hour", 5 * time.Hour: "5 hours", 24 * time.Hour: "a day", 72 * time.Hour: "3 days",
	} {
		if got := humanised(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}
