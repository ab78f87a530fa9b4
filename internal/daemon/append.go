package daemon

import (
	"context"
	"errors"
	"fmt"

	"github.com/tripline-sec/tripline/internal/server"
	"github.com/tripline-sec/tripline/internal/store"
)

// Appender is the daemon as the server's: documents go to the store.
func (d *Daemon) Appender() server.Appender { return appender{d} }

type appender struct{ *Daemon }

// Append keeps documents that came over HTTP.
func (a appender) Append(ctx context.Context, docs []server.Doc) ([]server.Result, error) {
	events := make([]store.Event, len(docs))
	for i := range docs {
		doc := &docs[i]
		events[i] = store.Event{Raw: doc.Raw, Index: doc.Index, ID: doc.ID, Create: doc.Create, Source: "http"}
	}
	kept, err := a.store.Append(ctx, events)
	if err != nil {
		return nil, servers(err)
	}
	results := make([]server.Result, len(kept))
	for i := range kept {
		r := &kept[i]
		results[i] = server.Result{ID: r.ID, Arrival: r.Arrival}
		switch r.Outcome {
		case store.Created:
			results[i].Outcome = server.Created
		case store.Noop:
			results[i].Outcome = server.Noop
		case store.Conflict:
			results[i].Outcome = server.Conflict
		case store.Invalid:
			return nil, fmt.Errorf("keep document: %w", r.Err) // the server has checked it
		}
	}
	return results, nil
}

// servers are the store's errors as the server knows them.
func servers(err error) error {
	for _, known := range []struct{ of, as error }{
		{store.ErrFull, server.ErrDiskFull},
		{store.ErrReadOnly, server.ErrReadOnly},
		{store.ErrFailed, server.ErrReadOnly},
		{store.ErrClosed, server.ErrStopping},
	} {
		if errors.Is(err, known.of) {
			return fmt.Errorf("%w: %w", known.as, err)
		}
	}
	return err
}

// Append keeps events of other sources. What is no document is counted and passed
// over; an error means that none is kept for certain.
func (d *Daemon) Append(ctx context.Context, events []store.Event) ([]store.Result, error) {
	return d.store.Append(ctx, events)
}
