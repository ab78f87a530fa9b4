package alert

import (
	"fmt"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/rule"
)

// suppressing is a rule that suppresses by some fields.
func suppressing(how rule.AlertSuppression) *rule.Rule {
	r := testRule()
	r.AlertSuppression = &how
	return r
}

// ofEvents makes an alert of a group, or of an event if it is only one.
func ofEvents(t *testing.T, r *rule.Rule, raws ...string) *Alert {
	t.Helper()
	if len(raws) == 1 {
		return New(r, single(docs(t, raws...)[0]), now)
	}
	return New(r, group(docs(t, raws...)...), now)
}

func TestWhichAlertsAreOneInstance(t *testing.T) {
	byUser := suppressing(rule.AlertSuppression{GroupBy: []string{"user.name", "process.pid"}})
	other := suppressing(rule.AlertSuppression{GroupBy: []string{"user.name", "process.pid"}})
	other.ID = "22222222-2222-3333-4444-555555555555"
	base := ofEvents(t, byUser, `{"user":{"name":["b","a"]},"process":{"pid":1}}`).Suppression()
	if got := fmt.Sprintf("%s %s", base.Terms[0].Value, base.Terms[1].Value); got != `["a" "b"] [1]` {
		t.Errorf("terms: %s", got)
	}
	for _, c := range []struct {
		what string
		rule *rule.Rule
		raws []string
		same bool
	}{
		{"values in another order, and dotted", byUser, []string{`{"user.name":["a","b","a"],"process":{"pid":1.0}}`}, true},
		{"another value", byUser, []string{`{"user":{"name":["b","c"]},"process":{"pid":1}}`}, false},
		{"a text and not a number", byUser, []string{`{"user":{"name":["a","b"]},"process":{"pid":"1"}}`}, false},
		{"a value missing", byUser, []string{`{"user":{"name":["a","b"]}}`}, false},
		{"another rule", other, []string{`{"user":{"name":["b","a"]},"process":{"pid":1}}`}, false},
		{"a group whose events share the values", byUser, []string{
			`{"user":{"name":["b","a"]},"process":{"pid":1}}`, `{"user":{"name":["a","b","x"]},"process":{"pid":[1,2]}}`,
		}, true},
		{"a group whose events do not", byUser, []string{`{"user":{"name":["b","a"]},"process":{"pid":1}}`, `{"process":{"pid":1}}`}, false},
	} {
		got := ofEvents(t, c.rule, c.raws...).Suppression()
		if same := got.Instance == base.Instance; same != c.same {
			t.Errorf("%s: one instance %v, want %v", c.what, same, c.same)
		}
	}
	if ofEvents(t, testRule(), `{}`).Suppression() != nil {
		t.Error("a rule without alert_suppression suppresses")
	}
}

func TestMissingFieldsStrategy(t *testing.T) {
	for _, strategy := range []string{"", "suppress", "doNotSuppress"} {
		r := suppressing(rule.AlertSuppression{GroupBy: []string{"host.name", "user.name"}, MissingFieldsStrategy: strategy})
		with := ofEvents(t, r, `{"host":{"name":"h"},"user":{"name":"u"}}`).Suppression()
		without := ofEvents(t, r, `{"host":{"name":"h"},"user":{"name":[]}}`).Suppression()
		if with == nil {
			t.Errorf("%q: an alert with all fields is not suppressed", strategy)
		}
		if (without == nil) != (strategy == "doNotSuppress") {
			t.Errorf("%q: an alert that lacks a field has the suppression %v", strategy, without)
		}
		if without != nil && without.Terms[1].Value != nil {
			t.Errorf("%q: a missing value is %s", strategy, without.Terms[1].Value)
		}
	}
}

func TestSuppressionTime(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	one := `{"@timestamp":"2026-02-03T09:00:00Z","event":{"ingested":"2026-02-03T09:05:00Z"}}`
	two := `{"@timestamp":"2026-02-03T09:00:02.5Z"}`
	plain := rule.AlertSuppression{GroupBy: []string{"host.name"}}
	for _, c := range []struct {
		what       string
		change     func(*rule.Rule)
		raws       []string
		start, end time.Time
	}{
		{"an event's own time", func(*rule.Rule) {}, []string{one}, at("2026-02-03T09:00:00Z"), at("2026-02-03T09:00:00Z")},
		{"a group's first and last", func(*rule.Rule) {}, []string{two, one}, at("2026-02-03T09:00:00Z"), at("2026-02-03T09:00:02.5Z")},
		{"the override", func(r *rule.Rule) { r.TimestampOverride = "event.ingested" }, []string{one}, at("2026-02-03T09:05:00Z"), at("2026-02-03T09:05:00Z")},
		{"its fallback", func(r *rule.Rule) { r.TimestampOverride = "event.ingested" }, []string{two}, at("2026-02-03T09:00:02.5Z"), at("2026-02-03T09:00:02.5Z")},
		{"no fallback: when the alert was made", func(r *rule.Rule) {
			r.TimestampOverride, r.TimestampOverrideFallbackDisabled = "event.ingested", true
		}, []string{two}, now, now},
		{"no time at all", func(*rule.Rule) {}, []string{`{}`}, now, now},
	} {
		r := suppressing(plain)
		c.change(r)
		s := ofEvents(t, r, c.raws...).Suppression()
		if !s.Start.Equal(c.start) || !s.End.Equal(c.end) {
			t.Errorf("%s: from %v to %v, want %v to %v", c.what, s.Start, s.End, c.start, c.end)
		}
	}
}

func TestJudge(t *testing.T) {
	minute := func(n int) time.Time { return now.Add(time.Duration(n) * time.Minute) }
	once := &Suppression{Start: minute(0), End: minute(0)}
	hour := &Suppression{Start: minute(0), End: minute(0), Duration: time.Hour}
	for _, c := range []struct {
		what   string
		s      *Suppression
		stands *Standing
		byTime bool
		want   Verdict
	}{
		{"the first", once, nil, false, Tell},
		{"in one run", once, &Standing{Run: "run", Made: minute(0), End: minute(0)}, false, Count},
		{"in one run, whatever the times", once, &Standing{Run: "run", Made: minute(0), End: minute(9)}, true, Count},
		{"another run, no duration", once, &Standing{Run: "before", Made: minute(-1), End: minute(-1)}, false, Tell},
		{"another run within the duration", hour, &Standing{Run: "before", Made: minute(-60), End: minute(-1)}, false, Count},
		{"another run beyond the duration", hour, &Standing{Run: "before", Made: minute(-61), End: minute(-1)}, false, Tell},
		{"a closed alert", hour, &Standing{Run: "before", Made: minute(-1), End: minute(-1), Closed: true}, false, Tell},
		{"a closed alert of this run", once, &Standing{Run: "run", Closed: true, Made: minute(0), End: minute(0)}, false, Tell},
		{"overlap by time", hour, &Standing{Run: "before", Made: minute(-5), End: minute(0)}, true, Drop},
		{"no overlap by time", hour, &Standing{Run: "before", Made: minute(-5), End: minute(-1)}, true, Count},
		{"the same by id", hour, &Standing{Run: "before", Made: minute(-5), End: minute(0)}, false, Count},
	} {
		if got := c.s.Judge(c.stands, "run", now, c.byTime); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
	stands := &Standing{Start: minute(-1), End: minute(-1), Count: 2}
	(&Suppression{Start: minute(-5), End: minute(3)}).Take(stands)
	if !stands.Start.Equal(minute(-5)) || !stands.End.Equal(minute(3)) || stands.Count != 3 {
		t.Errorf("counted: %+v", stands)
	}
}
