package schedule

import (
	"iter"
	"time"
)

// Rehearse gives the jobs of a rule as if it had run so many times up to an end, an
// interval apart, for a preview. Each is to be run before the next is asked for. Its
// ledger is its own.
func Rehearse(p Policy, r *Rule, end time.Time, count int, at Moment) iter.Seq[*Job] {
	return func(yield func(*Job) bool) {
		l := &Ledger{Rule: r.ID, Axis: r.Axis}
		for k := count - 1; k >= 0; k-- {
			now := end.Add(-time.Duration(k) * r.Interval)
			if l.Since.IsZero() {
				l.Since = r.From.At(now)
			}
			j := &Job{Rule: r, Kind: Preview, Due: now, Started: now, Previous: l.Previous, Arrival: at.Arrival}
			at.Now = now
			p.Plan(j, l, at)
			if !yield(j) {
				return
			}
			p.Settle(j, l)
		}
	}
}
