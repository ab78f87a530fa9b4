package replay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/replay"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/source"
	"github.com/tripline-sec/tripline/internal/stream"
	"github.com/tripline-sec/tripline/internal/value"
)

// question is a query that both are asked.
type question struct {
	engine.Query
	accept func(string) bool
}

// texts are queries of every kind over the events of package stream.
var texts = []string{
	`process where event.action == "exec" and process.args_count > 4`,
	`any where process.args_count == 3 and 5 / (process.args_count - 3) != 1`,
	`sequence by host.id, process.entity_id with maxspan=30s [process where event.action == "fork"] [process where event.action == "exec"] [process where event.action == "end"]`,
	`sequence by host.id with maxspan=2s [process where event.action == "exec"] with runs=3`,
	`sequence by host.id with maxspan=20s [file where event.action == "creation"] [network where true] until [process where process.name == "sh"]`,
	`sequence by host.id with maxspan=5s [network where event.action == "connection_attempted"] ![file where true] [process where event.action == "end"]`,
	`sequence by process.entity_id with maxspan=1m [process where event.action == "exec"] ![process where event.action == "end"]`,
	`sequence with maxspan=1s [process where process.name : "s*"] by process.parent.entity_id [process where event.action == "exec"] by process.entity_id`,
	`sample by host.id [process where event.action == "exec"] [network where true] [file where true]`,
	`sample by process.name [process where event.action == "exec"] [process where event.action == "end"]`,
}

// questions are those queries, one of them twice to see its results in the order of
// time, and the built-in rules.
func questions(tb testing.TB) []question {
	tb.Helper()
	var all []question
	for i, text := range texts {
		parsed, err := eql.Parse(text)
		if err != nil {
			tb.Fatal(err)
		}
		checked, _, err := eql.Check(parsed, eql.CheckOptions{})
		if err != nil {
			tb.Fatal(err)
		}
		q := question{Query: engine.Query{Name: text, Checked: checked}}
		all = append(all, q)
		if i == 0 {
			q.Ordered = true
			all = append(all, q)
		}
	}
	for _, r := range plantable(tb) {
		fits := event.NewPatterns(r.Indices)
		all = append(all, question{engine.Query{Name: r.Name, Checked: r.Query, Accept: fits.Fit, Patterns: strings.Join(r.Indices, ",")}, fits.Fit})
	}
	return all
}

// plantable are the built-in rules, for a stream.
func plantable(tb testing.TB) []stream.Rule {
	tb.Helper()
	rules, err := rule.Builtin()
	if err != nil {
		tb.Fatal(err)
	}
	var out []stream.Rule
	for _, r := range rules {
		one, err := stream.OfRule(r, stream.DefaultStart)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, one)
	}
	return out
}

