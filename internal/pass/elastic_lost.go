package pass

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/schedule"
)

// compare says what is found by default that no run has told, and the other way
// round.
func (e *elasticRule) compare() {
	known := map[string]bool{}
	for _, m := range e.byDefault() {
		known[keyOf(m)] = true
		one := e.opts.Alert(e.rule, m, e.rec.Last)
		if one == nil || e.told[one.ID] {
			continue
		}
		cause, reason := e.why(m)
		e.out.Lost = append(e.out.Lost, Lost{one, m, e.rule, cause, reason})
	}
	for i := range e.out.Told[e.first:] {
		t := &e.out.Told[e.first+i]
		switch {
		case known[keyOf(t.Match)]:
		case e.Trailing:
			t.Only = "the time in which the missing event may come was not over"
		case e.Whole:
			t.Only = "what is found depends on where the windows begin"
		default:
			t.Only = "an event that arrived later changes it"
		}
	}
}

// byDefault is what is found whatever the windows: over all events, in order. Of
// what depends on windows it is what the same windows give when nothing is late.
func (e *elasticRule) byDefault() []engine.Match {
	if !e.Whole {
		return e.rec.find(e.rule, e.rec.hits[e.rule])
	}
	var out []engine.Match
	seen := map[string]bool{}
	for _, run := range e.runs {
		w := run.windows[len(run.windows)-1]
		for _, m := range e.limit(e.rec.find(e.rule, e.within(w, e.rec.Last)), len(e.byTime)) {
			if key := keyOf(m); !seen[key] {
				seen[key] = true
				out = append(out, m)
			}
		}
	}
	return out
}

// why says why no run has told a match.
func (e *elasticRule) why(m engine.Match) (Cause, string) {
	all := e.facts(m)
	for _, f := range all {
		if len(e.timesOf(f)) == 0 || !f.arrived {
			field := e.Primary
			if e.Secondary != "" {
				field += " or " + e.Secondary
			}
			return CauseNoTime, "an event without " + field + " is in no window"
		}
	}
	if run := e.cut[keyOf(m)]; run != nil {
		return CauseCap, fmt.Sprintf("over the cap of %d: the run of %s found %d, and told the newest", e.MaxSignals, clock(run.started), run.found)
	}
	came, last := all[0].came, e.timesOf(all[0])[0]
	for _, f := range all {
		came, last = latest(came, f.came), latest(last, e.timesOf(f)[0])
	}
	if e.holding(all, came) != nil {
		return CauseOthers, "the window that holds it holds other events which take its place"
	}
	if run := e.holding(all, last); run != nil {
		return CauseLate, e.lateness(all, run)
	}
	for _, f := range all {
		if e.holding([]*facts{f}, e.timesOf(f)[0]) == nil {
			return CauseNone, e.unseen(e.timesOf(f)[0])
		}
	}
	return CauseWindows, e.across(all, last)
}

// from are the runs that start at a time or later.
func (e *elasticRule) from(t time.Time) []*elasticRun {
	i, _ := slices.BinarySearchFunc(e.runs, t, func(r *elasticRun, t time.Time) int { return r.started.Compare(t) })
	return e.runs[i:]
}

// holding is the first run, from a time on, with a window that holds all events.
func (e *elasticRule) holding(all []*facts, from time.Time) *elasticRun {
	for _, run := range e.from(from) {
		if slices.ContainsFunc(run.windows, func(w schedule.Window) bool {
			return !slices.ContainsFunc(all, func(f *facts) bool { return !holds(w, e.timesOf(f)) })
		}) {
			return run
		}
		if !slices.ContainsFunc(all, func(f *facts) bool { return !run.windows[0].From.After(e.timesOf(f)[0]) }) {
			break // it looks behind all of them, as do those after it
		}
	}
	return nil
}

func holds(w schedule.Window, times []time.Time) bool {
	return slices.ContainsFunc(times, func(t time.Time) bool { return !t.Before(w.From) && !t.After(w.To) })
}

// lateness tells of the event that arrived after the runs that looked where it
// belongs.
func (e *elasticRule) lateness(all []*facts, run *elasticRun) string {
	late := all[0]
	for _, f := range all {
		if f.came.Sub(e.timesOf(f)[0]) > late.came.Sub(e.timesOf(late)[0]) {
			late = f
		}
	}
	for _, r := range e.from(run.started) {
		if !r.started.Before(late.came) {
			break
		}
		if slices.ContainsFunc(r.windows, func(w schedule.Window) bool { return holds(w, e.timesOf(late)) }) {
			run = r
		}
	}
	return fmt.Sprintf("arrived %s late, at %s: the run of %s was the last to look for it",
		Short(late.came.Sub(e.timesOf(late)[0])), clock(late.came), clock(run.started))
}

// unseen tells of an event in no window.
func (e *elasticRule) unseen(at time.Time) string {
	after := e.from(at)
	if len(after) == 0 {
		return "no run looks at " + clock(at)
	}
	return fmt.Sprintf("no run looks at %s: that of %s, the next one, looks back %s",
		clock(at), clock(after[0].started), Short(after[0].started.Sub(after[0].windows[0].From)))
}

// across tells of a sequence that no window holds whole.
func (e *elasticRule) across(all []*facts, last time.Time) string {
	first := last
	for _, f := range all {
		if at := e.timesOf(f)[0]; at.Before(first) {
			first = at
		}
	}
	for _, run := range e.from(last) {
		if w := run.windows[len(run.windows)-1]; !w.To.Before(last) {
			return fmt.Sprintf("sequence across two windows: first event %s before the run of %s, which looks back %s",
				Short(run.started.Sub(first)), clock(run.started), Short(run.started.Sub(w.From)))
		}
	}
	return "sequence across two windows: its first event was " + Short(last.Sub(first)) + " before its last"
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// clock writes the time of a run.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// Short writes a duration in seconds, without zeros at its end; a short one as it
// is.
func Short(d time.Duration) string {
	if d >= time.Second {
		d = d.Round(time.Second)
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
