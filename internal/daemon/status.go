package daemon

import (
	"context"
	"time"

	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/sink"
	"github.com/tripline-sec/tripline/internal/store"
)

// Status is how a daemon stands.
type Status struct {
	Started  time.Time     `json:"started"`
	Now      time.Time     `json:"now"`
	Policy   string        `json:"policy"`
	Stream   bool          `json:"stream"`
	Schedule bool          `json:"schedule"`
	Position uint64        `json:"position"` // up to where the stream has judged
	Lag      uint64        `json:"lag"`      // events behind it
	Store    store.Stats   `json:"store"`
	Next     time.Time     `json:"next"` // when the schedule runs again
	Rules    []RuleStatus  `json:"rules"`
	Problems []string      `json:"problems,omitempty"`
	Sinks    []sink.Status `json:"sinks,omitempty"`

	Partials     int    `json:"partials"`
	PartialBytes int64  `json:"partial_bytes"`
	Late         uint64 `json:"late"`
	Evicted      uint64 `json:"evicted"`
}

// RuleStatus is what a rule costs the stream since the start, and has found.
type RuleStatus struct {
	ID         string        `json:"id"`
	RuleID     string        `json:"rule_id"`
	Name       string        `json:"name"`
	Severity   string        `json:"severity"`
	Streams    bool          `json:"streams"` // false: the schedule alone judges it
	Time       time.Duration `json:"time"`    // an estimate from samples
	Candidates int64         `json:"candidates"`
	Accepted   int64         `json:"accepted"`
	Partials   int           `json:"partials"`
	Bytes      int64         `json:"bytes"`
	Matches    uint64        `json:"matches"`
	Late       uint64        `json:"late"`
	Evicted    uint64        `json:"evicted"`
	Bad        int64         `json:"bad"`     // values that could not be judged
	NoTime     int64         `json:"no_time"` // events without the time that a sequence needs
	Cap        schedule.Cap  `json:"cap"`
}

// Status returns how the daemon stands.
func (d *Daemon) Status() *Status {
	s := &Status{
		Started: d.started, Now: d.opts.Now(), Policy: d.opts.Policy.Name(), Stream: d.opts.Stream, Schedule: d.opts.Schedule,
		Store: d.store.Stats(),
	}
	for _, one := range d.sinks {
		s.Sinks = append(s.Sinks, one.Status(context.Background()))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s.Position, s.Problems = d.next-1, d.problems
	s.Lag = s.Store.LastArrival - min(s.Position, s.Store.LastArrival)
	if d.opts.Schedule {
		s.Next = d.scheduler.Next()
	}
	for i, r := range d.use.rules {
		s.Rules = append(s.Rules, RuleStatus{
			ID: d.use.known[i].ID, RuleID: r.RuleID, Name: r.Name, Severity: string(r.Severity), Streams: d.stream != nil && d.use.streams[i],
			Cap: d.scheduler.Cap(i, s.Now),
		})
	}
	if d.stream == nil {
		return s
	}
	for i, c := range d.stream.Judge().Costs() {
		r := &s.Rules[d.use.live[i]]
		r.Time, r.Candidates, r.Accepted = c.Time, c.Candidates, c.Accepted
		r.Bad, r.NoTime = d.stream.Bad(i)
	}
	d.eachQuery(func(rule int, q *sequence.QueryStats) {
		r := &s.Rules[rule]
		r.Partials, r.Bytes, r.Matches, r.Late, r.Evicted = q.Partials, q.Bytes, q.Matches, q.Late, q.Evicted
		s.Partials += q.Partials
		s.PartialBytes += q.Bytes
		s.Late += q.Late
		s.Evicted += q.Evicted
	})
	for _, st := range d.stream.States() {
		s.PartialBytes += st.Stats().Held.Bytes
	}
	return s
}
