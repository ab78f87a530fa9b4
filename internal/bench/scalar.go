package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
)

// probed is what the scalar build, run by itself, found.
type probed struct {
	Name        string
	PerEvent    float64 // ns
	MBPerSecond float64
	Speed       float64 // times fastjson's
	MedianSpeed float64
	ByCPU       float64 // times fastjson's, by processor time; 0: not known
}

// probe measures a few rows over a corpus that has been made, and writes them. It is
// what a build of another kind is asked to do.
func probe(o *options) error {
	c, err := readCorpus(o.probe)
	if err != nil {
		return err
	}
	seed, err := seedSet()
	if err != nil {
		return err
	}
	full, err := fullSet(o.rules)
	if err != nil {
		return err
	}
	rows := []*row{parseRow(c, 1), replayRow(c, seed, 1), replayRow(c, full, 1)}
	if err := measure(rows, o.rounds, func(string, ...any) {}); err != nil {
		return err
	}
	var found []probed
	for _, r := range rows {
		one := probed{r.name, r.perEvent(), r.megabytes(), speed(r, rows[0]), medianSpeed(r, rows[0]), 0}
		if cpu := r.processor(); cpu > 0 {
			one.ByCPU = rows[0].processor() / cpu
		}
		found = append(found, one)
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}

// scalar builds this program without assembly and lets it measure the corpus.
func (t *tools) scalar(o *options, c *corpus) ([]probed, error) {
	program, err := t.build("./internal/bench", "bench-scalar", "-tags", "purego")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "-probe", c.path, "-rules", o.rules, "-rounds", strconv.Itoa(o.rounds)) //nolint:gosec // just built
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("run scalar build: %w", err)
	}
	var found []probed
	if err := json.Unmarshal(out, &found); err != nil {
		return nil, fmt.Errorf("run scalar build: %w", err)
	}
	return found, nil
}
