package daemon

import (
	"context"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/state"
)

const missing = `sequence by host.id with maxspan=1m [process where true] ![network where true]`

func (d *desk) again() {
	d.Helper()
	if err := d.Close(); err != nil {
		d.Fatal(err)
	}
	d.open()
}

func TestMissingEventIsDecidedAfterARestart(t *testing.T) {
	d := newDesk(t, Options{Stream: true}, pairRule(1, missing, nil))
	d.in(d.event("a", "process", "12:00", "h"))
	d.until("12:00:30")
	d.again()
	d.until("12:05")
	d.want("1:a")
}

func TestPositionDoesNotGoBack(t *testing.T) {
	d := newDesk(t, Options{Stream: true}, pairRule(1, pairs, nil))
	for i := range 3 {
		d.in(d.event(string(rune('a'+i)), "process", "12:00", "h"))
	}
	d.until("12:00:10")
	d.again()
	ctx := context.Background()
	before, _ := d.state.Arrival(ctx, state.StreamPosition)
	d.next = 2 // in the middle of what is read once more
	d.now = d.now.Add(time.Minute)
	if err := d.commit(ctx); err != nil {
		t.Fatal(err)
	}
	if after, _ := d.state.Arrival(ctx, state.StreamPosition); after < before {
		t.Errorf("from %d to %d", before, after)
	}
}

func TestRestartWithClocksThatDiffer(t *testing.T) {
	for _, clock := range []string{"11:00", "13:00"} {
		for _, other := range []string{"12:00:00", ""} {
			d := newDesk(t, Options{Stream: true}, pairRule(1, pairs, nil))
			d.in(d.event("a", "process", clock+":00", "skewed"))
			d.judge()
			if other != "" {
				d.in(d.event("x", "file", other, "other"))
			}
			d.judge()
			d.again()
			d.in(d.event("b", "network", clock+":10", "skewed"))
			d.judge()
			d.want("1:a+b")
		}
	}
}

func TestSilenceEndsAfterARestart(t *testing.T) {
	d := newDesk(t, both(), pairRule(1, pairs, nil))
	d.in(d.event("a", "process", "12:00", "quiet"))
	d.until("12:20")
	d.in(d.event("x", "process", "12:20", "other"), d.event("y", "process", "12:20", "another"))
	d.judge()
	d.again()
	d.until("12:21")
	d.in(d.event("b", "process", "12:21", "quiet"))
	d.until("12:22")
	spans, err := d.state.Blind(context.Background(), time.Time{}, time.Time{})
	if err != nil || len(spans) != 1 || !spans[0].Until.Equal(at(t, "12:21")) {
		t.Errorf("%+v %v", spans, err)
	}
}

func TestCarriedThenElastic(t *testing.T) {
	d := newDesk(t, both(), pairRule(1, `file where true`, func(r *rule.Rule) { r.MaxSignals = 1 }))
	d.in(d.event("a", "file", "12:00", "h"), d.event("b", "file", "12:00", "h"))
	d.until("12:00:10")
	d.opts.Policy = schedule.Elastic()
	d.again()
	d.until("12:10")
	d.want("1:a", "1:b")
	if len(d.carried) > 0 {
		t.Errorf("%v", d.carried)
	}
}

// Alerts that wait stay when their rule goes, and are told when it is back, by its new cap.
func TestCarriedAlertsOutliveTheirRule(t *testing.T) {
	d := newDesk(t, both(), pairRule(1, `file where true`, func(r *rule.Rule) { r.MaxSignals = 1 }), pairRule(2, `network where true`, nil))
	d.in(d.event("a", "file", "12:00", "h"), d.event("b", "file", "12:00", "h"), d.event("c", "file", "12:00", "h"))
	d.until("12:00:10")
	d.want("1:a")
	gone := d.rules[0]
	d.rules = d.rules[1:]
	if _, err := d.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	d.until("12:12")
	d.want("1:a")
	gone.MaxSignals = 5
	d.rules = append(d.rules, gone)
	if _, err := d.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	d.until("12:18")
	d.want("1:a", "1:b", "1:c")
}

// What could not be committed by stream, pass or reload is, when the disk can be written again.
func TestNothingIsLostWhileTheDiskIsReadOnly(t *testing.T) {
	d := newDesk(t, both(), pairRule(1, `file where true`, nil), pairRule(2, pairs, nil))
	d.in(d.event("a", "file", "12:00", "h"), d.event("p", "process", "12:00", "h"), d.event("n", "network", "12:00:01", "h"))
	d.fs.SetReadOnly(true)
	ctx := context.Background()
	_, err1 := d.read(ctx, d.commit)
	err2 := d.commit(ctx)
	_, err3 := d.pass(ctx)
	_, err4 := d.Reload(ctx)
	for i, err := range []error{err1, err2, err3, err4} {
		if err == nil {
			t.Errorf("%d: no error", i)
		}
	}
	d.fs.SetReadOnly(false)
	d.until("12:10")
	d.want("1:a", "2:p+n")
}
