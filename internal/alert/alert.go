// Package alert makes alerts: from a rule and a match of its query to the ids,
// the reason text and the documents that Kibana's detection engine would write,
// as far as they make sense without an Elastic Stack.
//
// An event that matches gives one alert. A sequence or a sample of N events
// gives a group: N building blocks, an alert document for each event, and a
// shell, the alert proper, which holds what the blocks have in common. Ids come
// from the identities of the events and of the rule and from nothing else, so
// the same events give the same alert whenever and however they are judged.
//
// An Alert keeps its events alive and nothing more. Its documents are built
// anew from the events' raw bytes at each call, which costs a decoding of each;
// they belong to the caller. Alerts do not change once made.
package alert

import (
	"slices"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/value"
)

// Match is one answer of a rule's query.
type Match struct {
	// Group says that the events are those of a sequence or a sample, even where
	// there is only one of them; otherwise Events holds one event.
	Group  bool
	Keys   []value.Value // the join keys of a group
	Events []*event.Document
}

// Matches returns the answers of a run, in its order.
func Matches(result *reference.Result) []Match {
	var matches []Match
	for _, doc := range result.Events {
		matches = append(matches, Match{Events: []*event.Document{doc}})
	}
	for _, s := range result.Sequences {
		matches = append(matches, Match{Group: true, Keys: s.Keys, Events: s.Events})
	}
	return matches
}

// Alert is what a rule has to say of one match.
type Alert struct {
	ID   string // kibana.alert.uuid
	Rule *rule.Rule
	Time time.Time // when the alert was made

	// EventTime is the @timestamp of the match, of a group that of its earliest
	// event; HasEventTime is false when no event has one. Kibana gives a group
	// the time at which its blocks were written, which says nothing of when
	// anything happened; we do not follow it there.
	EventTime    value.Instant
	HasEventTime bool

	// Name, Severity and RiskScore are the rule's, or for a single event what
	// the rule's overrides make of it.
	Name      string
	Severity  rule.Severity
	RiskScore float64
	Reason    string

	Group  bool
	Keys   []value.Value
	Events []*event.Document // without the placeholders of missing events

	// What Attach gave it.
	Matched   []Matched
	Lineage   []proctree.Process // the ancestors of the matched process, its parent first
	After     []Deed
	AfterMore int // how many deeds After leaves out

	blocks []string // the ids of a group's blocks
}

// New makes the alert of a match, or returns nil when no event is left in it
// once the placeholders of missing events are dropped.
func New(r *rule.Rule, m Match, now time.Time) *Alert {
	a := &Alert{
		Rule: r, Time: now.UTC(),
		Name: r.Name, Severity: r.Severity, RiskScore: float64(r.RiskScore),
		Group: m.Group, Keys: m.Keys,
		Events: slices.DeleteFunc(slices.Clone(m.Events), func(d *event.Document) bool { return d == nil }),
	}
	if len(a.Events) == 0 {
		return nil
	}
	a.EventTime, a.HasEventTime = earliest(a.Events, r.TimestampField)
	if a.Group {
		a.ID, a.blocks = groupIDs(a.Events, r.UUID())
	} else {
		a.ID = eventID(a.Events[0], r.UUID())
		a.override(a.Events[0])
	}
	a.Reason = a.reason(outline(a.Events))
	return a
}

// Recurs reports whether a match holds an alert of the rule itself, at any
// remove. Such a match must not become an alert: it would match again.
func Recurs(r *rule.Rule, m Match) bool {
	uuid := r.UUID()
	for _, doc := range m.Events {
		if doc == nil {
			continue
		}
		if slices.ContainsFunc(lineage(doc), func(a Ancestor) bool { return a.Rule == uuid }) {
			return true
		}
	}
	return false
}

// earliest returns the first instant among the events' @timestamps, or where an
// event has none, those of the field by which the rule orders events.
func earliest(events []*event.Document, field string) (first value.Instant, ok bool) {
	for _, doc := range events {
		at, has := timeOf(doc, field)
		if has && (!ok || at.Compare(first) < 0) {
			first, ok = at, true
		}
	}
	return first, ok
}

// Latest returns the last instant among the events' times, taken as EventTime is.
func (a *Alert) Latest() (last value.Instant, ok bool) {
	for _, doc := range a.Events {
		at, has := timeOf(doc, a.Rule.TimestampField)
		if has && (!ok || at.Compare(last) > 0) {
			last, ok = at, true
		}
	}
	return last, ok
}

// Blocks returns the ids of a group's building blocks, in the order of its events.
func (a *Alert) Blocks() []string { return slices.Clone(a.blocks) }

func timeOf(doc *event.Document, field string) (value.Instant, bool) {
	for _, path := range []string{"@timestamp", field} {
		if path == "" {
			continue
		}
		if v := value.Coerce(doc.First(path), value.TypeDate, ""); v.Kind() == value.Date {
			return v.Instant(), true
		}
	}
	return value.Instant{}, false
}
