package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/pass"
	"github.com/tripline-sec/tripline/internal/ruleset"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/state"
	"github.com/tripline-sec/tripline/internal/store"
	"github.com/tripline-sec/tripline/internal/value"
)

// runSchedule runs what is due until the context ends. A pass that has begun is
// given up then; what it was to cover is due at the next start.
func (d *Daemon) runSchedule(ctx context.Context) error {
	for {
		ran, err := d.pass(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			d.opts.Log.Error("a scheduled pass failed and will be run again", "error", err)
		}
		wait := time.Duration(0)
		switch {
		case err != nil:
			wait = retryAfter
		case !ran:
			d.mu.Lock()
			next := d.scheduler.Next()
			d.mu.Unlock()
			wait = longestSleep
			if !next.IsZero() {
				wait = min(max(next.Sub(d.opts.Now()), 10*time.Millisecond), longestSleep)
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-d.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// longestSleep bounds how long a jump of the clock goes unnoticed.
const longestSleep = time.Second

// moment is what a pass begins with: all that the scheduler was told of.
func (d *Daemon) moment() schedule.Moment {
	at := schedule.Moment{Now: d.opts.Now(), Arrival: d.told}
	if stats := d.store.Stats(); len(stats.Lost) > 0 {
		at.Oldest = stats.FirstIngested
	}
	return at
}

// pass runs the rules that are due, and reports whether any was.
func (d *Daemon) pass(ctx context.Context) (bool, error) {
	d.passing.Lock()
	defer d.passing.Unlock()
	d.mu.Lock()
	w, u := d.scheduler.Begin(d.moment()), d.use
	d.mu.Unlock()
	if w == nil {
		return false, nil
	}
	_, err := d.work(ctx, u, w)
	return true, err
}

// Manual runs a rule, by its uuid, rule_id or name, over a stretch of time, whether it
// was covered or not, and returns what was run.
func (d *Daemon) Manual(ctx context.Context, id string, from, to time.Time) ([]schedule.Run, error) {
	d.mu.Lock()
	rule, ok := d.use.find(id)
	if !ok {
		d.mu.Unlock()
		return nil, fmt.Errorf("run rule %s: %w", id, schedule.ErrUnknownRule)
	}
	works, err := d.scheduler.Asked(d.use.known[rule].ID, from, to, d.moment())
	d.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("run rule %s: %w", id, err)
	}
	var runs []schedule.Run
	for _, w := range works {
		done, err := d.manual(ctx, w)
		if runs = append(runs, done...); err != nil {
			return runs, err
		}
	}
	return runs, nil
}

func (d *Daemon) manual(ctx context.Context, w *schedule.Work) ([]schedule.Run, error) {
	d.passing.Lock()
	defer d.passing.Unlock()
	d.mu.Lock()
	started, u := d.scheduler.Start(w, d.told), d.use
	gone := len(w.Jobs) == 0
	if started && gone {
		d.scheduler.Drop(w) // else no other pass would begin
	}
	d.mu.Unlock()
	if !started || gone {
		return nil, errors.New("the rule is not in use any more")
	}
	return d.work(ctx, u, w)
}

// find finds a rule by its uuid, its rule_id or its name.
func (u *use) find(id string) (int, bool) {
	if at, ok := u.byID[id]; ok {
		return at, true
	}
	at := slices.IndexFunc(u.rules, func(r *ruleset.Rule) bool { return r.RuleID == id || r.Name == id })
	return at, at >= 0
}

// work runs a pass and commits what comes of it.
func (d *Daemon) work(ctx context.Context, u *use, w *schedule.Work) ([]schedule.Run, error) {
	began := d.opts.Now()
	report, err := u.runner.Run(ctx, w, reader{d.store})
	if ctx.Err() != nil {
		d.drop(w)
		return nil, ctx.Err()
	}
	results := make([]schedule.Result, len(w.Jobs))
	for i := range w.Jobs {
		results[i].Took = d.opts.Now().Sub(began)
		if err != nil {
			results[i].Err = err
			continue
		}
		r := &report.Jobs[i]
		results[i].Counts, results[i].Messages = r.Counts, r.Messages()
		if r.Capped && !d.opts.Policy.Carries() {
			results[i].Messages = append(results[i].Messages, schedule.Message{Level: schedule.Warning, Text: schedule.CapText(false)})
		}
	}
	// Alerts are made before anything is locked, as the stream must not wait for it.
	var found []*state.Candidate
	for i, j := range w.Jobs {
		if err != nil {
			break
		}
		some, err := d.candidates(u, j, report.Jobs[i].Matches)
		if err != nil {
			d.drop(w)
			return nil, err
		}
		found = append(found, some...)
	}
	d.commits.Lock()
	defer d.commits.Unlock()
	now := d.opts.Now()
	d.mu.Lock()
	done := d.scheduler.Finish(w, results, now)
	d.mu.Unlock()
	c := state.Commit{
		Now: now, Candidates: found, Runs: done.Runs, Ledgers: done.Ledgers, ByTime: !d.opts.Policy.Carries(),
		Positions: map[string]uint64{state.SchedulePosition: done.Position},
	}
	var rules []int
	for i, j := range w.Jobs {
		rules = append(rules, j.Index)
		c.Blind = append(c.Blind, blindOf(&done.Runs[i], u.rules[j.Index].UUID())...)
	}
	d.mu.Lock()
	c.Caps = d.caps(u, rules, now)
	d.mu.Unlock()
	committed, commitErr := d.state.Commit(ctx, &c)
	if commitErr != nil {
		d.drop(w)
		return nil, commitErr
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.scheduler.Apply(done)
	d.committed(u, rules, committed, now)
	if d.figures != nil && report != nil {
		d.figures.passed(report, w)
	}
	return c.Runs, err
}

func (d *Daemon) drop(w *schedule.Work) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.scheduler.Drop(w)
}

// candidates are the alerts of what a job has found.
func (d *Daemon) candidates(u *use, j *schedule.Job, matches []pass.Match) ([]*state.Candidate, error) {
	r, resolver, now := u.rules[j.Index], u.program.NewResolver(), d.opts.Now()
	by := state.Execution{Run: j.ID, UUID: j.ID, Type: j.Kind.Type(), At: j.Started, Intended: j.Intended(now)}
	var all []*state.Candidate
	for i := range matches {
		m := &matches[i].Match
		match, err := r.Match(keysOf(resolver, j.Index, m), m.Events)
		if err != nil {
			return nil, err
		}
		one := r.Alert(match, now)
		if one == nil {
			continue
		}
		attach(one, match, func(stage int, doc *event.Held) []string {
			return resolver.Clauses(j.Index, u.stages[j.Index][stage], doc)
		})
		made, err := d.state.Candidate(one, by)
		if err != nil {
			return nil, err
		}
		all = append(all, made)
	}
	return all, nil
}

func keysOf(r *engine.Resolver, query int, m *engine.Match) []value.Value {
	if m.Keys != nil || len(m.Events) == 0 {
		return m.Keys
	}
	return r.Keys(query, m.Key, m.Events)
}

// Scanner is a store that is read, in this process or beside another.
type Scanner interface {
	Scan(q store.Query) *store.Scan
}

// Windows reads windows of a store, for passes.
func Windows(s Scanner) schedule.Reader { return reader{s} }

type reader struct{ store Scanner }

// Read hands out what a pass wants.
func (r reader) Read(ctx context.Context, want schedule.Want) iter.Seq2[schedule.Batch, error] {
	return func(yield func(schedule.Batch, error) bool) {
		q := store.Query{To: want.Arrival, Indices: want.Indices}
		if want.Arrival == 0 {
			return
		}
		for _, s := range want.Event {
			q.Spans = append(q.Spans, store.Span{From: value.InstantOfTime(s.From), To: value.InstantOfTime(s.To.Add(-1))})
		}
		for _, s := range want.Ingested {
			q.Spans = append(q.Spans, store.Span{From: value.InstantOfTime(s.From), To: value.InstantOfTime(s.To.Add(-1)), Ingested: true})
		}
		scan := r.store.Scan(q)
		defer scan.Close()
		for {
			b, err := scan.Next(ctx)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(schedule.Batch{}, err)
				return
			}
			events := make([]schedule.Event, len(b.Docs))
			for i := range b.Docs {
				doc := &b.Docs[i]
				events[i] = schedule.Event{
					Raw: doc.Raw, Index: doc.Index, ID: doc.ID, Arrival: doc.Arrival,
					Time: doc.Time, HasTime: doc.HasTime, Ingested: doc.Ingested,
				}
			}
			if !yield(schedule.Batch{Events: events, Release: b.Release}, nil) {
				return
			}
		}
	}
}
