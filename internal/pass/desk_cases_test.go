package pass_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/pass"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/value"
)

// Acceptance point 3: the same window once more makes nothing new.
func TestSameWindowAgain(t *testing.T) {
	for _, p := range both() {
		d := newDesk(t, p, "12:00", seedLike(1, pairs, nil))
		d.arrive("a", "process", "11:58", "h")
		d.arrive("b", "network", "11:58:10", "h")
		d.until("12:00")
		d.want("a+b")
		d.until("12:03") // the run of 12:05 has the same events in its window
		d.until("12:05")
		d.want("a+b")
		if run := d.last(); run.Status != schedule.Succeeded || run.Counts.Found != 1 || run.Counts.New != 0 {
			t.Errorf("%s: %s, %+v", p.Name(), run.Status, run.Counts)
		}
	}
}

// Acceptance point 4: overlapping windows over a stream tell each sequence once.
func TestOverlappingWindowsTellEachSequenceOnce(t *testing.T) {
	for _, p := range both() {
		d := newDesk(t, p, "12:00", seedLike(1, pairs, nil))
		var want []string
		for n := range 120 { // every 29s for an hour, on seven hosts
			happened := at(t, "12:00").Add(time.Duration(n) * 29 * time.Second)
			host := fmt.Sprint("h", n%7)
			second := happened.Add(20 * time.Second)
			d.until(second.Format("15:04:05"))
			d.arrive(fmt.Sprintf("%03d", n), "process", happened.Format("15:04:05"), host)
			d.arrive(fmt.Sprintf("%03d'", n), "network", second.Format("15:04:05"), host)
			want = append(want, fmt.Sprintf("%03d+%03d'", n, n))
		}
		d.until("13:05")
		slices.Sort(d.told)
		d.want(want...)
		if len(d.runs) != 14 {
			t.Errorf("%s: %d runs", p.Name(), len(d.runs))
		}
	}
}

// Acceptance point 5, with what Elastic loses: a pause of an hour.
func TestPause(t *testing.T) {
	for _, p := range both() {
		d := newDesk(t, p, "12:00", seedLike(1, ofProcess, nil))
		d.until("12:00")
		var all, recent []string
		for minute := range 60 {
			happened := at(t, "12:00").Add(time.Duration(minute)*time.Minute + 30*time.Second)
			id := happened.Format("15:04")
			d.arrive(id, "process", happened.Format("15:04:05"), "h")
			all = append(all, id)
			if minute >= 60-29 {
				recent = append(recent, id)
			}
		}
		d.now = at(t, "13:00")
		d.until("13:05")
		slices.Sort(d.told)
		statuses := ""
		for _, run := range d.runs {
			statuses += string(run.Status) + " "
		}
		if p.Name() == "elastic" {
			d.want(recent...)
			if statuses != "succeeded failed succeeded " {
				t.Errorf("elastic: %s", statuses)
			}
			continue
		}
		d.want(all...)
		if strings.Contains(statuses, "fail") {
			t.Errorf("tripline: %s", statuses)
		}
	}
}

// Elastic: kibana 285154. A late run skips the sequence whose first event is out of
// its window, though its last event is after the window before.
func TestLateRunSkipsNoSequence(t *testing.T) {
	for _, p := range both() {
		d := newDesk(t, p, "12:00", seedLike(1, `sequence by host.id with maxspan=5m [process where true] [network where true]`, nil))
		d.until("12:00")
		d.arrive("a", "process", "11:58", "h")
		d.arrive("b", "network", "12:02", "h")
		d.now = at(t, "12:08") // three minutes late: less than the look-back, so no catch-up
		d.until("12:08")
		if p.Name() == "elastic" {
			d.want()
		} else {
			d.want("a+b")
		}
		if run := d.last(); run.Status != schedule.Succeeded {
			t.Errorf("%s: %s", p.Name(), run.Text())
		}
	}
}

