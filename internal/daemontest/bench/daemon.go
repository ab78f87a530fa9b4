package main

import (
	"context"
	"errors"
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
	if err := b.ingest(ctx, t, rules); err != nil {
		return nil, err
	}
	if b.window > 0 {
		if err := b.measurePass(ctx, t, rules); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// ingest feeds the plain handler and the daemon in turn, and then the daemon for longer
// at a steady rate.
func (b *bench) ingest(ctx context.Context, t *table, rules []stream.Rule) (err error) {
	handler, stopHandler, err := b.baseline(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopHandler()) }()
	p, err := b.daemon(ctx, "ingest", nil, "-r", b.rules)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Kill())
		}
	}()
	watch := watchMemory(p.Pid())
	var plain, acked, judged []float64
	rate := 20_000.0
	for round := range b.rounds {
		opts := stream.Options{Seed: uint64(round) + 1, Events: endless, Hosts: hosts, Rules: rules, Start: time.Now(), Rate: rate} //nolint:gosec // small
		f, err := b.feed(ctx, handler, load{opts: opts, length: b.seconds})
		if err != nil {
			return err
		}
		plain = append(plain, f.rate())
		opts.Start, opts.Rate = time.Now(), 0.4*f.rate()
		begin := time.Now()
		g, err := b.feed(ctx, p.Client, load{opts: opts, length: b.seconds})
		if err != nil {
			return err
		}
		acked = append(acked, g.rate())
		if err := caughtUp(ctx, p.Client); err != nil {
			return err
		}
		g.took = time.Since(begin)
		judged = append(judged, g.rate())
		b.say("round %d: handler %.0f events/s, daemon %.0f acknowledged, %.0f judged (%s); %.0f bytes an event", round+1,
			f.rate(), acked[round], judged[round], g.took.Round(time.Millisecond), float64(g.bytes)/float64(g.events))
	}
	ratio := median(judged) / median(plain)
	t.add("events a second that the daemon stores and judges, of what the plain handler takes", "0.4 x at least", "%.2f x, %s (%.0f of %.0f; acknowledged %.0f)",
		ratio, verdict(ratio >= 0.4), median(judged), median(plain), median(acked))
	if b.load > 0 {
		b.say("%s at %s events/s", b.load, number(b.rate))
		watch.begin()
		opts := stream.Options{Seed: 77, Events: endless, Hosts: hosts, Rules: rules, Start: time.Now(), Rate: float64(b.rate)}
		g, err := b.feed(ctx, p.Client, load{opts: opts, length: b.load, paced: true})
		if err != nil {
			return err
		}
		if err := caughtUp(ctx, p.Client); err != nil {
			return err
		}
		t.add("memory of the process (resident) over "+b.load.String()+" at "+number(b.rate)+" events/s", "512 MiB at most", "%s, %s; %.0f events/s",
			mebibytes(watch.most()), verdict(watch.most() <= 512<<20), g.rate())
		t.note("Resident memory, evenly over that time: %s.", watch.curve(20))
	}
	watch.stop()
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

// endless is more events than are ever posted.
const endless = 1 << 30

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
