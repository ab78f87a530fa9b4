package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/state"
	"github.com/tripline-sec/tripline/internal/store"
	"github.com/tripline-sec/tripline/internal/value"
)

const (
	tick       = time.Second     // how often time passes when nothing comes
	saveEvery  = 2 * time.Second // how often a position is committed without anything else
	retryAfter = time.Second     // what the disk would not do
)

// follow reads the store right behind Append: it tells the scheduler of each event
// and lets the stream judge it. When the context ends it goes on to the end of what is
// stored.
func (d *Daemon) follow(ctx context.Context) error {
	reading := context.WithoutCancel(ctx)
	commit := func(context.Context) error { return d.persist(ctx, d.commit) }
	for {
		more, err := d.read(reading, commit)
		if err != nil {
			return err
		}
		ending := !more && ctx.Err() != nil
		if ending {
			d.saveNow() // so that the next start need not read again
		}
		if err := commit(ctx); err != nil {
			return err
		}
		if ending || ctx.Err() != nil && d.failures > 0 {
			return nil
		}
		if d.failures > 0 {
			d.rest(ctx)
		}
		waiting, cancel := context.WithTimeout(ctx, tick)
		_, err = d.store.Wait(waiting, d.reached())
		cancel()
		if errors.Is(err, store.ErrClosed) {
			return nil
		}
		d.passTime()
		d.tidy(reading)
	}
}

// saveNow has the next commit save the position, however soon after the last.
func (d *Daemon) saveNow() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.saved = time.Time{}
}

// tidyEvery is how often what may go is removed.
const tidyEvery = 10 * time.Minute

// tidy removes old runs, and closed alerts if they are not to be kept.
func (d *Daemon) tidy(ctx context.Context) {
	now := d.opts.Now()
	if now.Sub(d.tidied) < tidyEvery {
		return
	}
	d.tidied = now
	_, err := d.state.Tidy(ctx, state.Tidy{Now: now, Closed: d.opts.KeepClosed, Runs: d.opts.KeepRuns, Events: d.store.Stats().FirstIngested})
	if err != nil {
		d.opts.Log.Warn("can not tidy up", "error", err)
	}
}

// reached is up to where the store was read.
func (d *Daemon) reached() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.next - 1
}

// persist does something that needs the disk, again and again until it is done or the
// context ends.
func (d *Daemon) persist(ctx context.Context, do func(context.Context) error) error {
	for told := false; ; {
		err := do(context.WithoutCancel(ctx))
		if err == nil {
			return nil
		}
		if !told {
			told = true
			d.opts.Log.Error("can not commit; trying again", "error", err)
		}
		if d.rest(ctx); ctx.Err() != nil {
			return err
		}
	}
}

// rest waits before something is tried again.
func (d *Daemon) rest(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(retryAfter):
	}
}

// read judges what is stored and was not judged yet, commits what comes of it, and
// reports whether there was something.
func (d *Daemon) read(ctx context.Context, commit func(context.Context) error) (more bool, err error) {
	scan := d.store.Scan(store.Query{From: d.reached() + 1})
	defer scan.Close()
	for {
		b, err := scan.Next(ctx)
		switch {
		case errors.Is(err, io.EOF):
			return more, nil
		case errors.Is(err, store.ErrClosed):
			return false, nil
		case err != nil:
			return true, d.unreadable(ctx, err)
		}
		more, d.failures = true, 0
		d.batch(b)
		b.Release()
		if d.pending() {
			if err := commit(ctx); err != nil {
				return more, err
			}
		}
	}
}

// unreadableAfter is how often something is read in vain before it is passed over: a
// disk may be busy, or files opened by too many.
const unreadableAfter = 5

// unreadable passes over what can not be read, and no more than that, and tells.
func (d *Daemon) unreadable(ctx context.Context, err error) error {
	last := d.store.Stats().LastArrival
	from := d.reached() + 1
	if from > last {
		return fmt.Errorf("read event store: %w", err)
	}
	if d.failures++; d.failures < unreadableAfter {
		d.opts.Log.Warn("stored events can not be read; trying again", "error", err, "from", from)
		return nil
	}
	d.failures = 0
	to := d.beyond(ctx, from, last)
	d.opts.Log.Error("stored events can not be read and are not judged by the stream", "error", err, "from", from, "to", to)
	now := d.opts.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.blind = append(d.blind, state.Blind{
		Cause: "unreadable", Since: now, Until: now, Count: int(to - from + 1), //nolint:gosec // a count of events
		Text: fmt.Sprintf("stored events %d to %d can not be read: %v", from, to, err),
	})
	d.next = to + 1
	return nil
}

// beyond returns the last of the events from a place on that can not be read.
func (d *Daemon) beyond(ctx context.Context, from, last uint64) uint64 {
	readable := func(at uint64) bool {
		if at > last {
			return true
		}
		scan := d.store.Scan(store.Query{From: at})
		defer scan.Close()
		b, err := scan.Next(ctx)
		if err == nil {
			b.Release()
		}
		return err == nil
	}
	step := uint64(1)
	for !readable(from + step) {
		step *= 2
	}
	low, high := from+step/2, from+step // the first is not readable, or is from
	for low+1 < high {
		if mid := low + (high-low)/2; readable(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return min(high-1, last)
}

// batch judges some events.
func (d *Daemon) batch(b *store.Batch) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range b.Docs {
		doc := &b.Docs[i]
		given := event.Identity{Index: intern(d.indices, doc.Index), ID: doc.ID}
		if doc.Arrival > d.told {
			d.arrived(doc, given)
		}
		if d.stream != nil {
			d.feeding, d.fed = doc.Arrival, doc.Ingested
			given.ID = strings.Clone(given.ID) // it may outlive the batch
			if err := d.stream.Feed(doc.Raw, given, doc.Arrival, d.source(doc.Source)); err != nil {
				d.loss.unreadable++ // the store takes only what can be read
			}
			d.seen(doc)
		}
		d.next = doc.Arrival + 1
	}
}

// arrived tells the scheduler of an event.
func (d *Daemon) arrived(doc *store.Stored, given event.Identity) {
	a := schedule.Arrival{Number: doc.Arrival, Time: doc.Time.Time(), HasTime: doc.HasTime, Ingested: doc.Ingested}
	var matters func(int) bool
	if d.scheduler.Late(a) {
		matters = d.matters.Of(doc.Raw, given)
	}
	d.scheduler.Arrive(a, matters)
	d.told = doc.Arrival
}

// mostNames bounds the names that are kept of indices and sources.
const mostNames = 1 << 16

// intern returns a copy of a text that stays, each once.
func intern(known map[string]string, s string) string {
	if kept, ok := known[s]; ok {
		return kept
	}
	if len(known) >= mostNames {
		clear(known)
	}
	kept := strings.Clone(s)
	known[kept] = kept
	return kept
}

// source numbers where events come from. Beyond so many they share a number, and
// with it what is late.
func (d *Daemon) source(name string) uint32 {
	n, ok := d.sources[name]
	if !ok && len(d.sources) < mostNames {
		n = uint32(len(d.sources)) + 1 //nolint:gosec // bounded
		d.sources[strings.Clone(name)] = n
	}
	return n
}

// passTime tells the stream the time of the wall, so that what must be missing is missed
// though nothing comes.
func (d *Daemon) passTime() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stream != nil {
		d.fed = d.opts.Now()
		d.feeding = max(d.feeding, d.again+1) // what time decides was not decided before
		d.stream.Advance(value.InstantOfTime(d.fed))
	}
	d.silence()
}
