package schedule

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/rule"
)

var errTest = errors.New("no disk")

// The seed's schedule: every 5 minutes, from now-9m, and each run's window is whole.
func TestEveryFiveMinutesFromNineMinutesAgo(t *testing.T) {
	seed, err := rule.Seed()
	if err != nil {
		t.Fatal(err)
	}
	r := seedLike(t, seed.Query, func(r *rule.Rule) {
		r.Interval, r.From, r.To, r.MaxSignals = seed.Interval, seed.From, seed.To, seed.MaxSignals
	})
	for _, p := range []Policy{Tripline(Limits{}), Elastic()} {
		d := newDriver(t, p, "12:00", r)
		var got []string
		for d.now.Before(at(t, "12:16")) {
			for _, j := range d.pass() {
				got = append(got, clock(d.now)+": "+clock(j.Windows[0].From)+"-"+clock(j.Windows[0].To))
			}
			d.now = d.now.Add(time.Second)
		}
		want := "12:00:00: 11:51:00-12:00:00|12:05:00: 11:56:00-12:05:00|12:10:00: 12:01:00-12:10:00|12:15:00: 12:06:00-12:15:00"
		if strings.Join(got, "|") != want {
			t.Errorf("%s: %q", p.Name(), got)
		}
	}
}

// The gap table by default: whatever the delay, all is covered, the oldest first.
func TestTriplineCatchesUp(t *testing.T) {
	for _, tt := range []struct{ at, want string }{
		{"12:05", "window 11:56:00-12:05:00"},
		{"12:16", "window 12:00:00.000000001-12:16:00"},
		{"12:30", "window 12:00:00.000000001-12:30:00"},
		{"12:45", "missed 12:00:00.000000001-12:15:00; window 12:15:00.000000001-12:45:00"},
		{"14:00", "missed 12:00:00.000000001-12:30:00; window 13:30:00.000000001-14:00:00" +
			"|missed 12:30:00.000000001-13:00:00|missed 13:00:00.000000001-13:30:00"},
	} {
		d := newDriver(t, Tripline(Limits{}), "12:00", seedLike(t, single, func(r *rule.Rule) { r.From = "now-6m" }))
		d.pass()
		d.now = at(t, tt.at)
		var got []string
		for jobs := d.pass(); jobs != nil; jobs = d.pass() {
			got = append(got, windows(jobs[0]))
		}
		if tt.at == "12:05" {
			tt.want = "window 11:59:00-12:05:00"
		}
		if text := strings.Join(got, "|"); text != tt.want {
			t.Errorf("at %s:\n%s, want\n%s", tt.at, text, tt.want)
		}
		if owed := d.ledger().Owed(d.now); len(owed) > 0 || d.ledger().Backlog {
			t.Errorf("at %s: still owed %s", tt.at, spans(owed))
		}
		for _, run := range d.runs {
			if run.Status != Succeeded {
				t.Errorf("at %s: %s", tt.at, run.Text())
			}
		}
	}
}

// A pause of ten days is made up for in steps of half an hour, and all of it.
func TestTriplineCatchesUpTenDays(t *testing.T) {
	d := newDriver(t, Tripline(Limits{}), "12:00", seedLike(t, pair, nil))
	d.pass()
	d.now = d.now.AddDate(0, 0, 10)
	passes := 0
	last := time.Time{}
	for jobs := d.pass(); jobs != nil; jobs = d.pass() {
		passes++
		w := jobs[0].Windows[0]
		if w.From.Before(last) || w.To.Sub(w.From) > 30*time.Minute || !w.Low.Equal(w.From.Add(-time.Minute).Truncate(time.Millisecond)) {
			t.Fatalf("pass %d: %s", passes, windows(jobs[0]))
		}
		last = w.To
		d.now = d.now.Add(100 * time.Millisecond) // so that the next scheduled run does not fall due in between
		if d.now.After(d.ledger().Next) {
			d.now = d.now.Add(-100 * time.Millisecond)
		}
	}
	if passes != 480 || len(d.ledger().Owed(d.ledger().Frontier())) > 0 {
		t.Errorf("%d passes, owed %s", passes, spans(d.ledger().Owed(d.ledger().Frontier())))
	}
}

