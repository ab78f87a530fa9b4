package schedule

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"
)

// Scheduler knows the rules and their ledgers, says what is due, and keeps account
// of what was done. See the package's comment for how it is driven.
type Scheduler struct {
	policy  Policy
	newID   func() string
	rules   []*Rule
	ledgers []*Ledger // by rule
	off     map[string]*Ledger

	position uint64         // the last event that Arrive was told of
	frontier [2]time.Time   // by axis: the latest time that any rule has covered, or is covering
	flying   map[int][]Span // by rule: what is being covered
	work     *Work

	versions map[string]uint64 // by rule: of its ledger, and
	saved    map[string]uint64 // the one that is stored
	tick     uint64
}

// New returns a Scheduler without rules. NewID makes ids of runs.
func New(policy Policy, newID func() string) *Scheduler {
	return &Scheduler{
		policy: policy, newID: newID, off: map[string]*Ledger{}, flying: map[int][]Span{},
		versions: map[string]uint64{}, saved: map[string]uint64{},
	}
}

// Policy is how it schedules.
func (s *Scheduler) Policy() Policy { return s.policy }

// Saved is what is stored of a Scheduler: ledgers, and up to which event they know
// what arrived.
type Saved struct {
	Ledgers  []Ledger
	Position uint64

	versions map[string]uint64
}

// Load takes what was stored. It comes before the first Use.
func (s *Scheduler) Load(state Saved) {
	s.position = state.Position
	for _, l := range state.Ledgers {
		kept := l.clone()
		s.off[l.Rule] = &kept
	}
}

// Position is the last event that the ledgers know of: events from the next one on
// are to be told to Arrive.
func (s *Scheduler) Position() uint64 { return s.position }

// Use goes on with these rules, at the start and whenever they change; none must be
// in a pass. A rule that is new is due at once, and owes nothing from before its first window. One
// that was gone for a while owes nothing of that while: it is a gap.
func (s *Scheduler) Use(rules []*Rule, now time.Time) {
	known := s.off
	for i, l := range s.ledgers {
		known[s.rules[i].ID] = l
	}
	s.rules, s.ledgers = rules, make([]*Ledger, len(rules))
	for i, r := range rules {
		l := known[r.ID]
		delete(known, r.ID)
		switch {
		case l == nil:
			l = &Ledger{Rule: r.ID, Axis: r.Axis, Since: r.From.At(now), Next: now}
			s.change(l)
		case l.Axis != r.Axis: // what it covered was another time
			*l = Ledger{Rule: r.ID, Axis: r.Axis, Since: r.From.At(now), Next: now, Cap: l.Cap, Gaps: l.Gaps}
			s.change(l)
		case !l.Off.IsZero():
			l.back(r.From.At(now), now)
			s.change(l)
		}
		s.ledgers[i] = l
	}
	for _, l := range known {
		if l.Off.IsZero() {
			l.Off = now
			s.change(l)
		}
	}
	s.off = known
	s.frontier = [2]time.Time{}
	for i := range s.ledgers {
		s.reached(i, s.ledgers[i].Frontier())
	}
}

// back takes a rule up again that was off.
func (l *Ledger) back(from, now time.Time) {
	for _, owed := range l.Owed(from) {
		if lost := owed.between(Span{From: l.Off, To: from}); !lost.empty() {
			l.gap(Gap{lost.From, lost.To, RuleOff, now})
		}
	}
	l.Off, l.Next = time.Time{}, now
}

func (s *Scheduler) change(l *Ledger) {
	s.tick++
	s.versions[l.Rule] = s.tick
}

// reached moves the frontier of a rule's axis.
func (s *Scheduler) reached(rule int, t time.Time) {
	axis := s.rules[rule].Axis
	s.frontier[axis] = later(s.frontier[axis], t)
}

// Next is when Begin is worth asking, as long as the clock goes on as it should: the
// zero time if there are no rules. Asking more often costs little.
func (s *Scheduler) Next() time.Time {
	var next time.Time
	for _, l := range s.ledgers {
		due := l.Next
		if l.Backlog {
			due = l.Previous
		}
		if next.IsZero() || due.Before(next) {
			next = due
		}
	}
	return next
}

