package main

import (
	"context"
	"errors"
	"time"

	"github.com/tripline-sec/tripline/internal/daemontest"
	"github.com/tripline-sec/tripline/internal/rule"
)

// patience is how long a daemon may take for what was posted.
const patience = 2 * time.Minute

func (b *bench) measureShells(ctx context.Context) (*table, error) {
	recordings, err := daemontest.Recordings(b.archive)
	if err != nil {
		return nil, err
	}
	seed, err := daemontest.SeedEvery("5s")
	if err != nil {
		return nil, err
	}
	rules, err := daemontest.WriteRules(b.dir, []*rule.Rule{seed})
	if err != nil {
		return nil, err
	}
	t := &table{title: number(b.shells) + " recorded shells"}
	for _, mode := range []struct {
		name string
		goal string
		args []string
	}{
		{"stream", "p99 of 100 ms", []string{"--schedule=false"}},
		{"schedule alone, every 5s from now-9m", "all are found", []string{"--stream=false"}},
		{"stream and schedule", "each once; p99 of 100 ms", nil},
	} {
		b.say("shells: %s", mode.name)
		watch := daemontest.NewWatch()
		p, err := b.daemon(ctx, "shells-"+mode.name[:3]+mode.name[len(mode.name)-2:], watch.Out, append([]string{"-r", rules}, mode.args...)...)
		if err != nil {
			return nil, err
		}
		posted, err := daemontest.PostShells(ctx, p.Client, recordings, b.shells, b.every)
		if err != nil {
			return nil, errors.Join(err, p.Kill())
		}
		waiting, stop := context.WithTimeout(ctx, patience)
		err = watch.Wait(waiting, b.shells)
		stop()
		if err := errors.Join(err, p.Stop(), watch.Check(b.shells)); err != nil {
			return nil, err
		}
		d := watch.Delays(posted)
		t.add(mode.name+": from post to the line on the terminal", mode.goal, "%s found, each told once; p50 %.1f ms, p99 %.1f ms, longest %.1f ms",
			number(len(d)), ms(d[len(d)/2]), ms(d[len(d)*99/100]), ms(d[len(d)-1]))
	}
	t.note("Each shell is the 8 to 16 events of a recording, at the time of the post and with ids of its own, in one `_bulk`; one every %s.", b.every)
	return t, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
