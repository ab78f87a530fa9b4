package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// tools are the programs that are run.
type tools struct {
	self     string // this program
	tripline string // the command
	dir      string // of what is temporary
}

// build builds a package of the module to a file.
func (t *tools) build(pkg, name string, flags ...string) (string, error) {
	out := filepath.Join(t.dir, name)
	if runtime.GOOS == "windows" {
		out += ".exe"
	}
	cmd := exec.Command("go", append(append([]string{"build"}, flags...), "-o", out, pkg)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w: %s", pkg, err, text)
	}
	return out, nil
}

// usage is what a process took.
type usage struct {
	Took time.Duration
	CPU  time.Duration
	Peak int64 // bytes of memory that were resident at the most; 0: not known
	Exit int
	Last string // the first line that it wrote to stderr
}

// run runs the command tripline from start to exit, its output thrown away.
//
// It is started by a small process of this same program, which looks at it: Linux
// counts to a new process the memory that its parent held when it was started, and
// here that is the corpus.
func (t *tools) run(procs int, args ...string) (usage, error) {
	var u usage
	cmd := exec.Command(t.self, append([]string{"-measure", t.tripline}, args...)...)
	cmd.Env = os.Environ()
	if procs > 0 {
		cmd.Env = append(cmd.Env, fmt.Sprintf("GOMAXPROCS=%d", procs))
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return u, fmt.Errorf("run tripline: %w", err)
	}
	if err := json.Unmarshal(out, &u); err != nil {
		return u, fmt.Errorf("run tripline: %w", err)
	}
	if u.Exit == 2 || u.Exit < 0 { // 3 is input that was not all judged: the page says so
		return u, fmt.Errorf("run tripline %s: exit code %d: %s", args[0], u.Exit, u.Last)
	}
	return u, nil
}

// measureCommand is the small process: it runs a command and writes its usage.
func measureCommand(args []string) error {
	if len(args) == 0 {
		return errors.New("-measure needs a command")
	}
	cmd := exec.Command(args[0], args[1:]...) //nolint:gosec // the command is what is measured
	var said bytes.Buffer
	cmd.Stderr = &said
	start := time.Now()
	err := cmd.Run()
	u := usage{Took: time.Since(start)}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("run command: %w", err)
	}
	u.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	u.Exit, u.Peak = cmd.ProcessState.ExitCode(), peakOf(cmd.ProcessState)
	u.Last, _, _ = strings.Cut(said.String(), "\n")
	return json.NewEncoder(os.Stdout).Encode(u)
}
