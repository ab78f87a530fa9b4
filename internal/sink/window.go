package sink

import (
	"context"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// waiting is an item in the window.
type waiting struct {
	item    Item
	settled bool
	due     time.Time // it is not tried before
	pause   *backoff.ExponentialBackOff
	passed  int   // how often it failed while others were taken
	taken   int64 // Delivery.taken when it last failed
}

// fetch fills the window and reports whether it got anything.
func (d *Delivery) fetch(ctx context.Context) bool {
	room := min(d.opts.Window-len(d.waiting), d.opts.Batch)
	if room <= 0 {
		return false
	}
	items, err := d.feed.Next(ctx, d.fetched, room)
	if err != nil {
		if ctx.Err() == nil {
			d.down(fmt.Errorf("read what is to be delivered: %w", err))
		}
		return false
	}
	for i := range items {
		w := &waiting{item: items[i]}
		w.settled = d.opts.Wants != nil && !d.opts.Wants(&w.item)
		d.waiting = append(d.waiting, w)
		d.fetched = max(d.fetched, w.item.Seq)
	}
	return len(items) > 0
}

// due returns the items that may be tried now.
func (d *Delivery) due() []*waiting {
	var due []*waiting
	now := time.Now()
	for _, w := range d.waiting {
		if !w.settled && !now.Before(w.due) && len(due) < d.opts.Batch {
			due = append(due, w)
		}
	}
	return due
}

// next returns when there is something to be tried again; zero: only when there is
// more.
func (d *Delivery) next() time.Time {
	if time.Now().Before(d.blocked) {
		return d.blocked
	}
	var next time.Time
	for _, w := range d.waiting {
		if !w.settled && (next.IsZero() || w.due.Before(next)) {
			next = w.due
		}
	}
	return next
}

// settle moves the position behind what is settled and reports whether it did.
func (d *Delivery) settle(ctx context.Context) bool {
	n := 0
	for n < len(d.waiting) && d.waiting[n].settled {
		n++
	}
	if n == 0 {
		return false
	}
	seq := d.waiting[n-1].item.Seq
	if err := d.ledger.Done(ctx, d.name, seq); err != nil {
		if ctx.Err() == nil {
			d.down(fmt.Errorf("note position: %w", err))
		}
		return false
	}
	d.waiting = append([]*waiting(nil), d.waiting[n:]...)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status.Position = seq
	return true
}
