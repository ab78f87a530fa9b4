package pass

import (
	"cmp"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/value"
)

// found are the matches of a job.
type found struct {
	job    *schedule.Job
	kind   engine.Kind
	pipes  []eql.Pipe
	time   string // the field by which the query orders events
	most   int
	bounds bool // matches beyond most may be left for another pass
	list   []Match
	cut    time.Time // nothing is kept from here on; zero: all is
}

func newFound(p *engine.Program, j *schedule.Job, most int) *found {
	q := p.Query(j.Index)
	f := &found{job: j, kind: p.Kind(j.Index), pipes: q.Checked.Pipes, time: q.TimestampField, most: most}
	if f.time == "" {
		f.time = eql.DefaultTimestampField
	}
	f.bounds = !j.Strict && !j.Rule.Whole && (f.kind == engine.Event || f.time == schedule.Timestamp)
	return f
}

// add takes a match, if its window is to tell it.
func (f *found) add(m Match) {
	if f.kind == engine.Sequence {
		m.When = m.Last.Time.Time()
		if !f.tells(&m) {
			return
		}
	}
	if !f.cut.IsZero() && !m.When.Before(f.cut) {
		return
	}
	f.list = append(f.list, m)
	if f.bounds && len(f.list) >= 2*f.most {
		f.shrink()
	}
}

// tells reports whether a sequence is one of its window: it ends there, and if it
// ends with a missing event, the time of that is over.
func (f *found) tells(m *Match) bool {
	if f.job.Strict || f.job.Rule.Whole {
		return true
	}
	w := f.job.Windows[m.Window]
	if f.time == schedule.Timestamp && m.When.Before(w.From) {
		return false
	}
	if !f.job.Rule.Trailing {
		return true
	}
	first, ok := f.first(m)
	return ok && first.Add(f.job.Rule.Span).UnixMilli() < w.High.UnixMilli()
}

// first is the time of the first event of a sequence.
func (f *found) first(m *Match) (time.Time, bool) {
	i := slices.IndexFunc(m.Events, func(e *event.Held) bool { return e != nil })
	if i < 0 {
		return time.Time{}, false
	}
	doc, err := m.Events[i].Document()
	if err != nil {
		return time.Time{}, false
	}
	for _, v := range doc.Values(f.time) {
		if v = value.Coerce(v, value.TypeDate, ""); v.Kind() == value.Date {
			return v.Instant().Time().Truncate(time.Millisecond), true
		}
	}
	return time.Time{}, false
}

// shrink keeps the oldest matches. Those of one time are kept together, so that
// what is left out begins at a time.
func (f *found) shrink() {
	slices.SortStableFunc(f.list, func(a, b Match) int { return a.When.Compare(b.When) })
	last := f.list[f.most-1].When
	n := f.most
	for n < len(f.list) && !f.list[n].When.After(last) {
		n++
	}
	if n < len(f.list) {
		f.cut = f.list[n].When
		clear(f.list[n:])
		f.list = f.list[:n]
	}
}

// finish puts the matches in order, and ends what windows claim where matches were
// left out.
func (f *found) finish(r *JobReport) {
	if f.bounds && len(f.list) > f.most {
		f.shrink()
	}
	if !f.cut.IsZero() {
		for i := range f.job.Windows {
			f.job.Cut(i, f.cut)
		}
	}
	slices.SortStableFunc(f.list, func(a, b Match) int {
		return cmp.Or(cmp.Compare(a.Window, b.Window), engine.CompareMatches(a.Match, b.Match))
	})
	for from := 0; from < len(f.list); {
		to := from + 1
		for to < len(f.list) && f.list[to].Window == f.list[from].Window {
			to++
		}
		f.window(f.list[from:to], r)
		from = to
	}
}

// window takes the matches of a window, less what pipes and the size leave out
// (Elasticsearch: the size is cut in the direction of the first pipe).
func (f *found) window(list []Match, r *JobReport) {
	kept, total := list, len(list)
	if n := f.job.Size; n > 0 {
		kept = keep(kept, int64(n), len(f.pipes) > 0 && f.pipes[0].Name == "head")
		r.Counts.Dropped += total - len(kept)
	}
	for _, p := range f.pipes {
		kept = keep(kept, p.Count, p.Name == "head")
	}
	if n := f.job.Size; n > 0 && len(kept) >= n {
		r.Capped = true
	}
	r.Counts.Found += len(kept)
	r.Matches = append(r.Matches, kept...)
}

// keep keeps the first or the last n.
func keep(list []Match, n int64, head bool) []Match {
	switch {
	case n >= int64(len(list)):
		return list
	case head:
		return list[:n]
	}
	return list[int64(len(list))-n:]
}
