package daemon

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/state"
)

// policies are both of them, by name.
func policies(t *testing.T, test func(t *testing.T, elastic bool, policy schedule.Policy)) {
	t.Helper()
	for _, p := range []schedule.Policy{schedule.Tripline(schedule.Limits{}), schedule.Elastic()} {
		t.Run(p.Name(), func(t *testing.T) { test(t, p.Name() == "elastic", p) })
	}
}

// The acceptance points of a detection engine that end in what the daemon stores,
// under both policies.
func TestAcceptance(t *testing.T) {
	ctx := context.Background()
	t.Run("2 two events give three documents; 3 the same window gives none", func(t *testing.T) {
		policies(t, func(t *testing.T, _ bool, p schedule.Policy) {
			t.Helper()
			d := newDesk(t, Options{Schedule: true, Policy: p}, pairRule(1, pairs, nil))
			d.until("12:01")
			d.in(d.event("a", "process", "12:01", "h"), d.event("b", "network", "12:01:10", "h"))
			d.until("12:05")
			d.want("1:a+b")
			err := d.state.InOrder(ctx, state.Filter{BuildingBlocks: true}, 0, func(a *state.Alert) error {
				docs, err := d.state.Documents(ctx, a)
				if len(docs.Blocks) != 2 {
					t.Errorf("%d building blocks", len(docs.Blocks))
				}
				for _, block := range docs.Blocks {
					if !strings.Contains(string(block), `"kibana.alert.group.id":"`+a.ID+`"`) {
						t.Errorf("a block that does not name its alert: %s", block)
					}
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			d.until("12:10")
			d.want("1:a+b")
			for _, r := range d.runs() {
				if r.Status != schedule.Succeeded {
					t.Errorf("%v: %s %s", r.Started, r.Status, r.Text())
				}
			}
			if last := d.runs()[0]; last.Counts.New != 0 {
				t.Errorf("the second: %+v", last.Counts)
			}
		})
	})
	t.Run("4 overlapping windows: each sequence once", func(t *testing.T) {
		policies(t, func(t *testing.T, _ bool, p schedule.Policy) {
			t.Helper()
			for _, stream := range []bool{false, true} {
				d := newDesk(t, Options{Schedule: true, Stream: stream, Policy: p}, pairRule(1, pairs, nil))
				var want []string
				for i := range 24 {
					at := noon.Add(time.Duration(i) * 97 * time.Second)
					d.until(at.Format("15:04:05"))
					a, b := fmt.Sprint("a", i), fmt.Sprint("b", i)
					d.in(d.event(a, "process", at.Format("15:04:05"), "h"), d.event(b, "network", at.Format("15:04:05"), "h"))
					want = append(want, "1:"+a+"+"+b)
				}
				d.until("12:50")
				d.want(want...)
			}
		})
	})
	t.Run("7 one signal, two sequences", func(t *testing.T) {
		policies(t, func(t *testing.T, elastic bool, p schedule.Policy) {
			t.Helper()
			d := newDesk(t, Options{Schedule: true, Policy: p}, pairRule(1, pairs, func(r *rule.Rule) { r.MaxSignals = 1 }))
			d.until("12:01")
			for i, host := range []string{"g", "h"} {
				at := []string{"12:01:00", "12:02:00"}[i]
				d.in(d.event("a"+host, "process", at, host), d.event("b"+host, "network", at, host))
			}
			d.until("12:05")
			if elastic {
				d.want("1:ah+bh")
			} else {
				d.want("1:ag+bg")
			}
			if last := d.runs()[0]; last.Status != schedule.PartialFailure && elastic {
				t.Errorf("%s: %s", last.Status, last.Text())
			}
			d.until("12:20")
			if elastic {
				d.want("1:ah+bh")
			} else {
				d.want("1:ag+bg", "1:ah+bh")
			}
		})
	})
	t.Run("11 suppression", func(t *testing.T) {
		policies(t, func(t *testing.T, _ bool, p schedule.Policy) {
			t.Helper()
			suppress := func(strategy string, duration bool) func(*rule.Rule) {
				return func(r *rule.Rule) {
					s := &rule.AlertSuppression{GroupBy: []string{"host.id"}, MissingFieldsStrategy: strategy}
					if duration {
						s.Duration = &rule.Duration{Value: 1, Unit: "h"}
					}
					r.AlertSuppression = s
				}
			}
			d := newDesk(t, Options{Schedule: true, Policy: p},
				pairRule(1, `file where true`, suppress("suppress", true)),
				pairRule(2, `file where true`, suppress("suppress", false)),
				pairRule(3, `process where true`, suppress("doNotSuppress", true)))
			d.until("12:01")
			d.in(d.event("a", "file", "12:01:00", "h"), d.event("b", "file", "12:01:10", "h"), d.event("c", "file", "12:01:20", "g"))
			d.in(d.event("p", "process", "12:01:00", "h"), d.event("q", "process", "12:01:10", "h"))
			none := strings.Replace(d.event("n", "process", "12:01:00", ""), `"host":{"id":""},`, "", 1)
			d.in(none, strings.Replace(none, `"id":"n"`, `"id":"m"`, 1))
			d.until("12:05") // in the run
			first := []string{"1:a +1", "1:c", "2:a +1", "2:c", "3:p +1", "3:n", "3:m"}
			d.want(first...)
			d.in(d.event("d", "file", "12:06:00", "h"))
			d.until("12:10") // across runs, with a duration
			first[0] = "1:a +2"
			d.want(append(first, "2:d")...)
		})
	})
	t.Run("13 a manual run over covered time and over a gap", func(t *testing.T) {
		policies(t, func(t *testing.T, _ bool, p schedule.Policy) {
			t.Helper()
			d := newDesk(t, Options{Schedule: true, Policy: p}, pairRule(2, `network where true`, nil))
			d.in(d.event("old", "file", "10:00", "h")) // before there is a rule for it
			d.until("12:00")
			d.rules = append(d.rules, pairRule(1, `file where true`, nil))
			if _, err := d.Reload(ctx); err != nil {
				t.Fatal(err)
			}
			d.in(d.event("a", "file", "12:00", "h"))
			d.until("12:10")
			d.want("1:a")
			runs, err := d.Manual(ctx, "1", at(t, "11:50"), at(t, "12:10"))
			if err != nil || len(runs) == 0 {
				t.Fatal(runs, err)
			}
			for _, r := range runs {
				if r.Counts.New != 0 || r.Status != schedule.Succeeded {
					t.Errorf("%+v %s", r.Counts, r.Text())
				}
			}
			if _, err = d.Manual(ctx, "1", at(t, "09:55"), at(t, "10:05")); err != nil {
				t.Fatal(err)
			}
			d.want("1:a", "1:old")
			found := false
			if err := d.state.InOrder(ctx, state.Filter{}, 0, func(a *state.Alert) error {
				docs, err := d.state.Documents(ctx, a)
				found = found || strings.Contains(string(docs.Alert), `"kibana.alert.rule.execution.type":"manual"`)
				return err
			}); err != nil || !found {
				t.Error("no alert of a manual run", err)
			}
		})
	})
}