// Acceptance point 7: one signal, two sequences.
func TestCap(t *testing.T) {
	for _, p := range both() {
		d := newDesk(t, p, "12:00", seedLike(1, pairs, func(r *rule.Rule) { r.MaxSignals = 1 }))
		for n, host := range []string{"h1", "h2"} {
			happened := at(t, "11:57").Add(time.Duration(n) * time.Minute)
			d.arrive("p"+host, "process", happened.Format("15:04:05"), host)
			d.arrive("n"+host, "network", happened.Add(time.Second).Format("15:04:05"), host)
		}
		d.until("12:00")
		run := d.last()
		if run.Status != schedule.PartialFailure {
			t.Errorf("%s: %s", p.Name(), run.Status)
		}
		if p.Name() == "elastic" {
			d.want("ph2+nh2") // the newest
			if run.Text() != "This rule reached the maximum alert limit for the rule execution. Some alerts were not created." || run.Counts.Dropped != 1 {
				t.Errorf("%s, %+v", run.Text(), run.Counts)
			}
			continue
		}
		d.want("ph1+nh1")
		if run.Text() != "max_signals is 1: 1 alert waits for the next interval" || run.Counts.Carried != 1 {
			t.Errorf("%s, %+v", run.Text(), run.Counts)
		}
		d.until("12:05")
		d.want("ph1+nh1", "ph2+nh2")
		if run := d.last(); run.Status != schedule.Succeeded || run.Counts.Told != 1 {
			t.Errorf("%s: %+v", run.Text(), run.Counts)
		}
	}
}

// Elastic: as many matches as the cap, exactly, already warn; each tuple has an
// allowance of its own.
func TestElasticCapOfTuples(t *testing.T) {
	d := newDesk(t, schedule.Elastic(), "12:00", seedLike(1, ofProcess, func(r *rule.Rule) { r.From, r.MaxSignals = "now-5m", 2 }))
	d.until("12:00")
	for n := range 8 {
		d.arrive(fmt.Sprint(n), "process", at(t, "12:00:30").Add(time.Duration(n)*75*time.Second).Format("15:04:05"), "h")
	}
	d.now = at(t, "12:10")
	d.until("12:10")
	d.want("2", "3", "6", "7")
	if run := d.last(); run.Status != schedule.PartialFailure || run.Counts.Dropped != 4 || len(run.Windows) != 2 {
		t.Errorf("%s: %+v", run.Text(), run)
	}
	d.arrive("8", "process", "12:11", "h")
	d.arrive("9", "process", "12:12", "h")
	d.until("12:15")
	if run := d.last(); run.Text() != schedule.CapText(false) || run.Counts.Dropped != 0 {
		t.Errorf("%s: %+v", run.Text(), run.Counts)
	}
}

// Acceptance point 13: a manual run over what is covered makes nothing new, one over
// a gap does, and says that it is manual.
func TestManualRun(t *testing.T) {
	for _, p := range both() {
		d := newDesk(t, p, "10:00", seedLike(1, pairs, nil))
		d.arrive("a", "process", "09:58", "h")
		d.arrive("b", "network", "09:58:10", "h")
		d.until("10:00")
		d.scheduler.Use(nil, d.now) // the rule is off for an hour
		d.arrive("c", "process", "10:30", "h")
		d.arrive("d", "network", "10:30:10", "h")
		d.now = at(t, "11:00")
		d.scheduler.Use(d.known, d.now)
		d.until("11:00")
		d.want("a+b")
		runs := len(d.runs)
		d.ask("09:50", "10:00")
		d.want("a+b")
		d.ask("10:25", "10:40")
		d.want("a+b", "c+d")
		for _, run := range d.runs[runs:] {
			if run.Kind.Type() != "manual" || run.Status != schedule.Succeeded {
				t.Errorf("%s: %s %s", p.Name(), run.Kind, run.Status)
			}
		}
		for _, g := range d.scheduler.Ledgers()[0].Gaps {
			if g.From.Before(at(t, "10:40")) && g.To.After(at(t, "10:25")) {
				t.Errorf("%s: the gap is still there: %v", p.Name(), g)
			}
		}
	}
}

// ask runs a rule over a stretch of time.
func (d *desk) ask(from, to string) {
	d.Helper()
	works, err := d.scheduler.Asked(d.known[0].ID, at(d, from), at(d, to), d.moment())
	if err != nil || len(works) == 0 {
		d.Fatal(len(works), err)
	}
	for _, w := range works {
		if !d.scheduler.Start(w, d.store.last()) {
			d.Fatal("not started")
		}
		d.work(w)
	}
}

