package daemon

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/schedule"
)

func TestStreamAlertsAtOnce(t *testing.T) {
	d := newDesk(t, Options{Stream: true}, pairRule(1, pairs, nil))
	d.in(d.event("a", "process", "12:00", "h"))
	d.judge()
	d.want()
	d.in(d.event("b", "network", "12:00:10", "h"), d.event("c", "network", "12:00:20", "h"))
	d.judge()
	d.want("1:a+b")
}

func TestScheduleAlone(t *testing.T) {
	d := newDesk(t, Options{Schedule: true}, pairRule(1, pairs, nil))
	d.until("12:01")
	d.in(d.event("a", "process", "12:01", "h"), d.event("b", "network", "12:01:10", "h"))
	d.until("12:04:59")
	d.want()
	d.until("12:05")
	d.want("1:a+b")
	d.until("12:20")
	d.want("1:a+b")
}

func TestStreamAndScheduleFindEachOnce(t *testing.T) {
	d := newDesk(t, both(), pairRule(1, pairs, nil), pairRule(2, `file where true`, nil))
	var want []string
	for i := range 30 {
		clock := fmt.Sprintf("12:%02d:%02d", i/2, i%2*30)
		d.until(clock)
		a, b, c := fmt.Sprint("a", i), fmt.Sprint("b", i), fmt.Sprint("c", i)
		d.in(d.event(a, "process", clock, "h"), d.event(b, "network", clock, "h"), d.event(c, "file", clock, "h"))
		want = append(want, "1:"+a+"+"+b, "2:"+c)
	}
	d.until("12:30")
	d.want(want...)
	for _, r := range d.runs() {
		if r.Status != schedule.Succeeded || r.Counts.New > 0 {
			t.Errorf("run of %v: %s, %+v", r.Started, r.Text(), r.Counts)
		}
	}
}

// What arrives after its window is found all the same: the span that it came into is
// judged again.
func TestLateEventsAreFoundByTheSchedule(t *testing.T) {
	d := newDesk(t, Options{Schedule: true}, pairRule(1, pairs, nil))
	d.until("12:30")
	d.in(d.event("a", "process", "12:03", "h"), d.event("b", "network", "12:03:10", "h"))
	d.until("12:41")
	d.want("1:a+b")
}

func TestStreamGoesOnAfterARestart(t *testing.T) {
	d := newDesk(t, Options{Stream: true}, pairRule(1, pairs, nil))
	d.in(d.event("x", "process", "11:59", "g"), d.event("a", "process", "12:00", "h"))
	d.judge()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(30 * time.Second)
	d.open()
	d.in(d.event("b", "network", "12:00:50", "h"))
	d.judge()
	d.want("1:a+b")
}

func TestMissingEventIsDecidedByTheClock(t *testing.T) {
	d := newDesk(t, Options{Stream: true}, pairRule(1, `sequence by host.id with maxspan=1m [process where true] ![network where true]`, nil))
	d.in(d.event("a", "process", "12:00", "h"))
	d.until("12:00:30")
	d.want()
	d.until("12:05")
	d.want("1:a")
}

func TestReloadKeepsPartials(t *testing.T) {
	d := newDesk(t, Options{Stream: true}, pairRule(1, pairs, nil))
	d.in(d.event("a", "process", "12:00", "h"))
	d.judge()
	d.rules = []*rule.Rule{pairRule(2, `file where true`, nil), pairRule(1, pairs, func(r *rule.Rule) { r.Severity = rule.Low })}
	changes, err := d.Reload(context.Background())
	if err != nil || changes.String() != "1 added, 1 changed, 0 removed, 0 kept" {
		t.Errorf("%v, %v", changes, err)
	}
	d.in(d.event("b", "network", "12:00:10", "h"), d.event("c", "file", "12:00:10", "h"))
	d.judge()
	d.want("1:a+b", "2:c")
	d.rules = []*rule.Rule{pairRule(1, `process where`, nil), pairRule(2, `file where true`, nil)}
	if _, err := d.Reload(context.Background()); err == nil || !strings.Contains(err.Error(), "the rules that ran before still do") {
		t.Errorf("a broken rule: %v", err)
	}
	d.in(d.event("d", "process", "12:01", "h"), d.event("e", "network", "12:01:10", "h"))
	d.judge()
	d.want("1:a+b", "2:c", "1:d+e")
}

