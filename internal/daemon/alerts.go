package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/sink"
	"github.com/tripline-sec/tripline/internal/state"
	"github.com/tripline-sec/tripline/internal/store"
)

// outbox is the committed alerts as what sinks read, and where they have come to.
type outbox struct{ state *state.State }

// Next returns alerts behind a number.
func (o outbox) Next(ctx context.Context, after int64, limit int) ([]sink.Item, error) {
	list, err := o.state.Next(ctx, after, limit)
	items := make([]sink.Item, len(list))
	for i := range list {
		items[i] = sink.Item{Seq: list[i].Seq, ID: list[i].ID, Doc: list[i].Docs.Alert, Blocks: list[i].Docs.Blocks}
	}
	return items, err
}

// Head returns the number of the newest alert.
func (o outbox) Head(ctx context.Context) (int64, error) { return o.state.Head(ctx) }

// Changed tells of new ones.
func (o outbox) Changed() <-chan struct{} { return o.state.Changed() }

// Position returns how far a sink is.
func (o outbox) Position(ctx context.Context, name string) (int64, bool, error) {
	all, err := o.state.Sinks(ctx)
	seq, ok := all[name]
	return seq, ok, err
}

// Done notes how far a sink is.
func (o outbox) Done(ctx context.Context, name string, seq int64) error {
	return o.state.Done(ctx, name, seq)
}

// Dead keeps what a sink would not take.
func (o outbox) Dead(ctx context.Context, name string, item sink.Item, reason string) error {
	return o.state.Dead(ctx, state.DeadLetter{
		Sink: name, Seq: item.Seq, ID: item.ID, Index: item.Index, Docs: append([][]byte{item.Doc}, item.Blocks...),
		At: time.Now(), Reason: reason,
	})
}

// eventLog is the store as what sinks of events read.
type eventLog struct{ store *store.Store }

// Read gives events behind an arrival number.
func (l eventLog) Read(ctx context.Context, after uint64, limit int, yield func(arrival uint64, index, id string, raw []byte)) error {
	scan := l.store.Scan(store.Query{From: after + 1})
	defer scan.Close()
	for limit > 0 {
		b, err := scan.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i := range b.Docs[:min(limit, len(b.Docs))] {
			doc := &b.Docs[i]
			yield(doc.Arrival, strings.Clone(doc.Index), strings.Clone(doc.ID), bytes.Clone(doc.Raw))
		}
		limit -= len(b.Docs)
		b.Release()
	}
	return nil
}

// Last returns the number of the newest event.
func (l eventLog) Last() uint64 { return l.store.Stats().LastArrival }

// Wait returns when there is more.
func (l eventLog) Wait(ctx context.Context, after uint64) error {
	_, err := l.store.Wait(ctx, after)
	return err
}

// deliveries makes what carries alerts to the sinks.
func (d *Daemon) deliveries(ctx context.Context) error {
	for _, s := range d.opts.Sinks {
		o := s.Options
		if o.Log == nil {
			o.Log = d.opts.Log.With("sink", s.Name)
		}
		var feed sink.Feed = outbox{d.state}
		if s.Events {
			feed = sink.NewEvents(context.WithoutCancel(ctx), eventLog{d.store})
		}
		one, err := sink.New(ctx, s.Name, s.Sink, feed, outbox{d.state}, o)
		if err != nil {
			return err
		}
		d.sinks = append(d.sinks, one)
	}
	return nil
}

// alertsPosition is how far alerts are brought into the store, among the sinks'.
const alertsPosition = "events of alerts"

// alertsAsEvents brings alerts and their building blocks into the store, as the events
// of data stream sink.AlertsIndex, for rules on alerts. That an alert does not make
// alerts of its own rule, alert.Recurs sees to.
func (d *Daemon) alertsAsEvents(ctx context.Context) error {
	out := outbox{d.state}
	for {
		changed := out.Changed()
		err := d.bringAlerts(context.WithoutCancel(ctx), out)
		wait := time.Minute
		if err != nil {
			d.opts.Log.Warn("can not store alerts as events; trying again", "error", err)
			wait = retryAfter
		}
		select {
		case <-ctx.Done():
			err = d.bringAlerts(context.WithoutCancel(ctx), out) // whatever became of the last try
			if errors.Is(err, store.ErrClosed) {
				err = nil
			}
			return err
		case <-changed:
		case <-time.After(wait):
		}
	}
}

func (d *Daemon) bringAlerts(ctx context.Context, out outbox) error {
	at, known, err := out.Position(ctx, alertsPosition)
	if err != nil {
		return err
	}
	for {
		items, err := out.Next(ctx, at, 200)
		if err != nil {
			return err
		}
		if len(items) == 0 {
			if !known {
				return out.Done(ctx, alertsPosition, at)
			}
			return nil
		}
		known = true
		var events []store.Event
		for _, item := range items {
			events = append(events, alertEvent(item.Doc))
			for _, block := range item.Blocks {
				events = append(events, alertEvent(block))
			}
		}
		if _, err := d.store.Append(ctx, events); err != nil {
			return err
		}
		at = items[len(items)-1].Seq
		if err := out.Done(ctx, alertsPosition, at); err != nil {
			return err
		}
	}
}

// alertEvent is an alert's document as an event.
func alertEvent(doc []byte) store.Event {
	var id struct {
		UUID string `json:"kibana.alert.uuid"`
	}
	_ = json.Unmarshal(doc, &id) // it was written here
	return store.Event{Raw: doc, Index: sink.AlertsIndex, ID: id.UUID, Create: true, Source: "alerts"}
}