// Begin returns the jobs that are due, which share a pass; nil if none is, or
// another pass has not ended.
func (s *Scheduler) Begin(at Moment) *Work {
	if s.work != nil {
		return nil
	}
	w := &Work{Started: at.Now, Arrival: at.Arrival}
	for i, l := range s.ledgers {
		j := &Job{Index: i, Rule: s.rules[i], Kind: Scheduled, Due: l.Next, Started: at.Now, Previous: l.Previous, Arrival: at.Arrival}
		switch {
		case l.due(at.Now, s.rules[i].Interval):
			j.Due = earlier(j.Due, at.Now)
			l.Cap.begin(j.Due)
			s.change(l)
		case l.Backlog:
			j.Kind, j.Due = CatchUp, at.Now
		default:
			continue
		}
		j.ID = s.newID()
		for _, text := range j.Rule.Warnings {
			j.say(Warning, text)
		}
		s.policy.Plan(j, l, at)
		w.Jobs = append(w.Jobs, j)
	}
	if len(w.Jobs) == 0 {
		return nil
	}
	s.fly(w)
	return w
}

// due reports whether a rule is due. One that is due later than an interval from now
// is, too: the clock was set back.
func (l *Ledger) due(now time.Time, interval time.Duration) bool {
	return !l.Next.After(now) || l.Next.Sub(now) > interval
}

// fly notes what is being covered, so that what arrives meanwhile is late for it.
func (s *Scheduler) fly(w *Work) {
	s.work = w
	clear(s.flying)
	for _, j := range w.Jobs {
		for _, win := range j.Windows {
			claim := win.claims(w.Arrival)
			s.flying[j.Index] = append(s.flying[j.Index], claim)
			s.reached(j.Index, claim.To)
		}
	}
}

// ErrUnknownRule is that of a rule that is not among those in use.
var ErrUnknownRule = errors.New("no such rule")

// Asked plans a manual run of a rule over a stretch of time: its passes, to be given
// to Start one after another.
func (s *Scheduler) Asked(id string, from, to time.Time, at Moment) ([]*Work, error) {
	i := slices.IndexFunc(s.rules, func(r *Rule) bool { return r.ID == id })
	if i < 0 {
		return nil, ErrUnknownRule
	}
	var works []*Work
	for _, j := range s.policy.Asked(s.rules[i], from.UTC(), to.UTC(), at) {
		j.ID, j.Index, j.Kind = s.newID(), i, Manual
		if j.Started.IsZero() {
			j.Started = at.Now
		}
		works = append(works, &Work{Started: j.Started, Jobs: []*Job{j}})
	}
	return works, nil
}

// Start begins a pass of a manual run; false while another has not ended. Arrival
// is the newest event that is safely stored.
func (s *Scheduler) Start(w *Work, arrival uint64) bool {
	if s.work != nil {
		return false
	}
	w.Arrival = arrival
	for _, j := range w.Jobs {
		if j.Index >= len(s.rules) || s.rules[j.Index].ID != j.Rule.ID { // rules were loaded anew meanwhile
			j.Index = slices.IndexFunc(s.rules, func(r *Rule) bool { return r.ID == j.Rule.ID })
		}
		j.Arrival = arrival
	}
	w.Jobs = slices.DeleteFunc(w.Jobs, func(j *Job) bool { return j.Index < 0 })
	s.fly(w)
	return true
}

// Unsaved is what has changed and is not stored.
func (s *Scheduler) Unsaved() Saved {
	out := Saved{Position: s.position, versions: map[string]uint64{}}
	for _, l := range s.all() {
		if v := s.versions[l.Rule]; v != s.saved[l.Rule] {
			out.Ledgers = append(out.Ledgers, l.clone())
			out.versions[l.Rule] = v
		}
	}
	return out
}

// Stored says that what Unsaved gave has been stored.
func (s *Scheduler) Stored(state Saved) { maps.Copy(s.saved, state.versions) }

// Ledgers are all there are, those of rules that are off too, as they are now.
func (s *Scheduler) Ledgers() []Ledger {
	var out []Ledger
	for _, l := range s.all() {
		out = append(out, l.clone())
	}
	return out
}

func (s *Scheduler) all() []*Ledger {
	all := slices.AppendSeq(slices.Clone(s.ledgers), maps.Values(s.off))
	slices.SortFunc(all[len(s.ledgers):], func(a, b *Ledger) int { return cmp.Compare(a.Rule, b.Rule) })
	return all
}

// Cap is what a rule has used up of its allowance in the interval of a time.
func (s *Scheduler) Cap(rule int, now time.Time) Cap {
	c := s.ledgers[rule].Cap
	c.Renew(now, s.rules[rule].Interval)
	return c
}

// SetCap notes what of its allowance a rule has used up now.
func (s *Scheduler) SetCap(rule int, c Cap) {
	if l := s.ledgers[rule]; l.Cap != c {
		l.Cap = c
		s.change(l)
	}
}
