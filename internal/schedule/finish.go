package schedule

import (
	"slices"
	"time"
)

// Result is what came of a job.
type Result struct {
	// Err says that it could not be run: nothing of it counts, and what it was to
	// cover is still owed.
	Err      error
	Took     time.Duration
	Counts   Counts
	Messages []Message
}

// Commit is what is to be stored of a pass, together with its alerts. Apply takes it
// over once that is done; Drop forgets the pass.
type Commit struct {
	Saved
	Runs []Run

	work    *Work
	results []Result
	now     time.Time
}

// Finish says what is to be stored of a pass. Results are by job.
func (s *Scheduler) Finish(w *Work, results []Result, now time.Time) Commit {
	c := Commit{Saved: s.Unsaved(), work: w, results: results, now: now}
	for i, j := range w.Jobs {
		r := results[i]
		l := s.ledgers[j.Index].clone()
		s.settle(&l, j, r, now)
		c.put(l)
		c.Runs = append(c.Runs, s.record(j, r))
	}
	return c
}

// put puts a ledger among those to be stored.
func (c *Saved) put(l Ledger) {
	at := slices.IndexFunc(c.Ledgers, func(o Ledger) bool { return o.Rule == l.Rule })
	if at < 0 {
		c.Ledgers = append(c.Ledgers, l)
	} else {
		c.Ledgers[at] = l
	}
}

// settle takes a job that has ended into a ledger.
func (s *Scheduler) settle(l *Ledger, j *Job, r Result, now time.Time) {
	if r.Err == nil {
		s.policy.Settle(j, l)
	}
	switch j.Kind {
	case Scheduled:
		l.Next = later(nextDue(j.Due, j.Started, j.Rule.Interval), now)
	case CatchUp:
		l.Backlog = l.Backlog && r.Err == nil // else it waits for the next run
	case Manual, Preview:
	}
}

// smallDelay is by how much a run may be late and the next one still be in time.
const smallDelay = 10 * time.Second

// nextDue is when a rule runs again. A late run does not make others follow at once
// (Kibana: getNextRunAt).
func nextDue(due, started time.Time, interval time.Duration) time.Time {
	if started.Sub(due) <= min(smallDelay, interval/10) {
		return due.Add(interval)
	}
	return started.Add(interval)
}

// record is the record of a job.
func (s *Scheduler) record(j *Job, r Result) Run {
	messages := slices.Concat(j.Messages, r.Messages)
	if r.Err != nil {
		messages = append(messages, Message{Failure, "An error occurred during rule execution: message: \"" + r.Err.Error() + "\""})
	}
	run := Run{
		ID: j.ID, Rule: j.Rule.ID, Kind: j.Kind, Policy: s.policy.Name(), Due: j.Due, Started: j.Started, Took: r.Took,
		Windows: j.Windows, Arrival: j.Arrival, Messages: trimmed(messages), Gaps: j.Gaps, Counts: r.Counts,
	}
	run.Status = statusOf(run.Messages)
	return run
}

// Apply takes over what has been stored of a pass, which ends it.
func (s *Scheduler) Apply(c Commit) {
	for i, j := range c.work.Jobs {
		s.settle(s.ledgers[j.Index], j, c.results[i], c.now)
	}
	s.Stored(c.Saved)
	s.end()
}

// Drop ends a pass of which nothing was stored. It is due still.
func (s *Scheduler) Drop(*Work) { s.end() }

func (s *Scheduler) end() {
	s.work = nil
	clear(s.flying)
}
