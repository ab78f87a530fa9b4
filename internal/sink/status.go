package sink

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Status is how a sink stands.
type Status struct {
	Name      string
	Position  int64 // done up to this number of the feed
	Waiting   int64 // numbers of the feed behind it
	Delivered int64 // items taken since the start
	Dead      int64 // items refused for good since the start
	Failures  int64 // tries that failed since the start
	Down      bool
	Since     time.Time // down since
	LastError string    // of the last try that failed
}

// Status returns how the sink stands. It may be called at any time.
func (d *Delivery) Status(ctx context.Context) Status {
	d.mu.Lock()
	s := d.status
	d.mu.Unlock()
	if head, err := d.feed.Head(ctx); err == nil {
		s.Waiting = max(head-s.Position, 0)
	}
	return s
}

// Set is several deliveries.
type Set []*Delivery

// Run runs each in a goroutine of its own and closes their sinks when all have
// ended. The error is the context's, if that is why.
func (s Set) Run(ctx context.Context) error {
	var (
		group sync.WaitGroup
		errs  = make([]error, len(s))
	)
	for i, d := range s {
		group.Go(func() {
			errs[i] = d.Run(ctx)
			if err := d.sink.Close(); err != nil {
				d.opts.Log.Warn("close sink", "error", err)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// Finish is Delivery.Finish for each.
func (s Set) Finish() {
	for _, d := range s {
		d.Finish()
	}
}

// Status returns how each stands.
func (s Set) Status(ctx context.Context) []Status {
	all := make([]Status, len(s))
	for i, d := range s {
		all[i] = d.Status(ctx)
	}
	return all
}
