package replay_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/replay"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/source"
	"github.com/tripline-sec/tripline/internal/stream"
)

const guardedEvents = 8192

// guardedInput writes the events over which counters are guarded to a file.
func guardedInput(t *testing.T) string {
	t.Helper()
	s, err := stream.New(stream.Options{Seed: 23, Events: guardedEvents, Hosts: 40})
	if err != nil {
		t.Fatal(err)
	}
	var data []byte
	for doc, ok := s.Next(nil); ok; doc, ok = s.Next(data) {
		data = append(doc, '\n')
	}
	path := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// guardedRules reads the built-in rules, or those beside the clone.
func guardedRules(t *testing.T, builtin bool) []*rule.Rule {
	t.Helper()
	if builtin {
		rules, err := rule.Builtin()
		if err != nil {
			t.Fatal(err)
		}
		return rules
	}
	folder := filepath.Join("..", "..", "..", "shared", "data", "elastic-rules")
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no folder of test material beside the clone: %s is absent", folder)
	}
	rules, problems := rule.Load(folder)
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return rules
}

func guardedProgram(t *testing.T, rules []*rule.Rule) *engine.Program {
	t.Helper()
	queries := make([]engine.Query, len(rules))
	for i, r := range rules {
		parsed, err := eql.Parse(r.Query)
		if err != nil {
			t.Fatal(err)
		}
		checked, _, err := eql.Check(r.Narrow(parsed, stream.DefaultStart), eql.CheckOptions{
			CategoryField: r.EventCategoryOverride, TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField,
		})
		if err != nil {
			t.Fatal(err)
		}
		fits := event.NewPatterns(r.Patterns())
		queries[i] = engine.Query{
			Name: r.Name, Checked: checked, Accept: fits.Fit, Patterns: strings.Join(fits, ","),
			TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField, CategoryField: r.EventCategoryOverride,
		}
	}
	p, err := engine.Compile(queries, replay.LineagePaths...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What an event costs on its way through a whole run is about a fifth below what is
// allowed here. Allocations are those of hits, of tables that grow, and of the run's
// buffers.
func TestCountersOfARun(t *testing.T) {
	path := guardedInput(t)
	for _, c := range []struct {
		name                                   string
		builtin                                bool
		atoms, candidates, misses, allocations float64
	}{
		{"built-in", true, 1.6, 1.1, 0.1, 0.6},
		{"Elastic's", false, 7, 3, 0.9, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := guardedProgram(t, guardedRules(t, c.builtin))
			var counts [3]engine.Counters // by workers
			run := func(workers int) {
				r := replay.New(p, replay.Options{
					Workers: workers, Processes: proctree.NewIndex(0), Match: func(engine.Match) {},
					Problem: func(p *source.Problem) { t.Error(p) },
				})
				report, err := r.Run(context.Background(), func() *source.Reader {
					return source.Open([]string{path}, nil, source.Options{Batching: source.Batching{Peek: engine.PeekTime}})
				}, true)
				if err != nil {
					t.Fatal(err)
				}
				counts[workers] = report.Counts
			}
			allocations := testing.AllocsPerRun(2, func() { run(1) })
			run(2)
			one, two := counts[1], counts[2]
			for _, each := range []struct {
				what     string
				is, most float64
			}{
				{"atoms", float64(one.Atoms), c.atoms},
				{"candidates", float64(one.Candidates), c.candidates},
				{"new values", float64(one.Misses), c.misses},
				{"allocations", allocations, c.allocations},
			} {
				is := each.is / guardedEvents
				t.Logf("%.3f %s an event", is, each.what)
				if is > each.most {
					t.Errorf("%.3f %s an event, %v at most", is, each.what, each.most)
				}
			}
			if one.Events != guardedEvents || two.Events != guardedEvents {
				t.Errorf("one worker: %+v, two: %+v", one, two)
			}
		})
	}
}
