package sink

import (
	"context"
	"math"
	"sync"
)

// EventLog is the stored events in the order of their arrival.
type EventLog interface {
	// Read gives the events behind an arrival number, in order, at most limit. What
	// it gives is its own when yield returns.
	Read(ctx context.Context, after uint64, limit int, yield func(arrival uint64, index, id string, raw []byte)) error
	// Last returns the number of the newest event.
	Last() uint64
	// Wait returns when there is an event behind an arrival number, or with an error
	// when the context ends or the log does.
	Wait(ctx context.Context, after uint64) error
}

// Events is the Feed of stored events, for sinks that forward them. Their position is
// the arrival number.
type Events struct {
	log EventLog

	mu      sync.Mutex
	changed chan struct{}
}

// NewEvents returns the feed; it watches the log until the context ends. One serves
// any number of deliveries.
func NewEvents(ctx context.Context, log EventLog) *Events {
	e := &Events{log: log, changed: make(chan struct{})}
	go func() {
		for last := log.Last(); ; last = log.Last() {
			if err := log.Wait(ctx, last); err != nil {
				return
			}
			e.mu.Lock()
			close(e.changed)
			e.changed = make(chan struct{})
			e.mu.Unlock()
		}
	}()
	return e
}

// Next is Feed's.
func (e *Events) Next(ctx context.Context, after int64, limit int) ([]Item, error) {
	var items []Item
	err := e.log.Read(ctx, uint64(max(after, 0)), limit, func(arrival uint64, index, id string, raw []byte) { //nolint:gosec // not negative
		items = append(items, Item{Seq: numberOf(arrival), ID: id, Index: index, Doc: append([]byte(nil), raw...)})
	})
	return items, err
}

// Head is Feed's.
func (e *Events) Head(context.Context) (int64, error) { return numberOf(e.log.Last()), nil }

// Changed is Feed's.
func (e *Events) Changed() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.changed
}

func numberOf(arrival uint64) int64 { return int64(min(arrival, math.MaxInt64)) } //nolint:gosec // bounded

var _ Feed = (*Events)(nil)
