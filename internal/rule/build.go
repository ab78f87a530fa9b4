package rule

import (
	"math"
	"strings"

	"github.com/google/uuid"
)

// Kibana's defaults of an eql rule.
const (
	defaultInterval   = "5m"
	defaultFrom       = "now-6m"
	defaultTo         = "now"
	defaultMaxSignals = 100
	defaultVersion    = 1
)

const noLimit = math.MaxInt64

// build reads a rule from its object: [rule] of a TOML file or a JSON object.
// What Kibana refuses at create or import is an error here too.
func build(o object) *Rule {
	r := &Rule{
		ID:          o.text("id"),
		RuleID:      o.optional("rule_id"),
		Name:        o.required("name", "give the rule a name"),
		Description: o.required("description", "say in a sentence what the rule detects"),
		Type:        o.oneOf("type", []string{"eql"}),
		Language:    o.required("language", `write language = "eql"`),
		Query:       o.required("query", "write the EQL query"),
		Severity:    Severity(o.oneOf("severity", severities)),
		Index:       o.texts("index"),
		DataViewID:  o.optional("data_view_id"),
		Filters:     o.list("filters"),

		RuleNameOverride:                  o.optional("rule_name_override"),
		TimestampOverride:                 o.optional("timestamp_override"),
		TimestampOverrideFallbackDisabled: o.boolean("timestamp_override_fallback_disabled"),
		TimestampField:                    o.optional("timestamp_field"),
		EventCategoryOverride:             o.optional("event_category_override"),
		TiebreakerField:                   o.optional("tiebreaker_field"),
		BuildingBlockType:                 o.optional("building_block_type"),

		Enabled:        o.boolean("enabled"),
		MaxSignals:     o.integer("max_signals", 1, noLimit, defaultMaxSignals),
		Tags:           o.texts("tags"),
		Version:        o.integer("version", 1, noLimit, defaultVersion),
		Revision:       o.integer("revision", 0, noLimit, 0),
		Immutable:      o.boolean("immutable"),
		Author:         o.texts("author"),
		License:        o.text("license"),
		FalsePositives: o.texts("false_positives"),
		References:     o.texts("references"),
		Note:           o.text("note"),
		Setup:          o.text("setup"),
		TimelineID:     o.optional("timeline_id"),
		TimelineTitle:  o.optional("timeline_title"),

		Actions:         o.list("actions"),
		ResponseActions: o.list("response_actions"),
		Namespace:       o.text("namespace"),
		OutputIndex:     o.text("output_index"),
		Meta:            o.table("meta"),
	}
	if len(r.Meta) == 0 {
		r.Meta = nil
	}
	r.RuleSource, _ = o.get("rule_source")
	r.Throttle, _ = o.get("throttle")
	if _, ok := o.get("risk_score"); ok {
		r.RiskScore = o.integer("risk_score", 0, 100, 0)
	} else {
		o.wrong("risk_score", "is missing", "write a whole number from 0 to 100")
	}
	for _, f := range r.Filters {
		if _, ok := f.(map[string]any); !ok {
			o.mistyped("filters", "a list of objects", f)
		}
	}
	r.filter = buildFilters(o)
	buildNested(o, r)
	buildSchedule(o, r)
	checkTogether(o, r)
	r.Extra = o.rest("an eql rule")
	return r
}

// buildSchedule reads when the rule runs and over what window.
func buildSchedule(o object, r *Rule) {
	r.Interval = textOr(o, "interval", defaultInterval)
	r.From = textOr(o, "from", defaultFrom)
	r.To = textOr(o, "to", defaultTo)
	if o.failed && (r.Interval == "" || r.From == "" || r.To == "") {
		return // one of them is no string, and that was said
	}
	every, err := ParseInterval(r.Interval)
	if err != nil {
		o.wrong("interval", err.Error(), "write a number and one of s, m, h, d, such as 5m")
	}
	from, fromErr := ParseDateMath(r.From)
	if fromErr != nil {
		o.wrong("from", fromErr.Error(), dateMathHint)
	}
	to, toErr := ParseDateMath(r.To)
	if toErr != nil {
		o.wrong("to", toErr.Error(), dateMathHint)
	}
	if err != nil || fromErr != nil || toErr != nil {
		return
	}
	if width, known := windowWidth(from, to); known && width < every {
		key := "from"
		if _, ok := o.get(key); !ok {
			key = "interval"
		}
		o.wrong(key, "the window from "+r.From+" to "+r.To+" is shorter than the interval "+r.Interval+": events between two windows would never be seen",
			"let the window reach back at least one interval")
	}
}

func textOr(o object, key, def string) string {
	if _, ok := o.get(key); !ok {
		return def
	}
	return o.text(key)
}

// checkTogether holds what more than one field has a say in.
func checkTogether(o object, r *Rule) {
	if r.Language != "" && r.Language != "eql" {
		o.wrong("language", "must be eql, the type's language", `write language = "eql"`)
	}
	if (r.TimelineID == "") != (r.TimelineTitle == "") {
		have, lack := "timeline_id", "timeline_title"
		if r.TimelineID == "" {
			have, lack = lack, have
		}
		o.wrong(have, "stands without "+lack, "write both or neither")
	}
	if r.BuildingBlockType != "" && r.BuildingBlockType != "default" {
		o.warn("building_block_type", "is not default, the only type there is", `write "default", or leave it out`)
	}
	if r.DataViewID != "" {
		o.warn("data_view_id", "data views are Kibana's and are not known here; the rule searches "+strings.Join(r.Patterns(), ", "),
			"name the patterns under index")
	}
	if r.ID != "" && uuid.Validate(r.ID) != nil {
		o.warn("id", "is no UUID; the rule's uuid is made from its rule_id", "leave it out")
	}
	if r.RuleID == "" && r.Name != "" {
		// Kibana would draw one at random; alert ids must stay the same from one reading to the next.
		r.RuleID = uuid.NewSHA1(namespace, []byte("name:"+r.Name)).String()
		if uuid.Validate(r.ID) != nil && !o.failed {
			o.warn("rule_id", "is missing; one was made from the name, and changes with it", "write rule_id = \""+r.RuleID+"\"")
		}
	}
}

// fromKibana reports whether a key is one that only a running Kibana fills: it is
// kept, and there is nothing to warn of.
func fromKibana(key string) bool {
	switch key {
	case "execution_summary", "outcome", "alias_target_id", "alias_purpose":
		return true
	}
	return strings.HasPrefix(key, "created_") || strings.HasPrefix(key, "updated_")
}
