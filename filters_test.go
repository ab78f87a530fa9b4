package tripline_test

import "testing"

// Rule filters are Kibana's.
func TestRuleFilters(t *testing.T) {
	tests := []struct {
		name, filter, doc string
		passes            bool
	}{
		{"phrase", `{"meta":{},"query":{"match_phrase":{"process.name":"nc"}}}`, `{"process":{"name":"nc"}}`, true},
		{"phrase, other", `{"meta":{},"query":{"match_phrase":{"process.name":{"query":"nc"}}}}`, `{"process":{"name":"sh"}}`, false},
		{"negated", `{"meta":{"negate":true},"query":{"match_phrase":{"process.name":"nc"}}}`, `{"process":{"name":"sh"}}`, true},
		{"negated, without the field", `{"meta":{"negate":true},"query":{"match_phrase":{"process.name":"nc"}}}`, `{}`, true},
		{"disabled", `{"meta":{"disabled":true},"query":{"script":{}}}`, `{}`, true},
		{"exists", `{"query":{"exists":{"field":"user.name"}}}`, `{}`, false},
		{"exists, as once written", `{"meta":{"type":"exists"},"exists":{"field":"user.name"}}`, `{"user":{"name":"a"}}`, true},
		{"phrases", `{"query":{"bool":{"minimum_should_match":1,"should":[{"match_phrase":{"process.name":"nc"}},{"match_phrase":{"process.name":"sh"}}]}}}`, `{"process":{"name":"sh"}}`, true},
		{"range", `{"query":{"range":{"process.pid":{"gte":5,"lt":"9"}}}}`, `{"process":{"pid":9}}`, false},
		{"range, within", `{"query":{"range":{"process.pid":{"gte":5,"lt":"9"}}}}`, `{"process":{"pid":5}}`, true},
		{"range of time", `{"query":{"range":{"@timestamp":{"gte":"2026-01-01T00:00:00Z","format":"strict_date_optional_time"}}}}`, `{"@timestamp":"2026-01-02T00:00:00Z"}`, true},
		{"term", `{"query":{"term":{"process.pid":7}}}`, `{"process":{"pid":7}}`, true},
		{"term, without case", `{"query":{"term":{"process.name":{"value":"NC","case_insensitive":true}}}}`, `{"process":{"name":"nc"}}`, true},
		{"terms", `{"query":{"terms":{"process.name":["a","nc"]}}}`, `{"process":{"name":"nc"}}`, true},
		{"prefix", `{"query":{"prefix":{"process.name":"n*"}}}`, `{"process":{"name":"nc"}}`, false},
		{"wildcard", `{"query":{"wildcard":{"process.name":{"value":"n?"}}}}`, `{"process":{"name":"nc"}}`, true},
		{"bool", `{"query":{"bool":{"must":{"exists":{"field":"user.name"}},"must_not":[{"term":{"user.name":"root"}}],"should":[{"term":{"user.name":"x"}}]}}}`, `{"user":{"name":"a"}}`, true},
		{"should beside must not", `{"query":{"bool":{"must_not":[{"term":{"user.name":"x"}}],"should":[{"term":{"user.name":"root"}}]}}}`, `{"user":{"name":"a"}}`, false},
		{"phrase of text", `{"query":{"match_phrase":{"message":"mot pass"}}}`, `{"message":"le MOT, pass ici"}`, true},
		{"phrase of text, part of a word", `{"query":{"match_phrase":{"message":"pass"}}}`, `{"message":"le mot passé ici"}`, false},
		{"phrase of text, in quotation marks", `{"query":{"match_phrase":{"message":"pass"}}}`, `{"message":"le mot «pass» ici"}`, true},
		{"must not", `{"query":{"bool":{"filter":[],"must_not":[{"term":{"user.name":"root"}}]}}}`, `{"user":{"name":"root"}}`, false},
		{"two are ANDed", `{"query":{"exists":{"field":"user.name"}}},{"query":{"exists":{"field":"process.name"}}}`, `{"user":{"name":"a"}}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			folder, _ := excepting(t, "any where true", tt.filter)
			r := load(t, folder)
			if got := len(run(t, r, tt.doc).Events) == 1; got != tt.passes {
				t.Errorf("passes: %v\n%s", got, r.FilterText())
			}
		})
	}
}
