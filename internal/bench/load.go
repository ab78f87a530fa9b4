package main

import (
	"path/filepath"
	"time"

	"github.com/tripline-sec/tripline/internal/stream"
)

// load is the command over many keys in few minutes, from start to exit.
type load struct {
	rules int
	facts corpusFacts
	parse *row            // of the same bytes, in memory
	one   []time.Duration // by round, with GOMAXPROCS=1
	all   []time.Duration // with all processors
	cpu   []time.Duration // by round, with GOMAXPROCS=1: processor time
	peak  int64
	exit  int // of the command
}

const fewestLoadRounds = 5

// manyKeys measures the load. Parsing and the two ways of running the command take
// turns.
func manyKeys(t *tools, rules *ruleSet, rounds int) (*load, error) {
	some, err := rules.linuxSequences()
	if err != nil {
		return nil, err
	}
	ruleFile := filepath.Join(t.dir, "sequences.ndjson")
	if err := some.write(ruleFile); err != nil {
		return nil, err
	}
	path := filepath.Join(t.dir, "many-keys.ndjson")
	if _, _, err := writeStream(path, stream.ManyKeys(seed), 0); err != nil {
		return nil, err
	}
	c, err := readCorpus(path)
	if err != nil {
		return nil, err
	}
	l := &load{rules: len(some.rules), facts: c.facts, parse: parseRow(c, 1)}
	for range max(rounds, fewestLoadRounds) {
		if err := measure([]*row{l.parse}, 1, func(string, ...any) {}); err != nil {
			return nil, err
		}
		one, err := t.run(1, "scan", "-r", ruleFile, path)
		if err != nil {
			return nil, err
		}
		all, err := t.run(0, "scan", "-r", ruleFile, path)
		if err != nil {
			return nil, err
		}
		l.one, l.all, l.cpu = append(l.one, one.Took), append(l.all, all.Took), append(l.cpu, one.CPU)
		l.peak, l.exit = max(l.peak, one.Peak, all.Peak), max(l.exit, one.Exit, all.Exit)
	}
	return l, nil
}