// Only what is past retention is a gap, and it is told once.
func TestTriplinePastRetention(t *testing.T) {
	d := newDriver(t, Tripline(Limits{}), "12:00", seedLike(t, single, nil))
	d.pass()
	d.now, d.oldest = at(t, "15:00"), at(t, "13:00")
	j := d.pass()[0]
	if run := d.runs[1]; run.Status != PartialFailure || !strings.Contains(run.Text(), "2026-02-03T12:00:00.000Z to 2026-02-03T13:00:00.000Z (1h0m0s)") {
		t.Errorf("%s: %s", run.Status, run.Text())
	}
	if got := windows(j); got != "missed 13:00:00-13:29:59.999999999; window 14:30:00.000000001-15:00:00" {
		t.Error(got)
	}
	if g := d.ledger().Gaps; len(g) != 1 || g[0].Reason != PastRetention || !g[0].To.Equal(d.oldest) {
		t.Errorf("gaps %v", g)
	}
	for d.pass() != nil {
	}
	if run := d.runs[len(d.runs)-1]; run.Status != Succeeded || len(d.ledger().Gaps) != 1 {
		t.Errorf("told again: %s, %v", run.Text(), d.ledger().Gaps)
	}
	// A manual run over it closes it, as far as there is anything left.
	works, err := d.Asked(d.rules[0].ID, at(t, "12:00"), at(t, "12:40"), d.moment())
	if err != nil || len(works) != 2 {
		t.Fatal(len(works), err)
	}
	for _, w := range works {
		d.Start(w, d.arrival)
		d.finish(w, make([]Result, 1))
	}
	if g := d.ledger().Gaps; len(g) != 1 || clock(g[0].From) != "12:40:00.000000001" {
		t.Errorf("gaps %v", g)
	}
	if run := d.runs[len(d.runs)-2]; run.Kind.Type() != "manual" || !strings.Contains(run.Text(), "no longer kept") {
		t.Errorf("%s: %s", run.Kind, run.Text())
	}
}

// A failed run is owed, and the next one makes up for it.
func TestTriplineFailedRun(t *testing.T) {
	d := newDriver(t, Tripline(Limits{}), "12:00", seedLike(t, single, func(r *rule.Rule) { r.From = "now-5m" }))
	d.pass()
	d.now = at(t, "12:05")
	d.finish(d.Begin(d.moment()), []Result{{Err: errTest}})
	if d.runs[1].Status != Failed || d.pass() != nil {
		t.Errorf("%+v", d.runs[1])
	}
	d.now = at(t, "12:10")
	if got := windows(d.pass()[0]); got != "window 12:00:00.000000001-12:10:00" {
		t.Error(got)
	}
}

// A run of which nothing could be stored is due still.
func TestDroppedPassIsDueStill(t *testing.T) {
	d := newDriver(t, Tripline(Limits{}), "12:00", seedLike(t, single, nil))
	w := d.Begin(d.moment())
	if d.Begin(d.moment()) != nil {
		t.Error("two passes at once")
	}
	d.Drop(w)
	if again := d.Begin(d.moment()); again == nil || windows(again.Jobs[0]) != windows(w.Jobs[0]) {
		t.Errorf("%+v", again)
	}
}

// Sequences are read from a span before what is claimed, and their claim ends a
// span early if a missing event is waited for.
func TestWindowsOfSpans(t *testing.T) {
	for _, tt := range []struct {
		query  string
		change func(*rule.Rule)
		want   string
	}{
		{single, nil, "window 11:51:00-12:00:00"},
		{pair, nil, "window 11:51:00-12:00:00 (11:50:00-12:00:00)"},
		{trailing, nil, "window 11:51:00-11:58:59.999999999 (11:50:00-12:00:00)"},
		{sample, nil, "window 11:51:00-12:00:00"},
		{single + " | tail 3", nil, "window 11:51:00-12:00:00"},
		{`sequence [process where true] [network where true]`, nil, "window 11:51:00-12:00:00 (11:42:00-12:00:00)"},
		{`sequence with maxspan=1h [process where true] [network where true]`, nil, "window 11:51:00-12:00:00 (10:51:00-12:00:00)"},
		{`sequence with maxspan=20m [process where true] ![network where true]`, nil, ""},
		{single, func(r *rule.Rule) { r.From, r.To = "now/h", "now-1m" }, "the window ends before"},
		{single, func(r *rule.Rule) { r.From, r.To = "now-1d/d", "now/d" }, "window 2026-02-02T00:00:00-00:00:00"},
		{single, func(r *rule.Rule) { r.TimestampOverride = "event.ingested" }, "window 11:51:00-12:00:00"},
	} {
		d := newDriver(t, Tripline(Limits{}), "12:00", seedLike(t, tt.query, tt.change))
		j := d.pass()[0]
		got := windows(j)
		if len(j.Messages) > 0 {
			got = j.Messages[0].Text
		}
		if got != tt.want && (tt.want == "" || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: %s, want %s", tt.query, got, tt.want)
		}
	}
}