// Elastic (I4): both ends of the window belong to it, and an event outside can not
// be part of a sequence, not even the first. By default it can.
func TestEdgesOfWindows(t *testing.T) {
	for _, tt := range []struct {
		first, last     string
		elastic, byOurs bool
	}{
		{"11:51", "12:00", true, true},
		{"11:50:59.999999999", "11:51:30", false, true},
		{"11:59:30", "12:00:00.000000001", false, false},
	} {
		for _, p := range both() {
			d := newDesk(t, p, "12:00", seedLike(1, `sequence by host.id with maxspan=10m [process where true] [network where true]`, nil))
			d.now = at(t, "12:00")
			d.arrive("a", "process", tt.first, "h")
			d.arrive("b", "network", tt.last, "h")
			d.run()
			if found := len(d.told) == 1; found != (p.Name() == "elastic" && tt.elastic || p.Name() == "tripline" && tt.byOurs) {
				t.Errorf("%s to %s: by %s %q", tt.first, tt.last, p.Name(), d.told)
			}
		}
	}
}

// The range test: the override, and @timestamp for documents without it unless that
// is switched off.
func TestTimestampOverride(t *testing.T) {
	for _, tt := range []struct {
		name, override string
		off            bool
		elastic        []string
	}{
		{"none", "", false, []string{"bare", "now"}},
		{"with fallback", "event.created", false, []string{"bare", "late", "now"}},
		{"without fallback", "event.created", true, []string{"late", "now"}},
	} {
		for _, p := range both() {
			d := newDesk(t, p, "12:00", seedLike(1, ofProcess, func(r *rule.Rule) {
				r.TimestampOverride, r.TimestampOverrideFallbackDisabled = tt.override, tt.off
			}))
			d.until("12:00")
			d.now = at(t, "12:04")
			for _, e := range [][3]string{
				{"now", "2026-02-03T12:03:00Z", "2026-02-03T12:03:01Z"},
				{"late", "2026-02-03T08:00:00Z", "2026-02-03T12:03:30Z"},
				{"bare", "2026-02-03T12:03:00Z", ""},
				{"old", "2026-02-03T08:00:00Z", "2026-02-03T08:00:00Z"},
			} {
				created := ""
				if e[2] != "" {
					created = fmt.Sprintf(`,"created":%q`, e[2])
				}
				happened, err := time.Parse(time.RFC3339, e[1])
				if err != nil {
					t.Fatal(err)
				}
				d.put(storedAt(e[0], happened, fmt.Sprintf(`{"@timestamp":%q,"event":{"category":"process"%s}}`, e[1], created)))
			}
			d.until("12:05")
			slices.Sort(d.told)
			if p.Name() == "elastic" {
				d.want(tt.elastic...)
			} else {
				d.want("bare", "late", "now", "old") // whatever a rule names: nothing that comes late is lost
			}
		}
	}
}

// A missing event: by Elastic's policy it is found missing when the window ends, by
// default when its time is over (elasticsearch 145323).
func TestMissingEventsWaitForTheirTime(t *testing.T) {
	for _, p := range both() {
		d := newDesk(t, p, "12:00", seedLike(1, `sequence by host.id with maxspan=2m [process where true] ![network where true]`, nil))
		d.until("12:04:59")
		d.arrive("a", "process", "12:01", "quiet")
		d.arrive("b", "process", "12:04", "answered")
		d.until("12:05")
		if p.Name() == "elastic" {
			d.want("a", "b")
			continue
		}
		d.want("a")
		d.arrive("b'", "network", "12:05:30", "answered")
		d.arrive("c", "process", "12:05:30", "quiet")
		d.until("12:10")
		d.want("a", "c")
	}
}

// Events that come late, into time that was judged before: the sequence that they
// complete, at its beginning, in its middle, at its end.
func TestLateEventsAreFound(t *testing.T) {
	for n, late := range []string{"a", "b", "c"} {
		d := newDesk(t, both()[0], "12:00", seedLike(1, `sequence by host.id with maxspan=5m [process where true] [file where true] [network where true]`, nil))
		d.until("12:00")
		for i, e := range [][2]string{{"a", "process"}, {"b", "file"}, {"c", "network"}} {
			if e[0] != late {
				d.arrive(e[0], e[1], fmt.Sprintf("11:5%d", i+4), "h")
			}
		}
		d.until("13:00")
		d.want()
		d.arrive(late, []string{"process", "file", "network"}[n], fmt.Sprintf("11:5%d", n+4), "h")
		d.until("13:05")
		d.want("a+b+c")
	}
}

