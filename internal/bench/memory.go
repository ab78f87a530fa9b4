package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/tripline-sec/tripline/internal/stream"
)

// largeInput is the command over more input than it may keep.
type largeInput struct {
	skipped string // why there was none; "" = there was
	events  int
	bytes   int64
	hours   float64 // of event time
	usage   usage
}

const (
	largeHosts = 200
	largeRate  = 400 // events in a second of event time
)

// memoryOf runs the command over a large input with all processors, and looks at
// the memory that it takes.
func memoryOf(t *tools, rules *ruleSet, size int64) (*largeInput, error) {
	if size == 0 {
		return &largeInput{skipped: "left out by -memory 0"}, nil
	}
	if free := freeDisk(t.dir); free >= 0 && free < size+size/10 {
		return &largeInput{skipped: fmt.Sprintf("left out: %s of disk are free, and %s are needed", mebibytes(free), mebibytes(size+size/10))}, nil
	}
	ruleFile := filepath.Join(t.dir, "rules.ndjson")
	if err := rules.write(ruleFile); err != nil {
		return nil, err
	}
	path := filepath.Join(t.dir, "large.ndjson")
	defer func() { _ = os.Remove(path) }() // it goes with the folder otherwise
	events, bytes, err := writeStream(path, stream.Options{
		Seed: seed + 1, Events: int(size / 1000), Rate: largeRate, Hosts: largeHosts,
	}, size)
	if err != nil {
		return nil, err
	}
	l := &largeInput{events: events, bytes: bytes, hours: float64(events) / largeRate / time.Hour.Seconds()}
	l.usage, err = t.run(0, "scan", "-r", ruleFile, path)
	return l, err
}
