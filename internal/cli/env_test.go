package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// on is an Env for a test: what a command prints, and its exit code.
type on struct {
	Env
	stdout, stderr bytes.Buffer
}

func newOn(args ...string) *on {
	o := &on{}
	o.Env = Env{
		Program: "tripline", Version: "test", Args: args,
		Stdin: strings.NewReader(""), Stdout: &o.stdout, Stderr: &o.stderr,
		Getenv: func(string) string { return "" },
		Now:    func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
	}
	return o
}

func (o *on) run(t *testing.T, want int) {
	t.Helper()
	if code := o.Run(t.Context()); code != want {
		t.Fatalf("%q: exit code %d, want %d\nstdout: %s\nstderr: %s", o.Args, code, want, &o.stdout, &o.stderr)
	}
}

const oneEvent = `{"@timestamp":"2026-01-01T00:00:00Z","event":{"category":"process","action":"exec"},"process":{"name":"sh","pid":7,"args":["sh","-c","` +
	`echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],"parent":{"name":"bash"}}}`

// A terminal gets text in colour, cut to its width; the end of the line, where
// the process comes from, stays.
func TestTerminal(t *testing.T) {
	o := newOn("query", "process where true", "-")
	o.StdoutTerminal, o.Width, o.Stdin = true, 100, strings.NewReader(oneEvent)
	o.run(t, 0)
	plain := strings.NewReplacer("\x1b[0m", "", "\x1b[1m", "", "\x1b[2m", "").Replace(o.stdout.String())
	if plain == o.stdout.String() {
		t.Errorf("no colour on a terminal: %q", plain)
	}
	line := strings.TrimSuffix(plain, "\n")
	if len(line) != 100 || !strings.HasSuffix(line, "...  <- bash") {
		t.Errorf("a line of %d columns: %q", len(line), line)
	}
}

// NO_COLOR and a dumb terminal get no colour.
func TestNoColor(t *testing.T) {
	for name, value := range map[string]string{"NO_COLOR": "1", "TERM": "dumb"} {
		o := newOn("query", "process where true", "-")
		o.StdoutTerminal, o.Width, o.Stdin = true, 100, strings.NewReader(oneEvent)
		o.Getenv = func(key string) string {
			if key == name {
				return value
			}
			return ""
		}
		o.run(t, 0)
		if got := o.stdout.String(); !strings.Contains(got, "exec sh [7]") || strings.Contains(got, "\x1b") {
			t.Errorf("%s=%s: %q", name, value, got)
		}
	}
}

func TestTerminalAsStdin(t *testing.T) {
	for _, args := range [][]string{{"query", "any where true"}, {"scan"}} {
		o := newOn(args...)
		o.StdinTerminal = true
		o.run(t, exitUsage)
		if got := o.stderr.String(); !strings.Contains(got, "standard input is a terminal") {
			t.Errorf("%q: %q", args, got)
		}
	}
}

func TestInterrupted(t *testing.T) {
	for _, args := range [][]string{{"query", "any where true"}, {"scan"}, {"demo"}} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		o := newOn(args...)
		o.Stdin = strings.NewReader(oneEvent)
		if code := o.Run(ctx); code != exitInterrupted {
			t.Errorf("%q: exit code %d", args, code)
		}
		if got := o.stderr.String(); got != "tripline: error: interrupted\n" {
			t.Errorf("%q: %q", args, got)
		}
	}
}

// fails is a writer with an error.
type fails struct{ err error }

func (f fails) Write([]byte) (int, error) { return 0, f.err }

func TestWriteError(t *testing.T) {
	for _, args := range [][]string{{"demo"}, {"query", "process where true"}, {"scan", "--format", "ndjson"}} {
		o := newOn(args...)
		o.Stdin, o.Stdout = strings.NewReader(oneEvent), fails{errors.New("disk on fire")}
		if args[0] == "scan" { // no alert, so nothing to write
			o.run(t, exitOK)
			continue
		}
		o.run(t, exitIncomplete)
		if got := o.stderr.String(); !strings.Contains(got, "error: write output: disk on fire") {
			t.Errorf("%q: %q", args, got)
		}
	}
	// What is wrong with the query counts for more.
	o := newOn("rules", "frob")
	o.Stdout = fails{io.ErrShortWrite}
	o.run(t, exitUsage)
}

func TestManyProblemsAreCounted(t *testing.T) {
	o := newOn("query", "any where true")
	o.Stdin = strings.NewReader(strings.Repeat("1\n", mostNamed+50))
	o.run(t, exitIncomplete)
	got := o.stderr.String()
	if n := strings.Count(got, "warning: -:"); n != mostNamed {
		t.Errorf("%d lines are named", n)
	}
	for _, want := range []string{"warning: 50 more like these, not named", "bad input: 150 (150 not a JSON object)"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing", want)
		}
	}
}
