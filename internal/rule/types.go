package rule

// Severity is a rule's severity: low, medium, high or critical.
type Severity string

// The severities.
const (
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

var severities = []string{string(Low), string(Medium), string(High), string(Critical)}

// Rank orders severities: 1 for low to 4 for critical, 0 for anything else.
func (s Severity) Rank() int {
	for i, t := range severities {
		if string(s) == t {
			return i + 1
		}
	}
	return 0
}

// SeverityMapping gives an alert another severity where the event's field has
// the value.
type SeverityMapping struct {
	Field    string   `json:"field"`
	Operator string   `json:"operator"`
	Value    string   `json:"value"`
	Severity Severity `json:"severity"`
}

// RiskScoreMapping takes an alert's risk score from the event's field.
type RiskScoreMapping struct {
	Field     string `json:"field"`
	Operator  string `json:"operator"`
	Value     string `json:"value"`
	RiskScore *int   `json:"risk_score,omitempty"`
}

// AlertSuppression groups the alerts of a rule by up to three fields.
type AlertSuppression struct {
	GroupBy               []string  `json:"group_by"`
	Duration              *Duration `json:"duration,omitempty"`
	MissingFieldsStrategy string    `json:"missing_fields_strategy,omitempty"` // suppress (also when "") or doNotSuppress
}

// Duration is a length of time as a suppression writes it.
type Duration struct {
	Value int    `json:"value"`
	Unit  string `json:"unit"` // s, m or h
}

// ExceptionsRef names an exception list that the rule uses.
type ExceptionsRef struct {
	ID            string `json:"id"`
	ListID        string `json:"list_id"`
	Type          string `json:"type"`
	NamespaceType string `json:"namespace_type"`
}

// FieldNames is a list of fields to show first.
type FieldNames struct {
	FieldNames []string `json:"field_names"`
}

// Threat places the rule in a threat framework.
type Threat struct {
	Framework string      `json:"framework"`
	Tactic    Tactic      `json:"tactic"`
	Technique []Technique `json:"technique,omitempty"`
}

// Tactic is what the attacker is after.
type Tactic struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Reference string `json:"reference"`
}

// Technique is how the attacker goes about it.
type Technique struct {
	ID           string         `json:"id"`
	Name         string         `json:"name"`
	Reference    string         `json:"reference"`
	Subtechnique []Subtechnique `json:"subtechnique,omitempty"`
}

// Subtechnique is a kind of Technique.
type Subtechnique struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Reference string `json:"reference"`
}

// RequiredField is a field that the rule needs, for information.
type RequiredField struct {
	Name string `json:"name"`
	Type string `json:"type"`
	ECS  *bool  `json:"ecs,omitempty"`
}

// RelatedIntegration is a package whose data the rule reads, for information.
type RelatedIntegration struct {
	Package     string `json:"package"`
	Version     string `json:"version"`
	Integration string `json:"integration,omitempty"`
}

// The values of Metadata.Maturity.
const (
	MaturityDevelopment  = "development"
	MaturityExperimental = "experimental"
	MaturityBeta         = "beta"
	MaturityProduction   = "production"
	MaturityDeprecated   = "deprecated"
)

var maturities = []string{
	MaturityDevelopment, MaturityExperimental, MaturityBeta, MaturityProduction, MaturityDeprecated,
}

// Metadata is what a rules repository notes about a rule. It has no part in
// running it and none in the JSON form.
type Metadata struct {
	CreationDate string
	UpdatedDate  string
	Maturity     string
	Integration  []string
	Other        map[string]any // every other key, and the [transform] table under "transform"
}
