package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/state"
)

// These tests hold the lines of the built-in rule that are about the daemon: every 5m,
// from now-9m, at most 100 alerts, severity, risk score, tags, indices.

// seedDesk is a daemon that runs the rule as it ships.
func seedDesk(t *testing.T, opts Options) (*desk, *rule.Rule) {
	t.Helper()
	seed, err := rule.Seed()
	if err != nil {
		t.Fatal(err)
	}
	return newDesk(t, opts, seed), seed
}

// stored is how many alerts there are, a sequence counting as one.
func (d *desk) stored() int {
	d.Helper()
	n, err := d.state.Count(context.Background(), state.Filter{})
	if err != nil {
		d.Fatal(err)
	}
	return n
}

// runStarts are the times of the day at which runs started, the earliest first.
func (d *desk) runStarts() string {
	d.Helper()
	var starts []string
	for _, r := range d.runs() {
		if r.Kind != schedule.Scheduled || r.Status != schedule.Succeeded || !r.Started.Equal(r.Due) {
			d.Errorf("run of %v: %s, due %v: %s", r.Started, r.Kind, r.Due, r.Text())
		}
		starts = append(starts, r.Started.Format("15:04:05"))
	}
	slices.Sort(starts)
	return strings.Join(starts, " ")
}

func TestSeedRunsEvery5m(t *testing.T) {
	for name, policy := range map[string]schedule.Policy{"tripline": nil, "elastic": schedule.Elastic()} {
		t.Run(name, func(t *testing.T) {
			d, _ := seedDesk(t, Options{Schedule: true, Policy: policy})
			d.until("12:21")
			if got, want := d.runStarts(), "12:00:00 12:05:00 12:10:00 12:15:00 12:20:00"; got != want {
				t.Errorf("runs at %s, want %s", got, want)
			}
		})
	}
}

// With the schedule alone, a shell is told by the first run after it, and not before.
func TestSeedIsToldByTheNextRun(t *testing.T) {
	d, seed := seedDesk(t, Options{Schedule: true})
	d.until("12:06")
	d.in(shell(t, seed, 1, at(t, "12:06"))...)
	d.until("12:09:59")
	if n := d.stored(); n != 0 {
		t.Errorf("%d alerts before the run of 12:10", n)
	}
	d.until("12:10")
	d.want(seed.RuleID + ":1-0+1-1")
}

func TestSeedLooksBack9m(t *testing.T) {
	for name, policy := range map[string]schedule.Policy{"tripline": nil, "elastic": schedule.Elastic()} {
		t.Run(name, func(t *testing.T) {
			d, _ := seedDesk(t, Options{Schedule: true, Policy: policy})
			d.until("12:20")
			for _, r := range d.runs() {
				if len(r.Windows) != 1 || !r.Windows[0].From.Equal(r.Started.Add(-9*time.Minute)) || !r.Windows[0].To.Equal(r.Started) {
					t.Errorf("the run of %v judged %+v, want the nine minutes before", r.Started, r.Windows)
				}
			}
		})
	}
}

// What arrives late is found if it happened in the nine minutes before a run. If it
// happened before, Elastic never sees it; here the ledger knows that it was not judged.
func TestSeedLooksBack9mAndTheLedgerBeyond(t *testing.T) {
	for name, want := range map[string]string{"tripline": "1-0+1-1 2-0+2-1", "elastic": "1-0+1-1"} {
		t.Run(name, func(t *testing.T) {
			opts := Options{Schedule: true}
			if name == "elastic" {
				opts.Policy = schedule.Elastic()
			}
			d, seed := seedDesk(t, opts)
			d.until("12:29")
			d.in(shell(t, seed, 1, at(t, "12:21:10"))...)
			d.in(shell(t, seed, 2, at(t, "12:20:50"))...)
			d.until("12:30")
			var ids []string
			for _, one := range d.alerts() {
				ids = append(ids, strings.TrimPrefix(one, seed.RuleID+":"))
			}
			slices.Sort(ids)
			if got := strings.Join(ids, " "); got != want {
				t.Errorf("alerts of %s, want %s", got, want)
			}
		})
	}
}

// 150 shells in one interval are 100 alerts, and 50 in the next: the oldest first, none
// lost, none twice.
func TestSeedCapOf100(t *testing.T) {
	for name, opts := range map[string]Options{"stream": {Stream: true}, "schedule": {Schedule: true}, "both": both()} {
		t.Run(name, func(t *testing.T) {
			d, seed := seedDesk(t, opts)
			d.until("12:01")
			var want []string
			for i := range 150 {
				d.in(shell(t, seed, i, at(t, "12:01").Add(time.Duration(i)*time.Second))...)
				want = append(want, fmt.Sprintf("%s:%d-0+%d-1", seed.RuleID, i, i))
			}
			first, second := "12:04:59", "12:05"
			if !opts.Stream {
				first, second = "12:09:59", "12:10"
			}
			d.until(first)
			d.want(want[:100]...)
			waiting, err := d.state.Waiting(context.Background())
			if err != nil || len(waiting) != 1 || waiting[0].Carried != 50 || waiting[0].Lost != 0 {
				t.Errorf("waiting %+v, %v", waiting, err)
			}
			d.until(second)
			d.want(want...)
			if waiting, err = d.state.Waiting(context.Background()); err != nil || len(waiting) > 0 {
				t.Errorf("waiting %+v, %v", waiting, err)
			}
			d.until("12:16")
			d.want(want...)
		})
	}
}

// The alert's documents, shell and building blocks, carry what the rule says.
func TestSeedSeverityRiskTagsIndices(t *testing.T) {
	d, seed := seedDesk(t, both())
	d.in(shell(t, seed, 1, at(t, "12:00"))...)
	// The same events in another index are none of the rule's.
	for _, doc := range shell(t, seed, 2, at(t, "12:00")) {
		d.in(strings.Replace(doc, `"endpoint.events.process"`, `"other"`, 1))
	}
	d.until("12:06")
	d.want(seed.RuleID + ":1-0+1-1")
	var docs []json.RawMessage
	err := d.state.InOrder(context.Background(), state.Filter{}, 0, func(a *state.Alert) error {
		found, err := d.state.Documents(context.Background(), a)
		if err == nil {
			docs = append(docs, found.Alert)
			for _, b := range found.Blocks {
				docs = append(docs, b)
			}
		}
		return err
	})
	if err != nil || len(docs) != 3 {
		t.Fatalf("%d documents, want an alert and two building blocks; %v", len(docs), err)
	}
	for _, doc := range docs {
		var got struct {
			Severity string   `json:"kibana.alert.severity"`
			Risk     float64  `json:"kibana.alert.risk_score"`
			Tags     []string `json:"kibana.alert.rule.tags"`
			Indices  []string `json:"kibana.alert.rule.indices"`
		}
		if err := json.Unmarshal(doc, &got); err != nil {
			t.Fatal(err)
		}
		if got.Severity != "medium" || got.Risk != 47 {
			t.Errorf("severity %s, risk score %v, want medium, 47", got.Severity, got.Risk)
		}
		tags := []string{"Domain: Endpoint", "OS: Linux", "Use Case: Threat Detection", "Tactic: Execution", "Data Source: Elastic Defend"}
		if !slices.Equal(got.Tags, tags) {
			t.Errorf("tags %q, want %q", got.Tags, tags)
		}
		if want := []string{"logs-endpoint.events.*"}; !slices.Equal(got.Indices, want) {
			t.Errorf("indices %q, want %q", got.Indices, want)
		}
	}
}
