package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/valyala/fastjson"

	"github.com/tripline-sec/tripline/internal/daemontest"
	"github.com/tripline-sec/tripline/internal/stream"
)

const window = 9 * time.Minute

// filling is how many events a second are taken at least while a window is filled.
const filling = 8000

// measurePass stores a window of events with stream and schedule off, and then lets the
// schedule run over it.
func (b *bench) measurePass(ctx context.Context, t *table, rules []stream.Rule) error {
	// While the window is filled it gets older: it begins as much later.
	fill := time.Duration(b.window) * time.Second / filling
	if fill > window/2 {
		fill = window / 2
	}
	length := window - fill
	opts := stream.Options{Seed: 5, Events: b.window, Duration: length, Hosts: hosts, Rules: rules, Start: time.Now().Add(-length)}
	b.say("filling a window with %s events", number(b.window))
	p, err := b.daemon(ctx, "window", nil, "-r", b.rules, "--stream=false", "--schedule=false")
	if err != nil {
		return err
	}
	if _, err := b.feed(ctx, p.Client, load{opts: opts}); err != nil {
		return errors.Join(err, p.Kill())
	}
	if err := p.Stop(); err != nil {
		return err
	}
	starting, err := b.startCost(ctx)
	if err != nil {
		return err
	}
	blocks, err := packed(opts)
	if err != nil {
		return err
	}
	cpu := processorTime(os.Getpid())
	before, err := blocks.read()
	if err != nil {
		return err
	}
	b.say("scheduled pass")
	if p, err = b.daemon(ctx, "window", nil, "-r", b.rules, "--stream=false"); err != nil {
		return err
	}
	cpu = processorTime(os.Getpid()) - cpu
	ours, err := b.passes(ctx, p)
	if err := errors.Join(err, p.Stop()); err != nil {
		return err
	}
	after, err := blocks.read()
	if err != nil {
		return err
	}
	theirs := (before + after) / 2 / time.Duration(blocks.events) // for an event
	ratio := float64(ours.took) / float64(ours.events) / float64(theirs)
	t.add(fmt.Sprintf("a scheduled pass over 9 minutes with %s events (%.0f a second), against zstd-decompress plus fastjson of as many: time",
		number(ours.events), float64(ours.events)/window.Seconds()), "1.5 x at most", "%.2f x, %s (%.2f s; %.1f and %.1f us an event; %d passes)",
		ratio, verdict(ratio <= 1.5), ours.took.Seconds(), us(ours.took)/float64(ours.events), us(theirs), ours.passes)
	if cpu > 0 {
		a, b := us(ours.cpu-starting)/float64(ours.events), us(cpu)/float64(blocks.events)
		t.add("the same by processor time, without what a start costs", "1.5 x at most", "%.2f x (%.1f and %.1f us an event)", a/b, a, b)
	}
	t.note("Decompressing and parsing was measured before and after the pass, over %s events, with %d goroutines, as many as the pass has.", number(blocks.events), runtime.GOMAXPROCS(0))
	return nil
}

// startCost is the processor time of a daemon that starts over the window and does
// nothing else.
func (b *bench) startCost(ctx context.Context) (time.Duration, error) {
	p, err := b.daemon(ctx, "window", nil, "-r", b.rules, "--stream=false", "--schedule=false")
	if err != nil {
		return 0, err
	}
	time.Sleep(2 * time.Second)
	return processorTime(p.Pid()), p.Stop()
}

func us(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// passed is what the schedule has done.
type passed struct {
	events, passes int
	took           time.Duration
	cpu            time.Duration // of the process, since its start
}

// passes waits until the schedule has nothing to do, and returns what it did.
func (b *bench) passes(ctx context.Context, daemon *daemontest.Process) (p passed, err error) {
	c := daemon.Client
	last, since := -1, time.Now()
	for {
		m, err := c.Metrics(ctx)
		if err != nil {
			return p, err
		}
		s, err := c.Status(ctx)
		if err != nil {
			return p, err
		}
		p.events, p.passes = int(m["tripline_schedule_events_total"]), int(m["tripline_schedule_passes_total"])
		p.cpu = processorTime(daemon.Pid())
		p.took = time.Duration(m["tripline_schedule_pass_seconds_total"] * float64(time.Second))
		if p.passes != last {
			last, since = p.passes, time.Now()
		}
		if p.events > 0 && s.Next.After(time.Now().Add(5*time.Second)) || time.Since(since) > patience {
			return p, nil
		}
		select {
		case <-ctx.Done():
			return p, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// mostPacked bounds what is kept in memory to be unpacked.
const mostPacked = 300_000

// blocks are documents, compressed as a log would be.
type blocks struct {
	events int
	all    [][]byte
}

func packed(opts stream.Options) (*blocks, error) {
	s, err := stream.New(opts)
	if err != nil {
		return nil, err
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, err
	}
	b := &blocks{}
	var data []byte
	for more := true; more; {
		if data, more = s.Next(data); more {
			data = append(data, '\n')
			b.events++
		}
		if more = more && b.events < mostPacked; !more || len(data) > 1<<20 {
			b.all = append(b.all, encoder.EncodeAll(data, nil))
			data = data[:0]
		}
	}
	return b, nil
}

// read decompresses and parses all documents, and returns how long that took.
func (b *blocks) read() (time.Duration, error) {
	begin := time.Now()
	next := make(chan []byte, len(b.all))
	for _, one := range b.all {
		next <- one
	}
	close(next)
	errs := make([]error, runtime.GOMAXPROCS(0))
	var reading sync.WaitGroup
	for i := range errs {
		reading.Go(func() { errs[i] = parse(next) })
	}
	reading.Wait()
	return time.Since(begin), errors.Join(errs...)
}

func parse(next <-chan []byte) error {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer decoder.Close()
	var parser fastjson.Parser
	var data []byte
	for one := range next {
		if data, err = decoder.DecodeAll(one, data[:0]); err != nil {
			return err
		}
		for line := range bytes.Lines(data) {
			if _, err := parser.ParseBytes(line); err != nil {
				return err
			}
		}
	}
	return nil
}
