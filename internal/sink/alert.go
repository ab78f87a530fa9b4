package sink

import (
	"fmt"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/rule"
)

// Fields is what sinks with fields of their own tell of an alert.
type Fields struct {
	ID       string
	Severity rule.Severity
	Score    string
	Rule     string // its name
	RuleID   string
	Reason   string
	Host     string
	User     string
	Time     string // of the first event
	Block    bool   // a building block, or an alert of a rule that makes only such
}

// FieldsOf reads them from an alert's document.
func FieldsOf(item *Item) (Fields, error) {
	doc, err := event.Decode(item.Doc, event.Identity{ID: item.ID}, 0)
	if err != nil {
		return Fields{}, fmt.Errorf("read alert: %w", err)
	}
	f := Fields{
		ID:       item.ID,
		Severity: rule.Severity(doc.Text("kibana.alert.severity")),
		Score:    doc.Text("kibana.alert.risk_score"),
		Rule:     doc.Text("kibana.alert.rule.name"),
		RuleID:   doc.Text("kibana.alert.rule.rule_id"),
		Reason:   doc.Text("kibana.alert.reason"),
		Host:     doc.Text("host.name"),
		User:     doc.Text("user.name"),
		Time:     doc.Text("kibana.alert.original_time"),
		Block:    doc.Text("kibana.alert.building_block_type") != "",
	}
	return f, nil
}

// severities in rising order.
var severities = []rule.Severity{rule.Low, rule.Medium, rule.High, rule.Critical}

// WantsAlerts returns what a sink of alerts wants: those of a severity or above ("" =
// all), and no building blocks unless asked for.
func WantsAlerts(least rule.Severity, blocks bool) func(*Item) bool {
	rank := func(s rule.Severity) int {
		for i, one := range severities {
			if one == s {
				return i
			}
		}
		return 0
	}
	return func(item *Item) bool {
		if !blocks {
			item.Blocks = nil
		}
		if least == "" && blocks {
			return true
		}
		f, err := FieldsOf(item)
		if err != nil {
			return true // what can not be read is not left out in silence
		}
		return (blocks || !f.Block) && (least == "" || rank(f.Severity) >= rank(least))
	}
}

// WantsEvents returns what a sink of events wants: those of the data streams that fit
// the patterns. Alerts are stored as events too, but are delivered as alerts.
func WantsEvents(patterns []string) func(*Item) bool {
	fits := event.NewPatterns(patterns)
	return func(item *Item) bool { return item.Index != AlertsIndex && fits.Fit(item.Index) }
}
