package alert

import (
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/value"
)

func TestIDs(t *testing.T) {
	a := decode(t, `{}`, event.Identity{Index: processIndex, ID: "doc-A"})
	b := decode(t, `{}`, event.Identity{Index: networkIndex, ID: "doc-B"})

	one := New(testRule(), single(a), now)
	if want := "dbff12592167bbc06aaa6ee99f6fdfdac157be40732909185e83d5aec7ae5329"; one.ID != want {
		t.Errorf("event alert: id %s, want %s", one.ID, want)
	}
	if blocks := one.Documents()[1:]; len(blocks) > 0 {
		t.Errorf("event alert has blocks: %v", blocks)
	}

	two := New(testRule(), group(a, b), now)
	if want := "08e28ec0f486d0e066da7c3996a48c4abaaab362a962b34b467131049117a65f"; two.ID != want {
		t.Errorf("shell: id %s, want %s", two.ID, want)
	}
	for i, want := range []string{
		"9aecd473cc289e95ddadfacc6a1da7ab57dc8638cb694c5f9f591a09d59812eb",
		"495ee0d5004c9fc8bab6eb3900647557a3941664b2cfa54d6ec6890d8c1d789a",
	} {
		if got := two.Documents()[1+i]["kibana.alert.uuid"]; got != want {
			t.Errorf("block %d: id %s, want %s", i, got, want)
		}
	}
}

// An id says who matched what, not when or by which version of the rule.
func TestIDsDependOnIdentityOnly(t *testing.T) {
	list := docs(t, `{"a":1}`, `{"a":2}`)
	first := New(testRule(), group(list...), now)

	later := testRule()
	later.Version, later.Name, later.Severity = 9, "Another name", rule.Low
	if got := New(later, group(docs(t, `{"b":1}`, `{}`)...), now.AddDate(1, 0, 0)); got.ID != first.ID {
		t.Errorf("id %s, want %s as before", got.ID, first.ID)
	}

	other := testRule()
	other.ID = "99999999-2222-3333-4444-555555555555"
	for name, different := range map[string]*Alert{
		"another rule":   New(other, group(list...), now),
		"another order":  New(testRule(), group(list[1], list[0]), now),
		"fewer events":   New(testRule(), group(list[0]), now),
		"a single event": New(testRule(), single(list[0]), now),
	} {
		if different.ID == first.ID {
			t.Errorf("%s has the same id", name)
		}
	}
}

func TestMissingEventsAreDropped(t *testing.T) {
	list := docs(t, `{"n":1}`, `{"n":2}`)
	with := New(testRule(), group(nil, list[0], nil, list[1]), now)
	without := New(testRule(), group(list...), now)
	if with.ID != without.ID || len(with.Events) != 2 || len(with.Documents()[1:]) != 2 {
		t.Errorf("id %s, %d events, %d blocks; want those of the events alone", with.ID, len(with.Events), len(with.Documents()[1:]))
	}
	if a := New(testRule(), group(nil, nil), now); a != nil {
		t.Errorf("alert over placeholders alone: %+v", a)
	}
}

func TestNewLeavesTheMatchAlone(t *testing.T) {
	list := docs(t, `{}`, `{}`)
	m := group(nil, list[0], list[1])
	New(testRule(), m, now)
	if len(m.Events) != 3 || m.Events[0] != nil || m.Events[2] != list[1] {
		t.Errorf("events of the match changed: %v", m.Events)
	}
}

func TestEventTime(t *testing.T) {
	for _, c := range []struct {
		name, field string
		raws        []string
		want        string // "" for none
	}{
		{"nanoseconds stay", "", []string{`{"@timestamp":"2026-02-03T09:00:00.005908578Z"}`}, "2026-02-03T09:00:00.005908578Z"},
		{"epoch milliseconds", "", []string{`{"@timestamp":1516116808349}`}, "2018-01-16T15:33:28.349Z"},
		{"a sequence has its first event's", "", []string{`{"@timestamp":"2026-02-03T09:00:00Z"}`, `{"@timestamp":"2026-02-03T09:00:01Z"}`}, "2026-02-03T09:00:00.000Z"},
		{"a sample its earliest", "", []string{`{"@timestamp":"2026-02-03T09:00:07Z"}`, `{"@timestamp":"2026-02-03T09:00:01Z"}`}, "2026-02-03T09:00:01.000Z"},
		{"one without counts not", "", []string{`{}`, `{"@timestamp":"2026-02-03T09:00:01Z"}`}, "2026-02-03T09:00:01.000Z"},
		{"the rule's own field", "created", []string{`{"created":"2026-02-03T09:00:01Z"}`}, "2026-02-03T09:00:01.000Z"},
		{"@timestamp before it", "created", []string{`{"created":"2026-02-03T09:00:01Z","@timestamp":"2026-02-03T09:00:02Z"}`}, "2026-02-03T09:00:02.000Z"},
		{"no time", "", []string{`{}`}, ""},
		{"no date", "", []string{`{"@timestamp":"yesterday"}`}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := testRule()
			r.TimestampField = c.field
			a := New(r, group(docs(t, c.raws...)...), now)
			if a.HasEventTime != (c.want != "") {
				t.Fatalf("HasEventTime = %v", a.HasEventTime)
			}
			if a.HasEventTime && a.EventTime.String() != c.want {
				t.Errorf("event time %s, want %s", a.EventTime, c.want)
			}
			text := ""
			if c.want != "" {
				text = `"` + c.want + `"`
			}
			want(t, asJSON(t, a.Documents()[0]), map[string]string{"kibana.alert.original_time": text})
		})
	}
}

func TestMatches(t *testing.T) {
	list := docs(t, `{}`, `{}`)
	events := Matches(&reference.Result{Kind: reference.Events, Events: list})
	if len(events) != 2 || events[0].Group || len(events[0].Events) != 1 || events[1].Events[0] != list[1] {
		t.Errorf("of an event query: %+v", events)
	}
	keys := []value.Value{value.OfString("host")}
	groups := Matches(&reference.Result{Kind: reference.Sequences, Sequences: []reference.Sequence{{Keys: keys, Events: list}}})
	if len(groups) != 1 || !groups[0].Group || len(groups[0].Events) != 2 || len(groups[0].Keys) != 1 {
		t.Errorf("of a sequence: %+v", groups)
	}
	if none := Matches(&reference.Result{}); len(none) != 0 {
		t.Errorf("of nothing: %+v", none)
	}
}
