package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/internal/daemontest"
	"github.com/tripline-sec/tripline/internal/stream"
)

func (b *bench) measureDaemon(ctx context.Context) (*table, error) {
	rules, name, err := b.planted()
	if err != nil {
		return nil, err
	}
	t := &table{title: "The daemon under load, " + name}
	if b.rounds > 0 {
		err = b.ingest(ctx, t, rules)
	}
	if err == nil && b.window > 0 {
		err = b.measurePass(ctx, t, rules)
	}
	if err == nil && b.load > 0 {
		err = b.remember(ctx, t, rules)
	}
	return t, err
}

// endless is more events than are ever posted.
const endless = 1 << 30

// side is one of two that are fed in turn.
type side struct {
	client *daemontest.Client
	pid    int
	rates  []float64 // events a second, taken and judged
	events int
	cpu    time.Duration // of it
	ours   time.Duration // of this process meanwhile
}

// feedSide feeds one side for a while, and waits until it is done with all.
func (b *bench) feedSide(ctx context.Context, s *side, opts stream.Options, done func() error) (fed, error) {
	cpu, ours, begin := processorTime(s.pid), processorTime(os.Getpid()), time.Now()
	f, err := b.feed(ctx, s.client, load{opts: opts, length: b.seconds})
	if err == nil {
		err = done()
	}
	f.took = time.Since(begin)
	s.rates = append(s.rates, f.rate())
	s.events += f.events
	s.cpu += processorTime(s.pid) - cpu
	s.ours += processorTime(os.Getpid()) - ours
	return f, err
}

func (s *side) cost(d time.Duration) float64 { return us(d) / float64(s.events) }

// ingest feeds the plain handler and the daemon in turn.
func (b *bench) ingest(ctx context.Context, t *table, rules []stream.Rule) (err error) {
	client, pid, stopHandler, err := b.baseline(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopHandler()) }()
	p, err := b.daemon(ctx, "ingest", nil, "-r", b.rules)
	if err != nil {
		return err
	}
	plain, ours := &side{client: client, pid: pid}, &side{client: p.Client, pid: p.Pid()}
	for round := range b.rounds {
		opts := stream.Options{Seed: uint64(round) + 1, Events: endless, Hosts: hosts, Rules: rules, Start: time.Now(), Rate: 20_000} //nolint:gosec // small
		f, err := b.feedSide(ctx, plain, opts, func() error { return nil })
		if err != nil {
			return errors.Join(err, p.Kill())
		}
		// The events' own time goes on about as fast as they come.
		opts.Start, opts.Rate = time.Now(), 0.4*f.rate()
		g, err := b.feedSide(ctx, ours, opts, func() error { return caughtUp(ctx, p.Client) })
		if err != nil {
			return errors.Join(err, p.Kill())
		}
		b.say("round %d: handler %.0f events/s, daemon %.0f; %.0f bytes an event", round+1, f.rate(), g.rate(), float64(g.bytes)/float64(g.events))
	}
	ratio := median(ours.rates) / median(plain.rates)
	t.add("events a second that the daemon stores and judges, of what the plain handler takes", "0.4 x at least", "%.2f x, %s (%.0f of %.0f)",
		ratio, verdict(ratio >= 0.4), median(ours.rates), median(plain.rates))
	if plain.cpu > 0 {
		t.add("the same by processor time, client included", "0.4 x at least", "%.2f x (handler %.1f us an event, daemon %.1f, client %.1f and %.1f)",
			(plain.cost(plain.cpu)+plain.cost(plain.ours))/(ours.cost(ours.cpu)+ours.cost(ours.ours)),
			plain.cost(plain.cpu), ours.cost(ours.cpu), plain.cost(plain.ours), ours.cost(ours.ours))
	}
	return p.Stop()
}

// remember feeds a fresh daemon for longer at a steady rate and looks at its memory.
func (b *bench) remember(ctx context.Context, t *table, rules []stream.Rule) error {
	b.say("%s at %s events/s", b.load, number(b.rate))
	p, err := b.daemon(ctx, "memory", nil, "-r", b.rules)
	if err != nil {
		return err
	}
	watch := watchMemory(p.Pid())
	defer watch.stop()
	opts := stream.Options{Seed: 77, Events: endless, Hosts: hosts, Rules: rules, Start: time.Now(), Rate: float64(b.rate)}
	g, err := b.feed(ctx, p.Client, load{opts: opts, length: b.load, paced: true})
	if err == nil {
		err = caughtUp(ctx, p.Client)
	}
	if err != nil {
		return errors.Join(err, p.Kill())
	}
	s, err := p.Client.Status(ctx)
	if err != nil {
		return errors.Join(err, p.Kill())
	}
	t.add(fmt.Sprintf("what unfinished sequences take after %s at %.0f events/s", b.load, g.rate()), "512 MiB at most: --memory",
		"%s, %s; %s partials, %s dropped for want of memory", mebibytes(s.PartialBytes), verdict(s.PartialBytes <= 512<<20), number(s.Partials), number(s.Evicted))
	t.add("resident memory of the process meanwhile", "", "%s at most", mebibytes(watch.most()))
	t.note("Resident memory, evenly over that time: %s.", watch.curve(20))
	return p.Stop()
}

// caughtUp waits until the stream has judged what is stored.
func caughtUp(ctx context.Context, c *daemontest.Client) error {
	for {
		s, err := c.Status(ctx)
		if err != nil {
			return err
		}
		if s.Lag == 0 {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
