package stream

import (
	"errors"
	"slices"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// decoded decodes documents in their order of arrival.
func decoded(t *testing.T, docs [][]byte) []*event.Document {
	t.Helper()
	out := make([]*event.Document, len(docs))
	for i, doc := range docs {
		var err error
		if out[i], err = event.Decode(doc, event.Identity{}, uint64(i)); err != nil {
			t.Fatalf("%v\n%s", err, doc)
		}
	}
	return out
}

// matchesOf returns the identifiers of the events of each match of a rule.
func matchesOf(t *testing.T, r *Rule, docs []*event.Document) [][]string {
	t.Helper()
	p, err := reference.Compile(r.Query, r.Options)
	if err != nil {
		t.Fatal(err)
	}
	result, err := p.Run(docs)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for _, d := range result.Events {
		out = append(out, []string{d.ID})
	}
	for _, s := range result.Sequences {
		var ids []string
		for _, d := range s.Events {
			if d != nil {
				ids = append(ids, d.ID)
			}
		}
		out = append(out, ids)
	}
	return out
}

// checkPlanted counts the planted matches that the reference finds in the whole
// stream, and the matches that were not planted.
func checkPlanted(t *testing.T, s *Stream, rules []Rule, docs [][]byte) (found, lost, others int) {
	t.Helper()
	events := decoded(t, docs)
	for i := range rules {
		got := matchesOf(t, &rules[i], events)
		others += len(got)
		for _, p := range s.Planted() {
			switch {
			case p.RuleID != rules[i].ID:
			case slices.ContainsFunc(got, func(ids []string) bool { return slices.Equal(ids, p.Events) }):
				found++
				others--
			default:
				lost++
				t.Logf("not in the whole stream: %s on %s, %v", p.Rule, p.Host, p.Events)
			}
		}
	}
	return found, lost, others
}

func TestBuiltinRulesAreFoundWhereTheyArePlanted(t *testing.T) {
	rules := builtinRules(t)
	for _, opts := range []Options{
		{Seed: 1, Events: 1000, Hosts: 6, Matches: 8},
		{Seed: 2, Events: 1000, Hosts: 6, Matches: 8, Ties: 0.3, Disorder: 1e9},
	} {
		opts.Rules = rules
		s, docs := all(t, opts)
		if len(docs) != opts.Events || len(s.Unplanted()) > 0 {
			t.Errorf("%d documents; not planted: %v", len(docs), s.Unplanted())
		}
		found, lost, others := checkPlanted(t, s, rules, docs)
		t.Logf("%d of %d planted matches found, and %d others", found, found+lost, others)
		if found != 8*len(rules) || lost > 0 {
			t.Errorf("%d of %d planted matches found", found, 8*len(rules))
		}
	}
}

// Rules of all kinds: what they join by, missing events, until, runs, samples, and
// fields of their own for time and category.
func TestRulesOfAllKindsArePlanted(t *testing.T) {
	var rules []Rule
	for _, c := range []struct {
		query string
		opts  reference.Options
	}{
		{query: `process where process.name == "whoami" and process.args_count == 3`},
		{query: `any where event.category == "authentication" and event.outcome == "failure"`},
		{query: `file where event.action == "rename" and file.extension == "locked" and file.Ext.original.extension != null`},
		{query: `network where event.action == "connection_accepted" and destination.port == 4444 and cidrMatch(source.ip, "10.0.0.0/8")`},
		{query: `sequence by host.id with maxspan=3s [process where process.name == "a1"] [file where file.name == "b1"]`},
		{query: `sequence by process.entity_id with maxspan=1m [process where event.action == "exec" and process.name == "a2"] [network where true] until [process where event.type == "end"]`},
		{query: `sequence by user.name with maxspan=10s [process where process.name == "a3"] with runs=4 [process where process.name == "b3"]`},
		{query: `sequence by host.id with maxspan=5s [process where process.name == "a4"] ![file where true] [process where process.name == "b4"]`},
		{query: `sequence by process.pid with maxspan=5s [process where process.name == "a5"] ![network where true]`},
		{query: `sequence [process where process.name == "a6"] by process.entity_id [process where process.name == "b6"] by process.parent.entity_id`},
		{query: `sample by host.id [process where process.name == "a7"] [network where process.name == "b7"]`},
		{
			query: `sequence by host.id [process where process.name == "a8"] [process where process.name == "b8"]`,
			opts:  reference.Options{TimestampField: "event.start", CategoryField: "event.kind"},
		},
	} {
		parsed, err := eql.Parse(c.query)
		if err != nil {
			t.Fatal(err)
		}
		checked, _, err := eql.Check(parsed, eql.CheckOptions{TimestampField: c.opts.TimestampField, CategoryField: c.opts.CategoryField})
		if err != nil {
			t.Fatal(err)
		}
		c.opts.Size, c.opts.Tolerant = -1, true
		rules = append(rules, Rule{ID: c.query, Name: c.query, Query: checked, Options: c.opts})
	}
	s, docs := all(t, Options{Seed: 9, Events: 1500, Hosts: 8, Rules: rules, Matches: 6})
	if len(s.Unplanted()) > 0 {
		t.Errorf("not planted: %v", s.Unplanted())
	}
	if found, lost, _ := checkPlanted(t, s, rules, docs); found != 6*len(rules) || lost > 0 {
		t.Errorf("%d of %d planted matches found", found, 6*len(rules))
	}
}

func TestRulesThatNothingSatisfiesAreNamed(t *testing.T) {
	parsed, err := eql.Parse(`process where process.name == "a" and process.name == "b" and process.name != "a"`)
	if err != nil {
		t.Fatal(err)
	}
	checked, _, err := eql.Check(parsed, eql.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, docs := all(t, Options{Events: 50, Rules: []Rule{{ID: "r", Name: "Never", Query: checked}}})
	if len(docs) != 50 || len(s.Planted()) != 0 {
		t.Errorf("%d documents, %d matches", len(docs), len(s.Planted()))
	}
	if u := s.Unplanted(); len(u) != 1 || u[0].Rule != "Never" || u[0].Reason == "" {
		t.Errorf("%+v", u)
	}
}

func TestMoreMatchesThanEventsAreRefused(t *testing.T) {
	_, err := New(Options{Events: 20, Rules: builtinRules(t), Matches: 10})
	var few *TooFewError
	if !errors.As(err, &few) || few.Events != 20 || few.Planted < 80 {
		t.Errorf("%v", err)
	}
}
