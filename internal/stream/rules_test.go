package stream

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/tripline-sec/tripline/internal/rule"
)

// elasticRules loads the rules beside the clone.
func elasticRules(t *testing.T) []Rule {
	t.Helper()
	folder := filepath.Join("..", "..", "..", "shared", "data", "elastic-rules")
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no folder of test material beside the clone: %s is absent", folder)
	}
	loaded, problems := rule.Load(folder)
	for _, p := range problems {
		t.Error(p)
	}
	return ready(t, loaded)
}

// builtinRules are the rules that are compiled in.
func builtinRules(t *testing.T) []Rule {
	t.Helper()
	loaded, err := rule.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return ready(t, loaded)
}

func ready(t *testing.T, loaded []*rule.Rule) []Rule {
	t.Helper()
	var rules []Rule
	for _, r := range loaded {
		one, err := OfRule(r, DefaultStart)
		if err != nil {
			t.Fatalf("%s: %v", r.Name, err)
		}
		rules = append(rules, one)
	}
	return rules
}

func TestNearlyAllElasticRulesArePlanted(t *testing.T) {
	rules := elasticRules(t)
	s, docs := all(t, Options{Seed: 1, Events: 1800, Hosts: 30, Rules: rules})
	if len(docs) != 1800 {
		t.Errorf("%d documents", len(docs))
	}
	for _, u := range s.Unplanted() {
		t.Logf("not planted: %s: %s", u.Rule, u.Reason)
	}
	t.Logf("%d of %d rules planted", len(s.Planted()), len(rules))
	if len(s.Planted())+len(s.Unplanted()) != len(rules) || len(s.Planted()) < len(rules)*95/100 {
		t.Error("too few")
	}
	// Of every tenth rule the reference is asked about the whole stream.
	var sample []Rule
	for i := 0; i < len(rules); i += 10 {
		sample = append(sample, rules[i])
	}
	found, lost, others := checkPlanted(t, s, sample, docs)
	t.Logf("in the whole stream: %d of %d planted matches found, and %d others", found, found+lost, others)
	if found < len(sample)*95/100 || lost > len(sample)*2/100 || others > len(sample)/4 {
		t.Error("the stream does not hold what was planted")
	}
}
