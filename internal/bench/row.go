package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/internal/engine"
)

// row is something that is measured.
type row struct {
	name   string
	procs  int // GOMAXPROCS; 0 = 1
	events int // that one run takes
	bytes  int64
	run    func() (outcome, error)

	took    []time.Duration // by round
	cpu     []time.Duration // by round: of all threads; 0 where the system does not tell
	mallocs uint64          // of the last run
	outcome outcome         // of the last run
}

// outcome is what a run did.
type outcome struct {
	counts  engine.Counters
	judged  bool // there are counts
	matches int
	alerts  int
	bytes   int64 // of the alerts
}

// measure runs all rows, round by round. say is told of each round.
func measure(rows []*row, rounds int, say func(string, ...any)) error {
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	for round := range rounds {
		start := time.Now()
		for _, r := range rows {
			if err := r.once(); err != nil {
				return fmt.Errorf("measure %s: %w", r.name, err)
			}
		}
		say("round %d of %d: %d rows in %v", round+1, rounds, len(rows), time.Since(start).Round(time.Millisecond))
	}
	return nil
}

func (r *row) once() error {
	runtime.GOMAXPROCS(max(r.procs, 1))
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, used := time.Now(), processorTime()
	out, err := r.run()
	r.took, r.cpu = append(r.took, time.Since(start)), append(r.cpu, processorTime()-used)
	runtime.ReadMemStats(&after)
	r.mallocs, r.outcome = after.Mallocs-before.Mallocs, out
	return err
}

func (r *row) best() time.Duration { return slices.Min(r.took) }

func (r *row) median() time.Duration { return median(r.took) }

func median(list []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

// perEvent is the time of an event in the best round, in nanoseconds.
func (r *row) perEvent() float64 { return float64(r.best().Nanoseconds()) / float64(r.events) }

// processor is the processor time of an event in the round that took the least, in
// nanoseconds. What else the machine does tells on it far less than on the clock.
func (r *row) processor() float64 {
	return float64(slices.Min(r.cpu).Nanoseconds()) / float64(r.events)
}

// speed compares the best rounds of two rows: how many times as fast the first is,
// by event.
func speed(of, than *row) float64 { return than.perEvent() / of.perEvent() }

// medianSpeed is speed by round, of which the median.
func medianSpeed(of, than *row) float64 {
	var all []float64
	for i := range min(len(of.took), len(than.took)) {
		all = append(all, float64(than.took[i])/float64(than.events)/(float64(of.took[i])/float64(of.events)))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// megabytes is how many million bytes of documents a second the best round took.
func (r *row) megabytes() float64 { return float64(r.bytes) / 1e6 / r.best().Seconds() }

// allocations is how many objects a run allocated, by event.
func (r *row) allocations() float64 { return float64(r.mallocs) / float64(r.events) }
