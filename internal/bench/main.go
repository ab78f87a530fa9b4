package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	o, err := readOptions(args, os.Stderr)
	if err != nil {
		return err
	}
	switch {
	case o.measure:
		return measureCommand(o.rest)
	case o.probe != "":
		return probe(o)
	}
	dir, err := os.MkdirTemp("", "tripline-bench-*")
	if err != nil {
		return fmt.Errorf("make temporary folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // what stays is the system's to clean
	start := time.Now()
	res, err := measureAll(o, dir, func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, "%6.1fs  %s\n", time.Since(start).Seconds(), fmt.Sprintf(format, args...))
	})
	if err != nil {
		return err
	}
	text := res.page()
	fmt.Print(text)
	if o.write == "" {
		return nil
	}
	return os.WriteFile(o.write, []byte(text), 0o644) //nolint:gosec // a page for everybody
}
