package tripline_test

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/source"
)

// shared is the folder of test material that may lie beside the clone.
func shared(t *testing.T, path string) string {
	t.Helper()
	full := filepath.Join("..", "shared", filepath.FromSlash(path))
	if _, err := os.Stat(full); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no folder of test material beside the clone: %s is absent", full)
	}
	return full
}

// program compiles a rule's query as scan does.
func program(t *testing.T, r *rule.Rule) *reference.Program {
	t.Helper()
	q, err := eql.Parse(r.Query)
	if err != nil {
		t.Fatalf("%s: %v", r.Path, err)
	}
	checked, _, err := eql.Check(q, eql.CheckOptions{
		CategoryField: r.EventCategoryOverride, TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField,
	})
	if err != nil {
		t.Fatalf("%s: %v", r.Path, err)
	}
	p, err := reference.Compile(checked, reference.Options{
		CategoryField: r.EventCategoryOverride, TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField,
		Size: -1, Tolerant: true,
	})
	if err != nil {
		t.Fatalf("%s: %v", r.Path, err)
	}
	return p
}

// matches counts what a rule finds in the documents.
func matches(t *testing.T, p *reference.Program, docs []*event.Document) int {
	t.Helper()
	result, err := p.Run(docs)
	if err != nil {
		t.Fatal(err)
	}
	if result.ValueErrors+result.NoTimestamp > 0 {
		t.Errorf("%d value errors (%v), %d documents without time", result.ValueErrors, result.FirstValueError, result.NoTimestamp)
	}
	return len(result.Events) + len(result.Sequences)
}

// readEvents reads event files as the commands do.
func readEvents(t *testing.T, paths ...string) []*event.Document {
	t.Helper()
	var docs []*event.Document
	for item := range source.Open(paths, nil, source.Options{}).All() {
		if item.Problem != nil {
			t.Fatal(item.Problem)
		}
		docs = append(docs, item.Document)
	}
	if len(docs) == 0 {
		t.Fatalf("no documents in %v", paths)
	}
	return docs
}

// elasticRules loads Elastic's rules, by folder and file name.
func elasticRules(t *testing.T) map[string]*rule.Rule {
	t.Helper()
	folder := shared(t, "data/elastic-rules")
	rules, problems := rule.Load(folder)
	for _, p := range problems {
		t.Error(p)
	}
	byName := map[string]*rule.Rule{}
	for _, r := range rules {
		name, err := filepath.Rel(folder, r.Path)
		if err != nil {
			t.Fatal(err)
		}
		byName[strings.TrimSuffix(filepath.ToSlash(name), ".toml")] = r
	}
	if len(byName) != 350 {
		t.Errorf("%d rules, want 350", len(byName))
	}
	return byName
}

func builtinRule(t *testing.T) *rule.Rule {
	t.Helper()
	seed, err := rule.Seed()
	if err != nil {
		t.Fatal(err)
	}
	return seed
}

