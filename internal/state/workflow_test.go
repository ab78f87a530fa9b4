package state

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/rule"
)

func TestWorkflow(t *testing.T) {
	s := inMemory(t)
	r := shell()
	one := candidate(t, s, r, "one", "a", minute(0), "run")
	commit(t, s, &Commit{Now: minute(1), Candidates: []*Candidate{one}})
	seqs := []int64{only(t, s).Seq}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	changed := func(status Status, reason string, at int, want int) {
		t.Helper()
		n, err := s.SetStatus(ctx, seqs, status, reason, By{"ann", minute(at)})
		if err != nil || n != want {
			t.Errorf("changed %d, want %d; %v", n, want, err)
		}
	}
	changed(Acknowledged, "", 2, 1)
	changed(Acknowledged, "", 3, 0) // it has that status
	must(s.Tag(ctx, seqs, []string{"b", "a", "b"}, []string{"none"}, By{"ann", minute(4)}))
	must(s.Tag(ctx, seqs, []string{"a"}, []string{"a", "b"}, By{"bob", minute(5)}))
	must(s.Assign(ctx, seqs, []string{"bob"}, nil, By{"ann", minute(6)}))
	must(s.AddNote(ctx, seqs, "looked\ninto it", By{"bob", minute(7)}))
	changed(Closed, "false_positive", 8, 1)

	a := only(t, s)
	if a.Status != Closed || a.CloseReason != "false_positive" || a.StatusUser != "ann" || !a.StatusAt.Equal(minute(8)) ||
		!slices.Equal(a.Tags, []string{"a"}) || !slices.Equal(a.Assignees, []string{"bob"}) {
		t.Errorf("stored %+v", a)
	}
	for i, doc := range documents(t, s, a) { // blocks have the workflow of their alert
		for field, want := range map[string]any{
			"kibana.alert.workflow_status":            "closed",
			"kibana.alert.workflow_reason":            "false_positive",
			"kibana.alert.workflow_user":              "ann",
			"kibana.alert.workflow_status_updated_at": "2026-02-03T09:08:00.000Z",
			"kibana.alert.workflow_tags":              []any{"a"},
			"kibana.alert.workflow_assignee_ids":      []any{"bob"},
		} {
			if !reflect.DeepEqual(doc[field], want) {
				t.Errorf("document %d: %s is %v, want %v", i, field, doc[field], want)
			}
		}
	}
	notes, err := s.Notes(ctx, a.Seq)
	must(err)
	if want := []Note{{minute(7), "bob", "looked\ninto it"}}; !reflect.DeepEqual(notes, want) {
		t.Errorf("notes %v", notes)
	}
	history, err := s.History(ctx, a.Seq)
	must(err)
	var told []string
	for _, d := range history {
		told = append(told, d.At.Format("04 ")+strings.TrimSpace(d.User+" "+d.Action+" "+d.Detail))
	}
	if want := []string{
		"02 ann acknowledged", "04 ann tagged b, a", "05 bob untagged a, b", "05 bob tagged a", "06 ann assigned bob", "08 ann closed false_positive",
	}; !slices.Equal(told, want) {
		t.Errorf("history %q, want %q", told, want)
	}

	// The same match again leaves it closed.
	if done := commit(t, s, &Commit{Now: minute(9), Candidates: []*Candidate{one}}); done.Existing != 1 || only(t, s).Status != Closed {
		t.Errorf("again: %+v", done.Counts)
	}
	changed(StatusOpen, "ignored", 9, 1)
	if a := only(t, s); a.Status != StatusOpen || a.CloseReason != "" {
		t.Errorf("reopened: %+v", a)
	}
}

func TestDeletedAlertsDoNotComeBack(t *testing.T) {
	s := inMemory(t)
	r := shell(suppressing(hour))
	list := []*Candidate{candidate(t, s, r, "one", "a", minute(0), "run"), candidate(t, s, r, "two", "a", minute(1), "run")}
	commit(t, s, &Commit{Now: minute(2), Candidates: list})
	a := only(t, s)
	if err := s.AddNote(ctx, []int64{a.Seq}, "text", By{}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Delete(ctx, []int64{a.Seq, 99}, By{"ann", minute(3)}); n != 1 || err != nil {
		t.Fatalf("deleted %d, %v", n, err)
	}
	done := commit(t, s, &Commit{Now: minute(4), Candidates: list})
	if want := (Counts{Deleted: 1, Existing: 1}); done.Counts != want {
		t.Errorf("%+v, want %+v", done.Counts, want)
	}
	for _, table := range []string{"alerts", "bodies", "blocks", "notes", "history"} {
		var n int
		if err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows left in %s, %v", n, table, err)
		}
	}
	// The number is not given again: a sink that is behind must not mistake one alert
	// for another.
	done = commit(t, s, &Commit{Now: minute(5), Candidates: []*Candidate{candidate(t, s, r, "new", "b", minute(5), "run")}})
	if len(done.Alerts) != 1 || done.Alerts[0].Seq != 2 {
		t.Errorf("the next alert: %+v", done.Alerts)
	}
}

