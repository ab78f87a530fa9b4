package alert

import (
	"maps"

	"github.com/tripline-sec/tripline/internal/rule"
)

// Document is an alert as Kibana stores it, ready to be written as JSON: the
// fields of the event, nested or dotted as the event had them, and those of the
// alert, dotted. What only a running stack knows is left out: the execution's
// ids, who made the rule and when, spaces, links. Kibana also drops event
// fields whose type clashes with its mapping; here there is none.
type Document map[string]any

// Documents returns the alert's document, of a group its shell, and behind it the
// building blocks of a group, in the order of its events. It decodes each event once.
func (a *Alert) Documents() []Document {
	all := a.documents()
	of := ruleFields(a.Rule)
	for _, doc := range all {
		maps.Copy(doc, of)
		doc[nameField] = a.Name
	}
	return all
}

// documents are Documents without what they say of the rule but its name.
func (a *Alert) documents() []Document {
	bodies := make([]map[string]any, len(a.Events))
	for i, e := range a.Events {
		bodies[i] = body(e)
	}
	all := []Document{a.document(bodies)}
	if a.Group {
		for i, body := range bodies {
			all = append(all, a.block(i, body))
		}
	}
	return all
}

// nameField is the one field of a rule that an alert may have another value of.
const nameField = "kibana.alert.rule.name"

// document makes the alert's document.
func (a *Alert) document(bodies []map[string]any) Document {
	ancestors := a.ancestors()
	doc := Document(common(bodies))
	maps.Copy(doc, a.fields(ancestors))
	maps.Copy(doc, a.evidence())
	doc["kibana.alert.uuid"] = a.ID
	if a.Rule.BuildingBlockType != "" {
		doc["kibana.alert.building_block_type"] = a.Rule.BuildingBlockType
	}
	if a.HasEventTime {
		doc["kibana.alert.original_time"] = a.EventTime.String()
	}
	doc["kibana.alert.reason"] = a.Reason
	if a.Group {
		doc["kibana.alert.group.id"] = a.ID
	}
	return doc
}

// block makes an event's body a building block.
func (a *Alert) block(i int, doc Document) Document {
	e := a.Events[i]
	reason := a.reason(doc)
	maps.Copy(doc, a.fields(lineage(e)))
	doc["tripline.schema_version"] = SchemaVersion
	doc["kibana.alert.uuid"] = a.blocks[i]
	doc["kibana.alert.building_block_type"] = "default"
	if at, ok := timeOf(e, a.Rule.TimestampField); ok {
		doc["kibana.alert.original_time"] = at.String()
	}
	doc["kibana.alert.reason"] = reason
	doc["kibana.alert.group.id"] = a.ID
	doc["kibana.alert.group.index"] = i
	return doc
}

// common returns the part of an alert's document that comes from its events:
// what all of them have in common.
func common(bodies []map[string]any) map[string]any {
	common := maps.Clone(bodies[0])
	for _, body := range bodies[1:] {
		common = intersect(common, body)
	}
	return common
}

// ancestors returns those of the alert's document. Of a group they are, block
// by block, the block's own and the block.
func (a *Alert) ancestors() []Ancestor {
	if !a.Group {
		return lineage(a.Events[0])
	}
	var all []Ancestor
	for i, doc := range a.Events {
		own := lineage(doc)
		all = append(all, own...)
		all = append(all, Ancestor{ID: a.blocks[i], Type: "signal", Depth: depth(own), Rule: a.Rule.UUID()})
	}
	return all
}

// fields returns what an alert's document and its blocks' have alike, but for what
// they say of the rule.
func (a *Alert) fields(ancestors []Ancestor) map[string]any {
	now := a.Time.Format("2006-01-02T15:04:05.000Z07:00")
	return map[string]any{
		"@timestamp":                         now,
		"event.kind":                         "signal",
		"kibana.alert.ancestors":             ancestors,
		"kibana.alert.depth":                 depth(ancestors),
		"kibana.alert.severity":              a.Severity,
		"kibana.alert.risk_score":            a.RiskScore,
		"kibana.alert.start":                 now,
		"kibana.alert.last_detected":         now,
		"kibana.alert.status":                "active",
		"kibana.alert.workflow_status":       "open",
		"kibana.alert.workflow_tags":         []string{},
		"kibana.alert.workflow_assignee_ids": []string{},
		nameField:                            a.Name,
	}
}

// ruleFields returns the copies of the rule that an alert carries, but for its name.
func ruleFields(r *rule.Rule) map[string]any {
	fields := map[string]any{
		"category":            "Event Correlation Rule",
		"rule_type_id":        "siem.eqlRule",
		"consumer":            "siem",
		"producer":            "siem",
		"parameters":          r, // the whole rule, as its JSON form
		"uuid":                r.UUID(),
		"rule_id":             r.RuleID,
		"type":                r.Type,
		"version":             r.Version,
		"revision":            r.Revision,
		"description":         r.Description,
		"severity":            r.Severity,
		"risk_score":          r.RiskScore,
		"enabled":             r.Enabled,
		"immutable":           r.Immutable,
		"interval":            r.Interval,
		"from":                r.From,
		"to":                  r.To,
		"max_signals":         r.MaxSignals,
		"indices":             r.Patterns(),
		"author":              list(r.Author),
		"tags":                list(r.Tags),
		"references":          list(r.References),
		"false_positives":     list(r.FalsePositives),
		"threat":              list(r.Threat),
		"severity_mapping":    list(r.SeverityMapping),
		"risk_score_mapping":  list(r.RiskScoreMapping),
		"exceptions_list":     list(r.ExceptionsList),
		"license":             optional(r.License),
		"note":                optional(r.Note),
		"namespace":           optional(r.Namespace),
		"rule_name_override":  optional(r.RuleNameOverride),
		"timestamp_override":  optional(r.TimestampOverride),
		"timeline_id":         optional(r.TimelineID),
		"timeline_title":      optional(r.TimelineTitle),
		"building_block_type": optional(r.BuildingBlockType),
	}
	named := make(map[string]any, len(fields))
	for key, v := range fields {
		if v != nil {
			named["kibana.alert.rule."+key] = v
		}
	}
	return named
}

// list is a list that JSON writes as [] when there is none.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// optional is a text that is left out when it is empty.
func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}
