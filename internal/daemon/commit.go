package daemon

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/state"
)

// found is a match of the stream, and when the event arrived, or the time passed, that
// completed it.
type found struct {
	engine.Match
	at time.Time
}

// match takes a match from the stream. What comes of events that are read once more
// was committed before, but for what time alone decides: when it has passed for a host
// depends on what was seen of others, which may be less now than it was. The state
// knows those that it has.
func (d *Daemon) match(m engine.Match) {
	if d.feeding > d.again || d.use.undecided[d.use.live[m.Query]] {
		d.found = append(d.found, found{m, d.fed})
	}
}

// pending reports whether there is something to commit.
func (d *Daemon) pending() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.found) > 0 || d.opts.Now().Sub(d.saved) > saveEvery
}

// commit stores what the stream has found, and up to where it has judged.
func (d *Daemon) commit(ctx context.Context) error {
	d.commits.Lock()
	defer d.commits.Unlock()
	now := d.opts.Now()
	d.mu.Lock()
	u, matches, blind := d.use, d.found, d.losses(now)
	position := max(d.next-1, d.judged) // what is read once more was judged
	resolver := d.resolver
	saved := d.scheduler.Unsaved()
	c := state.Commit{
		Now: now, Ledgers: saved.Ledgers, Blind: blind,
		Positions: map[string]uint64{state.StreamPosition: position, state.SchedulePosition: saved.Position},
	}
	rules := d.dueCarried(now)
	d.telling = len(blind)
	idle := len(matches) == 0 && len(rules) == 0 && len(blind) == 0 && len(saved.Ledgers) == 0 &&
		(position == d.judged || now.Sub(d.saved) < saveEvery)
	d.mu.Unlock()
	if idle {
		return nil
	}
	loaded, lost := d.load(ctx, matches)
	c.Blind = append(c.Blind, lostMatches(u, lost, now)...)
	for _, m := range loaded {
		rule := u.live[m.Query]
		if err := d.candidate(&c, u, resolver, rule, m); err != nil {
			return err
		}
		if !slices.Contains(rules, rule) {
			rules = append(rules, rule)
		}
	}
	d.mu.Lock()
	c.Caps = d.caps(u, rules, now)
	d.mu.Unlock()
	done, err := d.state.Commit(ctx, &c)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.scheduler.Stored(saved)
	d.found = d.found[len(matches):]
	d.blind, d.telling = d.blind[min(len(blind), len(d.blind)):], 0
	d.judged, d.saved = position, now
	d.committed(u, rules, done, now)
	return nil
}

// candidate adds what a match of the stream comes to.
func (d *Daemon) candidate(c *state.Commit, u *use, resolver *engine.Resolver, rule int, m found) error {
	r := u.rules[rule]
	match, err := r.Match(keysOf(resolver, m.Query, &m.Match), m.Events)
	if err != nil {
		return err
	}
	one := r.Alert(match, c.Now)
	if one == nil {
		return nil
	}
	if m.Superseded {
		c.Superseded = append(c.Superseded, one.ID)
		c.Candidates = slices.DeleteFunc(c.Candidates, func(other *state.Candidate) bool { return other.ID == one.ID })
		return nil
	}
	attach(one, match, func(stage int, doc *event.Held) []string {
		return resolver.Clauses(m.Query, u.stages[rule][stage], doc)
	})
	// The interval is that of the arrival, so that it is the same when a step is done
	// once more after a crash.
	interval := m.at.UTC().Truncate(u.known[rule].Interval)
	made, err := d.state.Candidate(one, state.Execution{Run: r.UUID() + "/" + interval.Format(time.RFC3339)})
	if err != nil {
		return err
	}
	c.Candidates = append(c.Candidates, made)
	return nil
}

// attach gives an alert its evidence: the clauses that held, and the processes as its
// own events know them.
func attach(one *alert.Alert, m alert.Match, clauses func(stage int, doc *event.Held) []string) {
	e := alert.Evidence{Clauses: make([][]string, len(m.Events)), Processes: proctree.New()}
	for i, doc := range m.Events {
		if doc != nil {
			e.Processes.See(doc)
			e.Clauses[i] = clauses(i, &event.Held{Raw: doc.Raw, Index: doc.Index})
		}
	}
	one.Attach(m, e)
}

// caps are how many alerts rules may make in their intervals.
func (d *Daemon) caps(u *use, rules []int, now time.Time) []state.Cap {
	var caps []state.Cap
	for _, rule := range rules {
		k := u.known[rule]
		if !d.opts.Policy.Carries() {
			if _, waits := d.carried[rule]; waits { // under a policy that did: all may go
				caps = append(caps, state.Cap{Rule: k.ID, Interval: d.scheduler.Cap(rule, now).Start, Most: math.MaxInt32})
			}
			continue
		}
		caps = append(caps, state.Cap{Rule: k.ID, Interval: d.scheduler.Cap(rule, now).Start, Most: k.MaxSignals})
	}
	return caps
}

// dueCarried are the rules that have alerts waiting and a new interval to tell them in.
func (d *Daemon) dueCarried(now time.Time) []int {
	var rules []int
	for rule, interval := range d.carried {
		if !d.scheduler.Cap(rule, now).Start.Equal(interval) {
			rules = append(rules, rule)
		}
	}
	return rules
}

// committed takes over what became of a commit.
func (d *Daemon) committed(u *use, rules []int, done *state.Committed, now time.Time) {
	for _, rule := range rules {
		used, ok := done.Caps[u.known[rule].ID]
		if !ok || u != d.use {
			continue
		}
		at := d.scheduler.Cap(rule, now)
		d.scheduler.SetCap(rule, schedule.Cap{Start: at.Start, Told: used.Used, Carried: used.Waiting})
		if used.Waiting > 0 {
			d.carried[rule] = at.Start
		} else {
			delete(d.carried, rule)
		}
	}
	for _, one := range done.Alerts {
		d.opts.Log.Debug("alert", "id", one.ID, "rule", one.Name, "severity", string(one.Severity), "host", one.Host, "reason", one.Reason)
	}
	if d.figures != nil {
		d.figures.committed(done)
	}
}