func TestFind(t *testing.T) {
	s := inMemory(t)
	r := shell()
	var list []*Candidate
	for i := range 40 {
		list = append(list, candidate(t, s, r, fmt.Sprint(i), "a", minute(i), "run"))
	}
	commit(t, s, &Commit{Now: minute(50), Candidates: list})
	for _, c := range list {
		for _, text := range []string{c.ID, strings.ToUpper(c.ID[:12]), " " + c.ID[:10] + "\n", c.Blocks[1]} {
			if a, err := s.Find(ctx, text); err != nil || a.ID != c.ID {
				t.Fatalf("%q: %v, %v", text, a, err)
			}
		}
	}
	var ambiguous *Ambiguous
	shared := ""
	for _, digit := range "0123456789abcdef" {
		n := 0
		for _, c := range list {
			if c.ID[0] == byte(digit) {
				n++
			}
		}
		if n > 1 {
			shared = string(digit)
		}
	}
	if _, err := s.Find(ctx, shared); !errors.As(err, &ambiguous) || len(ambiguous.IDs) < 2 || !strings.HasPrefix(ambiguous.IDs[1], shared) {
		t.Errorf("%q: %v", shared, err)
	}
	for _, text := range []string{"", "%", "zz", "0000000000000000000000000000000000000000000000000000000000000000", "'"} {
		if _, err := s.Find(ctx, text); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// The list by any filter is what a plain loop over all alerts picks, page by page.
func TestFilters(t *testing.T) {
	s := inMemory(t)
	rules := []*rule.Rule{
		shell(), shell(func(r *rule.Rule) {
			r.ID, r.RuleID, r.Name, r.Severity = "22222222-2222-3333-4444-555555555555", "other", "Another 100% rule", rule.Low
		}),
		shell(func(r *rule.Rule) {
			r.ID, r.RuleID, r.BuildingBlockType = "33333333-2222-3333-4444-555555555555", "block", "default"
		}),
	}
	hosts := []string{"web-1", "WEB-2", "db[1]", ""}
	var list []*Candidate
	for i := range 3*page/2 + 7 {
		list = append(list, candidate(t, s, rules[i%3], fmt.Sprint(i), hosts[i%4], minute(i*7%100), "run"))
	}
	commit(t, s, &Commit{Now: minute(200), Candidates: list})
	all := listed(t, s, Filter{BuildingBlocks: true})
	if len(all) != len(list) {
		t.Fatalf("%d alerts, want %d", len(all), len(list))
	}
	for i := 1; i < len(all); i++ {
		if all[i].At.After(all[i-1].At) || all[i].At.Equal(all[i-1].At) && all[i].Seq > all[i-1].Seq {
			t.Fatalf("alert %d is out of order", i)
		}
	}
	for i, a := range all {
		switch i % 5 {
		case 1:
			_, _ = s.SetStatus(ctx, []int64{a.Seq}, Acknowledged, "", By{"ann", minute(300)})
		case 2:
			_, _ = s.SetStatus(ctx, []int64{a.Seq}, Closed, "duplicate", By{"ann", minute(300)})
			_ = s.Tag(ctx, []int64{a.Seq}, []string{"seen"}, nil, By{})
		case 3:
			_ = s.Assign(ctx, []int64{a.Seq}, []string{"bob"}, nil, By{})
		}
	}
	all = listed(t, s, Filter{BuildingBlocks: true})
	for what, c := range map[string]struct {
		filter Filter
		picks  func(a *Alert) bool
	}{
		"all":             {Filter{}, func(*Alert) bool { return true }},
		"one status":      {Filter{Status: []Status{Closed}}, func(a *Alert) bool { return a.Status == Closed }},
		"two statuses":    {Filter{Status: []Status{StatusOpen, Acknowledged}}, func(a *Alert) bool { return a.Status != Closed }},
		"severity":        {Filter{Severity: rule.Medium}, func(a *Alert) bool { return a.Severity == rule.High }},
		"rule by name":    {Filter{Rule: "0% RULE"}, func(a *Alert) bool { return a.RuleID == "other" }},
		"rule by rule_id": {Filter{Rule: "shell"}, func(a *Alert) bool { return a.Name == "Shell" }},
		"rule by uuid":    {Filter{Rule: rules[1].UUID()}, func(a *Alert) bool { return a.RuleID == "other" }},
		"host":            {Filter{Host: "web-2"}, func(a *Alert) bool { return a.Host == "WEB-2" }},
		"host pattern":    {Filter{Host: "web*"}, func(a *Alert) bool { return strings.HasPrefix(strings.ToLower(a.Host), "web") }},
		"host brackets":   {Filter{Host: "db[1*"}, func(a *Alert) bool { return a.Host == "db[1]" }},
		"tag":             {Filter{Tag: "seen"}, func(a *Alert) bool { return slices.Contains(a.Tags, "seen") }},
		"assignee":        {Filter{Assignee: "bob"}, func(a *Alert) bool { return slices.Contains(a.Assignees, "bob") }},
		"time": {Filter{Since: minute(10), Until: minute(20)}, func(a *Alert) bool {
			return !a.At.Before(minute(10)) && a.At.Before(minute(20))
		}},
		"after": {Filter{After: 300}, func(a *Alert) bool { return a.Seq > 300 }},
	} {
		var want []int64
		for i := range all {
			if !all[i].BuildingBlock && c.picks(&all[i]) {
				want = append(want, all[i].Seq)
			}
		}
		for _, most := range []int{0, 1, page, page + 1} {
			var got []int64
			if err := s.Alerts(ctx, c.filter, most, func(a *Alert) error {
				got = append(got, a.Seq)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			expect := want
			if most > 0 {
				expect = want[:min(most, len(want))]
			}
			if len(want) == 0 || !slices.Equal(got, expect) {
				t.Errorf("%s, at most %d: %d alerts, want %d", what, most, len(got), len(expect))
			}
		}
		if n, err := s.Count(ctx, c.filter); err != nil || n != len(want) {
			t.Errorf("%s: counted %d, want %d; %v", what, n, len(want), err)
		}
	}
	stop := errors.New("enough")
	if err := s.Alerts(ctx, Filter{}, 0, func(*Alert) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the error of the function: %v", err)
	}
}

func TestOutbox(t *testing.T) {
	s := inMemory(t)
	r := shell()
	if head, err := s.Head(ctx); head != 0 || err != nil {
		t.Errorf("head of nothing: %d, %v", head, err)
	}
	changed := s.Changed()
	var list []*Candidate
	for i := range 4 {
		list = append(list, candidate(t, s, r, fmt.Sprint(i), "a", minute(i), "run"))
	}
	commit(t, s, &Commit{Now: minute(4), Candidates: list})
	select {
	case <-changed:
	default:
		t.Error("nobody is told of new alerts")
	}
	changed = s.Changed()
	commit(t, s, &Commit{Now: minute(5), Candidates: list})
	select {
	case <-changed:
		t.Error("there is nothing new")
	default:
	}
	if _, err := s.Delete(ctx, []int64{2, 4}, By{}); err != nil {
		t.Fatal(err)
	}
	items, err := s.Next(ctx, 0, 10)
	if err != nil || len(items) != 2 || items[0].Seq != 1 || items[1].Seq != 3 || len(items[1].Docs.Blocks) != 2 {
		t.Fatalf("items %v, %v", items, err)
	}
	if head, err := s.Head(ctx); head != 4 || err != nil {
		t.Errorf("head %d, want that of the deleted alert; %v", head, err)
	}
	if items, err := s.Next(ctx, 1, 1); err != nil || len(items) != 1 || items[0].Seq != 3 {
		t.Errorf("items behind the first: %v, %v", items, err)
	}
	for _, seq := range []int64{3, 1} { // a sink does not go back
		if err := s.Done(ctx, "webhook", seq); err != nil {
			t.Fatal(err)
		}
	}
	letter := DeadLetter{Sink: "webhook", Seq: 1, ID: items[0].ID, Docs: [][]byte{items[0].Docs.Alert, items[0].Docs.Blocks[0]}, At: minute(6), Reason: "400"}
	for range 2 {
		if err := s.Dead(ctx, letter); err != nil {
			t.Fatal(err)
		}
	}
	letters, err := s.DeadLetters(ctx, "webhook")
	letter.N = 1
	if err != nil || len(letters) != 1 || !reflect.DeepEqual(letters[0], letter) {
		t.Errorf("letters %v, %v", letters, err)
	}
	if sinks, err := s.Sinks(ctx); err != nil || !reflect.DeepEqual(sinks, map[string]int64{"webhook": 3}) {
		t.Errorf("sinks %v, %v", sinks, err)
	}
	if err := s.Settled(ctx, letters[0].N); err != nil {
		t.Fatal(err)
	}
	if letters, err := s.DeadLetters(ctx, ""); err != nil || len(letters) != 0 {
		t.Errorf("letters left: %v, %v", letters, err)
	}
	if err := s.RemoveSink(ctx, "webhook"); err != nil {
		t.Fatal(err)
	}
	if sinks, err := s.Sinks(ctx); err != nil || len(sinks) != 0 {
		t.Errorf("sinks %v, %v", sinks, err)
	}
}

func TestKeysAndSettings(t *testing.T) {
	s := inMemory(t)
	k := Key{ID: "k1", Name: "shipper", Scopes: []string{"ingest", "read"}, Salt: []byte{1}, Hash: []byte{2, 3}, Created: minute(0)}
	if err := s.AddKey(ctx, k); err != nil {
		t.Fatal(err)
	}
	if err := s.AddKey(ctx, k); err == nil {
		t.Error("an id is taken twice")
	}
	if err := s.UseKeys(ctx, map[string]time.Time{"k1": minute(5), "none": minute(5)}); err != nil {
		t.Fatal(err)
	}
	if err := s.UseKeys(ctx, map[string]time.Time{"k1": minute(4)}); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.RevokeKey(ctx, "none", minute(6)); ok || err != nil {
		t.Errorf("revoked a key that is none: %v", err)
	}
	for i := range 2 {
		if ok, err := s.RevokeKey(ctx, "k1", minute(6+i)); ok != (i == 0) || err != nil {
			t.Errorf("revoked for the %d. time: %v, %v", i+1, ok, err)
		}
	}
	k.Used, k.Revoked = minute(5), minute(6)
	if got, ok, err := s.Key(ctx, "k1"); !ok || err != nil || !reflect.DeepEqual(got, k) {
		t.Errorf("%+v, want %+v; %v", got, k, err)
	}
	if all, err := s.Keys(ctx); len(all) != 1 || err != nil {
		t.Errorf("keys %v, %v", all, err)
	}
	if _, ok, err := s.Key(ctx, "k2"); ok || err != nil {
		t.Errorf("a key that is none: %v, %v", ok, err)
	}
	for _, text := range []string{"a", "b", ""} {
		if err := s.Set(ctx, "name", text); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Setting(ctx, "name"); got != text || err != nil {
			t.Errorf("setting %q, want %q; %v", got, text, err)
		}
	}
}

func TestTidy(t *testing.T) {
	s := inMemory(t)
	r := shell(suppressing(hour))
	old, young := candidate(t, s, r, "old", "a", minute(0), "run"), candidate(t, s, r, "young", "b", minute(1), "run")
	counted := candidate(t, s, r, "counted", "a", minute(2), "run")
	commit(t, s, &Commit{
		Now: minute(3), Candidates: []*Candidate{old, young, counted}, Caps: []Cap{{r.UUID(), minute(0), 9}},
		Blind: []Blind{{Cause: "late", Since: minute(0), Until: minute(1)}, {Cause: "silent", Since: minute(0)}},
	})
	for i, c := range []*Candidate{old, young} {
		a, err := s.Find(ctx, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.SetStatus(ctx, []int64{a.Seq}, Closed, "", By{"ann", minute(10 + 50*i)}); err != nil {
			t.Fatal(err)
		}
	}
	// By default all is kept.
	if n, err := s.Tidy(ctx, Tidy{Now: minute(1e6)}); n != 0 || err != nil {
		t.Errorf("tidied %d, %v", n, err)
	}
	if n, err := s.Tidy(ctx, Tidy{Now: minute(75), Closed: time.Hour, Runs: time.Hour, Events: minute(-1)}); n != 1 || err != nil {
		t.Errorf("tidied %d, %v", n, err)
	}
	if only(t, s).ID != young.ID {
		t.Error("the wrong alert went")
	}
	if spans, err := s.Blind(ctx, time.Time{}, time.Time{}); err != nil || len(spans) != 1 || spans[0].Cause != "silent" {
		t.Errorf("blind %v, %v", spans, err)
	}
	again := []*Candidate{old, counted}
	if done := commit(t, s, &Commit{Now: minute(76), Candidates: again}); done.New+done.Suppressed != 0 {
		t.Errorf("what went is told again: %+v", done.Counts)
	}
	// Once their events are gone, nothing need be remembered of them.
	if _, err := s.Tidy(ctx, Tidy{Now: minute(77), Events: minute(5)}); err != nil {
		t.Fatal(err)
	}
	if done := commit(t, s, &Commit{Now: minute(78), Candidates: again}); done.New != 1 || done.Suppressed != 1 {
		t.Errorf("%+v is remembered", done.Counts)
	}
	if size, err := s.Size(ctx); err != nil || size < 4096 {
		t.Errorf("size %d, %v", size, err)
	}
}
