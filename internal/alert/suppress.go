package alert

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// Suppression is what a rule with alert_suppression makes of one of its alerts:
// which others it is one with, and of what time it is. Alerts of one Instance are
// told once, with a count.
type Suppression struct {
	Terms    []Term
	Instance string // kibana.alert.instance.id
	// Start and End are the times of the first and the last of the alert's events:
	// the rule's timestamp_override, else @timestamp, else when the alert was made.
	Start, End time.Time
	Duration   time.Duration // how long after it was made an alert counts others; 0: within its run
}

// Term is a field by which alerts are put together, and what the alert has there:
// its values, sorted, or nil.
type Term struct {
	Field string            `json:"field"`
	Value []json.RawMessage `json:"value"`
}

// Suppression returns nil where each match is told: the rule does not suppress, or
// the alert lacks a field and the rule's missing_fields_strategy is doNotSuppress.
// Of a group those values count that all its events have.
func (a *Alert) Suppression() *Suppression {
	how := a.Rule.AlertSuppression
	if how == nil || len(how.GroupBy) == 0 {
		return nil
	}
	s := &Suppression{}
	if d := how.Duration; d != nil {
		unit := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[d.Unit]
		s.Duration = time.Duration(d.Value) * unit
	}
	for _, field := range how.GroupBy {
		values := shared(a.Events, field)
		if values == nil && how.MissingFieldsStrategy == "doNotSuppress" {
			return nil
		}
		s.Terms = append(s.Terms, Term{field, values})
	}
	terms, err := json.Marshal(s.Terms)
	if err != nil {
		return nil // values of JSON documents are written as JSON again
	}
	s.Instance = hash(string(terms), a.Rule.UUID(), space)
	s.Start, s.End = a.span()
	return s
}

// Fields are those that the document of an alert gets which others are counted in.
func (s *Suppression) Fields() map[string]any {
	return map[string]any{
		"kibana.alert.instance.id":       s.Instance,
		"kibana.alert.suppression.terms": s.Terms,
	}
}

// shared returns the values that all events have at a field, as sorted JSON, each
// once; nil if there is none.
func shared(events []*event.Document, field string) []json.RawMessage {
	var common []value.Value
	for i, doc := range events {
		has := doc.Values(field)
		if i == 0 {
			common = has
			continue
		}
		var still []value.Value
		for _, v := range common {
			if slices.ContainsFunc(has, func(w value.Value) bool { return value.Equal(v, w) }) {
				still = append(still, v)
			}
		}
		common = still
	}
	var texts []string
	for _, v := range common {
		texts = append(texts, jsonOf(v))
	}
	slices.Sort(texts)
	var list []json.RawMessage
	for _, text := range slices.Compact(texts) {
		list = append(list, json.RawMessage(text))
	}
	return list
}

// jsonOf writes a leaf of a document, numbers in one spelling.
func jsonOf(v value.Value) string {
	switch v.Kind() {
	case value.Bool, value.Int, value.Uint:
		return v.Text()
	case value.Float:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64) // of JSON, and so finite
	}
	text, err := json.Marshal(v.Text())
	if err != nil {
		return `""` // a string always encodes
	}
	return string(text)
}

// span returns the times of the first and the last event by the rule's primary
// timestamp.
func (a *Alert) span() (start, end time.Time) {
	for _, doc := range a.Events {
		at, ok := a.primary(doc)
		if !ok {
			continue
		}
		if start.IsZero() || at.Before(start) {
			start = at
		}
		if at.After(end) {
			end = at
		}
	}
	if start.IsZero() {
		return a.Time, a.Time
	}
	return start, end
}

// primary returns an event's time by the rule's timestamp_override, else, unless
// the rule forbids it, by @timestamp.
func (a *Alert) primary(doc *event.Document) (time.Time, bool) {
	fields := []string{a.Rule.TimestampOverride, "@timestamp"}
	if fields[0] != "" && a.Rule.TimestampOverrideFallbackDisabled {
		fields = fields[:1]
	}
	for _, field := range fields {
		if field == "" {
			continue
		}
		if v := value.Coerce(doc.First(field), value.TypeDate, ""); v.Kind() == value.Date {
			return v.Instant().Time().UTC(), true
		}
	}
	return time.Time{}, false
}

// Standing is an alert that is stored, as far as others may be counted in it.
type Standing struct {
	Run        string    // the run that made it
	Made       time.Time // kibana.alert.start
	Start, End time.Time // kibana.alert.suppression.start and .end
	Closed     bool
	Count      int // kibana.alert.suppression.docs_count: the others, without itself
}

// Verdict says what becomes of a new alert of a rule that suppresses.
type Verdict uint8

// The verdicts.
const (
	Tell  Verdict = iota // it is an alert of its own
	Count                // it is counted in the one that stands
	Drop                 // it has been counted before
)

// Judge decides about a new alert of a run, made at a time, beside the newest
// stored alert of its instance; nil if there is none.
//
// That the same match is not counted twice, its id tells; the caller keeps the ids
// of what was counted. Kibana has no such ids and goes by time instead: what ends
// no later than what the stored alert, made by another run, has counted, is taken
// for counted. With byTime that is done too. It loses what arrives late.
func (s *Suppression) Judge(stands *Standing, run string, now time.Time, byTime bool) Verdict {
	switch {
	case stands == nil || stands.Closed:
		return Tell
	case s.Duration == 0 && stands.Run != run:
		return Tell
	case s.Duration > 0 && stands.Made.Before(now.Add(-s.Duration)):
		return Tell
	case byTime && stands.Run != run && !stands.End.Before(s.End):
		return Drop
	}
	return Count
}

// Take counts an alert in one that stands.
func (s *Suppression) Take(stands *Standing) {
	stands.Count++
	if s.Start.Before(stands.Start) {
		stands.Start = s.Start
	}
	if s.End.After(stands.End) {
		stands.End = s.End
	}
}
