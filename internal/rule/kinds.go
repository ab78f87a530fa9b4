package rule

import "slices"

// ruleTypes are Kibana's rule types. Only eql is run.
var ruleTypes = []string{"eql", "query", "saved_query", "threshold", "threat_match", "machine_learning", "new_terms", "esql"}

// ObjectKind says what stands in an export beside the rules.
type ObjectKind uint8

// The kinds of object.
const (
	ExceptionList ObjectKind = iota
	ExceptionItem
	Connector
	ExportSummary
)

// String returns what a person calls the kind.
func (k ObjectKind) String() string {
	return [...]string{"exception list", "exception item", "connector", "export summary"}[k]
}

// Object is an object of an export that is no rule, kept as it was read.
type Object struct {
	Kind ObjectKind
	Path string
	Line int
	Body map[string]any
}

// recognise tells what a JSON object is by its keys: a rule, some other object
// of an export, or neither.
func recognise(m map[string]any) (isRule bool, kind ObjectKind, isOther bool) {
	has := func(key string) bool { return m[key] != nil }
	t, _ := m["type"].(string)
	switch {
	case has("exported_count") || has("exported_rules_count"):
		return false, ExportSummary, true
	case has("item_id") && has("entries"):
		return false, ExceptionItem, true
	case has("list_id") && !has("item_id") && has("type") && !has("rule_id"):
		return false, ExceptionList, true
	case t == "action" && has("attributes"):
		return false, Connector, true
	}
	// A rule with a fault in its type or with no rule_id is a rule still.
	named := has("rule_id") || has("query") || has("risk_score")
	return named && (has("type") || has("name")) || has("name") && slices.Contains(ruleTypes, t), 0, false
}
