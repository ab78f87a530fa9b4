package engine

import (
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/stream"
)

// generated are the events over which the counters are guarded: enough for values
// to repeat themselves as they do in logs.
func generated(t *testing.T) [][]byte {
	t.Helper()
	s, err := stream.New(stream.Options{Seed: 21, Events: 8192, Hosts: 40})
	if err != nil {
		t.Fatal(err)
	}
	var docs [][]byte
	for doc, ok := s.Next(nil); ok; doc, ok = s.Next(nil) {
		docs = append(docs, doc)
	}
	return docs
}

// programOf compiles rules as scan does.
func programOf(t *testing.T, rules []*rule.Rule) *Program {
	t.Helper()
	queries := make([]Query, len(rules))
	for i, r := range rules {
		q, err := eql.Parse(r.Query)
		if err != nil {
			t.Fatal(err)
		}
		checked, _, err := eql.Check(r.Narrow(q, stream.DefaultStart), eql.CheckOptions{
			CategoryField: r.EventCategoryOverride, TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField,
		})
		if err != nil {
			t.Fatal(err)
		}
		fits := event.NewPatterns(r.Patterns())
		queries[i] = Query{
			Name: r.Name, Checked: checked, Accept: fits.Fit, Patterns: strings.Join(fits, ","),
			TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField, CategoryField: r.EventCategoryOverride,
		}
	}
	p, err := Compile(queries)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// guard is what the rules of a test may cost an event, about a fifth more than they
// do.
type guard struct {
	rules                     func(t *testing.T) []*rule.Rule
	atoms, candidates, misses float64
}

var guards = map[string]guard{
	"built-in":  {builtinRules, 1.5, 1.1, 0.68},
	"Elastic's": {elasticRules, 10, 6.4, 1.7},
}

func builtinRules(t *testing.T) []*rule.Rule {
	t.Helper()
	rules, err := rule.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func elasticRules(t *testing.T) []*rule.Rule {
	t.Helper()
	rules, problems := rule.Load(shared(t, "data/elastic-rules"))
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return rules
}

func TestCountersOfAnEvent(t *testing.T) {
	docs := generated(t)
	for name, g := range guards {
		t.Run(name, func(t *testing.T) {
			j := programOf(t, g.rules(t)).NewJudge()
			for i, raw := range docs {
				if _, err := j.Judge(raw, event.Identity{}, uint64(i)); err != nil {
					t.Fatal(err)
				}
			}
			c := j.Counters()
			for _, one := range []struct {
				what string
				n    int64
				most float64
			}{{"atoms", c.Atoms, g.atoms}, {"candidates", c.Candidates, g.candidates}, {"new values", c.Misses, g.misses}} {
				each := float64(one.n) / float64(c.Events)
				t.Logf("%.3f %s an event", each, one.what)
				if each > one.most {
					t.Errorf("%.3f %s an event, %v at most", each, one.what, one.most)
				}
			}
			if c.Events != int64(len(docs)) {
				t.Errorf("%d events of %d", c.Events, len(docs))
			}
		})
	}
}

// warming is how often events are judged at the most until there are no more
// allocations: the tables of answers grow ever more seldom.
const warming = 50

// An event that is no hit allocates nothing once its like has been seen. What
// accepts it as a missing event is no hit: there is a rule by which nothing at all
// may follow.
func TestAnEventWithoutHitAllocatesNothing(t *testing.T) {
	docs := generated(t)
	for name, g := range guards {
		t.Run(name, func(t *testing.T) {
			p := programOf(t, g.rules(t))
			j := p.NewJudge()
			var quiet [][]byte
			for i, raw := range docs {
				v, err := j.Judge(raw, event.Identity{}, uint64(i))
				if err != nil {
					t.Fatal(err)
				}
				if !looked(p, v) {
					quiet = append(quiet, raw)
				}
			}
			if len(quiet) < len(docs)/4 {
				t.Fatalf("only %d of %d events are no hits", len(quiet), len(docs))
			}
			judge := func() {
				for i, raw := range quiet {
					if _, err := j.Judge(raw, event.Identity{}, uint64(i)); err != nil {
						t.Fatal(err)
					}
				}
			}
			var n float64
			for range warming {
				if n = testing.AllocsPerRun(1, judge); n == 0 {
					return
				}
			}
			t.Errorf("%v allocations for %d events", n, len(quiet))
		})
	}
}

// looked reports whether a condition accepts an event that a query looks for.
func looked(p *Program, v *Verdict) bool {
	if len(v.Singles) > 0 {
		return true
	}
	for n, o := range p.Orders() {
		for _, h := range v.Events[n].Hits {
			if !p.Absent(int(o.Queries[h.Query]), h.Filter) {
				return true
			}
		}
	}
	return false
}
