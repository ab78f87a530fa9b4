package state

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/schedule"
)

func TestAlertsAreStoredOnce(t *testing.T) {
	s := inMemory(t)
	r := shell()
	one, two := candidate(t, s, r, "one", "a", minute(0), "run"), candidate(t, s, r, "two", "a", minute(1), "run")
	done := commit(t, s, &Commit{Now: minute(2), Candidates: []*Candidate{one, one}})
	if want := (Counts{New: 1, Blocks: 2, Existing: 1}); done.Counts != want {
		t.Fatalf("%+v, want %+v", done.Counts, want)
	}
	before := documents(t, s, only(t, s))

	// The same again, from another run and at another time, with another: nothing of
	// what is there changes.
	again, err := s.Candidate(found(t, shell(func(r *rule.Rule) { r.Severity = rule.Low }), "one", "a", minute(0)), Execution{Run: "later"})
	if err != nil {
		t.Fatal(err)
	}
	done = commit(t, s, &Commit{Now: minute(9), Candidates: []*Candidate{again, two}})
	if want := (Counts{New: 1, Blocks: 2, Existing: 1}); done.Counts != want {
		t.Fatalf("%+v, want %+v", done.Counts, want)
	}
	if len(done.Alerts) != 1 || done.Alerts[0].ID != two.ID || done.Alerts[0].Seq != 2 {
		t.Errorf("new alerts: %+v", done.Alerts)
	}
	if done.ByRun["later"].Existing != 1 || done.ByRun["run"].New != 1 || done.ByRule[r.UUID()] != done.Counts {
		t.Errorf("by run %+v, by rule %+v", done.ByRun, done.ByRule)
	}
	all := listed(t, s, Filter{})
	if len(all) != 2 || all[0].ID != two.ID || all[1].ID != one.ID {
		t.Fatalf("listed %v", all)
	}
	if after := documents(t, s, &all[1]); !reflect.DeepEqual(before, after) {
		t.Errorf("a stored alert changed from\n%v\nto\n%v", before, after)
	}
	if a := all[1]; a.Severity != rule.High || a.Host != "a" || a.User != "root" || !a.At.Equal(minute(0)) ||
		!a.Until.Equal(minute(0).Add(time.Second)) || a.Blocks != 2 || a.Status != StatusOpen {
		t.Errorf("the row is %+v", a)
	}
	if len(before) != 3 || before[0]["kibana.alert.uuid"] != one.ID || before[1]["kibana.alert.group.index"] != 0.0 {
		t.Errorf("documents: %v", before)
	}
}

