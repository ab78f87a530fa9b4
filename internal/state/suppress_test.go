package state

import (
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/rule"
)

// Detection acceptance, suppression: what Kibana does in a run, across runs with a
// duration, with closed alerts, and with doNotSuppress; for a stream, whose run is the
// rule's interval, and for a schedule alike.
func TestSuppression(t *testing.T) {
	type step struct {
		name, host string
		minute     int
		run        string
		want       Counts
	}
	made, counted, known := Counts{New: 1, Blocks: 2}, Counts{Suppressed: 1}, Counts{Existing: 1}
	for _, c := range []struct {
		what   string
		change func(*rule.Rule)
		close  int // after so many steps the alerts are closed; 0: never
		byTime bool
		steps  []step
		repeat []int // of the alerts, in the order in which they were made
	}{
		{
			what: "in a run, the first of each instance stands", change: suppressing(nil),
			steps: []step{
				{"a1", "a", 0, "run", made}, {"a2", "a", 1, "run", counted}, {"b1", "b", 2, "run", made}, {"a3", "a", 3, "run", counted},
			},
			repeat: []int{2, 0},
		},
		{
			what: "without a duration, another run tells again", change: suppressing(nil),
			steps:  []step{{"a1", "a", 0, "run 1", made}, {"a2", "a", 1, "run 2", made}, {"a3", "a", 2, "run 2", counted}},
			repeat: []int{0, 1},
		},
		{
			what: "with a duration, other runs are counted as long as it lasts", change: suppressing(hour),
			steps: []step{
				{"a1", "a", 0, "run 1", made}, {"a2", "a", 30, "run 2", counted}, {"a3", "a", 60, "run 3", counted}, {"a4", "a", 61, "run 4", made},
			},
			repeat: []int{2, 0},
		},
		{
			what: "a closed alert takes no more", change: suppressing(hour), close: 2,
			steps:  []step{{"a1", "a", 0, "run 1", made}, {"a2", "a", 1, "run 2", counted}, {"a3", "a", 2, "run 3", made}, {"a4", "a", 3, "run 4", counted}},
			repeat: []int{1, 1},
		},
		{
			what: "doNotSuppress tells what lacks a field", change: func(r *rule.Rule) {
				suppressing(hour)(r)
				r.AlertSuppression.GroupBy = append(r.AlertSuppression.GroupBy, "no.such")
				r.AlertSuppression.MissingFieldsStrategy = "doNotSuppress"
			},
			steps:  []step{{"a1", "a", 0, "run", made}, {"a2", "a", 1, "run", made}},
			repeat: []int{0, 0},
		},
		{
			what: "suppress, the default, takes what is missing for a value", change: func(r *rule.Rule) {
				suppressing(hour)(r)
				r.AlertSuppression.GroupBy = append(r.AlertSuppression.GroupBy, "no.such")
			},
			steps:  []step{{"a1", "a", 0, "run", made}, {"a2", "a", 1, "run", counted}},
			repeat: []int{1},
		},
		{
			what: "windows that overlap count nothing twice", change: suppressing(hour),
			steps: []step{
				{"a1", "a", 0, "run 1", made},
				{"a2", "a", 5, "run 1", counted},
				{"a1", "a", 0, "run 2", known},
				{"a2", "a", 5, "run 2", known},
				{"a3", "a", 6, "run 2", counted},
			},
			repeat: []int{2},
		},
		{
			what: "what arrives late is counted", change: suppressing(hour),
			steps:  []step{{"a1", "a", 0, "run 1", made}, {"a2", "a", 9, "run 1", counted}, {"a3", "a", 5, "run 2", counted}},
			repeat: []int{2},
		},
		{
			what: "by time, as Kibana does, it is not", change: suppressing(hour), byTime: true,
			steps:  []step{{"a1", "a", 0, "run 1", made}, {"a2", "a", 9, "run 1", counted}, {"a3", "a", 5, "run 2", known}},
			repeat: []int{1},
		},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := inMemory(t)
			r := shell(c.change)
			for i, step := range c.steps {
				one := candidate(t, s, r, step.name, step.host, minute(step.minute), step.run)
				done := commit(t, s, &Commit{Now: minute(step.minute), Candidates: []*Candidate{one}, ByTime: c.byTime})
				if done.Counts != step.want {
					t.Errorf("step %d: %+v, want %+v", i+1, done.Counts, step.want)
				}
				if c.close == i+1 {
					for _, a := range listed(t, s, Filter{}) {
						if _, err := s.SetStatus(ctx, []int64{a.Seq}, Closed, "", By{"me", minute(step.minute)}); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			var repeat []int
			if err := s.InOrder(ctx, Filter{}, 0, func(a *Alert) error {
				repeat = append(repeat, a.Counted)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if len(repeat) != len(c.repeat) {
				t.Fatalf("repeats %v, want %v", repeat, c.repeat)
			}
			for i := range repeat {
				if repeat[i] != c.repeat[i] {
					t.Errorf("repeats %v, want %v", repeat, c.repeat)
				}
			}
		})
	}
}

// In one commit the earliest stands, whatever the order in which they were found, and
// only its blocks are written. Its document says what it counts.
func TestSuppressedInOneCommit(t *testing.T) {
	s := inMemory(t)
	r := shell(suppressing(nil))
	first := candidate(t, s, r, "first", "a", minute(0), "run")
	done := commit(t, s, &Commit{Now: minute(9), Candidates: []*Candidate{
		candidate(t, s, r, "third", "a", minute(7), "run"), first, candidate(t, s, r, "second", "a", minute(3), "run"),
	}})
	if want := (Counts{New: 1, Blocks: 2, Suppressed: 2}); done.Counts != want {
		t.Fatalf("%+v, want %+v", done.Counts, want)
	}
	a := only(t, s)
	if a.ID != first.ID || !a.FirstCounted.Equal(minute(0)) || !a.LastCounted.Equal(minute(7).Add(time.Second)) {
		t.Errorf("stored %+v", a)
	}
	docs := documents(t, s, a)
	if len(docs) != 3 {
		t.Fatalf("%d documents, want an alert and two blocks", len(docs))
	}
	for field, want := range map[string]any{
		"kibana.alert.instance.id":            first.Suppression.Instance,
		"kibana.alert.suppression.docs_count": 2.0,
		"kibana.alert.suppression.start":      "2026-02-03T09:00:00.000Z",
		"kibana.alert.suppression.end":        "2026-02-03T09:07:01.000Z",
		"kibana.alert.start":                  "2026-02-03T09:00:10.000Z",
		"kibana.alert.last_detected":          "2026-02-03T09:07:10.000Z",
	} {
		if docs[0][field] != want {
			t.Errorf("%s is %v, want %v", field, docs[0][field], want)
		}
		if field != "kibana.alert.start" && field != "kibana.alert.last_detected" && docs[1][field] != nil {
			t.Errorf("a block has %s", field)
		}
	}
}

// A rule whose alerts are building blocks has them stored, marked and out of lists.
func TestBuildingBlockRules(t *testing.T) {
	s := inMemory(t)
	r := shell(func(r *rule.Rule) { r.BuildingBlockType = "default" })
	commit(t, s, &Commit{Now: minute(1), Candidates: []*Candidate{candidate(t, s, r, "one", "a", minute(0), "run")}})
	if all := listed(t, s, Filter{}); len(all) != 0 {
		t.Errorf("listed %v", all)
	}
	a := only(t, s)
	if doc := documents(t, s, a)[0]; !a.BuildingBlock || doc["kibana.alert.building_block_type"] != "default" {
		t.Errorf("it is not marked: %v", doc["kibana.alert.building_block_type"])
	}
	items, err := s.Next(ctx, 0, 10)
	if err != nil || len(items) != 1 || !items[0].BuildingBlock {
		t.Errorf("in the outbox: %v, %v", items, err)
	}
}
