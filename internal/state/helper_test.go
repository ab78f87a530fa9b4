package state

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/disk/fault"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/rule"
)

var (
	ctx   = context.Background()
	start = time.Date(2026, 2, 3, 9, 0, 0, 0, time.UTC)
)

func minute(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }

// shell is a rule over sequences with nothing optional set, but what change sets.
func shell(change ...func(*rule.Rule)) *rule.Rule {
	r := &rule.Rule{
		ID: "11111111-2222-3333-4444-555555555555", RuleID: "shell", Name: "Shell", Type: "eql", Language: "eql",
		Query: "any where true", Severity: rule.High, RiskScore: 73,
		Index: []string{"logs-*"}, Interval: "5m", From: "now-9m", To: "now", MaxSignals: 100, Version: 3,
	}
	for _, c := range change {
		c(r)
	}
	return r
}

// suppressing lets a rule suppress by host.
func suppressing(duration *rule.Duration) func(*rule.Rule) {
	return func(r *rule.Rule) {
		r.AlertSuppression = &rule.AlertSuppression{GroupBy: []string{"host.name"}, Duration: duration}
	}
}

var hour = &rule.Duration{Value: 1, Unit: "h"}

// found makes the alert of a pair of events on a host, of a time.
func found(tb testing.TB, r *rule.Rule, name, host string, at time.Time) *alert.Alert {
	tb.Helper()
	var docs []*event.Document
	for i, kind := range []string{"process", "network"} {
		raw := fmt.Sprintf(`{"@timestamp":%q,"event":{"id":"%s-%d","category":%q,"action":"exec"},"host":{"name":%q},"user":{"name":"root"},"process":{"name":"bash","pid":7}}`,
			at.Add(time.Duration(i)*time.Second).Format(time.RFC3339Nano), name, i, kind, host)
		doc, err := event.Decode([]byte(raw), event.Identity{Index: "logs"}, 0)
		if err != nil {
			tb.Fatal(err)
		}
		docs = append(docs, doc)
	}
	m := alert.Match{Group: true, Events: docs}
	a := alert.New(r, m, at.Add(10*time.Second))
	a.Attach(m, alert.Evidence{Clauses: [][]string{{"true"}, {"true"}}})
	return a
}

// candidate is found, ready to be stored.
func candidate(tb testing.TB, s *State, r *rule.Rule, name, host string, at time.Time, run string) *Candidate {
	tb.Helper()
	c, err := s.Candidate(found(tb, r, name, host, at), Execution{Run: run})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// opened opens a state, which is closed with the test.
func opened(tb testing.TB, fsys disk.FS, dir string) *State {
	tb.Helper()
	s, err := Open(ctx, fsys, dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return s
}

func inMemory(tb testing.TB) *State {
	tb.Helper()
	return opened(tb, fault.New(), "/data")
}

func commit(tb testing.TB, s *State, c *Commit) *Committed {
	tb.Helper()
	done, err := s.Commit(ctx, c)
	if err != nil {
		tb.Fatal(err)
	}
	return done
}

func listed(tb testing.TB, s *State, f Filter) []Alert {
	tb.Helper()
	var all []Alert
	if err := s.Alerts(ctx, f, 0, func(a *Alert) error {
		all = append(all, *a)
		return nil
	}); err != nil {
		tb.Fatal(err)
	}
	return all
}

// only returns the one alert that is stored.
func only(tb testing.TB, s *State) *Alert {
	tb.Helper()
	all := listed(tb, s, Filter{BuildingBlocks: true})
	if len(all) != 1 {
		tb.Fatalf("%d alerts, want one", len(all))
	}
	return &all[0]
}

// document returns the documents of an alert as a reader of JSON sees them, its
// blocks behind it.
func documents(tb testing.TB, s *State, a *Alert) []map[string]any {
	tb.Helper()
	docs, err := s.Documents(ctx, a)
	if err != nil {
		tb.Fatal(err)
	}
	var all []map[string]any
	for _, text := range append([][]byte{docs.Alert}, docs.Blocks...) {
		var doc map[string]any
		if err := json.Unmarshal(text, &doc); err != nil {
			tb.Fatalf("%s: %v", text, err)
		}
		all = append(all, doc)
	}
	return all
}