// Rules of different windows in one pass: the store is read once, each document
// judged once, and no rule sees an event outside its own window.
func TestOnePassForAllRules(t *testing.T) {
	for _, p := range both() {
		d := newDesk(t, p, "12:00",
			seedLike(1, ofProcess, func(r *rule.Rule) { r.From = "now-5m" }),
			seedLike(2, ofProcess, func(r *rule.Rule) { r.From = "now-1h" }),
			seedLike(3, pairs, func(r *rule.Rule) { r.From = "now-6m" }),
			seedLike(4, `network where true`, func(r *rule.Rule) { r.From, r.Index = "now-2h", []string{"other-*"} }),
			seedLike(5, `sample by host.id [process where true] [network where true]`, func(r *rule.Rule) { r.From = "now-10m" }),
			seedLike(6, ofProcess+" | tail 1", nil),
			seedLike(7, ofProcess+" | head 1", nil),
		)
		d.before = true // rules owe nothing of what came before them
		d.arrive("new", "process", "11:58", "h")
		d.arrive("net", "network", "11:58:30", "h")
		d.arrive("mid", "process", "11:52", "h")
		d.arrive("old", "process", "11:10", "h")
		d.arrive("older", "process", "10:30", "h")
		d.arrive("oldest", "process", "09:30", "h")
		d.run()
		slices.Sort(d.told)
		d.want("1:new", "2:mid", "2:new", "2:old", "3:new+net", "5:new+net", "6:new", "7:mid")
		if r := d.passes[0]; d.store.reads != 1 || r.Judged != 5 || len(d.runs) != 7 {
			t.Errorf("%s: read %d times, %d of %d documents judged, %d runs", p.Name(), d.store.reads, r.Judged, d.store.given, len(d.runs))
		}
	}
}

// The built-in rules are all due together: one reading for all of them.
func TestBuiltinRulesShareOnePass(t *testing.T) {
	rules, err := rule.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range both() {
		d := newDesk(t, p, "12:00", rules...)
		for n := range 200 {
			d.arrive(fmt.Sprint(n), "process", at(t, "11:55").Add(time.Duration(n)*time.Second).Format("15:04:05"), "h")
		}
		d.run()
		if r := d.passes[0]; d.store.reads != 1 || r.Judged != 200 || r.Events != 200 || len(d.runs) != len(rules) {
			t.Errorf("%s: read %d times, %d documents judged, %d runs", p.Name(), d.store.reads, r.Judged, len(d.runs))
		}
	}
}

// A rule that finds more than a pass takes is left in the middle, and goes on there;
// what is found is the same.
func TestManyMatches(t *testing.T) {
	d := newDesk(t, both()[0], "12:00", seedLike(1, ofProcess, func(r *rule.Rule) { r.MaxSignals = 100_000 }))
	var want []string
	d.most = 100
	for n := range 250 {
		id := fmt.Sprintf("%05d", n)
		d.arrive(id, "process", at(t, "11:52").Add(time.Duration(n)*time.Millisecond).Format("15:04:05.999999999"), "h")
		want = append(want, id)
	}
	for d.run() {
	}
	d.want(want...)
	if n := len(d.runs); n != 3 || d.runs[0].Counts.Found != 100 {
		t.Errorf("%d runs, the first found %d", n, d.runs[0].Counts.Found)
	}
}

// A preview's runs go through the same pass.
func TestPreview(t *testing.T) {
	for _, p := range both() {
		d := newDesk(t, p, "12:00", seedLike(1, pairs, nil))
		d.arrive("a", "process", "11:22", "h")
		d.arrive("b", "network", "11:22:10", "h")
		found := 0
		for j := range schedule.Rehearse(p, d.known[0], d.now, 12, d.moment()) {
			w := &schedule.Work{Started: j.Started, Arrival: j.Arrival, Jobs: []*schedule.Job{j}}
			d.rehearse(w, func(n int) { found += n })
		}
		if found != 2 || len(d.alerts) > 0 { // the windows overlap, and nothing is stored
			t.Errorf("%s: found %d times", p.Name(), found)
		}
	}
}

// rehearse runs a pass of which nothing is kept.
func (d *desk) rehearse(w *schedule.Work, found func(int)) {
	d.Helper()
	report, err := pass.NewRunner(d.program, pass.Options{}).Run(context.Background(), w, d.store)
	if err != nil {
		d.Fatal(err)
	}
	found(len(report.Jobs[0].Matches))
}

// storedAt is a stored document.
func storedAt(id string, happened time.Time, raw string) schedule.Event {
	return schedule.Event{Raw: []byte(raw), ID: id, Time: value.InstantOfTime(happened), HasTime: true}
}
