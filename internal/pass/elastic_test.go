package pass_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/pass"
	"github.com/tripline-sec/tripline/internal/randomcase"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/value"
)

// replayed is a case whose documents arrive when they happen, for Elastic's
// schedule by both ways.
type replayed struct {
	testing.TB
	*trial
	rule  *schedule.Rule
	own   *rule.Rule
	order []int // the places of the documents, as they arrive
	query engine.Query
	pause schedule.Span
}

func newReplayed(tb testing.TB, r *rand.Rand) *replayed {
	tb.Helper()
	c := randomcase.New(r)
	if c.Timestamp != "" || c.Mapping != "" || len(c.Docs) > 60 {
		return nil
	}
	l := newTrial(tb, c, 0)
	first, last := l.main()
	p := &replayed{TB: tb, trial: l, own: &rule.Rule{ID: "11111111-2222-3333-4444-555555555555", Name: "rule"}}
	for i, at := range l.times {
		if l.hasTime[i] && !at.Before(first) && !at.After(last) && len(l.Docs[i].Values(schedule.Timestamp)) == 1 && l.Docs[i].First(schedule.Ingested).IsNull() {
			p.order = append(p.order, i)
		}
	}
	slices.SortStableFunc(p.order, func(a, b int) int { return l.times[a].Compare(l.times[b]) })
	interval := max(last.Sub(first)/time.Duration(1+r.IntN(8)), time.Millisecond).Truncate(time.Millisecond)
	p.rule = &schedule.Rule{
		ID: p.own.ID, Interval: interval, From: dateMath(tb, interval*time.Duration(2+r.IntN(4))/2), To: dateMath(tb, 0),
		MaxSignals: 1 + r.IntN(4), Primary: schedule.Timestamp, Indices: event.Patterns{"*"},
	}
	if q, ok := l.Checked.Body.(*eql.Sequence); ok {
		p.rule.Span = schedule.SpanOf(q, p.rule.From, p.rule.To)
		p.rule.Trailing = q.Terms[len(q.Terms)-1].Missing
	} else if _, ok := l.Checked.Body.(*eql.Sample); ok {
		p.rule.Whole = true
	}
	if r.IntN(2) == 0 {
		p.pause.From = first.Add(time.Duration(r.Int64N(int64(last.Sub(first)) + 1)))
		p.pause.To = p.pause.From.Add(interval * time.Duration(r.IntN(9)))
	}
	p.query = engine.Query{
		Name: "case", Checked: l.Checked, MaxSamplesPerKey: l.PerKey, Span: p.rule.Span,
		TiebreakerField: l.Tiebreaker, CategoryField: l.Category,
	}
	if l.Accept != nil {
		p.query.Accept = l.Accepts
	}
	return p
}

func (p *replayed) alert(m engine.Match, at time.Time) *alert.Alert {
	match := alert.Match{Group: p.program.Kind(0) != engine.Event}
	for _, h := range m.Events {
		if h == nil {
			match.Events = append(match.Events, nil)
			continue
		}
		doc, err := h.Document()
		if err != nil {
			p.Fatal(err)
		}
		match.Events = append(match.Events, doc)
	}
	return alert.New(p.own, match, at)
}

func (p *replayed) compiled(ordered bool) *engine.Program {
	q := p.query
	q.Ordered = ordered
	program, err := engine.Compile([]engine.Query{q}, pass.RecordingPaths([]*schedule.Rule{p.rule})...)
	if err != nil {
		p.Fatal(err)
	}
	return program
}

// recorded replays the schedule from a recording.
func (p *replayed) recorded() *pass.Elastic {
	r := pass.NewRecorder(p.compiled(true), []*schedule.Rule{p.rule})
	for n, i := range p.order {
		if err := r.Add(p.Docs[i].Raw, event.Identity{Index: p.Docs[i].Index}, uint64(n), 0); err != nil {
			p.Fatal(err)
		}
	}
	rec, err := r.Close()
	if err != nil {
		p.Fatal(err)
	}
	return rec.AsElastic(pass.ElasticOptions{
		Alert: func(_ int, m engine.Match, at time.Time) *alert.Alert { return p.alert(m, at) }, Pause: p.pause,
	})
}

