package alert

import (
	"math"
	"strconv"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/value"
)

// override lets a single event's fields change the alert's severity, risk score
// and name, where the rule says so. Groups keep the rule's own (Kibana does the
// same).
func (a *Alert) override(doc *event.Document) {
	a.Severity = severityOf(a.Rule, doc)
	a.RiskScore = riskScoreOf(a.Rule, doc)
	if field := a.Rule.RuleNameOverride; field != "" {
		if vs := doc.Values(field); len(vs) == 1 && vs[0].Kind() == value.String && vs[0].Str() != "" {
			a.Name = vs[0].Str()
		}
	}
}

// severityOf returns the highest severity whose mapping the event meets, which
// may be lower than the rule's own.
func severityOf(r *rule.Rule, doc *event.Document) rule.Severity {
	var best rule.Severity
	for _, m := range r.SeverityMapping {
		if m.Severity.Rank() <= best.Rank() {
			continue
		}
		for _, v := range doc.Values(m.Field) {
			if meets(m, v) {
				best = m.Severity
			}
		}
	}
	if best == "" {
		return r.Severity
	}
	return best
}

// meets reports whether a value is the mapping's: as text, save for
// event.severity, which is compared as a number. Only strings and integers that
// a double holds exactly can be.
func meets(m rule.SeverityMapping, v value.Value) bool {
	const safe = 1<<53 - 1
	if v.Kind() != value.String && (v.Kind() != value.Int || v.Int() > safe || v.Int() < -safe) {
		return false
	}
	if m.Field != "event.severity" {
		return v.Text() == m.Value
	}
	want, ok := number(m.Value)
	got, has := number(v.Text())
	return ok && has && want == got
}

// riskScoreOf returns the largest score from 0 to 100 in the field that the
// first mapping names; the mapping's value has no part in it.
func riskScoreOf(r *rule.Rule, doc *event.Document) float64 {
	if len(r.RiskScoreMapping) == 0 {
		return float64(r.RiskScore)
	}
	best := -1.0
	for _, v := range doc.Values(r.RiskScoreMapping[0].Field) {
		if v.Kind() != value.String && !v.IsNumber() {
			continue
		}
		if n, ok := number(v.Text()); ok && n >= 0 && n <= 100 {
			best = max(best, n)
		}
	}
	if best < 0 {
		return float64(r.RiskScore)
	}
	return best
}

func number(s string) (float64, bool) {
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil && !math.IsNaN(n)
}
