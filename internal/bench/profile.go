package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"time"
)

// function is a line of a profile: the share of time in a function itself, and with
// what it calls.
type function struct{ flat, with, name string }

const profiled = 15 // functions that are shown

// profile runs a row for some time and returns where the time went; nil without the
// go command.
func profile(t *tools, r *row, long time.Duration) ([]function, error) {
	path := filepath.Join(t.dir, "profile")
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("write profile: %w", err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(r.procs, 1)))
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, fmt.Errorf("write profile: %w", err)
	}
	for start := time.Now(); time.Since(start) < long; {
		if _, err = r.run(); err != nil {
			break
		}
	}
	pprof.StopCPUProfile()
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	text, err := exec.Command("go", "tool", "pprof", "-top", "-nodecount", fmt.Sprint(profiled), path).Output()
	if err != nil {
		return nil, nil
	}
	return topOf(text), nil
}

// line is of pprof -top: flat, flat%, sum%, cum, cum%, name.
var line = regexp.MustCompile(`(?m)^\s*\S+\s+([0-9.]+%)\s+[0-9.]+%\s+\S+\s+([0-9.]+%)\s+(\S.*)$`)

// topOf reads what pprof -top writes.
func topOf(text []byte) []function {
	var all []function
	for _, m := range line.FindAllSubmatch(text, -1) {
		name := bytes.TrimPrefix(m[3], []byte("github.com/tripline-sec/tripline/"))
		all = append(all, function{string(m[1]), string(m[2]), string(name)})
	}
	return all
}