// events makes a stream.
func events(tb testing.TB, opts stream.Options) []string {
	tb.Helper()
	opts.Rules, opts.Matches = plantable(tb), 3
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

// headOf is when an event of a stream happened, and its id.
func headOf(tb testing.TB, doc string) (at time.Time, id string) {
	tb.Helper()
	var head struct {
		Time  time.Time `json:"@timestamp"`
		Event struct {
			ID string `json:"id"`
		} `json:"event"`
	}
	if err := json.Unmarshal([]byte(doc), &head); err != nil {
		tb.Fatal(err)
	}
	return head.Time, head.Event.ID
}

func timeOf(tb testing.TB, doc string) time.Time {
	tb.Helper()
	at, _ := headOf(tb, doc)
	return at
}

func idOf(tb testing.TB, doc string) string {
	tb.Helper()
	_, id := headOf(tb, doc)
	return id
}

// inOrder is events in the order of time.
func inOrder(tb testing.TB, docs []string) []string {
	tb.Helper()
	docs = slices.Clone(docs)
	slices.SortStableFunc(docs, func(a, b string) int { return timeOf(tb, a).Compare(timeOf(tb, b)) })
	return docs
}

func write(tb testing.TB, name string, lines ...string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// expected is what the reference finds in inputs: for each question a line a
// match, in the order of its results, and the events that it could not use.
type expected struct {
	matches [][]string
	bad     []int
	noTime  []int
	stats   source.Stats
}

func reading(tb testing.TB, questions []question, paths []string, stdin io.Reader) expected {
	tb.Helper()
	var docs []*event.Document
	r := source.Open(paths, stdin, source.Options{})
	for item := range r.All() {
		if item.Document != nil {
			docs = append(docs, item.Document)
		}
	}
	out := expected{stats: r.Stats()}
	for _, q := range questions {
		opts := reference.Options{Size: -1, Tolerant: true}
		if q.accept != nil {
			opts.Accept = func(d *event.Document) bool { return q.accept(d.Index) }
		}
		p, err := reference.Compile(q.Checked, opts)
		if err != nil {
			tb.Fatal(err)
		}
		result, err := p.Run(docs)
		if err != nil {
			tb.Fatal(err)
		}
		var lines []string
		for _, d := range result.Events {
			lines = append(lines, line(nil, []string{d.Text("event.id")}))
		}
		for _, s := range result.Sequences {
			var ids []string
			for _, d := range s.Events {
				if d == nil {
					ids = append(ids, "-")
					continue
				}
				ids = append(ids, d.Text("event.id"))
			}
			lines = append(lines, line(s.Keys, ids))
		}
		out.matches = append(out.matches, lines)
		out.bad, out.noTime = append(out.bad, result.ValueErrors), append(out.noTime, result.NoTimestamp)
	}
	return out
}

func line(keys []value.Value, ids []string) string {
	var b strings.Builder
	for _, k := range keys {
		b.WriteString(k.Text() + ",")
	}
	return b.String() + " " + strings.Join(ids, " ")
}

// found is what a replay found.
type found struct {
	report  *replay.Report
	matches [][]string // as expected has them; of an event query that is not ordered, in any order
	output  []string   // all matches as they came
}

// setup is how a replay goes about it.
type setup struct {
	replay.Options
	source.Batching
	once bool // the input can not be read again
}

// run judges inputs. Restart and Match of the setup are called too.
func run(tb testing.TB, questions []question, paths []string, stdin io.Reader, with setup) found {
	tb.Helper()
	queries := make([]engine.Query, len(questions))
	for i, q := range questions {
		queries[i] = q.Query
	}
	p, err := engine.Compile(queries, replay.LineagePaths...)
	if err != nil {
		tb.Fatal(err)
	}
	var matches []engine.Match
	restart := with.Restart
	with.Options.Match = func(m engine.Match) { matches = append(matches, m) }
	with.Restart = func(sorting bool) {
		matches = nil
		if restart != nil {
			restart(sorting)
		}
	}
	if with.Peek == nil {
		with.Peek = engine.PeekTime
	}
	var reader *source.Reader
	out := found{matches: make([][]string, len(questions))}
	out.report, err = replay.New(p, with.Options).Run(context.Background(), func() *source.Reader {
		reader = source.Open(paths, stdin, source.Options{Batching: with.Batching})
		return reader
	}, !with.once)
	if err != nil {
		tb.Fatal(err)
	}
	all := make([]*engine.Match, len(matches))
	for i := range matches {
		all[i] = &matches[i]
	}
	if err := replay.NewLoader(p, reader).Load(all...); err != nil {
		tb.Fatal(err)
	}
	known := map[uint64]string{}
	for _, m := range matches {
		out.output = append(out.output, fmt.Sprint(m.Query, " ", lineOf(tb, m, known)))
	}
	slices.SortStableFunc(matches, engine.CompareMatches)
	for _, m := range matches {
		out.matches[m.Query] = append(out.matches[m.Query], lineOf(tb, m, known))
	}
	return out
}

// lineOf writes a match. The ids of events are known by arrival, or become so.
func lineOf(tb testing.TB, m engine.Match, known map[uint64]string) string {
	tb.Helper()
	ids := make([]string, len(m.Events))
	for i, held := range m.Events {
		if held == nil {
			ids[i] = "-"
			continue
		}
		id, ok := known[held.Arrival]
		if !ok {
			doc, err := held.Document()
			if err != nil {
				tb.Fatal(err)
			}
			id = doc.Text("event.id")
			known[held.Arrival] = id
		}
		ids[i] = id
	}
	return line(m.Keys, ids)
}

// same requires that a replay found what is expected, and returns how many matches
// that is.
func same(tb testing.TB, what string, questions []question, got found, want expected) int {
	tb.Helper()
	total := 0
	for i, q := range questions {
		g, w := got.matches[i], want.matches[i]
		if _, single := q.Checked.Body.(*eql.Filter); single && !q.Ordered {
			g, w = slices.Sorted(slices.Values(g)), slices.Sorted(slices.Values(w))
		}
		if !slices.Equal(g, w) {
			tb.Errorf("%s, %s: %d matches, reference %d; the first that differ:\n%s", what, q.Name, len(g), len(w), firstOther(g, w))
		}
		report := got.report.Queries[i]
		if report.Bad != want.bad[i] || report.NoTime != want.noTime[i] {
			tb.Errorf("%s, %s: %d bad values and %d events without time, reference %d and %d", what, q.Name, report.Bad, report.NoTime, want.bad[i], want.noTime[i])
		}
		if report.Late+report.Evicted > 0 {
			tb.Errorf("%s, %s: %d late, %d evicted", what, q.Name, report.Late, report.Evicted)
		}
		total += len(w)
	}
	if g, w := fmt.Sprintf("%+v", got.report.Stats), fmt.Sprintf("%+v", want.stats); g != w {
		tb.Errorf("%s: counted\n%s\nwant\n%s", what, g, w)
	}
	return total
}

func firstOther(g, w []string) string {
	at := 0
	for at < min(len(g), len(w)) && g[at] == w[at] {
		at++
	}
	one := func(lines []string) string {
		if at < len(lines) {
			return lines[at]
		}
		return "nothing"
	}
	return one(g) + "\n" + one(w)
}