// stored runs the schedule, run by run, over a store, and returns the ids of the
// alerts with the run that told each.
func (p *replayed) stored(first time.Time) map[string]time.Time {
	out := map[string]time.Time{}
	store := &memory{}
	program, ledger := p.compiled(false), &schedule.Ledger{}
	now := first.Truncate(p.rule.Interval)
	if now.Before(first) {
		now = now.Add(p.rule.Interval)
	}
	ledger.Previous = now.Add(-p.rule.Interval)
	last := p.times[p.order[len(p.order)-1]]
	for p.rule.From.At(now).Before(last.Add(p.rule.Interval)) {
		if p.pause.Contains(now) {
			now = p.pause.To
		}
		for len(store.events) < len(p.order) && !p.times[p.order[len(store.events)]].After(now) {
			i := p.order[len(store.events)]
			store.add(schedule.Event{Raw: p.Docs[i].Raw, Index: p.Docs[i].Index, Time: value.InstantOfTime(p.times[i]), HasTime: true, Ingested: p.times[i]})
		}
		j := &schedule.Job{Rule: p.rule, Kind: schedule.Scheduled, Started: now, Arrival: store.last()}
		schedule.Elastic().Plan(j, ledger, schedule.Moment{Now: now})
		report, err := pass.NewRunner(program, pass.Options{Workers: 1}).Run(context.Background(), &schedule.Work{Arrival: store.last(), Jobs: []*schedule.Job{j}}, store)
		if err != nil {
			p.Fatal(err)
		}
		for _, m := range report.Jobs[0].Matches {
			if one := p.alert(m.Match, now); one != nil {
				if _, known := out[one.ID]; !known {
					out[one.ID] = now
				}
			}
		}
		schedule.Elastic().Settle(j, ledger)
		now = now.Add(p.rule.Interval)
	}
	return out
}

// scan --as elastic tells what Elastic's policy does when it is run, by the same runs; and
// what it says is lost is neither told nor made up.
func TestAsElasticIsElasticsPolicy(t *testing.T) {
	told, lost, causes := 0, 0, map[pass.Cause]int{}
	for seed := range cases(t, 400) {
		p := newReplayed(t, rand.New(rand.NewPCG(seed, 30)))
		if p == nil || len(p.order) == 0 {
			continue
		}
		got := p.recorded()
		if got.First.IsZero() {
			continue
		}
		first, found := p.firstHit()
		if !found {
			continue
		}
		want := p.stored(first)
		for _, one := range got.Told {
			if at, ok := want[one.ID]; !ok || !at.Equal(one.Run) {
				t.Fatalf("seed %d: %s told at %s, want %v\n%s\n%s", seed, keysOf(one.Match), one.Run, at, p.Checked, strings.Join(lines(p.trial), "\n"))
			}
			delete(want, one.ID)
			told++
		}
		if len(want) > 0 {
			t.Fatalf("seed %d: not told: %v\n%s, pause %v\n%s", seed, want, p.Checked, p.pause, strings.Join(lines(p.trial), "\n"))
		}
		for _, one := range got.Lost {
			causes[one.Cause]++
			lost++
			if slices.ContainsFunc(got.Told, func(o pass.Told) bool { return o.ID == one.ID }) {
				t.Fatalf("seed %d: %s is told and lost", seed, keysOf(one.Match))
			}
			if one.Cause == pass.CauseLate || one.Cause == pass.CauseNoTime {
				t.Fatalf("seed %d: %s, but everything arrives when it happens: %s", seed, one.Cause, one.Reason)
			}
		}
	}
	t.Logf("%d told, %d lost: %v", told, lost, causes)
	if told < 200 || lost < 60 {
		t.Error("that says little")
	}
}

// firstHit is when the first event arrived that a condition accepts.
func (p *replayed) firstHit() (time.Time, bool) {
	m := pass.NewMatters(p.compiled(true))
	for _, i := range p.order {
		if m.Of(p.Docs[i].Raw, event.Identity{Index: p.Docs[i].Index})(0) {
			return p.times[i], true
		}
	}
	return time.Time{}, false
}

func keysOf(m engine.Match) string {
	var ids []string
	for _, h := range m.Events {
		if h == nil {
			ids = append(ids, "-")
		} else {
			ids = append(ids, string(h.Raw))
		}
	}
	return strings.Join(ids, " ")
}
