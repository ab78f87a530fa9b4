package schedule

import (
	"fmt"
	"strings"
	"time"
)

// elastic is what Kibana does: a window for each run, at most four more for runs
// that came late (Kibana: getRuleRangeTuples, getCatchupTuples), and nothing for
// what lies between or comes in late. How it words what it has to say is told in
// few words of our own.
type elastic struct{}

// Elastic returns Kibana's policy.
func Elastic() Policy { return elastic{} }

func (elastic) Name() string  { return "elastic" }
func (elastic) Marks() bool   { return false }
func (elastic) Carries() bool { return false }

const (
	frameworkLimit = 1000 // Kibana: xpack.alerting.rules.run.alerts.max
	mostCatchUp    = 4    // Kibana: MAX_RULE_GAP_RATIO
)

// Plan makes the tuples of a run.
func (elastic) Plan(j *Job, l *Ledger, at Moment) {
	r := j.Rule
	from, to := r.window(j.Started)
	j.Strict, j.Size = true, r.MaxSignals
	if !searchable(j, at) {
		return
	}
	if r.MaxSignals > frameworkLimit {
		j.say(Warning, fmt.Sprintf("The rule's max alerts per run setting (%d) is greater than the Kibana alerting limit (%d): at most %d are written by a run.",
			r.MaxSignals, frameworkLimit, frameworkLimit))
	}
	j.Windows = []Window{{from, to, from, to, Regular}}
	if l.Previous.IsZero() {
		return
	}
	n, remaining := catchUp(j.Started.Sub(l.Previous), to.Sub(from), r.Interval)
	for k := range n {
		back := -time.Duration(k+1) * r.Interval
		f, t := from.Add(back), to.Add(back)
		j.Windows = append([]Window{{f, t, f, t, Tuple}}, j.Windows...)
	}
	if remaining > 0 {
		j.Gaps = append(j.Gaps, Gap{l.Previous, l.Previous.Add(remaining), NotCaughtUp, j.Started})
		j.say(Failure, fmt.Sprintf("%s (%dms) were not queried between this rule execution and the last execution, so signals may have been missed."+
			" A longer look-behind, or more instances, would help.", humanised(remaining), remaining.Milliseconds()))
	}
}

// catchUp says how many more windows a run makes, and how much of the time since
// the last run is still in none (Kibana: getGapBetweenRuns, getNumCatchupIntervals).
func catchUp(since, window, interval time.Duration) (n int, remaining time.Duration) {
	gap := since - window
	if gap <= 0 || interval <= 0 {
		return 0, max(gap, 0)
	}
	n = int(min((gap+interval-1)/interval, mostCatchUp))
	return n, max(gap-time.Duration(n)*interval, 0)
}

// searchable reports whether there is anything to search, and says what is not as
// it should be (Kibana: hasTimestampFields; Elasticsearch: Unknown column).
func searchable(j *Job, at Moment) bool {
	if idle(j, at); j.Idle || at.Catalog == nil {
		return !j.Idle
	}
	r := j.Rule
	indices := at.Catalog.Indices(r.Indices.Fit)
	var without, unknown []string
	for _, index := range indices {
		if !at.Catalog.Has(index, r.Primary) {
			without = append(without, index)
		}
	}
	if len(without) > 0 {
		what := "timestamp field"
		if r.Primary != Timestamp {
			what = "timestamp override field"
		}
		j.say(Warning, fmt.Sprintf("The following indices are missing the %s %q: %s", what, r.Primary, list(without)))
	}
	for _, field := range r.Fields {
		known := false
		for _, index := range indices {
			known = known || at.Catalog.Has(index, field)
		}
		if !known {
			unknown = append(unknown, "Unknown column ["+field+"]")
		}
	}
	if len(unknown) > 0 {
		j.say(Failure, "verification_exception: "+strings.Join(unknown, ", "))
		j.Idle = true
	}
	return !j.Idle
}

// Asked is a backfill: a run for each interval, each with its own clock and without
// catching up.
func (e elastic) Asked(r *Rule, from, to time.Time, at Moment) []*Job {
	var jobs []*Job
	for t := from; t.Before(to) && r.Interval > 0; t = t.Add(r.Interval) {
		j := &Job{Rule: r, Due: t, Started: t}
		e.Plan(j, &Ledger{}, at)
		jobs = append(jobs, j)
	}
	return jobs
}

// Settle notes when the run was, whether or not it left a gap.
func (elastic) Settle(j *Job, l *Ledger) {
	for _, w := range j.Windows {
		l.cover(w.claims(j.Arrival))
	}
	for _, g := range j.Gaps {
		l.gap(g)
	}
	if j.Kind != Manual {
		l.Previous = j.Started
	}
}

// CapText is what a run says whose search returned as many matches as it may
// (Kibana: getMaxSignalsWarning). Suppressed says that suppression is at work on an
// event query.
func CapText(suppressed bool) string {
	if suppressed {
		return "This rule reached the maximum alert limit for the rule execution. Some alerts were not created or suppressed."
	}
	return "This rule reached the maximum alert limit for the rule execution. Some alerts were not created."
}

// humanised is a duration in words, in its largest unit.
func humanised(d time.Duration) string {
	for _, u := range []struct {
		length    time.Duration
		one, many string
	}{{24 * time.Hour, "a day", "days"}, {time.Hour, "an hour", "hours"}, {time.Minute, "a minute", "minutes"}} {
		if n := int64((d + u.length/2) / u.length); d >= u.length-u.length/4 {
			if n <= 1 {
				return u.one
			}
			return fmt.Sprintf("%d %s", n, u.many)
		}
	}
	return "a few seconds"
}

// list writes names as JSON does.
func list(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	return "[" + strings.Join(quoted, ",") + "]"
}
