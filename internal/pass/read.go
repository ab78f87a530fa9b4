package pass

import (
	"context"
	"fmt"
	"sync"

	"github.com/tripline-sec/tripline/internal/schedule"
)

// task is a batch on its way through a worker.
type task struct {
	batch schedule.Batch
	done  chan *result
}

// read has the batches judged by several workers, and takes the results in their
// order.
func (ps *pass) read(ctx context.Context, reader schedule.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	var (
		todo    = make(chan task, ps.opts.Workers)
		queue   = make(chan task, 2*ps.opts.Workers)
		free    = make(chan *result, 4*ps.opts.Workers)
		all     sync.WaitGroup
		readErr error
	)
	defer all.Wait()
	defer cancel()
	all.Go(func() {
		defer close(queue)
		defer close(todo)
		for b, err := range reader.Read(ctx, ps.want) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				readErr = err
				return
			}
			t := task{b, make(chan *result, 1)}
			queue <- t // it is drained even after a failure
			todo <- t
		}
	})
	for _, judge := range ps.judges {
		w := ps.worker(judge)
		all.Go(func() {
			for t := range todo {
				var res *result
				select {
				case res = <-free:
				default:
					res = newResult(len(ps.orders), len(ps.work.Jobs))
				}
				w.batch(t.batch, res)
				t.done <- res
			}
		})
	}
	var err error
	for t := range queue {
		res := <-t.done
		if err != nil {
			continue
		}
		if err = ps.take(res); err != nil {
			cancel()
			continue
		}
		res.reset()
		select {
		case free <- res:
		default:
		}
	}
	if err == nil && readErr != nil { // it was set before the queue was closed
		err = fmt.Errorf("read stored events: %w", readErr)
	}
	return err
}

// take takes what came of a batch.
func (ps *pass) take(res *result) error {
	ps.report.Events += res.events
	ps.report.Judged += res.judged
	ps.report.Unreadable += res.unreadable
	for i := range ps.report.Jobs {
		c := &ps.report.Jobs[i].Counts
		c.Bad += res.bad[i]
		c.NoTime += res.noTime[i]
	}
	for i := range res.singles {
		ps.found[res.singles[i].job].add(res.singles[i].match)
	}
	for n, events := range res.ordered {
		o := ps.orders[n]
		for i := range events {
			o.Add(&events[i])
		}
		if err := o.Err(); err != nil {
			return fmt.Errorf("put events in order: %w", err)
		}
	}
	return nil
}
