package main

import (
	"fmt"
	"slices"
	"strings"
)

// goal is a figure that is to be reached.
type goal struct {
	measure string
	wanted  string
	figure  string // "" = not measured
	met     bool
}

func (g goal) verdict() string {
	switch {
	case g.figure == "":
		return "not measured"
	case g.met:
		return "met"
	}
	return "**not met**"
}

// goals are what the engine is to do, and what it does.
func (res *results) goals() []goal {
	least := func(measure string, wanted, is float64) goal {
		return goal{measure, "at least " + times(wanted), times(is), is >= wanted}
	}
	most := func(measure string, wanted, is float64) goal {
		return goal{measure, "at most " + times(wanted), times(is), is <= wanted}
	}
	full := res.fullName()
	all := []goal{
		least("seed rule, NDJSON in, alerts out: speed against fastjson's bare parse", 1.3, speed(res.seed, res.parse)),
		least("the same in a build without assembly", 1.0, res.scalar[1].Speed),
		least(full+", NDJSON in, alerts out: speed against fastjson's bare parse", 0.8, speed(res.full, res.parse)),
		most(number(res.shares.Rules)+" derived rules against "+full+": time", 2, 1/speed(res.derived, res.full)),
		least(full+" against the reference evaluator: speed", 100, speed(res.full, res.reference)),
		most(fmt.Sprintf("%s events of 9 minutes, 15,500 keys, %d Linux sequence rules, start to exit on one core: time against fastjson's bare parse",
			number(res.load.facts.Events), res.load.rules), 3, slices.Min(res.load.one).Seconds()/res.load.parse.best().Seconds()),
		{
			"heap allocations of an event without a hit, " + full, "0",
			fmt.Sprintf("%s (%s for events never seen before)", rounded(res.quiet.warm), rounded(res.quiet.fresh)), res.quiet.warm == 0,
		},
		partialGoal("bookkeeping of a waiting two-stage partial, events sorted", res.sorted),
		partialGoal("the same in a stream that takes late events", res.stream),
		res.workerGoal(),
		res.memoryGoal(),
	}
	return all
}

func partialGoal(measure string, p partials) goal {
	return goal{measure, "at most 128 bytes", fmt.Sprintf("%.0f bytes", p.Bookkeeping), p.Bookkeeping <= 128}
}

func (res *results) fullName() string { return strings.TrimPrefix(res.full.name, replaying) }

func (res *results) workerGoal() goal {
	g := goal{measure: res.fullName() + ", 2 workers against 1: speed", wanted: "at least 1.7 x, or 0.9 of what fastjson's bare parse gains"}
	if w := res.workers; w != nil {
		ours, theirs := speed(w.two, w.one), speed(w.parse2, w.parse1)
		g.figure = fmt.Sprintf("%s, where fastjson gains %s", times(ours), times(theirs))
		g.met = ours >= 1.7 || ours >= 0.9*theirs
	}
	return g
}

func (res *results) memoryGoal() goal {
	g := goal{measure: "input of 5 GB, " + res.fullName() + ": peak memory", wanted: "at most 512 MiB"}
	if l := res.large; l.skipped == "" && l.usage.Peak > 0 {
		g.measure = fmt.Sprintf("input of %.1f GB, %s: peak memory", float64(l.bytes)/1e9, res.fullName())
		g.figure = mebibytes(l.usage.Peak)
		g.met = l.usage.Peak <= 512<<20
	}
	return g
}

func times(x float64) string { return rounded(x) + " x" }