// Every rule loads, checks without a problem, and prints to a text that is the
// same query.
func TestElasticRulesLoadCheckAndRoundTrip(t *testing.T) {
	warnings := 0
	for name, r := range elasticRules(t) {
		q, err := eql.Parse(r.Query)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, warned, err := eql.Check(q, eql.CheckOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, w := range warned {
			warnings++
			t.Logf("%s: %d:%d %s", name, w.Pos.Line, w.Pos.Col, w.Message)
		}
		again, err := eql.Parse(q.String())
		if err != nil {
			t.Errorf("%s: the printed query: %v", name, err)
			continue
		}
		if again.String() != q.String() {
			t.Errorf("%s: printed twice, the query differs:\n%s\n%s", name, q, again)
		}
	}
	t.Logf("%d warnings", warnings)
}

type traceExpectation struct {
	Documents      int             `json:"documents"`
	MustFire       map[string]bool `json:"must_fire"`
	ShellConfirmed bool            `json:"shell_confirmed"`
}

// The recorded reverse shells that come with the project: the built-in rule
// fires on those it describes and on no others.
func TestBuiltinRuleOnRecordedShells(t *testing.T) {
	expected, traces := embeddedTraces(t)
	p := program(t, builtinRule(t))
	fired := 0
	for name, want := range expected {
		docs := readEvents(t, traces[name])
		if len(docs) != want.Documents {
			t.Errorf("%s: %d documents, want %d", name, len(docs), want.Documents)
		}
		got := matches(t, p, docs) > 0
		if got != want.MustFire["seed_v8"] {
			t.Errorf("%s: fired %v, want %v", name, got, want.MustFire["seed_v8"])
		}
		if got {
			fired++
		}
	}
	if len(expected) < 30 || fired < 5 {
		t.Errorf("%d traces, %d fired", len(expected), fired)
	}
}

// All plain traces in one input, in any order of files, give the same matches as
// one by one.
func TestBuiltinRuleOnAllShellsTogether(t *testing.T) {
	expected, traces := embeddedTraces(t)
	p := program(t, builtinRule(t))
	var paths []string
	single := 0
	for name := range expected {
		if !strings.Contains(name, ".aggregated.") { // these repeat their plain file
			paths = append(paths, traces[name])
			single += matches(t, p, readEvents(t, traces[name]))
		}
	}
	slices.Sort(paths)
	for range 2 {
		if got := matches(t, p, readEvents(t, paths...)); got != single {
			t.Errorf("%d matches together, %d one by one", got, single)
		}
		slices.Reverse(paths)
	}
}

// embeddedTraces unpacks testdata/reverse-shell-traces.zip.
func embeddedTraces(t *testing.T) (expected map[string]traceExpectation, paths map[string]string) {
	t.Helper()
	archive, err := zip.OpenReader("testdata/reverse-shell-traces.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	folder := t.TempDir()
	paths = map[string]string{}
	for _, member := range archive.File {
		r, err := member.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if member.Name == "expected.json" {
			if err := json.Unmarshal(data, &expected); err != nil {
				t.Fatal(err)
			}
			continue
		}
		paths[member.Name] = filepath.Join(folder, member.Name)
		if err := os.WriteFile(paths[member.Name], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if len(expected) != len(paths) {
		t.Fatalf("%d traces, %d expectations", len(paths), len(expected))
	}
	return expected, paths
}

// Elastic's four current reverse-shell rules and the built-in one on every
// recorded shell.
func TestElasticRulesOnReverseShellTraces(t *testing.T) {
	folder := shared(t, "data/reverse-shell-traces")
	rules := elasticRules(t)
	var expected map[string]traceExpectation
	readJSON(t, filepath.Join(folder, "expected.json"), &expected)
	programs := map[string]*reference.Program{}
	files := 0
	for name, want := range expected {
		if !strings.HasSuffix(name, ".ndjson") {
			continue
		}
		files++
		docs := readEvents(t, filepath.Join(folder, name))
		if len(want.MustFire) != 5 {
			t.Errorf("%s: %d expectations", name, len(want.MustFire))
		}
		for ruleName, fires := range want.MustFire {
			p := programs[ruleName]
			if p == nil {
				r := rules["linux/"+ruleName]
				if ruleName == "seed_v8" {
					r = builtinRule(t)
				}
				p = program(t, r)
				programs[ruleName] = p
			}
			if got := matches(t, p, docs) > 0; got != fires {
				t.Errorf("%s, %s: fired %v, want %v", name, ruleName, got, fires)
			}
		}
	}
	if found, _ := filepath.Glob(filepath.Join(folder, "*.ndjson")); len(found) != files {
		t.Errorf("%d files, %d expectations", len(found), files)
	}
}

// All 350 rules on every recorded change to files: the named ones fire as often
// as they must, all others are silent.
func TestElasticRulesOnFileTraces(t *testing.T) {
	folder := shared(t, "data/file-traces")
	rules := elasticRules(t)
	var expected map[string]struct {
		MustFire map[string]json.RawMessage `json:"must_fire"`
	}
	readJSON(t, filepath.Join(folder, "expected.json"), &expected)
	programs := map[string]*reference.Program{}
	for name, r := range rules {
		programs[name] = program(t, r)
	}
	for file, want := range expected {
		if !strings.HasSuffix(file, ".ndjson") {
			continue
		}
		docs := readEvents(t, filepath.Join(folder, file))
		fired := map[string]bool{}
		for name, p := range programs {
			if matches(t, p, docs) > 0 {
				fired[name] = true
			}
		}
		got, must := slices.Sorted(maps.Keys(fired)), slices.Sorted(maps.Keys(want.MustFire))
		if !slices.Equal(got, must) {
			t.Errorf("%s\n fired %v\n  must %v", file, got, must)
		}
	}
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// As it stood in the seed, with the lost blocks as empty strings, the query is
// refused, with the place of each.
func TestSeedWithLostBlocksIsRefused(t *testing.T) {
	query := builtinRule(t).Query
	for _, block := range []string{"127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4"} {
		if strings.Count(query, block) != 1 {
			t.Fatalf("the built-in rule names %s %d times", block, strings.Count(query, block))
		}
		query = strings.Replace(query, block, "", 1)
	}
	q, err := eql.Parse(query)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = eql.Check(q, eql.CheckOptions{})
	var e *eql.Error
	if !errors.As(err, &e) || len(e.Problems) != 3 {
		t.Fatalf("got %v, want three problems", err)
	}
	for _, p := range e.Problems {
		if p.Message != "'' is not an IP string literal." || query[p.Pos.Offset:p.Pos.End] != `""` || p.Hint == "" {
			t.Errorf("%+v", p)
		}
	}
}