// A missing event that is waited for longer than the look-back: the claim follows
// when its time is over.
func TestLongWaitForMissingEvents(t *testing.T) {
	d := newDriver(t, Tripline(Limits{}), "12:00", seedLike(t, `sequence with maxspan=20m [process where true] ![network where true]`, nil))
	var got []string
	for range 7 {
		for _, j := range d.pass() {
			if text := windows(j); text != "" {
				got = append(got, text)
			}
		}
		d.now = d.now.Add(5 * time.Minute)
	}
	want := "window 11:51:00-11:54:59.999999999 (11:31:00-12:15:00)" +
		"|window 11:55:00-11:59:59.999999999 (11:35:00-12:20:00)" +
		"|window 12:00:00-12:04:59.999999999 (11:40:00-12:25:00)" +
		"|window 12:05:00-12:09:59.999999999 (11:45:00-12:30:00)"
	if strings.Join(got, "|") != want {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

// An event that comes late is judged again, in the next run's window or beside it.
func TestLateEventsMakeDirty(t *testing.T) {
	for _, tt := range []struct{ query, event, dirty, want string }{
		{single, "12:00:01", "", "window 11:56:00-12:05:00"},
		{single, "11:59", "11:59:00-11:59:00.000000001", "window 11:56:00-12:05:00"},
		{single, "10:00", "10:00:00-10:00:00.000000001", "late 10:00:00-10:00:00; window 11:56:00-12:05:00"},
		{pair, "10:00", "10:00:00-10:01:00.000000001", "late 10:00:00-10:01:00 (09:59:00-10:01:00); window 11:56:00-12:05:00 (11:55:00-12:05:00)"},
		{pair, "11:59:30", "11:59:30-12:00:00.000000001", "window 11:56:00-12:05:00 (11:55:00-12:05:00)"},
		{trailing, "10:00", "10:00:00-10:01:00.000000001", "late 10:00:00-10:01:00 (09:59:00-10:02:00.001); window 11:56:00-12:03:59.999999999 (11:55:00-12:05:00)"},
		{sample, "10:00", "10:00:00-10:09:00.000000001", "late 10:00:00-10:04:59.999999999 (09:56:00-10:04:59.999999999);" +
			" late 10:05:00-10:09:00 (10:00:00.000000001-10:09:00); window 11:56:00-12:05:00"},
		{single, "1970-01-01T00:00", "1970-01-01T00:00:00-1970-01-01T00:00:00.000000001", "late 1970-01-01T00:00:00-1970-01-01T00:00:00; window 11:56:00-12:05:00"},
		{single, "9999-01-01T00:00", "", "window 11:56:00-12:05:00"},
	} {
		d := newDriver(t, Tripline(Limits{}), "12:00", seedLike(t, tt.query, nil))
		d.pass()
		l := d.ledger()
		l.Since = at(t, "09:00") // as if it had run all morning
		l.cover(Span{at(t, "09:00"), at(t, "11:55"), 0})
		d.arrives(tt.event)
		if got := spans(l.Dirty); got != tt.dirty {
			t.Errorf("%s, %s: dirty %s, want %s", tt.query, tt.event, got, tt.dirty)
		}
		d.now = at(t, "12:05")
		if got := windows(d.pass()[0]); got != tt.want {
			t.Errorf("%s, %s: %s, want %s", tt.query, tt.event, got, tt.want)
		}
		if len(l.Dirty) > 0 {
			t.Errorf("%s, %s: dirty still %s", tt.query, tt.event, spans(l.Dirty))
		}
	}
}

// With event.ingested nothing is late: it comes in the window of its arrival.
func TestIngestTimeIsNeverLate(t *testing.T) {
	r := seedLike(t, single, func(r *rule.Rule) { r.TimestampOverride = "event.ingested" })
	d := newDriver(t, Tripline(Limits{}), "12:00", r)
	d.pass()
	d.now = at(t, "12:01")
	d.arrives("10:00")
	if d.now = at(t, "12:05"); len(d.ledger().Dirty) > 0 {
		t.Errorf("dirty: %s", spans(d.ledger().Dirty))
	}
	w := d.Begin(d.moment())
	want := WantOf(w)
	if len(want.Event) > 0 || spans(want.Ingested) != "11:56:00-12:05:00.000000001" {
		t.Errorf("wants %s and %s", spans(want.Event), spans(want.Ingested))
	}
}

// Only the rules that an event matters to are run again, and only for what they
// have not seen.
func TestLateEventsMatterToSome(t *testing.T) {
	other := seedLike(t, single, func(r *rule.Rule) { r.ID = "99999999-2222-3333-4444-555555555555" })
	d := newDriver(t, Tripline(Limits{}), "12:00", seedLike(t, single, nil), other)
	d.pass()
	asked := 0
	d.Arrive(Arrival{Number: 1, Time: at(t, "11:00"), HasTime: true, Ingested: d.now}, func(rule int) bool { asked++; return rule == 1 })
	if len(d.ledgers[0].Dirty) != 0 || len(d.ledgers[1].Dirty) != 1 || asked != 2 {
		t.Errorf("%v, %v", d.ledgers[0].Dirty, d.ledgers[1].Dirty)
	}
	d.Arrive(Arrival{Number: 2, Time: at(t, "12:01"), HasTime: true, Ingested: d.now}, func(int) bool { t.Error("asked of an event that is not late"); return true })
	if d.Position() != 2 {
		t.Errorf("position %d", d.Position())
	}
}

// What arrives while it is being judged is late too, and stays so.
func TestArrivalsDuringAPass(t *testing.T) {
	d := newDriver(t, Tripline(Limits{}), "12:00", seedLike(t, single, nil))
	d.arrival = 7
	w := d.Begin(d.moment())
	d.arrives("11:59")
	d.arrives("12:00:01") // this one is for the next run
	d.finish(w, make([]Result, 1))
	l := d.ledger()
	if got := spans(l.Dirty); got != "11:59:00-11:59:00.000000001" || l.Dirty[0].Arrival != 8 || l.Covered[0].Arrival != 7 {
		t.Errorf("dirty %v, covered %v", l.Dirty, l.Covered)
	}
	d.now = at(t, "12:05")
	d.pass()
	if len(l.Dirty) > 0 {
		t.Errorf("dirty still: %v", l.Dirty)
	}
	// After a crash the same events are told again: those that were judged count no
	// more.
	d.crash(d.rules...)
	l = d.ledger()
	d.arrival = 7
	d.arrives("11:59")
	if len(l.Dirty) > 0 {
		t.Errorf("dirty again: %v", l.Dirty)
	}
	d.arrival = 100
	d.arrives("11:59")
	if len(l.Dirty) != 1 {
		t.Error("an event that was not there was taken for one that was")
	}
}

// Next due times: on time, a little late, late, and after long: no burst.
func TestDueTimes(t *testing.T) {
	for _, tt := range []struct{ started, took, want string }{
		{"12:05", "0s", "12:10"},
		{"12:05:03", "0s", "12:10"},
		{"12:05:11", "0s", "12:10:11"},
		{"12:47", "0s", "12:52"},
		{"12:05", "7m", "12:12"},
	} {
		for _, p := range []Policy{Tripline(Limits{}), Elastic()} {
			d := newDriver(t, p, "12:00", seedLike(t, single, func(r *rule.Rule) { r.From = "now-1h" }))
			d.pass()
			if !d.Next().Equal(at(t, "12:05")) {
				t.Fatalf("due %s", clock(d.Next()))
			}
			d.now = at(t, tt.started)
			w := d.Begin(d.moment())
			took, err := time.ParseDuration(tt.took)
			if err != nil {
				t.Fatal(err)
			}
			d.now = d.now.Add(took)
			d.finish(w, make([]Result, 1))
			if got := d.Next(); !got.Equal(at(t, tt.want)) || took == 0 && d.Begin(d.moment()) != nil {
				t.Errorf("%s: started %s: due %s, want %s", p.Name(), tt.started, clock(got), tt.want)
			}
		}
	}
}

// The clock is set: forth, and everything until then is judged; back, and rules do
// not wait until it has come there again. What arrives meanwhile is late, and found.
func TestClockJumps(t *testing.T) {
	for _, p := range []Policy{Tripline(Limits{}), Elastic()} {
		d := newDriver(t, p, "12:00", seedLike(t, single, nil))
		d.pass()
		d.now = at(t, "18:00")
		for d.pass() != nil {
		}
		d.now = at(t, "12:03")
		jobs := d.pass()
		if len(jobs) != 1 || windows(jobs[0]) != "window 11:54:00-12:03:00" || !d.Next().Equal(at(t, "12:08")) {
			t.Fatalf("%s: %v, next %s", p.Name(), jobs, clock(d.Next()))
		}
		d.arrives("12:04")
		d.now = at(t, "12:08")
		if jobs = d.pass(); len(jobs) != 1 || windows(jobs[0]) != "window 11:59:00-12:08:00" || len(d.ledger().Dirty) > 0 {
			t.Errorf("%s: %v, dirty %v", p.Name(), jobs, d.ledger().Dirty)
		}
	}
}

// A rule that is off owes nothing of that time; it is a gap. What it owed before is
// still owed.
func TestRuleOff(t *testing.T) {
	r := seedLike(t, single, nil)
	d := newDriver(t, Tripline(Limits{}), "12:00", r)
	d.pass()
	d.now = at(t, "12:03")
	d.Use(nil, d.now)
	d.now = at(t, "14:00")
	if d.pass() != nil || !d.Next().IsZero() {
		t.Error("a rule that is off ran")
	}
	d.store(d.Unsaved())
	d.crash(r)
	l := d.ledger()
	if len(l.Gaps) != 1 || l.Gaps[0].Reason != RuleOff || clock(l.Gaps[0].From) != "12:03:00" || clock(l.Gaps[0].To) != "13:51:00" {
		t.Errorf("gaps %v", l.Gaps)
	}
	if got := windows(d.pass()[0]); got != "missed 12:00:00.000000001-12:02:59.999999999; window 13:51:00-14:00:00" {
		t.Error(got)
	}
}

// What is stored is enough to go on; what is not needs no storing.
func TestSaved(t *testing.T) {
	d := newDriver(t, Tripline(Limits{}), "12:00", seedLike(t, pair, nil))
	if s := d.Unsaved(); len(s.Ledgers) != 1 {
		t.Errorf("a new ledger: %d unsaved", len(s.Ledgers))
	}
	d.pass()
	if s := d.Unsaved(); len(s.Ledgers) != 0 {
		t.Errorf("after a pass: %d unsaved", len(s.Ledgers))
	}
	d.arrives("11:00")
	s := d.Unsaved()
	if len(s.Ledgers) != 1 || s.Position != 1 {
		t.Errorf("after a late event: %+v", s)
	}
	d.arrives("10:00")
	d.Stored(s) // it came too late to be in it
	if s := d.Unsaved(); len(s.Ledgers) != 1 || len(s.Ledgers[0].Dirty) != 2 {
		t.Errorf("after another: %+v", s)
	}
	d.SetCap(0, Cap{Start: d.now, Told: 3})
	d.store(d.Unsaved())
	before := *d.ledger()
	d.crash(d.rules...)
	if after := d.ledger(); spans(after.Dirty) != spans(before.Dirty) || spans(after.Covered) != spans(before.Covered) ||
		!after.Next.Equal(before.Next) || after.Cap != before.Cap || d.Position() != 2 {
		t.Errorf("%+v, want %+v", after, before)
	}
}

// A preview is the runs that would have been.
func TestRehearse(t *testing.T) {
	r := seedLike(t, pair, nil)
	for p, want := range map[Policy]string{
		Tripline(Limits{}): "window 11:41:00-11:50:00 (11:40:00-11:50:00)|window 11:46:00-11:55:00 (11:45:00-11:55:00)|window 11:51:00-12:00:00 (11:50:00-12:00:00)",
		Elastic():          "window 11:41:00-11:50:00|window 11:46:00-11:55:00|window 11:51:00-12:00:00",
	} {
		var got []string
		var last time.Time
		for j := range Rehearse(p, r, at(t, "12:00"), 3, Moment{Arrival: 9}) {
			if !j.Previous.Equal(last) || j.Arrival != 9 || j.Kind != Preview {
				t.Errorf("%s: %+v", p.Name(), j)
			}
			last = j.Started
			got = append(got, windows(j))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%s: %s", p.Name(), strings.Join(got, "|"))
		}
	}
}
