package rule

import "strconv"

// buildNested reads the fields whose values are objects with known keys.
func buildNested(o object, r *Rule) {
	o.children("severity_mapping", func(c object) {
		r.SeverityMapping = append(r.SeverityMapping, SeverityMapping{
			Field: c.required("field", ""), Operator: c.oneOf("operator", operators), Value: c.text("value"),
			Severity: Severity(c.oneOf("severity", severities)),
		})
	})
	o.children("risk_score_mapping", func(c object) {
		m := RiskScoreMapping{Field: c.required("field", ""), Operator: c.oneOf("operator", operators), Value: c.text("value")}
		if _, ok := c.get("risk_score"); ok {
			score := c.integer("risk_score", 0, 100, 0)
			m.RiskScore = &score
		}
		r.RiskScoreMapping = append(r.RiskScoreMapping, m)
	})
	o.children("exceptions_list", func(c object) {
		r.ExceptionsList = append(r.ExceptionsList, ExceptionsRef{
			ID: c.required("id", ""), ListID: c.required("list_id", ""), Type: c.required("type", ""),
			NamespaceType: c.oneOf("namespace_type", []string{"single", "agnostic"}),
		})
	})
	o.child("investigation_fields", func(c object) {
		r.InvestigationFields = &FieldNames{FieldNames: c.texts("field_names")}
		if r.InvestigationFields.FieldNames == nil {
			c.wrong("field_names", "names no field", "leave investigation_fields out")
		}
	})
	o.child("alert_suppression", func(c object) { r.AlertSuppression = buildSuppression(c) })
	o.children("threat", func(c object) { r.Threat = append(r.Threat, buildThreat(c)) })
	o.children("required_fields", func(c object) {
		f := RequiredField{Name: c.required("name", ""), Type: c.required("type", "")}
		if _, ok := c.get("ecs"); ok {
			ecs := c.boolean("ecs")
			f.ECS = &ecs
		}
		r.RequiredFields = append(r.RequiredFields, f)
	})
	o.children("related_integrations", func(c object) {
		r.RelatedIntegrations = append(r.RelatedIntegrations, RelatedIntegration{
			Package: c.required("package", ""), Version: c.required("version", ""), Integration: c.text("integration"),
		})
	})
}

var operators = []string{"equals"}

func buildSuppression(c object) *AlertSuppression {
	s := &AlertSuppression{GroupBy: c.texts("group_by")}
	if n := len(s.GroupBy); n < 1 || n > 3 {
		c.wrong("group_by", "must name one to three fields, not "+strconv.Itoa(n), "")
	}
	c.child("duration", func(d object) {
		s.Duration = &Duration{Value: d.integer("value", 1, noLimit, 0), Unit: d.oneOf("unit", []string{"s", "m", "h"})}
		if s.Duration.Value == 0 && !d.failed {
			d.wrong("value", "is missing", "write a whole number of 1 or more")
		}
	})
	if _, ok := c.get("missing_fields_strategy"); ok {
		s.MissingFieldsStrategy = c.oneOf("missing_fields_strategy", []string{"suppress", "doNotSuppress"})
	}
	return s
}

func buildThreat(c object) Threat {
	t := Threat{Framework: c.required("framework", `such as "MITRE ATT&CK"`)}
	if _, ok := c.get("tactic"); !ok {
		c.wrong("tactic", "is missing", "name the tactic's id, name and reference")
	}
	c.child("tactic", func(c object) { t.Tactic = Tactic(named(c)) })
	c.children("technique", func(c object) {
		n := named(c)
		technique := Technique{ID: n.ID, Name: n.Name, Reference: n.Reference}
		c.children("subtechnique", func(c object) {
			technique.Subtechnique = append(technique.Subtechnique, named(c))
		})
		t.Technique = append(t.Technique, technique)
	})
	return t
}

// named reads what tactics, techniques and subtechniques share.
func named(c object) Subtechnique {
	return Subtechnique{ID: c.required("id", ""), Name: c.required("name", ""), Reference: c.required("reference", "")}
}
