package schedule

import (
	"fmt"
	"slices"
	"time"
)

// Limits bound what a pass takes on.
type Limits struct {
	// Step is how much of the past a pass makes up for, for each rule, beside its
	// window; 0 is half an hour.
	Step time.Duration
	// Windows is in how many pieces that may be; 0 is 16.
	Windows int
}

const (
	defaultStep    = 30 * time.Minute
	defaultWindows = 16
)

// tripline is Tripline's own policy: whatever is missing from the ledger is judged,
// in bounded steps, the oldest first, however long ago it was.
type tripline struct{ Limits }

// Tripline returns Tripline's own policy.
func Tripline(limits Limits) Policy {
	if limits.Step <= 0 {
		limits.Step = defaultStep
	}
	if limits.Windows <= 0 {
		limits.Windows = defaultWindows
	}
	return &tripline{limits}
}

func (*tripline) Name() string  { return "tripline" }
func (*tripline) Marks() bool   { return true }
func (*tripline) Carries() bool { return true }

// Plan takes the rule's own window, as far back as what is covered, and then as
// much of what else is missing as fits into a step.
func (p *tripline) Plan(j *Job, l *Ledger, at Moment) {
	r := j.Rule
	from, to := r.window(j.Started)
	if from.After(to) {
		j.say(Failure, fmt.Sprintf("the window ends before it begins: from is %s, to is %s", stamp(from), stamp(to)))
		return
	}
	idle(j, at)
	end := r.claimed(to)
	owed := p.forgotten(j, l.Owed(end), at)
	regular := p.regular(j, owed, Span{From: from, To: end})
	if !regular.empty() {
		j.Windows = append(j.Windows, r.piece(regular, to, Regular))
		if r.Whole {
			w := &j.Windows[0]
			w.Low = w.From
		}
	}
	todo := owed
	for _, d := range l.Dirty {
		todo = union(todo, d.between(Span{To: end, From: d.From}))
	}
	p.steps(j, without(todo, regular), owed, to)
}

// claimed is the end of what a run can claim that reads up to a time: a missing
// event at the end of a sequence is decided only when its time has run out. That is
// reckoned in whole milliseconds.
func (r *Rule) claimed(to time.Time) time.Time {
	if r.Trailing {
		return to.Truncate(time.Millisecond).Add(-r.Span)
	}
	return after(to)
}

// forgotten takes out of what is owed that of which not all events are kept any
// more. It is a gap, and told.
func (p *tripline) forgotten(j *Job, owed []Span, at Moment) []Span {
	if at.Oldest.IsZero() {
		return owed
	}
	for _, s := range owed {
		if lost := s.between(Span{From: s.From, To: at.Oldest}); !lost.empty() {
			j.Gaps = append(j.Gaps, Gap{lost.From, lost.To, PastRetention, j.Started})
			j.say(Warning, fmt.Sprintf("not judged in time, and no longer kept: %s to %s (%s)",
				stamp(lost.From), stamp(lost.To), lost.Length().Round(time.Millisecond)))
		}
	}
	return without(owed, Span{To: at.Oldest})
}

// regular is the window that the rule asks for. It is one with what is owed before
// it, as long as that is no more than a step.
func (p *tripline) regular(j *Job, owed []Span, window Span) Span {
	if j.Kind != Scheduled && j.Kind != Preview {
		return Span{}
	}
	if j.Rule.Whole || len(owed) == 0 {
		return window
	}
	if last := owed[len(owed)-1]; last.To.Equal(window.To) {
		window.From = earlier(window.From, later(last.From, window.To.Add(-p.Step)))
	}
	return window
}

// steps takes on what is missing beside the window, the oldest first.
func (p *tripline) steps(j *Job, todo, owed []Span, to time.Time) {
	room := max(p.Step, j.Rule.reach())
	var windows []Window
	for _, s := range todo {
		for !s.empty() {
			if room <= 0 || len(windows) == p.Windows {
				j.left = true
				j.Windows = append(windows, j.Windows...)
				return
			}
			piece := s.between(Span{From: s.From, To: s.From.Add(p.most(j.Rule, room))})
			why := Dirty
			if slices.ContainsFunc(owed, func(o Span) bool { return !o.between(piece).empty() }) {
				why = Missed
			}
			windows = append(windows, j.Rule.piece(piece, to, why))
			room -= piece.Length()
			s.From = piece.To
		}
	}
	j.Windows = append(windows, j.Windows...)
}

// most is how long a piece may be.
func (p *tripline) most(r *Rule, room time.Duration) time.Duration {
	if r.Whole {
		return min(room, r.Interval)
	}
	return room
}

// piece is the window that judges a span. What is read begins before it by as much
// as a sequence may take, in whole milliseconds, and ends after it, where a missing
// event must be waited for; it never goes beyond a time.
func (r *Rule) piece(s Span, most time.Time, why Why) Window {
	w := Window{From: s.From, To: s.To.Add(-1), Why: why}
	w.Low, w.High = w.From, w.To
	switch back := LookBack(r.From, r.To); {
	case r.Whole && back <= 0: // the window begins at a date
		w.Low = earlier(w.From, r.From.At(w.To))
	case r.Whole:
		w.Low = earlier(w.From, s.To.Add(-back))
	case r.Span > 0:
		w.Low = w.From.Add(-r.Span).Truncate(time.Millisecond)
	}
	if r.Trailing {
		w.High = earlier(w.To.Add(r.Span+time.Millisecond), most)
	}
	return w
}

// Asked cuts what is asked for into steps, each a run by itself.
func (p *tripline) Asked(r *Rule, from, to time.Time, at Moment) []*Job {
	high := earlier(to, at.Now)
	s := Span{From: from, To: earlier(after(high), r.claimed(at.Now))}
	var jobs []*Job
	for !s.empty() {
		piece := s.between(Span{From: s.From, To: s.From.Add(p.most(r, max(p.Step, r.reach())))})
		j := &Job{Rule: r, Due: piece.To.Add(-1), Windows: []Window{r.piece(piece, at.Now, Asked)}}
		if from.Before(at.Oldest) && len(jobs) == 0 {
			j.say(Warning, "events before "+stamp(at.Oldest)+" are no longer kept")
		}
		idle(j, at)
		jobs = append(jobs, j)
		s.From = piece.To
	}
	return jobs
}

// Settle covers the windows.
func (*tripline) Settle(j *Job, l *Ledger) {
	for _, w := range j.Windows {
		l.cover(w.claims(j.Arrival))
	}
	for _, g := range j.Gaps {
		l.gap(g)
	}
	if j.Kind != Manual {
		l.Previous, l.Backlog = j.Started, j.left
	}
}

// idle says so where there is nothing to search.
func idle(j *Job, at Moment) {
	if at.Catalog == nil || len(at.Catalog.Indices(j.Rule.Indices.Fit)) > 0 {
		return
	}
	j.Idle = true
	j.say(Warning, fmt.Sprintf("nothing to search: no index matching: %s was found", list(j.Rule.Indices)))
}

// stamp writes a time for a message.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
