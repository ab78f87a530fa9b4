package state

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/schedule"
)

// Commit is what one step of the stream, or one pass of the schedule, yields.
type Commit struct {
	Now time.Time // of the step

	// Candidates are what was found, of each rule in the order in which it is told:
	// the oldest first.
	Candidates []*Candidate
	// Caps are how many alerts rules may make. A rule with a cap and without a
	// candidate makes alerts of what it carries.
	Caps []Cap
	// Superseded are ids of alerts that the order of time would not have given.
	Superseded []string
	// ByTime takes what ends no later than what an alert of another run has counted
	// for counted, as Kibana does, though it may have come late.
	ByTime bool

	// Positions are the arrivals up to which readers of the event store are done.
	Positions map[string]uint64

	// Runs get their counts of alerts here. A ledger takes the place of the one before.
	Runs    []schedule.Run
	Ledgers []schedule.Ledger
	Blind   []Blind
}

// Cap is how many alerts a rule may make in one of its intervals, from stream and
// schedule together. A group counts as one. A rule without a Cap has none.
type Cap struct {
	Rule     string // uuid
	Interval time.Time
	Most     int
}

// Counts says what became of candidates.
type Counts struct {
	New        int `json:"new"`                  // alerts made
	Blocks     int `json:"blocks,omitempty"`     // building blocks of theirs
	Existing   int `json:"existing,omitempty"`   // stored, or counted in another alert, before
	Deleted    int `json:"deleted,omitempty"`    // stored before, and deleted by someone
	Suppressed int `json:"suppressed,omitempty"` // counted in an alert
	Carried    int `json:"carried,omitempty"`    // over the cap: to be made in a later interval
	Released   int `json:"released,omitempty"`   // of New or Suppressed: those that were carried
	Lost       int `json:"lost,omitempty"`       // over the cap, and more than are carried
}

// Add adds others.
func (c *Counts) Add(o Counts) {
	c.New += o.New
	c.Blocks += o.Blocks
	c.Existing += o.Existing
	c.Deleted += o.Deleted
	c.Suppressed += o.Suppressed
	c.Carried += o.Carried
	c.Released += o.Released
	c.Lost += o.Lost
}

// Committed says what came of a Commit.
type Committed struct {
	Counts
	ByRule map[string]Counts // uuid
	ByRun  map[string]Counts // Candidate.Run; what was carried counts for the run that found it
	Alerts []Made            // the new ones, in order
	Caps   map[string]CapUse // by rule, of those that Commit.Caps names
}

// CapUse is how a rule stands in the interval of its cap.
type CapUse struct {
	Used    int // alerts made in it
	Waiting int // alerts that are carried
}

// Made is an alert that is stored now.
type Made struct {
	Seq int64
	*Candidate
}

// mostCarried bounds what waits of one rule. A rule that finds so much more than its
// cap, day after day, would fill the disk.
const mostCarried = 100_000

// Commit stores all of it, or nothing if there is an error. When it returns without
// one, it is on the disk. What is there already is left alone, and counted.
func (s *State) Commit(ctx context.Context, c *Commit) (*Committed, error) {
	done := &Committed{ByRule: map[string]Counts{}, ByRun: map[string]Counts{}, Caps: map[string]CapUse{}}
	err := s.change(ctx, func(t *tx) error {
		if err := t.supersede(c); err != nil {
			return err
		}
		for _, rule := range c.byRule() {
			if err := t.alerts(c, rule, done); err != nil {
				return err
			}
		}
		for _, name := range sortedKeys(c.Positions) {
			if _, err := t.do(`INSERT INTO positions VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET arrival = excluded.arrival`,
				name, int64(c.Positions[name])); err != nil { //nolint:gosec // arrivals start at 1 and are far from 2^63
				return err
			}
		}
		return t.schedule(c, done)
	})
	if err != nil {
		return nil, fmt.Errorf("commit alerts: %w", err)
	}
	if len(done.Alerts) > 0 {
		s.tell()
	}
	return done, nil
}

// ofRule is what a commit has of one rule.
type ofRule struct {
	rule       string
	cap        *Cap
	candidates []*Candidate
}

// byRule puts candidates and caps together, in an order that depends on nothing else.
func (c *Commit) byRule() []*ofRule {
	rules := map[string]*ofRule{}
	at := func(rule string) *ofRule {
		if rules[rule] == nil {
			rules[rule] = &ofRule{rule: rule}
		}
		return rules[rule]
	}
	for i := range c.Caps {
		at(c.Caps[i].Rule).cap = &c.Caps[i]
	}
	for _, one := range c.Candidates {
		r := at(one.Rule)
		r.candidates = append(r.candidates, one)
	}
	all := make([]*ofRule, 0, len(rules))
	for _, name := range sortedKeys(rules) {
		r := rules[name]
		if slices.ContainsFunc(r.candidates, func(one *Candidate) bool { return one.Suppression != nil }) {
			slices.SortStableFunc(r.candidates, func(a, b *Candidate) int { return a.order().Compare(b.order()) })
		}
		all = append(all, r)
	}
	return all
}

// alerts makes the alerts of a rule: of what it carries first, then of what it found.
func (t *tx) alerts(c *Commit, r *ofRule, done *Committed) error {
	used, err := t.used(r.cap)
	if err != nil {
		return err
	}
	room := math.MaxInt
	if r.cap != nil {
		room = max(r.cap.Most-used, 0)
	}
	before := room
	take := func(one *Candidate, released bool) error {
		counts, err := t.take(c, one, released, room > 0)
		if err != nil {
			return err
		}
		if counts.New > 0 {
			room--
			done.Alerts = append(done.Alerts, Made{counts.seq, one})
		}
		done.count(r.rule, one.Run, counts.Counts)
		return nil
	}
	for room > 0 {
		some, err := t.carried(r.rule, min(room, 500))
		if err != nil {
			return err
		}
		for _, one := range some {
			if err := t.state.later(one, c.Now); err != nil {
				return err
			}
			if err := take(one, true); err != nil {
				return err
			}
		}
		if len(some) == 0 {
			break
		}
	}
	waiting := 0
	if r.cap != nil {
		if _, err := t.one(`SELECT count(*) FROM carried WHERE rule = ?`, []any{r.rule}, &waiting); err != nil {
			return err
		}
	}
	for _, one := range r.candidates {
		known, err := t.known(one.ID)
		if err != nil {
			return err
		}
		if known != (Counts{}) {
			done.count(r.rule, one.Run, known)
			continue
		}
		carried := done.Carried
		if room <= 0 && waiting >= mostCarried {
			if err := t.lose(c, r.rule); err != nil {
				return err
			}
			done.count(r.rule, one.Run, Counts{Lost: 1})
			continue
		}
		if err := take(one, false); err != nil {
			return err
		}
		waiting += done.Carried - carried
	}
	if r.cap == nil {
		return nil
	}
	done.Caps[r.rule] = CapUse{used + before - room, waiting}
	return t.use(r.cap, before-room)
}

func (d *Committed) count(rule, run string, c Counts) {
	d.Add(c)
	for _, m := range []struct {
		counts map[string]Counts
		key    string
	}{{d.ByRule, rule}, {d.ByRun, run}} {
		sum := m.counts[m.key]
		sum.Add(c)
		m.counts[m.key] = sum
	}
}

// severityOf is the severity of a rank.
func severityOf(rank int) rule.Severity {
	for _, s := range []rule.Severity{rule.Low, rule.Medium, rule.High, rule.Critical} {
		if s.Rank() == rank {
			return s
		}
	}
	return ""
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
