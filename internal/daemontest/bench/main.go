// Command bench measures the daemon as a process of its own, under load, against plain
// handlers that are measured in the same run.
//
//	go run ./internal/daemontest/bench shells    how soon recorded shells are told
//	go run ./internal/daemontest/bench daemon    ingest, a scheduled pass, memory
//
// It prints a table; -write FILE appends it to a file too. With -cpuprofile FOLDER the
// daemon is this command itself, which leaves profiles there. What is measured changes
// with what else the machine does: the figures of one run go together.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/cli"
	"github.com/tripline-sec/tripline/internal/daemontest"
)

// What the command is when it starts itself.
const (
	profileVar  = "TRIPLINE_BENCH_PROFILE"  // a daemon that writes a profile to this file
	baselineVar = "TRIPLINE_BENCH_BASELINE" // the plain handler, at the socket in this folder
)

func main() {
	switch {
	case os.Getenv(profileVar) != "":
		os.Exit(profiled(os.Getenv(profileVar)))
	case os.Getenv(baselineVar) != "":
		if err := serveBaseline(os.Getenv(baselineVar)); err != nil {
			fmt.Fprintf(os.Stderr, "bench: %v\n", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// profiled is the daemon, looked at.
func profiled(path string) int {
	file, err := os.Create(path)
	if err == nil {
		err = pprof.StartCPUProfile(file)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		return 1
	}
	go heaps(path + ".heap")
	code := cli.Main("bench")
	pprof.StopCPUProfile()
	if err := file.Close(); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		return 1
	}
	return code
}

// heaps keeps a profile of the heap as it was some seconds ago.
func heaps(path string) {
	for {
		time.Sleep(5 * time.Second)
		file, err := os.Create(path + ".new")
		if err != nil {
			return
		}
		err = errors.Join(pprof.Lookup("heap").WriteTo(file, 0), file.Close())
		if err == nil {
			err = os.Rename(path+".new", path)
		}
		if err != nil {
			return
		}
	}
}

type options struct {
	rules, archive string
	shells         int
	every          time.Duration
	rounds         int
	seconds        time.Duration
	clients, batch int
	window         int // events
	rate           int // of the long load
	load           time.Duration
	write, profile string
	long           bool
}

// bench is a run of the command.
type bench struct {
	options
	dir    string // of its own
	binary string
	start  time.Time
	n      int // processes started
}

func run(ctx context.Context, args []string) error {
	b := &bench{start: time.Now()}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&b.rules, "rules", "../shared/data/elastic-rules", "the `FOLDER` of the rules; without it the built-in ones are measured")
	flags.StringVar(&b.archive, "recordings", "testdata/reverse-shell-traces.zip", "the `FILE` of the recorded shells")
	flags.IntVar(&b.shells, "shells", 1000, "how many shells are posted")
	flags.DurationVar(&b.every, "every", 50*time.Millisecond, "the time from one shell to the next")
	flags.IntVar(&b.rounds, "rounds", 3, "how often handler and daemon are fed in turn")
	flags.DurationVar(&b.seconds, "for", 10*time.Second, "how long each of these takes")
	flags.IntVar(&b.clients, "clients", 4, "connections that post at once")
	flags.IntVar(&b.batch, "batch", 500, "documents in a request")
	flags.IntVar(&b.window, "window", 540_000, "events in the 9 minutes that the schedule runs over; 0: none")
	flags.IntVar(&b.rate, "rate", 5000, "events a second while memory is watched")
	flags.DurationVar(&b.load, "load", time.Minute, "how long memory is watched; 0: not at all")
	flags.BoolVar(&b.long, "long", false, "watch memory for 20 minutes, and run over 2,700,000 events: 5,000 a second")
	flags.StringVar(&b.write, "write", "", "append the table to this `FILE`")
	flags.StringVar(&b.profile, "cpuprofile", "", "profile the daemon into this `FOLDER`")
	what := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		what, args = args[0], args[1:]
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if b.long {
		b.load, b.window = 20*time.Minute, 5000*9*60
	}
	do := map[string]func(context.Context) (*table, error){"shells": b.measureShells, "daemon": b.measureDaemon}[what]
	if do == nil {
		return fmt.Errorf("name what is measured: shells or daemon")
	}
	var err error
	if b.dir, err = os.MkdirTemp("", "tripline-bench-*"); err != nil {
		return fmt.Errorf("make temporary folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(b.dir) }() // what stays is the system's to clean
	if b.binary, err = daemontest.Build(b.dir); err != nil {
		return err
	}
	t, err := do(ctx)
	if err != nil {
		return err
	}
	fmt.Print(t.text())
	if b.write == "" {
		return nil
	}
	file, err := os.OpenFile(b.write, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) //nolint:gosec // a page for everybody
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, t.text())
	return errors.Join(err, file.Close())
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%6.1fs  %s\n", time.Since(b.start).Seconds(), fmt.Sprintf(format, args...))
}

// daemon starts a daemon over a data folder and waits until it answers.
func (b *bench) daemon(ctx context.Context, data string, out func(time.Time, []byte), args ...string) (*daemontest.Process, error) {
	b.n++
	log, err := os.Create(filepath.Join(b.dir, fmt.Sprintf("daemon-%d.log", b.n)))
	if err != nil {
		return nil, err
	}
	o := daemontest.Options{Binary: b.binary, Data: filepath.Join(b.dir, data), Args: args, Out: out, Log: log}
	if b.profile != "" {
		if o.Binary, err = os.Executable(); err != nil {
			return nil, err
		}
		o.Env = []string{profileVar + "=" + filepath.Join(b.profile, fmt.Sprintf("%s-%d.pprof", data, b.n))}
	}
	p, err := daemontest.Start(o)
	if err != nil {
		return nil, err
	}
	if err := p.Ready(ctx); err != nil {
		text, _ := os.ReadFile(log.Name()) // the error is told anyway
		return nil, errors.Join(err, p.Kill(), fmt.Errorf("%s", text))
	}
	return p, nil
}
