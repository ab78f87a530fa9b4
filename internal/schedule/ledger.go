package schedule

import "time"

// Ledger is what is known of the time that a rule has covered, and of when it runs
// next. It is all that must outlive a restart.
type Ledger struct {
	Rule string `json:"rule"` // its uuid
	Axis Axis   `json:"axis"` // see Rule.Axis
	// Since is where the rule's duty begins: the start of its first window.
	Since time.Time `json:"since"`
	// Covered are in order and do not overlap; some meet.
	Covered []Span `json:"covered,omitempty"`
	// Dirty are in order, and neither overlap nor meet.
	Dirty []Span `json:"dirty,omitempty"`
	// Gaps are what was not judged and will not be, unless a manual run does it;
	// the oldest are forgotten when there are very many.
	Gaps []Gap `json:"gaps,omitempty"`

	Next     time.Time `json:"next"`              // when the rule is due
	Previous time.Time `json:"previous"`          // when its last run started; zero: there was none
	Backlog  bool      `json:"backlog,omitempty"` // there is more of the past to make up for
	Off      time.Time `json:"off"`               // since when it does not run; zero: it does
	Cap      Cap       `json:"cap"`               // what of its allowance is used up
}

// Gap is time that a rule has not judged.
type Gap struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason GapReason `json:"reason"`
	Told   time.Time `json:"told"` // when it was found
}

// GapReason says why there is a gap.
type GapReason string

// The reasons.
const (
	PastRetention GapReason = "past retention" // its events are no longer kept
	RuleOff       GapReason = "rule off"       // the rule was disabled, or not there
	NotCaughtUp   GapReason = "not caught up"  // Elastic's four tuples did not reach
)

const (
	mostCovered = 32
	mostDirty   = 64
	mostGaps    = 100
)

// Frontier is the end of what is covered, or where the duty begins if nothing is.
// What arrives from before it is late.
func (l *Ledger) Frontier() time.Time {
	if n := len(l.Covered); n > 0 {
		return later(l.Covered[n-1].To, l.Since)
	}
	return l.Since
}

// Coverage is what is covered, with spans that meet made one.
func (l *Ledger) Coverage() []Span { return joined(l.Covered) }

// Owed is what of the time up to an instant is neither covered nor a gap.
func (l *Ledger) Owed(to time.Time) []Span {
	if l.Since.IsZero() || !l.Since.Before(to) {
		return nil
	}
	owed := withoutAll([]Span{{From: l.Since, To: to}}, l.Covered)
	for _, g := range l.Gaps {
		owed = without(owed, Span{From: g.From, To: g.To})
	}
	return owed
}

// cover notes that a span has been judged with all that had arrived by a number.
func (l *Ledger) cover(s Span) {
	if s.empty() {
		return
	}
	l.Covered = overlay(l.Covered, s)
	for len(l.Covered) > mostCovered && l.joinOldest() {
	}
	dirty := l.Dirty[:0:0]
	for _, d := range l.Dirty {
		if d.Arrival > s.Arrival { // something came while it was judged
			dirty = append(dirty, d)
		} else {
			dirty = append(dirty, without([]Span{d}, s)...)
		}
	}
	l.Dirty = dirty
	var gaps []Gap
	for _, g := range l.Gaps {
		for _, left := range without([]Span{{From: g.From, To: g.To}}, s) {
			gaps = append(gaps, Gap{left.From, left.To, g.Reason, g.Told})
		}
	}
	l.Gaps = gaps
}

// joinOldest joins the oldest two covered spans that meet. Of the two arrivals the
// older counts, which is careful: at worst something is judged once more.
func (l *Ledger) joinOldest() bool {
	for i := 1; i < len(l.Covered); i++ {
		if a, b := &l.Covered[i-1], l.Covered[i]; a.To.Equal(b.From) {
			a.To, a.Arrival = b.To, min(a.Arrival, b.Arrival)
			l.Covered = append(l.Covered[:i], l.Covered[i+1:]...)
			return true
		}
	}
	return false
}

// soil makes a span dirty.
func (l *Ledger) soil(s Span) { l.Dirty = shortened(union(l.Dirty, s), mostDirty) }

// gap notes that a span will not be judged.
func (l *Ledger) gap(g Gap) {
	if n := len(l.Gaps); n > 0 && l.Gaps[n-1].Reason == g.Reason && l.Gaps[n-1].To.Equal(g.From) {
		l.Gaps[n-1].To = g.To
		return
	}
	l.Gaps = append(l.Gaps, g)
	if len(l.Gaps) > mostGaps {
		l.Gaps = l.Gaps[len(l.Gaps)-mostGaps:]
	}
}

// clone is a copy that shares nothing.
func (l *Ledger) clone() Ledger {
	out := *l
	out.Covered = append([]Span(nil), l.Covered...)
	out.Dirty = append([]Span(nil), l.Dirty...)
	out.Gaps = append([]Gap(nil), l.Gaps...)
	return out
}
