package main

import "testing"

func TestDerivedRulesAreDifferentRules(t *testing.T) {
	for name, folder := range map[string]string{"built-in": "absent", "beside the clone": "../../../shared/data/elastic-rules"} {
		t.Run(name, func(t *testing.T) {
			set, err := fullSet(folder)
			if err != nil {
				t.Fatal(err)
			}
			if set.builtin && folder != "absent" {
				t.Skip("no folder of rules beside the clone: ../shared/data/elastic-rules is absent")
			}
			rules, err := derive(set.rules, derivedRules)
			if err != nil {
				t.Fatal(err)
			}
			s, err := sharesOf(rules, set.rules)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%+v", s)
			if err := s.check(); err != nil {
				t.Error(err)
			}
			if _, err := newRuleSet("derived", rules); err != nil {
				t.Error(err)
			}
		})
	}
}
