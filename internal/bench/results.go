package main

import (
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// results are all that one run of the command found.
type results struct {
	options *options
	machine machine
	corpus  corpusFacts
	builtin bool // for want of other rules
	shares  shares

	parse, seed, full, derived *row // of one core; from NDJSON to alerts but for parse
	reference                  *row
	scanner                    *row
	judges                     [3]*row // seed, full, derived
	commands                   map[*row]usage

	scalar  []probed
	workers *gain
	quiet   quiet
	sorted  partials
	stream  partials
	load    *load
	large   *largeInput
	profile []function
}

// gain is what further workers bring: one of fastjson, two, one of ours, two.
type gain struct{ parse1, parse2, one, two *row }

const (
	referenceEvents = 1000
	profileTime     = 4 * time.Second
)

// measureAll measures all there is to measure. Files go to dir.
func measureAll(o *options, dir string, say func(string, ...any)) (*results, error) {
	res := &results{options: o, machine: thisMachine(), commands: map[*row]usage{}}
	t := &tools{dir: dir}
	var err error
	if t.self, err = os.Executable(); err != nil {
		return nil, err
	}
	say("build tripline")
	if t.tripline, err = t.build("./cmd/tripline", "tripline", "-trimpath"); err != nil {
		return nil, err
	}
	sets, err := res.ruleSets(o)
	if err != nil {
		return nil, err
	}
	say("make %s events", number(o.events))
	c, err := makeCorpus(filepath.Join(dir, "corpus.ndjson"), o.events, sets.full)
	if err != nil {
		return nil, err
	}
	res.corpus = c.facts
	if err := c.facts.check(o.quick); err != nil {
		return nil, err
	}
	if err := res.oneCore(o, c, sets, say); err != nil {
		return nil, err
	}
	if err := res.twoWorkers(o, c, sets.full, say); err != nil {
		return nil, err
	}
	say("count allocations and bytes")
	if err := res.count(c, sets.full); err != nil {
		return nil, err
	}
	say("take a profile")
	if res.profile, err = profile(t, res.full, profileTime); err != nil {
		return nil, err
	}
	return res, res.processes(o, t, c, sets, say)
}

// ruleSets are those that are measured.
type ruleSets struct{ seed, full, derived *ruleSet }

func (res *results) ruleSets(o *options) (s ruleSets, err error) {
	if s.seed, err = seedSet(); err != nil {
		return s, err
	}
	if s.full, err = fullSet(o.rules); err != nil {
		return s, err
	}
	res.builtin = s.full.builtin
	rules, err := derive(s.full.rules, derivedRules)
	if err != nil {
		return s, err
	}
	if res.shares, err = sharesOf(rules, s.full.rules); err != nil {
		return s, err
	}
	if err := res.shares.check(); err != nil {
		return s, err
	}
	s.derived, err = newRuleSet(number(derivedRules)+" derived rules", rules)
	return s, err
}

// oneCore measures all rows of one core, in the same rounds.
func (res *results) oneCore(o *options, c *corpus, sets ruleSets, say func(string, ...any)) error {
	res.parse = parseRow(c, 1)
	res.seed, res.full, res.derived = replayRow(c, sets.seed, 1), replayRow(c, sets.full, 1), replayRow(c, sets.derived, 1)
	res.scanner = scanRow(c, sets.full)
	res.judges = [3]*row{judgeRow(c, sets.seed), judgeRow(c, sets.full), judgeRow(c, sets.derived)}
	var err error
	if res.reference, err = referenceRow(c, sets.full, referenceEvents); err != nil {
		return err
	}
	return measure(res.rows(), o.rounds, say)
}

// rows are those of one core, in the order of the table.
func (res *results) rows() []*row {
	return append([]*row{res.parse, res.seed, res.full, res.derived, res.scanner}, append(res.judges[:], res.reference)...)
}

// twoWorkers measures what a second worker brings, where there is a second
// processor.
func (res *results) twoWorkers(o *options, c *corpus, rules *ruleSet, say func(string, ...any)) error {
	if runtime.NumCPU() < 2 {
		return nil
	}
	g := &gain{parseRow(c, 1), parseRow(c, 2), replayRow(c, rules, 1), replayRow(c, rules, 2)}
	rows := []*row{g.parse1, g.parse2, g.one, g.two}
	for _, r := range rows {
		r.procs = runtime.NumCPU()
	}
	res.workers = g
	say("measure two workers")
	return measure(rows, o.rounds, say)
}

// count measures what needs no clock.
func (res *results) count(c *corpus, rules *ruleSet) (err error) {
	if res.quiet, err = quietEvents(c, rules); err != nil {
		return err
	}
	if res.sorted, err = waitingCost(c, true); err != nil {
		return err
	}
	res.stream, err = waitingCost(c, false)
	return err
}

// processes measures what is run as a process of its own.
func (res *results) processes(o *options, t *tools, c *corpus, sets ruleSets, say func(string, ...any)) (err error) {
	say("run tripline scan over the corpus")
	for r, set := range map[*row]*ruleSet{res.seed: sets.seed, res.full: sets.full, res.derived: sets.derived} {
		ruleFile := filepath.Join(t.dir, "set.ndjson")
		if err := set.write(ruleFile); err != nil {
			return err
		}
		if res.commands[r], err = t.run(1, "scan", "-r", ruleFile, c.path); err != nil {
			return err
		}
	}
	say("run the load of many keys")
	if res.load, err = manyKeys(t, sets.full, o.rounds); err != nil {
		return err
	}
	say("build and measure without assembly")
	if res.scalar, err = t.scalar(o, c); err != nil {
		return err
	}
	say("run tripline scan over a large input")
	res.large, err = memoryOf(t, sets.full, o.memory)
	return err
}