// With a cap, the oldest are told first, whole; the rest waits and is told in later
// intervals, before what is found then. The count of what is told never exceeds it.
func TestCap(t *testing.T) {
	s := inMemory(t)
	r := shell()
	limit := func(interval, most int) []Cap { return []Cap{{r.UUID(), minute(interval), most}} }
	var many []*Candidate
	for i := range 5 {
		many = append(many, candidate(t, s, r, fmt.Sprint("first", i), "a", minute(i), "run1"))
	}
	done := commit(t, s, &Commit{Now: minute(5), Candidates: many, Caps: limit(5, 2)})
	if want := (Counts{New: 2, Blocks: 4, Carried: 3}); done.Counts != want {
		t.Fatalf("%+v, want %+v", done.Counts, want)
	}
	if want := (CapUse{2, 3}); done.Caps[r.UUID()] != want {
		t.Errorf("cap: %+v, want %+v", done.Caps[r.UUID()], want)
	}
	// What waits is known: found again, it does not wait twice.
	done = commit(t, s, &Commit{Now: minute(6), Candidates: append(many, candidate(t, s, r, "second", "a", minute(6), "run2")), Caps: limit(5, 2)})
	if want := (Counts{Existing: 5, Carried: 1}); done.Counts != want {
		t.Fatalf("%+v, want %+v", done.Counts, want)
	}
	waiting, err := s.Waiting(ctx)
	if err != nil || len(waiting) != 1 || waiting[0].Carried != 4 || !waiting[0].Oldest.Equal(minute(5)) {
		t.Errorf("waiting %+v, %v", waiting, err)
	}
	// A new interval: the cap alone is enough.
	done = commit(t, s, &Commit{Now: minute(10), Candidates: []*Candidate{candidate(t, s, r, "third", "a", minute(10), "run3")}, Caps: limit(10, 3)})
	if want := (Counts{New: 3, Blocks: 6, Released: 3, Carried: 1}); done.Counts != want {
		t.Fatalf("%+v, want %+v", done.Counts, want)
	}
	done = commit(t, s, &Commit{Now: minute(15), Caps: limit(15, 3)})
	if want := (Counts{New: 2, Blocks: 4, Released: 2}); done.Counts != want {
		t.Fatalf("%+v, want %+v", done.Counts, want)
	}
	var order []string
	if err := s.InOrder(ctx, Filter{}, 0, func(a *Alert) error {
		order = append(order, a.At.Format("04")+" "+a.Made.Format("04"))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	// Event time, and when the alert was made: what waited is made when it is told.
	if want := []string{"00 00", "01 01", "02 10", "03 10", "04 10", "06 15", "10 15"}; !reflect.DeepEqual(order, want) {
		t.Errorf("told %v, want %v", order, want)
	}
	last := listed(t, s, Filter{})[0]
	if doc := documents(t, s, &last)[0]; doc["@timestamp"] != "2026-02-03T09:15:00.000Z" || doc["kibana.alert.start"] != doc["@timestamp"] {
		t.Errorf("the document of what waited says %v", doc["@timestamp"])
	}
	if waiting, err := s.Waiting(ctx); err != nil || len(waiting) > 0 {
		t.Errorf("waiting %+v, %v", waiting, err)
	}
}

// What waits is suppressed, deleted and superseded like any other.
func TestWhatWaits(t *testing.T) {
	s := inMemory(t)
	r := shell(suppressing(hour))
	list := []*Candidate{
		candidate(t, s, r, "a1", "a", minute(0), "run"), candidate(t, s, r, "b1", "b", minute(1), "run"),
		candidate(t, s, r, "a2", "a", minute(2), "run"), candidate(t, s, r, "b2", "b", minute(3), "run"),
		candidate(t, s, r, "c1", "c", minute(4), "run"),
	}
	done := commit(t, s, &Commit{Now: minute(5), Candidates: list, Caps: []Cap{{r.UUID(), minute(5), 1}}})
	if want := (Counts{New: 1, Blocks: 2, Suppressed: 1, Carried: 3}); done.Counts != want {
		t.Fatalf("%+v, want %+v", done.Counts, want)
	}
	done = commit(t, s, &Commit{
		Now: minute(10), Caps: []Cap{{r.UUID(), minute(10), 5}}, Superseded: []string{list[4].ID, list[0].ID},
	})
	if want := (Counts{New: 1, Blocks: 2, Suppressed: 1, Released: 2}); done.Counts != want {
		t.Fatalf("%+v, want %+v", done.Counts, want)
	}
	all := listed(t, s, Filter{})
	if len(all) != 2 || all[0].Counted != 1 || all[0].Host != "b" || all[1].Counted != 1 || !all[1].Superseded.Equal(minute(10)) {
		t.Errorf("stored %+v", all)
	}
}

// A rule that finds more than can be carried does not fill the disk, and what is
// lost is counted.
func TestMoreThanIsCarried(t *testing.T) {
	s := inMemory(t)
	r := shell()
	err := s.change(ctx, func(x *tx) error {
		_, err := x.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO carried (id, rule, found, fields, body) SELECT 'x' || i, ?, ?, '{}', x'' FROM n`, mostCarried-1, r.UUID(), minute(0).UnixMicro())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var list []*Candidate
	for i := range 3 {
		list = append(list, candidate(t, s, r, fmt.Sprint(i), "a", minute(i), "run"))
	}
	done := commit(t, s, &Commit{Now: minute(5), Candidates: list, Caps: []Cap{{r.UUID(), minute(5), 0}}})
	if want := (Counts{Carried: 1, Lost: 2}); done.Counts != want {
		t.Fatalf("%+v, want %+v", done.Counts, want)
	}
	waiting, err := s.Waiting(ctx)
	if err != nil || len(waiting) != 1 || waiting[0].Carried != mostCarried || waiting[0].Lost != 2 || !waiting[0].LostAt.Equal(minute(5)) {
		t.Errorf("waiting %+v, %v", waiting, err)
	}
}

func TestWhatAPassLeaves(t *testing.T) {
	s := inMemory(t)
	r := shell()
	known := candidate(t, s, r, "known", "a", minute(0), "stream")
	commit(t, s, &Commit{Now: minute(1), Candidates: []*Candidate{known}, Positions: map[string]uint64{StreamPosition: 17}})
	ledger := schedule.Ledger{
		Rule: r.UUID(), Since: minute(-9), Next: minute(5), Covered: []schedule.Span{{From: minute(-9), To: minute(0), Arrival: 17}},
		Dirty: []schedule.Span{{From: minute(-5), To: minute(-4), Arrival: 18}}, Gaps: []schedule.Gap{{From: minute(-20), To: minute(-9), Reason: schedule.RuleOff, Told: minute(0)}},
	}
	run := schedule.Run{ID: "run-1", Rule: r.UUID(), Kind: schedule.Scheduled, Started: minute(2), Status: schedule.Succeeded, Counts: schedule.Counts{Found: 3}}
	blind := Blind{Cause: "dropped", Host: "a", Since: minute(0), Count: 3, Text: "the queue was full"}
	list := []*Candidate{known, candidate(t, s, r, "new", "a", minute(1), "run-1"), candidate(t, s, r, "over", "a", minute(2), "run-1")}
	list[0].Run = "run-1"
	commit(t, s, &Commit{
		Now: minute(2), Candidates: list, Caps: []Cap{{r.UUID(), minute(0), 1}},
		Runs: []schedule.Run{run}, Ledgers: []schedule.Ledger{ledger}, Blind: []Blind{blind},
		Positions: map[string]uint64{StreamPosition: 18, SchedulePosition: 18},
	})
	runs, err := s.Runs(ctx, "", 10)
	if err != nil || len(runs) != 1 {
		t.Fatalf("runs %v, %v", runs, err)
	}
	if want := (schedule.Counts{Found: 3, New: 2, Told: 1, Carried: 1}); runs[0].Counts != want || runs[0].Kind != schedule.Scheduled {
		t.Errorf("the run counts %+v, want %+v", runs[0].Counts, want)
	}
	ledgers, err := s.Ledgers(ctx)
	if err != nil || len(ledgers) != 1 || !reflect.DeepEqual(ledgers[0], ledger) {
		t.Errorf("ledgers %+v, want %+v; %v", ledgers, ledger, err)
	}
	// A span that ends takes the place of the one that lasts.
	blind.Until, blind.Count = minute(3), 5
	ledger.Next = minute(7)
	commit(t, s, &Commit{Now: minute(3), Blind: []Blind{blind}, Ledgers: []schedule.Ledger{ledger}})
	if spans, err := s.Blind(ctx, minute(2), minute(9)); err != nil || !reflect.DeepEqual(spans, []Blind{blind}) {
		t.Errorf("blind %+v, %v", spans, err)
	}
	if spans, err := s.Blind(ctx, minute(4), time.Time{}); err != nil || len(spans) > 0 {
		t.Errorf("blind later: %+v, %v", spans, err)
	}
	for name, want := range map[string]uint64{StreamPosition: 18, SchedulePosition: 18, "nobody": 0} {
		if got, err := s.Arrival(ctx, name); err != nil || got != want {
			t.Errorf("%s is at %d, want %d; %v", name, got, want, err)
		}
	}
	// Alerts carry what was not seen while they happened.
	all := listed(t, s, Filter{})
	spans, _ := documents(t, s, &all[0])[0]["tripline.blind"].([]any)
	if len(spans) != 1 || spans[0].(map[string]any)["cause"] != "dropped" {
		t.Errorf("the alert carries %v", spans)
	}
}
