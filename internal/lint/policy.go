package lint

import (
	"strings"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/ecs"
	"github.com/tripline-sec/tripline/internal/rule"
)

// fields looks at the fields of a rule, its query aside.
func (s *subject) fields() {
	s.metadata()
	s.policy()
}

// metadata reports what a reader of the rule's alerts will miss.
func (s *subject) metadata() {
	r := s.rule
	block := r.BuildingBlockType != ""
	for _, m := range []struct {
		missing bool
		code    code
		field   string
		message string
		hint    string
	}{
		{len(r.References) == 0, noReferences, "references", "there are no references", "say where one can read about the behaviour"},
		{len(r.Threat) == 0 && !block, noThreat, "threat", "the rule has no tactic", "add [[rule.threat]] with a tactic and techniques of MITRE ATT&CK"},
		{len(r.FalsePositives) == 0, noFalsePositive, "false_positives", "there are no false_positives", "say which harmless activity may match"},
		{len(r.Tags) == 0, noTags, "tags", "there are no tags", "add tags for the system, the data source and the tactic"},
		{len(r.Author) == 0, noAuthor, "author", "there is no author", "say whom to ask"},
		{blank(r.Note) && blank(r.Setup), noGuide, "note", "there is neither a note nor a setup", "say what to look at first, and what the rule needs"},
		{len(strings.TrimSpace(r.Description)) <= len(strings.TrimSpace(r.Name)), shortText, "description", "the description says no more than the name", "say in a sentence what the rule detects"},
	} {
		if m.missing {
			s.inField(m.code, m.field, m.hint, "%s", m.message)
		}
	}
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// bands are the risk scores of each severity.
var bands = map[rule.Severity][2]int{
	rule.Low: {0, 21}, rule.Medium: {22, 47}, rule.High: {48, 73}, rule.Critical: {74, 100},
}

// policy reports what Elastic's repository of rules asks for.
func (s *subject) policy() {
	r := s.rule
	q, err := eql.Parse(r.Query)
	if err == nil {
		_, isEvent := q.Body.(*eql.Filter)
		switch {
		case isEvent && r.TimestampOverride == "":
			s.inField(overrideMissing, "timestamp_override", `write timestamp_override = "event.ingested"`, "the rule has no timestamp_override")
		case !isEvent && r.TimestampOverride != "":
			s.inField(overrideUnused, "timestamp_override", "leave it out", "a sequence goes by the timestamp, not by timestamp_override")
		}
	}
	if b, ok := bands[r.Severity]; ok && (r.RiskScore < b[0] || r.RiskScore > b[1]) {
		s.inField(riskMismatch, "risk_score", "choose one to fit the other", "risk score %d does not fit severity %s (%d to %d)", r.RiskScore, r.Severity, b[0], b[1])
	}
	if len(r.Index) > 0 && r.DataViewID != "" {
		s.inField(indexAndView, "data_view_id", "keep one of them", "the rule has both index and data_view_id")
	}
	for _, f := range []struct{ key, name string }{
		{"timestamp_field", r.TimestampField}, {"event_category_override", r.EventCategoryOverride}, {"tiebreaker_field", r.TiebreakerField},
	} {
		if _, known := ecs.Lookup(f.name); f.name != "" && !known {
			s.inField(fieldNotECS, f.key, "", "%s names [%s], which is not a field of ECS", f.key, clip(f.name))
		}
	}
	s.schedule()
}

// schedule looks at how far the rule looks back and how often it runs.
func (s *subject) schedule() {
	r := s.rule
	window, every, ok := timing(r)
	if !ok {
		return
	}
	if r.BuildingBlockType != "" && !bypasses(r) && (window < 119*time.Minute || every < time.Hour) {
		s.inField(buildingBlock, "building_block_type", `write from = "now-119m" and interval = "60m"`,
			"a building block rule looks back %s every %s", short(window), short(every))
	}
	if window <= every {
		s.inField(noOverlap, "from", "let the window reach back further than the interval", "the window of %s is no longer than the interval of %s", short(window), short(every))
	}
}

// bypasses reports whether the rule's metadata excuses its timing.
func bypasses(r *rule.Rule) bool {
	if r.Metadata == nil {
		return false
	}
	bypass, _ := r.Metadata.Other["bypass_bbr_timing"].(bool)
	return bypass
}
