package rule

import (
	"slices"

	"github.com/google/uuid"

	"github.com/tripline-sec/tripline/eql"
)

// Rule is one detection rule of type eql. The JSON names are Kibana's; a TOML
// rule's [rule] table uses the same names.
type Rule struct {
	ID     string `json:"id,omitempty"` // Kibana's saved-object id, when the file has one
	RuleID string `json:"rule_id"`      // the rule's identity over its versions

	Name        string `json:"name"`
	Description string `json:"description"`
	Type        string `json:"type"` // always "eql"
	Language    string `json:"language"`
	Query       string `json:"query"`

	Severity            Severity           `json:"severity"`
	SeverityMapping     []SeverityMapping  `json:"severity_mapping"`
	RiskScore           int                `json:"risk_score"` // 0 to 100
	RiskScoreMapping    []RiskScoreMapping `json:"risk_score_mapping"`
	RuleNameOverride    string             `json:"rule_name_override,omitempty"`
	BuildingBlockType   string             `json:"building_block_type,omitempty"`
	AlertSuppression    *AlertSuppression  `json:"alert_suppression,omitempty"`
	ExceptionsList      []ExceptionsRef    `json:"exceptions_list"`
	InvestigationFields *FieldNames        `json:"investigation_fields,omitempty"`

	Index      []string `json:"index,omitempty"` // see Patterns
	DataViewID string   `json:"data_view_id,omitempty"`
	Filters    []any    `json:"filters"` // Kibana filter objects as written

	TimestampField                    string `json:"timestamp_field,omitempty"`         // "" means @timestamp
	EventCategoryOverride             string `json:"event_category_override,omitempty"` // "" means event.category
	TiebreakerField                   string `json:"tiebreaker_field,omitempty"`        // "" means none
	TimestampOverride                 string `json:"timestamp_override,omitempty"`
	TimestampOverrideFallbackDisabled bool   `json:"timestamp_override_fallback_disabled,omitempty"`

	Enabled    bool   `json:"enabled"`
	Interval   string `json:"interval"` // how often it runs: see ParseInterval
	From       string `json:"from"`     // where its window starts: see ParseDateMath
	To         string `json:"to"`
	MaxSignals int    `json:"max_signals"` // most alerts of one run

	Tags                []string             `json:"tags"`
	Author              []string             `json:"author"`
	License             string               `json:"license,omitempty"`
	FalsePositives      []string             `json:"false_positives"`
	References          []string             `json:"references"`
	Note                string               `json:"note,omitempty"`
	Setup               string               `json:"setup"`
	Threat              []Threat             `json:"threat"`
	RequiredFields      []RequiredField      `json:"required_fields"`
	RelatedIntegrations []RelatedIntegration `json:"related_integrations"`
	TimelineID          string               `json:"timeline_id,omitempty"`
	TimelineTitle       string               `json:"timeline_title,omitempty"`
	Version             int                  `json:"version"`
	Revision            int                  `json:"revision"`
	Immutable           bool                 `json:"immutable"`

	// Kept as they were written, for those who read them.
	RuleSource      any            `json:"rule_source,omitempty"`
	Actions         []any          `json:"actions"`
	ResponseActions []any          `json:"response_actions,omitempty"`
	Throttle        any            `json:"throttle,omitempty"`
	Namespace       string         `json:"namespace,omitempty"`
	OutputIndex     string         `json:"output_index,omitempty"`
	Meta            map[string]any `json:"meta,omitempty"`
	Extra           map[string]any `json:"-"` // keys that are no rule field, or that only a running Kibana fills

	Metadata *Metadata `json:"-"` // the TOML form's [metadata]; nil for JSON

	Path string `json:"-"` // the file it was read from
	Line int    `json:"-"` // the line at which it starts there

	// Exceptions are the items of the lists that ExceptionsList names, as far as
	// they were read together with the rule: see LoadAll, Narrow and Dropped.
	Exceptions []*Exception `json:"-"`

	query  literal         // where the query stands in the file
	spots  map[string]spot // where its fields stand there
	filter eql.Expr        // what Filters test; nil for none
}

// defaultPatterns are the index patterns of a rule that names none: Kibana's
// built-in securitySolution:defaultIndex.
var defaultPatterns = []string{
	"apm-*-transaction*", "auditbeat-*", "endgame-*", "filebeat-*", "logs-*", "packetbeat-*",
	"traces-apm*", "winlogbeat-*", "-*elastic-cloud-logs-*",
}

// Patterns returns the index patterns that the rule searches: Index, or
// Kibana's default list where the rule names none. A leading "-" excludes.
func (r *Rule) Patterns() []string {
	if len(r.Index) > 0 {
		return slices.Clone(r.Index)
	}
	return slices.Clone(defaultPatterns)
}

// namespace is the UUID under which rule_ids become rule uuids. It must never
// change: alert ids are made from it.
var namespace = uuid.MustParse("12b7c7b2-dc1b-4a6c-ab93-8af758976347")

// UUID returns the id by which the rule's alerts name it: ID when it is a UUID,
// else a UUID of version 5 made from RuleID, the same wherever the rule is read.
func (r *Rule) UUID() string {
	if id, err := uuid.Parse(r.ID); err == nil {
		return id.String()
	}
	return uuid.NewSHA1(namespace, []byte(r.RuleID)).String()
}

// givenUp reports whether the rule's repository does not want it run: it is
// deprecated, or not finished.
func (r *Rule) givenUp() bool {
	return r.Metadata != nil && (r.Metadata.Maturity == MaturityDeprecated || r.Metadata.Maturity == MaturityDevelopment)
}

// Deprecated reports whether the rule's repository has given it up. Such a rule
// is read like any other; whether it runs is for the caller to decide.
func (r *Rule) Deprecated() bool {
	return r.Metadata != nil && r.Metadata.Maturity == MaturityDeprecated
}
