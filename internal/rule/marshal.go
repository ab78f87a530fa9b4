package rule

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// MarshalJSON writes the rule as Kibana's export does: every field with its
// default, an empty list for a list that has none, and then the keys of Extra.
// What only the TOML form has, [metadata], is not written.
func (r *Rule) MarshalJSON() ([]byte, error) {
	type plain Rule // without this method
	p := plain(*r)
	p.SeverityMapping = filled(p.SeverityMapping)
	p.RiskScoreMapping = filled(p.RiskScoreMapping)
	p.ExceptionsList = filled(p.ExceptionsList)
	p.Filters = filled(p.Filters)
	p.Tags = filled(p.Tags)
	p.Author = filled(p.Author)
	p.FalsePositives = filled(p.FalsePositives)
	p.References = filled(p.References)
	p.Threat = filled(p.Threat)
	p.RequiredFields = filled(p.RequiredFields)
	p.RelatedIntegrations = filled(p.RelatedIntegrations)
	p.Actions = filled(p.Actions)
	body, err := asWritten(p)
	if err != nil {
		return nil, fmt.Errorf("write rule: %w", err)
	}
	if len(r.Extra) == 0 {
		return body, nil
	}
	extra, err := asWritten(r.Extra)
	if err != nil {
		return nil, fmt.Errorf("write rule: %w", err)
	}
	return bytes.Join([][]byte{bytes.TrimSuffix(body, []byte("}")), bytes.TrimPrefix(extra, []byte("{"))}, []byte(",")), nil
}

// asWritten encodes without escaping <, > and &, of which queries are full.
func asWritten(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// filled returns a list that JSON writes as [] and not as null.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
