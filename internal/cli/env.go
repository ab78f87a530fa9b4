package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Env is the world that a command runs in.
type Env struct {
	Program string // the command as the user wrote it, for the commands that are suggested
	Version string // "" = what Go recorded in the binary
	Args    []string

	Stdin          io.Reader
	Stdout, Stderr io.Writer
	StdinTerminal  bool
	StdoutTerminal bool
	StderrTerminal bool
	Width          int // the terminal's columns; 0 = no terminal

	Getenv func(string) string
	Now    func() time.Time

	drains atomic.Int64 // how long a command may take to end on ^C, in nanoseconds
}

// grace is how long a command that was interrupted has to remove what it made.
const grace = 300 * time.Millisecond

// Main runs the command line of the process and returns its exit code.
func Main(version string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	restCollector(os.Getenv)
	env := osEnv(version)
	done := make(chan int, 1)
	env.drains.Store(int64(grace))
	go func() { done <- env.Run(ctx) }()
	select {
	case code := <-done:
		return code
	case <-ctx.Done():
	}
	stop() // a second ^C ends the process at once
	select {
	case code := <-done:
		return code
	case <-time.After(time.Duration(env.drains.Load())):
	}
	return exitInterrupted
}

func osEnv(version string) *Env {
	endInOrder()
	e := &Env{
		Program: os.Args[0], Version: version, Args: os.Args[1:],
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		StdinTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		StdoutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		StderrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		Getenv:         os.Getenv,
		Now:            time.Now,
	}
	if filepath.Base(e.Program) == e.Program {
		e.Program = "tripline"
	}
	if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		e.Width = width
	}
	return e
}

// Run runs one command and returns its exit code.
func (e *Env) Run(ctx context.Context) int {
	out := &output{to: e.Stdout}
	a := &app{Env: e, ctx: ctx, written: out, out: bufio.NewWriterSize(out, 64<<10), color: choice{value: "auto", allowed: colorModes}}
	root := a.root()
	root.SetArgs(e.Args)
	root.SetIn(e.Stdin)
	root.SetOut(a.out)
	root.SetErr(e.Stderr)
	code := a.report(root.ExecuteContext(ctx))
	a.flush()
	switch {
	case ctx.Err() != nil && !a.drained:
		return exitInterrupted
	case out.err == nil || readerGone(out.err):
		return code
	}
	a.show("error", failure("write output: %v", out.err))
	if code == exitUsage {
		return code
	}
	return exitIncomplete
}

// app is what the commands share.
type app struct {
	*Env
	ctx     context.Context
	out     *bufio.Writer // stdout
	written *output
	color   choice
	drained bool                     // ^C was how the command was to end
	bar     *progressbar.ProgressBar // what is shown on the terminal now; nil: nothing

	valueLists valueListFlag // of exceptions
}

// output remembers the first error of stdout.
type output struct {
	to  io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.to.Write(p)
	o.err = err
	return n, err
}

// flush writes out what is buffered. An error is kept in a.written.
func (a *app) flush() { _ = a.out.Flush() }

// gone reports whether nobody can take results any more.
func (a *app) gone() bool { return a.written.err != nil }

// printf prints results.
func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.out, format, args...) }

// sayf says something on stderr, after the results so far.
func (a *app) sayf(format string, args ...any) {
	a.sayBare("tripline: " + fmt.Sprintf(format, args...))
}

func (a *app) sayBare(text string) {
	a.flush()
	if a.bar != nil {
		_ = a.bar.Clear()
	}
	fmt.Fprintln(a.Stderr, text)
}
