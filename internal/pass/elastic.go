package pass

import (
	"cmp"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/schedule"
)

// ElasticOptions say how Elastic's schedule is replayed.
type ElasticOptions struct {
	// Alert makes the alert of a match; nil for one that an exception takes out.
	Alert func(rule int, m engine.Match, at time.Time) *alert.Alert
	// Pause is a stretch of time in which no run starts.
	Pause schedule.Span
}

// Elastic is what Elastic's schedule makes of an input.
type Elastic struct {
	Told  []Told // in the order of runs
	Lost  []Lost // what is found by default, and by no run; in the order of time
	Runs  int    // with anything in their windows
	Gaps  int    // runs that failed for a gap
	First time.Time
	Last  time.Time // of these runs
}

// Told is an alert that a run tells.
type Told struct {
	*alert.Alert
	Match engine.Match
	Rule  int
	Run   time.Time     // when it started
	After time.Duration // how long after the last event that was
	// Only says why the alert is not there by default; "" if it is.
	Only string
}

// Lost is an alert that no run tells.
type Lost struct {
	*alert.Alert
	Match  engine.Match
	Rule   int
	Cause  Cause
	Reason string // the same in detail
}

// Cause is why Elastic's schedule loses an alert.
type Cause string

// The causes.
const (
	CauseWindows Cause = "across two windows"
	CauseLate    Cause = "arrived late"
	CauseCap     Cause = "over the cap"
	CauseNone    Cause = "in no window"
	CauseNoTime  Cause = "no timestamp"
	CauseOthers  Cause = "other events in the window"
)

