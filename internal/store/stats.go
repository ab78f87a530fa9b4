package store

import (
	"slices"
	"time"
)

// Stats is what a store holds.
type Stats struct {
	Documents     int64 // in segments and log
	Bytes         int64 // of the documents
	DiskBytes     int64 // of the files
	Segments      int
	LogFiles      int
	LogDocuments  int64  // those not sealed
	FirstArrival  uint64 // of what is kept; 0: nothing is
	LastArrival   uint64 // the last that was ever given
	SealedArrival uint64 // the last that is not in the log
	FirstTime     time.Time
	LastTime      time.Time // of event time, as far as a time.Time in microseconds goes
	FirstIngested time.Time
	LastIngested  time.Time
	Lost          []Loss // what retention dropped, ever
}

// Stats says what there is.
func (c *catalog) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all bounds
	out := Stats{Segments: len(c.segments), LogFiles: len(c.logs), LastArrival: c.last, SealedArrival: c.sealed, Lost: slices.Clone(c.lost)}
	for _, s := range c.segments {
		all.join(s.bounds)
		out.DiskBytes += s.Disk
	}
	for _, l := range c.logs {
		for _, r := range l.records {
			all.join(r.bounds)
			out.LogDocuments += r.bounds.Documents
		}
		out.DiskBytes += l.end
	}
	out.Documents, out.Bytes, out.FirstArrival = all.Documents, all.Bytes, all.First
	if all.Documents > 0 {
		out.FirstTime, out.LastTime = timeOfMicros(all.MinTime), timeOfMicros(all.MaxTime)
		out.FirstIngested, out.LastIngested = timeOfMicros(all.MinIngested), timeOfMicros(all.MaxIngested)
	}
	return out
}

// Counters is what a store did since it was opened.
type Counters struct {
	Created, Noops, Conflicts, Invalid int64 // events, by outcome
	Untimed                            int64 // that came without @timestamp
	Stamped                            int64 // that came with an event.ingested
	Syncs                              int64 // of the log
	Failures                           int64 // of the log: files given up or not begun
	KnownIDs                           int   // in the window of ids
}

// Counters says what was done.
func (s *Store) Counters() Counters {
	c := &s.counts
	return Counters{
		Created: c.outcomes[Created].Load(), Noops: c.outcomes[Noop].Load(),
		Conflicts: c.outcomes[Conflict].Load(), Invalid: c.outcomes[Invalid].Load(),
		Untimed: c.untimed.Load(), Stamped: c.stamped.Load(), Syncs: c.syncs.Load(), Failures: c.failures.Load(),
		KnownIDs: s.window.size(),
	}
}
