package cli

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/stream"
)

// streamOf makes events with a match of each rule planted, in the order in which
// they are sent.
func streamOf(tb testing.TB, set *ruleSet, opts stream.Options) []string {
	tb.Helper()
	for _, r := range set.ready {
		one, err := stream.OfRule(r.rule, stream.DefaultStart)
		if err != nil {
			tb.Fatal(err)
		}
		opts.Rules = append(opts.Rules, one)
	}
	s, err := stream.New(opts)
	if err != nil {
		tb.Fatal(err)
	}
	var docs []string
	for doc, ok := s.Next(nil); ok; doc, ok = s.Next(nil) {
		docs = append(docs, string(doc))
	}
	return docs
}

// builtins are the rules that are compiled in.
func builtins(tb testing.TB) *ruleSet {
	tb.Helper()
	set, err := readRules([]string{rule.BuiltinName})
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// All rules over generated events of several hosts, with ties and disorder.
func TestScanIsReferenceOnGeneratedStreams(t *testing.T) {
	set := allRules(t)
	opts := stream.Options{Seed: 2, Events: 1600, Hosts: 7, Ties: 0.3, Disorder: 40 * time.Second, Rate: 50}
	docs := streamOf(t, set, opts)
	file := filepath.Join(t.TempDir(), "events.ndjson")
	save(t, file, strings.Join(docs, "\n")+"\n")
	got, _, code := scanBy(t, set, []string{file}, nil, nil)
	lines := same(t, "stream", got, oracle(t, set, documents(t, nil, file)))
	t.Logf("%d rules, %d events, %d lines of alerts", len(set.ready), len(docs), lines)
	if lines < 700 || code != exitOK { // not 350: one of a sequence has blocks
		t.Errorf("%d lines of alerts, exit code %d", lines, code)
	}
}

// The same events in every form, in memory and on disk.
func TestScanIsReferenceHoweverEventsCome(t *testing.T) {
	set := builtins(t)
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	events := streamOf(t, set, stream.Options{Seed: 3, Events: 700, Hosts: 5, Matches: 5, Ties: 0.1, Disorder: 30 * time.Second, Rate: 100})
	plain := strings.Join(events, "\n") + "\n"
	save(t, path("events.ndjson"), plain)
	save(t, path("events.ndjson.gz"), gzipped(t, plain))
	var wrapped, hits strings.Builder
	for n, doc := range events {
		one := fmt.Sprintf(`{"_index":"logs-endpoint.events.process-default","_id":"w%d","_source":%s}`, n, doc)
		wrapped.WriteString(one + "\n")
		hits.WriteString(one + ",")
	}
	save(t, path("wrapped.ndjson"), wrapped.String())
	save(t, path("answer.json"), `{"took":1,"hits":{"hits":[`+strings.TrimSuffix(hits.String(), ",")+`]}}`)
	save(t, path("wrapped.gz"), gzipped(t, wrapped.String()))
	save(t, path("a.ndjson"), strings.Join(events[:400], "\n"))
	save(t, path("b.ndjson"), strings.Join(events[400:], "\n"))

	sorted := streamOf(t, set, stream.Options{Seed: 4, Events: 900, Hosts: 5, Matches: 5, Rate: 20})
	late := strings.Join(slices.Concat(sorted[40:800], sorted[:40], sorted[800:]), "\n")
	save(t, path("late.ndjson"), late)

	tunings := []struct {
		name string
		tune func(*scan)
		says string
	}{
		{"as it is", nil, ""},
		{"matches on disk", func(s *scan) { s.matches.limit = 60_000 }, ""},
		{"all matches on disk", func(s *scan) { s.matches.limit = 0 }, ""},
		{"eight workers, small blocks", func(s *scan) { s.bounds.Workers, s.batching.Block = 8, 5_000 }, ""},
		{"sorted on disk", func(s *scan) { s.bounds.OrderBudget = 12_000; s.batching.Block = 8_000 }, "sorting events on disk"},
	}
	for _, tt := range []struct {
		name  string
		paths []string
		stdin string
	}{
		{"plain", []string{path("events.ndjson")}, ""},
		{"gzip", []string{path("events.ndjson.gz")}, ""},
		{"wrapped", []string{path("wrapped.ndjson")}, ""},
		{"answer", []string{path("answer.json")}, ""},
		{"wrapped in gzip", []string{path("wrapped.gz")}, ""},
		{"two files", []string{path("a.ndjson"), path("b.ndjson")}, ""},
		{"two files, the later first", []string{path("b.ndjson"), path("a.ndjson")}, ""},
		{"stdin", []string{"-"}, plain},
		{"gzip on stdin", []string{"-"}, gzipped(t, plain)},
		{"wrapped on stdin", []string{"-"}, wrapped.String()},
	} {
		want := oracle(t, set, documents(t, strings.NewReader(tt.stdin), tt.paths...))
		for _, tuned := range tunings {
			what := tt.name + ", " + tuned.name
			if tt.stdin != "" && tuned.says != "" {
				continue // it can not be read again: see below
			}
			got, said, code := scanBy(t, set, tt.paths, strings.NewReader(tt.stdin), tuned.tune)
			if lines := same(t, what, got, want); lines < 60 {
				t.Errorf("%s: %d lines of alerts", what, lines)
			}
			if code != exitOK || !strings.Contains(said, tuned.says) || tuned.says == "" && strings.Contains(said, "disk") {
				t.Errorf("%s: exit code %d, said\n%s", what, code, said)
			}
		}
	}
	want := oracle(t, set, documents(t, nil, path("late.ndjson")))
	got, said, code := scanBy(t, set, []string{path("late.ndjson")}, nil, func(s *scan) {
		s.bounds.OrderBudget, s.batching.Block, s.matches.limit = 12_000, 8_000, 0
	})
	same(t, "read again", got, want)
	if code != exitOK || !strings.Contains(said, "reading again, to sort them on disk") {
		t.Errorf("read again: exit code %d, said\n%s", code, said)
	}
	// What can not be read again lacks what came too late, and says so.
	got, said, code = scanBy(t, set, []string{"-"}, strings.NewReader(late), func(s *scan) {
		s.bounds.OrderBudget, s.batching.Block = 12_000, 8_000
	})
	if code != exitIncomplete || !strings.Contains(said, "came too late to be put in order, and left out") || strings.Contains(said, "again") {
		t.Errorf("not read again: exit code %d, said\n%s", code, said)
	}
	for line := range strings.Lines(got.alerts) {
		if !strings.Contains(want.alerts, between(line, `"kibana.alert.uuid":"`)) {
			t.Errorf("not read again: an alert of its own: %s", line)
		}
	}
	nothingIn(t, os.TempDir(), "tripline-matches-*")
}

// between returns what stands behind some text, up to a quotation mark.
func between(line, before string) string {
	_, text, _ := strings.Cut(line, before)
	text, _, _ = strings.Cut(text, `"`)
	return text
}

func nothingIn(tb testing.TB, folder, pattern string) {
	tb.Helper()
	if left, err := filepath.Glob(filepath.Join(folder, pattern)); err != nil || len(left) > 0 {
		tb.Errorf("left behind: %v, %v", left, err)
	}
}

func gzipped(tb testing.TB, text string) string {
	tb.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}