// AsElastic replays, by a virtual clock, what Elastic's schedule tells of an
// input. Each event arrives at its event.ingested, else at its @timestamp; a rule
// runs at whole multiples of its interval, in UTC.
func (r *Recording) AsElastic(opts ElasticOptions) *Elastic {
	out := &Elastic{}
	for i := range r.rules {
		if len(r.hits[i]) > 0 && !r.First.IsZero() {
			(&elasticRule{rec: r, opts: opts, out: out, rule: i, Rule: r.rules[i], told: map[string]bool{}, matches: map[string]bool{}, cut: map[string]*elasticRun{}}).run()
		}
	}
	slices.SortStableFunc(out.Told, func(a, b Told) int {
		return cmp.Or(a.Run.Compare(b.Run), a.EventTime.Compare(b.EventTime), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	slices.SortStableFunc(out.Lost, func(a, b Lost) int {
		return cmp.Or(a.EventTime.Compare(b.EventTime), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// elasticRule is one rule on Elastic's schedule.
type elasticRule struct {
	rec  *Recording
	opts ElasticOptions
	out  *Elastic
	rule int
	*schedule.Rule

	byTime  []timedHit // of the range test
	runs    []*elasticRun
	told    map[string]bool        // ids of alerts
	matches map[string]bool        // that a search gave, kept or not
	cut     map[string]*elasticRun // those that were over the cap
	first   int                    // in out.Told
}

type timedHit struct {
	at    time.Time
	place int // in the hits
}

// elasticRun is one run.
type elasticRun struct {
	started time.Time
	windows []schedule.Window
	found   int
}

// How many runs there are at most: after the last event has arrived, and at all.
const (
	moreRuns = 1000
	mostRuns = 2_000_000
)

func (e *elasticRule) run() {
	e.first = len(e.out.Told)
	hits := e.rec.hits[e.rule]
	for i, h := range hits {
		for _, at := range e.timesOf(h.facts) {
			e.byTime = append(e.byTime, timedHit{at, i})
		}
	}
	slices.SortFunc(e.byTime, func(a, b timedHit) int { return a.at.Compare(b.at) })
	start := e.start()
	ledger, policy := &schedule.Ledger{Previous: start.Add(-e.Interval)}, schedule.Elastic() // the rule has run before
	var lastTime time.Time
	if n := len(e.byTime); n > 0 {
		lastTime = e.byTime[n-1].at
	}
	for now, more := e.paused(start), 0; more < moreRuns && len(e.runs) < mostRuns; now = e.next(now) {
		now = e.jump(now, ledger)
		j := &schedule.Job{Rule: e.Rule, Kind: schedule.Scheduled, Due: now, Started: now, Previous: ledger.Previous}
		policy.Plan(j, ledger, schedule.Moment{Now: now})
		e.search(j)
		policy.Settle(j, ledger)
		if !now.Before(e.rec.Last) {
			more++
		}
		if len(j.Windows) == 0 || j.Windows[0].From.After(lastTime) {
			break
		}
	}
	e.compare()
}

// start is the first whole multiple of the interval at which anything has arrived.
func (e *elasticRule) start() time.Time {
	at := e.rec.First.Truncate(e.Interval)
	if at.Before(e.rec.First) {
		at = at.Add(e.Interval)
	}
	return at
}

func (e *elasticRule) next(now time.Time) time.Time { return e.paused(now.Add(e.Interval)) }

// paused puts off a run that would start in the pause.
func (e *elasticRule) paused(at time.Time) time.Time {
	if e.opts.Pause.Contains(at) {
		return e.opts.Pause.To
	}
	return at
}

// jump leaves out runs while nothing is near: an input may have an event of another
// year.
func (e *elasticRule) jump(now time.Time, l *schedule.Ledger) time.Time {
	back := schedule.LookBack(e.From, e.To)
	if back <= 0 {
		return now
	}
	const near = 48 * time.Hour
	i, _ := slices.BinarySearchFunc(e.byTime, now.Add(-back-near), func(h timedHit, t time.Time) int { return h.at.Compare(t) })
	if i == len(e.byTime) {
		return now
	}
	skip := e.byTime[i].at.Sub(now) - back - near
	if skip < e.Interval || e.opts.Pause.From.Before(now.Add(skip)) && e.opts.Pause.To.After(now) {
		return now
	}
	now = now.Add(skip - skip%e.Interval)
	l.Previous = now.Add(-e.Interval)
	return now
}

// timesOf are the times of the range test.
func (e *elasticRule) timesOf(f *facts) []time.Time {
	if at := f.times[e.Primary]; len(at) > 0 || e.Secondary == "" {
		return at
	}
	return f.times[e.Secondary]
}

// within are the hits in a window that have arrived by a time, in the order of time.
func (e *elasticRule) within(w schedule.Window, arrived time.Time) []*hit {
	from, _ := slices.BinarySearchFunc(e.byTime, w.From, func(h timedHit, t time.Time) int { return h.at.Compare(t) })
	var places []int
	for _, h := range e.byTime[from:] {
		if h.at.After(w.To) {
			break
		}
		if one := e.rec.hits[e.rule][h.place]; one.arrived && !one.came.After(arrived) {
			places = append(places, h.place)
		}
	}
	slices.Sort(places)
	var out []*hit
	for _, p := range slices.Compact(places) {
		out = append(out, e.rec.hits[e.rule][p])
	}
	return out
}

// search runs the searches of a run, and tells what they give.
func (e *elasticRule) search(j *schedule.Job) {
	run := &elasticRun{started: j.Started, windows: j.Windows}
	e.runs = append(e.runs, run)
	if len(j.Gaps) > 0 {
		e.out.Gaps++
	}
	any := false
	for _, w := range j.Windows {
		hits := e.within(w, j.Started)
		if len(hits) == 0 {
			continue
		}
		any = true
		found := e.rec.find(e.rule, hits)
		run.found = max(run.found, len(found))
		kept := e.limit(found, j.Size)
		for _, m := range found {
			e.matches[keyOf(m)] = true
			e.cut[keyOf(m)] = run
		}
		for _, m := range kept {
			delete(e.cut, keyOf(m))
			e.tell(m, j.Started)
		}
	}
	if any {
		if e.out.Runs++; e.out.First.IsZero() || j.Started.Before(e.out.First) {
			e.out.First = j.Started
		}
		if j.Started.After(e.out.Last) {
			e.out.Last = j.Started
		}
	}
}
