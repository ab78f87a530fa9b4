package main

import (
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// options are what the command line says.
type options struct {
	rules   string // a folder of rules
	events  int    // of the corpus
	rounds  int
	quick   bool
	memory  int64  // bytes of the large input; 0: none is made
	write   string // the page; "" = nowhere
	probe   string // child: the corpus whose rows are printed as JSON
	measure bool   // child: run the command that follows
	rest    []string
}

const (
	quickEvents = 4096
	seed        = 11 // of all that is made up
)

func readOptions(args []string, errs io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(errs)
	memory := "5GB"
	flags.StringVar(&o.rules, "rules", "../shared/data/elastic-rules", "the `FOLDER` of the rules; without it the built-in ones are measured")
	flags.IntVar(&o.events, "events", 44_000, "how many events the corpus has")
	flags.IntVar(&o.rounds, "rounds", 7, "how often each row is measured")
	flags.BoolVar(&o.quick, "quick", false, "a small corpus, one round, no large input, no page: does it run?")
	flags.StringVar(&memory, "memory", memory, "the `SIZE` of the large input, such as 5GB or 500MB; 0 leaves it out")
	flags.StringVar(&o.write, "write", "docs/performance.md", "the `FILE` of the page")
	flags.StringVar(&o.probe, "probe", "", "used by the command itself: measure a few rows over a corpus and print them")
	flags.BoolVar(&o.measure, "measure", false, "used by the command itself: run a command and print its time and memory")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	var err error
	if o.memory, err = readSize(memory); err != nil {
		return nil, err
	}
	o.rest = flags.Args()
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if o.quick {
		if !given["events"] {
			o.events = quickEvents
		}
		if !given["rounds"] {
			o.rounds = 1
		}
		if !given["memory"] {
			o.memory = 0
		}
		if !given["write"] {
			o.write = ""
		}
	}
	if o.events < 1000 || o.rounds < 1 {
		return nil, fmt.Errorf("read flags: at least 1,000 events and 1 round are needed")
	}
	return o, nil
}

// readSize reads a number of bytes: 5GB, 500MB, 0.
func readSize(text string) (int64, error) {
	number, unit := text, int64(1)
	for suffix, size := range map[string]int64{"GB": 1e9, "MB": 1e6} {
		if n, ok := strings.CutSuffix(text, suffix); ok {
			number, unit = n, size
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > 1<<40 {
		return 0, fmt.Errorf("read -memory: %q is no size such as 5GB or 500MB", text)
	}
	return n * unit, nil
}
