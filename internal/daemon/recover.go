package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/tripline-sec/tripline/internal/state"
	"github.com/tripline-sec/tripline/internal/store"
	"github.com/tripline-sec/tripline/internal/value"
)

func storeDir(data string) string { return filepath.Join(data, "store") }

// rewind finds out where to go on reading. The stream's unfinished sequences are not
// kept: they are made again from the events that may be part of them, which are those
// of the longest span before the place that it had come to, and of what may be late
// for that.
func (d *Daemon) rewind(ctx context.Context) error {
	if err := d.newScheduler(ctx); err != nil {
		return err
	}
	d.newStream()
	if err := d.recallSilence(ctx); err != nil {
		return err
	}
	var err error
	if d.judged, err = d.state.Arrival(ctx, state.StreamPosition); err != nil {
		return err
	}
	stats := d.store.Stats()
	if d.judged > stats.LastArrival || d.told > stats.LastArrival {
		return fmt.Errorf("the state knows of event %d and the store ends at %d: they are not of one data folder", max(d.judged, d.told), stats.LastArrival)
	}
	waiting, err := d.state.Waiting(ctx)
	if err != nil {
		return err
	}
	d.recall(waiting)
	d.next = d.told + 1
	if d.stream == nil {
		d.judged = d.told // nothing is to be made up for if a stream is switched on later
		return nil
	}
	from, err := d.replayFrom(ctx)
	if err != nil {
		return err
	}
	d.next, d.again, d.feeding = min(d.next, from, d.judged+1), d.judged, d.judged+1
	return nil
}

// replayFrom returns the arrival from which on events are read once more.
func (d *Daemon) replayFrom(ctx context.Context) (uint64, error) {
	if d.judged == 0 {
		return 1, nil
	}
	longest := d.use.stream.Longest()
	last, ok, err := d.lastBefore(ctx, d.judged)
	if err != nil || !ok || longest == 0 {
		return d.judged + 1, err
	}
	back := longest + d.opts.Lateness + rewindSlack
	earliest := last.Ingested
	if at := last.When().Time(); at.Before(earliest) {
		earliest = at
	}
	from, err := d.store.Before(ctx, value.InstantOfTime(earliest.Add(-back)), value.InstantOfTime(last.Ingested.Add(back)))
	if err != nil {
		return 0, fmt.Errorf("find where to go on: %w", err)
	}
	recent, err := d.firstSince(ctx, last.Ingested.Add(-back), last.Ingested.Add(back), d.judged)
	return min(from, recent), err
}

// firstSince returns the first arrival in a time of the wall, for hosts whose clocks are far
// off: what of theirs is unfinished has arrived lately, whatever time it has.
func (d *Daemon) firstSince(ctx context.Context, t, until time.Time, most uint64) (uint64, error) {
	span := store.Span{From: value.InstantOfTime(t), To: value.InstantOfTime(until), Ingested: true}
	scan := d.store.Scan(store.Query{To: most, Spans: []store.Span{span}})
	defer scan.Close()
	for {
		b, err := scan.Next(ctx)
		if errors.Is(err, io.EOF) {
			return most + 1, nil
		}
		if err != nil {
			return 0, fmt.Errorf("find where to go on: %w", err)
		}
		if len(b.Docs) > 0 {
			first := b.Docs[0].Arrival
			b.Release()
			return first, nil
		}
		b.Release()
	}
}

// rewindSlack is added to how far the stream goes back: hosts' clocks differ.
const rewindSlack = 2 * time.Minute

// lastBefore returns the times of the last event up to an arrival.
func (d *Daemon) lastBefore(ctx context.Context, arrival uint64) (store.Stored, bool, error) {
	for step := uint64(1); ; step *= 16 { // numbers may be unused
		from := uint64(1)
		if arrival > step {
			from = arrival - step + 1
		}
		last, ok, err := d.lastOf(ctx, store.Query{From: from, To: arrival})
		if ok || err != nil || from == 1 {
			return last, ok, err
		}
	}
}

func (d *Daemon) lastOf(ctx context.Context, q store.Query) (last store.Stored, ok bool, err error) {
	scan := d.store.Scan(q)
	defer scan.Close()
	for {
		b, err := scan.Next(ctx)
		if errors.Is(err, io.EOF) {
			return last, ok, nil
		}
		if err != nil {
			return last, ok, fmt.Errorf("read event store: %w", err)
		}
		if n := len(b.Docs); n > 0 {
			doc := &b.Docs[n-1]
			last, ok = store.Stored{Arrival: doc.Arrival, Time: doc.Time, HasTime: doc.HasTime, Ingested: doc.Ingested}, true
		}
		b.Release()
	}
}

// recallSilence finds out which hosts were silent: when they are heard again, that is
// to be told to have ended.
func (d *Daemon) recallSilence(ctx context.Context) error {
	spans, err := d.state.Blind(ctx, d.opts.Now(), time.Time{})
	if err != nil {
		return err
	}
	for i := range spans {
		if b := &spans[i]; b.Cause == "silent" && b.Until.IsZero() {
			d.hosts[b.Host] = &host{heard: b.Since, silent: b.Since}
		}
	}
	return nil
}

// recall notes which rules have alerts that wait.
func (d *Daemon) recall(waiting []state.Waiting) {
	for _, w := range waiting {
		if rule, ok := d.use.byID[w.Rule]; ok && w.Carried > 0 {
			d.carried[rule] = time.Time{}
		}
	}
}
