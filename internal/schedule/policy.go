package schedule

import "time"

// Policy decides what a rule that is due judges, and what its ledger makes of it.
type Policy interface {
	// Name is `tripline` or `elastic`.
	Name() string
	// Plan gives a job its windows. It changes the ledger only by what is found to
	// be a gap.
	Plan(j *Job, l *Ledger, at Moment)
	// Asked gives the jobs of a manual run, one after another, which need their Index
	// and Kind set.
	Asked(r *Rule, from, to time.Time, at Moment) []*Job
	// Settle takes a job that has been run into the ledger.
	Settle(j *Job, l *Ledger)
	// Marks says whether late events make the ledger dirty.
	Marks() bool
	// Carries says whether alerts over the cap wait for the next interval.
	Carries() bool
}

// Moment is what is known when a pass begins.
type Moment struct {
	Now     time.Time
	Arrival uint64 // the newest event that is safely stored
	// Oldest is from when on all events are still kept; zero: nothing was deleted.
	Oldest  time.Time
	Catalog Catalog // may be nil: then every index and field is there
}