func TestRulesOnAlerts(t *testing.T) {
	onAlerts := pairRule(2, `any where kibana.alert.rule.name == "Rule 1" and kibana.alert.building_block_type == null`, func(r *rule.Rule) {
		r.Index = []string{".alerts-security.*"}
	})
	all := pairRule(3, `any where event.kind == "signal" and kibana.alert.building_block_type == null`, func(r *rule.Rule) { r.Index = []string{".alerts-security.*"} })
	d := newDesk(t, both(), pairRule(1, `file where true`, nil), onAlerts, all)
	d.in(d.event("a", "file", "12:00", "h"))
	d.until("12:15")
	got := d.alerts()
	counts := map[string]int{}
	for _, one := range got {
		counts[one[:2]]++
	}
	// Of rule 3: on the alerts of 1 and 2. Of 2: on that of 1.
	if counts["1:"] != 1 || counts["2:"] != 1 || counts["3:"] != 2 {
		t.Errorf("alerts %q", got)
	}
}

func TestCapIsSharedAndCarriedOn(t *testing.T) {
	d := newDesk(t, both(), pairRule(1, `file where true`, func(r *rule.Rule) { r.MaxSignals = 3 }))
	for i := range 8 {
		d.in(d.event(fmt.Sprint(i), "file", "12:00:10", "h"))
	}
	d.until("12:00:30")
	if got := d.alerts(); len(got) != 3 {
		t.Errorf("%d alerts within the first interval, want 3: %q", len(got), got)
	}
	waiting, err := d.state.Waiting(context.Background())
	if err != nil || len(waiting) != 1 || waiting[0].Carried != 5 {
		t.Errorf("waiting %+v, %v", waiting, err)
	}
	d.until("12:05:30")
	if got := d.alerts(); len(got) != 6 {
		t.Errorf("%d alerts after the second, want 6: %q", len(got), got)
	}
	d.until("12:30")
	d.want("1:0", "1:1", "1:2", "1:3", "1:4", "1:5", "1:6", "1:7")
}

func TestManualRunOverCoveredTimeFindsNothingNew(t *testing.T) {
	d := newDesk(t, both(), pairRule(1, `file where true`, nil))
	d.in(d.event("a", "file", "12:00", "h"))
	d.until("12:10")
	runs, err := d.Manual(context.Background(), "1", at(t, "11:00"), at(t, "12:10"))
	if err != nil || len(runs) == 0 {
		t.Fatal(runs, err)
	}
	for _, r := range runs {
		if r.Counts.New > 0 || r.Kind != schedule.Manual {
			t.Errorf("%+v", r)
		}
	}
	if _, err := d.Manual(context.Background(), "none", at(t, "11:00"), at(t, "12:10")); err == nil {
		t.Error("a rule that is not there was run")
	}
	d.want("1:a")
}

func TestSilentHostIsTold(t *testing.T) {
	d := newDesk(t, both(), pairRule(1, `file where true`, nil))
	d.in(d.event("a", "process", "12:00", "quiet"))
	d.until("12:20")
	spans, err := d.state.Blind(context.Background(), time.Time{}, time.Time{})
	if err != nil || len(spans) != 1 || spans[0].Cause != "silent" || spans[0].Host != "quiet" || !spans[0].Until.IsZero() {
		t.Fatalf("%+v, %v", spans, err)
	}
	d.in(d.event("b", "process", "12:20", "quiet"))
	d.until("12:21")
	if spans, _ = d.state.Blind(context.Background(), time.Time{}, time.Time{}); len(spans) != 1 || !spans[0].Until.Equal(at(t, "12:20")) {
		t.Errorf("%+v", spans)
	}
}
