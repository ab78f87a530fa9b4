package engine

import "time"

// sampling is one in how many events is timed.
const sampling = 256

// cost is what queries cost a judge: how often their conditions were asked, and
// how long that took, of a sample of events.
type cost struct {
	candidates []int64 // by query
	accepted   []int64
	nanos      []int64 // of the timed ones
	atoms      int64
	since      time.Time
}

func newCost(queries int) cost {
	return cost{candidates: make([]int64, queries), accepted: make([]int64, queries), nanos: make([]int64, queries)}
}

// start and stop time a candidate, of an event in some.
func (c *cost) start() { c.since = time.Now() }

func (c *cost) stop(query int32) { c.nanos[query] += time.Since(c.since).Nanoseconds() }

// Cost is what a query has cost.
type Cost struct {
	Candidates int64         // how often one of its conditions was asked
	Accepted   int64         // how often one accepted an event
	Time       time.Duration // estimate of the time that asking took
}

// Costs returns what each query has cost this judge.
func (j *Judge) Costs() []Cost {
	out := make([]Cost, len(j.p.queries))
	for i := range out {
		out[i] = Cost{j.cost.candidates[i], j.cost.accepted[i], time.Duration(j.cost.nanos[i] * sampling)}
	}
	return out
}

// Counters are what a judge has done, for those who watch its cost.
type Counters struct {
	Events     int64 // events judged
	Candidates int64 // conditions asked
	Atoms      int64 // leaves asked, each once for an event
	Misses     int64 // values that were new
	Classes    int   // different events as the door sees them
}

// Counters returns what the judge has done so far.
func (j *Judge) Counters() Counters {
	c := Counters{Atoms: j.cost.atoms}
	for i := range j.cost.candidates {
		c.Candidates += j.cost.candidates[i]
	}
	for _, t := range j.tables {
		c.Misses += t.misses
	}
	for _, one := range j.door.classes {
		c.Events += one.count
	}
	for _, one := range j.door.open {
		c.Events += one.count
	}
	c.Classes = len(j.door.classes)
	return c
}

// Add adds the costs of another judge.
func (c *Cost) Add(o Cost) {
	c.Candidates += o.Candidates
	c.Accepted += o.Accepted
	c.Time += o.Time
}

// Add adds the counters of another judge.
func (c *Counters) Add(o Counters) {
	c.Events += o.Events
	c.Candidates += o.Candidates
	c.Atoms += o.Atoms
	c.Misses += o.Misses
	c.Classes = max(c.Classes, o.Classes)
}
