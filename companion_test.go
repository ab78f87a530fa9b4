package tripline_test

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/ruletest"
)

// companionRules are the built-in rules but the seed.
func companionRules(t *testing.T) []*rule.Rule {
	t.Helper()
	rules, err := rule.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	seed := builtinRule(t)
	var companions []*rule.Rule
	for _, r := range rules {
		if r.RuleID != seed.RuleID {
			companions = append(companions, r)
		}
	}
	if len(companions) != len(rules)-1 || len(companions) < 6 {
		t.Fatalf("%d companion rules of %d built-in ones", len(companions), len(rules))
	}
	return companions
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// Each companion rule says what whoever gets its alert must know.
func TestCompanionRulesAreComplete(t *testing.T) {
	ids := map[string]string{}
	for _, r := range companionRules(t) {
		if !uuidForm.MatchString(r.RuleID) || ids[r.RuleID] != "" {
			t.Errorf("%s: rule_id %s is no UUID, or that of %s", r.Path, r.RuleID, ids[r.RuleID])
		}
		ids[r.RuleID] = r.Path
		if r.License != "Apache-2.0" || len(r.Author) != 1 || r.Author[0] != "Tripline" {
			t.Errorf("%s: by %v under %q", r.Path, r.Author, r.License)
		}
		if r.Note == "" || len(r.FalsePositives) == 0 || len(r.Threat) == 0 || r.RiskScore == 0 || len(r.Tags) == 0 || len(r.References) == 0 {
			t.Errorf("%s: note, false positives, threat, risk, tags or references are missing", r.Path)
		}
		for _, reference := range r.References {
			if !strings.HasPrefix(reference, "https://attack.mitre.org/") {
				t.Errorf("%s: reference %s", r.Path, reference)
			}
		}
	}
}

// The tests beside the built-in rules hold, and every companion has a payload
// and look-alikes among them.
func TestCompanionRulesPassTheirTests(t *testing.T) {
	files := rule.BuiltinFiles()
	for _, r := range companionRules(t) {
		name := strings.TrimSuffix(strings.TrimPrefix(r.Path, rule.BuiltinName+"/"), ".toml") + ruletest.Extension
		data, err := fs.ReadFile(files, name)
		if err != nil {
			t.Errorf("%s has no tests: %v", r.Path, err)
			continue
		}
		if text := string(data); strings.Count(text, "expect alert") < 2 || strings.Count(text, "expect silence") < 3 {
			t.Errorf("%s: too few payloads or look-alikes", name)
		}
		report := new(ruletest.Runner).Run(filepath.Join("internal", "rule", "builtin", name), data)
		if len(report.Problems) > 0 || !report.Passed() {
			t.Errorf("%s: %v; %d tests", name, report.Problems, len(report.Results))
		}
		for _, result := range report.Results {
			for _, failure := range result.Failures {
				t.Errorf("%s: %s: %+v", name, result.Test.Name, failure)
			}
		}
	}
}

// Package managers, compilers, editors, log rotation and what is planted in
// files: none of it is a shell on a connection.
func TestCompanionRulesOnFileTraces(t *testing.T) {
	folder := shared(t, "data/file-traces")
	paths, err := filepath.Glob(filepath.Join(folder, "*.ndjson"))
	if err != nil || len(paths) < 15 {
		t.Fatalf("%d traces, %v", len(paths), err)
	}
	programs := map[string]*reference.Program{}
	for _, r := range companionRules(t) {
		programs[r.Name] = program(t, r)
	}
	for _, path := range paths {
		docs := readEvents(t, path)
		for name, p := range programs {
			if n := matches(t, p, docs); n > 0 {
				t.Errorf("%s: %d matches of %s", filepath.Base(path), n, name)
			}
		}
	}
}
