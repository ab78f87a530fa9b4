package pass_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/pass"
	"github.com/tripline-sec/tripline/internal/randomcase"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/value"
)

// cases is how many cases are drawn; TRIPLINE_CASES draws more.
func cases(tb testing.TB, usual uint64) uint64 {
	tb.Helper()
	if n, err := strconv.ParseUint(os.Getenv("TRIPLINE_CASES"), 10, 64); err == nil {
		return n
	}
	return usual
}

// trial is a case with its program.
type trial struct {
	*randomcase.Loaded
	program *engine.Program
	times   []time.Time // by which the query orders each,
	hasTime []bool      // if it has one
}

func newTrial(tb testing.TB, c randomcase.Case, span time.Duration) *trial {
	tb.Helper()
	c.Tolerant = true
	l, err := c.Load()
	if err != nil {
		tb.Fatal(err)
	}
	t := &trial{Loaded: l}
	t.compile(tb, span)
	t.times, t.hasTime = make([]time.Time, len(l.Docs)), make([]bool, len(l.Docs))
	for _, placed := range l.Program().Order(l.Docs) {
		if placed.HasTime {
			t.times[placed.Document.Arrival], t.hasTime[placed.Document.Arrival] = placed.At.Time(), true
		}
	}
	return t
}

// compile compiles the query, without pipes.
func (t *trial) compile(tb testing.TB, span time.Duration) {
	tb.Helper()
	q := engine.Query{
		Name: "case", Checked: &eql.Query{Body: t.Checked.Body}, Schema: t.Schema, MaxSamplesPerKey: t.PerKey, Span: span,
		TimestampField: t.Timestamp, TiebreakerField: t.Tiebreaker, CategoryField: t.Category,
	}
	if t.Accept != nil {
		q.Accept = t.Accepts
	}
	var err error
	if t.program, err = engine.Compile([]engine.Query{q}, schedule.Timestamp); err != nil {
		tb.Fatal(err)
	}
}

// event is a document as it is stored.
func (t *trial) event(i int, now time.Time) schedule.Event {
	d := t.Docs[i]
	e := schedule.Event{Raw: d.Raw, Index: d.Index, ID: fmt.Sprint("d", i), Ingested: now}
	if t.hasTime[i] && t.Timestamp == "" {
		e.Time, e.HasTime = value.InstantOfTime(t.times[i]), true
	}
	return e
}

// number writes a match by the places of its documents.
func number(m pass.Match, docs []int) string {
	out := randomcase.Match{}
	for _, h := range m.Events {
		place := -1
		if h != nil {
			place = docs[h.Arrival-1]
		}
		out.Docs = append(out.Docs, place)
	}
	return out.String()
}

// places writes the matches of the reference likewise, without keys.
func places(o *randomcase.Outcome) []string {
	var out []string
	for _, m := range o.Matches {
		m.Keys = ""
		out = append(out, m.String())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// singleKeys reports whether no document has several values for a join key.
func (t *trial) singleKeys() bool {
	s, ok := t.Checked.Body.(*eql.Sequence)
	if !ok {
		return true
	}
	keys := slices.Clone(s.Keys)
	for _, term := range s.Terms {
		keys = append(keys, term.Keys...)
	}
	if s.Until != nil {
		keys = append(keys, s.Until.Keys...)
	}
	p := t.Program()
	return !slices.ContainsFunc(t.Docs, func(d *event.Document) bool {
		return slices.ContainsFunc(keys, func(k *eql.Field) bool { return len(p.Values(k, d)) > 1 })
	})
}

// The windows theorem: for sequences without missing events, of single keys, a
// window over a stored stream gives exactly those matches of the stream that lie in
// it.
func TestWindowsTheorem(t *testing.T) {
	tried, found := 0, 0
	for seed := range cases(t, 1200) {
		r := rand.New(rand.NewPCG(seed, 10))
		l := newTrial(t, randomcase.New(r), 0)
		w, ok := l.Window(r)
		if !ok || len(w.Docs) == 0 || slices.ContainsFunc(l.Docs, func(d *event.Document) bool { return len(d.Values(l.timeField())) > 1 }) {
			continue
		}
		tried++
		docs := make([]int, len(l.Docs))
		store := &memory{rand: r}
		for i := range l.Docs {
			docs[i] = i
			store.add(l.event(i, l.times[i]))
		}
		from, to := l.times[w.Docs[0].Arrival], l.times[w.Docs[len(w.Docs)-1].Arrival]
		job := &schedule.Job{
			Rule:   &schedule.Rule{Primary: l.timeField(), Indices: event.Patterns{"*"}},
			Strict: true, Windows: []schedule.Window{{From: from, To: to, Low: from, High: to}},
		}
		work := &schedule.Work{Arrival: store.last(), Jobs: []*schedule.Job{job}}
		report, err := pass.NewRunner(l.program, pass.Options{Workers: 1 + r.IntN(3)}).Run(context.Background(), work, store)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range report.Jobs[0].Matches {
			got = append(got, number(m, docs))
		}
		slices.Sort(got)
		want := places(&randomcase.Outcome{Matches: w.Matches})
		if found += len(want); !slices.Equal(slices.Compact(got), want) {
			t.Fatalf("seed %d: %s\nwindow %s to %s\ngot  %q\nwant %q\n%s", seed, l.Query, from, to, got, want, strings.Join(lines(l), "\n"))
		}
	}
	t.Logf("%d cases, %d matches", tried, found)
	if found < 30 {
		t.Errorf("%d cases with %d matches say little", tried, found)
	}
}

func lines(l *trial) []string {
	var out []string
	for i, d := range l.Docs {
		out = append(out, fmt.Sprintf("%d %s %s", i, l.times[i].Format(time.RFC3339Nano), d.Raw))
	}
	return out
}

func (t *trial) timeField() string {
	if t.Timestamp == "" {
		return schedule.Timestamp
	}
	return t.Timestamp
}

func dateMath(tb testing.TB, back time.Duration) rule.DateMath {
	tb.Helper()
	d, err := rule.ParseDateMath(fmt.Sprintf("now-%dms", back.Milliseconds()))
	if err != nil {
		tb.Fatal(err)
	}
	return d
}
