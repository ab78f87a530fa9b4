package reference

import (
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
)

// TestCompileRefuses asserts that a tree which the check would not have let
// through, or not in this form, is refused wherever it stands.
func TestCompileRefuses(t *testing.T) {
	for condition, want := range map[string]string{
		`a + 1 != 2`:                         "not expected here",
		`+a == 1`:                            "not expected here",
		`a + 1 == b`:                         "not expected here",
		`a in (b)`:                           "not expected here",
		`length(a) in (b)`:                   "not expected here",
		`nosuch(a) == 1`:                     "unknown function [nosuch]",
		`a regex "("`:                        "line 1:",
		`length(a) regex "("`:                "line 1:",
		`cidrMatch(a, "300.0.0.0/8")`:        "line 1:",
		`nosuch()`:                           "unknown function",
		`not nosuch(a)`:                      "unknown function",
		`a == 1 and nosuch(a)`:               "unknown function",
		`length(concat(a, nosuch(a))) == 1`:  "unknown function",
		`null == (a == 1 or nosuch(a) == 1)`: "",
	} {
		for _, query := range []string{
			`any where ` + condition,
			`sequence [any where true] [any where ` + condition + `]`,
			`sequence [any where true] [any where true] until [any where ` + condition + `]`,
			`sample by k [any where true] [any where ` + condition + `]`,
		} {
			q, err := eql.Parse(query)
			if err != nil {
				t.Errorf("parse %s: %v", query, err)
				continue
			}
			if _, err = Compile(q, all); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got error %v, want %q", query, err, want)
			}
		}
	}
	if _, err := Compile(&eql.Query{}, all); err == nil {
		t.Error("a query without a body compiled")
	}
}
