package replay

import (
	"context"
	"sync"

	"github.com/tripline-sec/tripline/internal/source"
)

// alone judges batch by batch, in one goroutine.
func (r *Replay) alone(ctx context.Context, reader *source.Reader) error {
	w := r.worker()
	res := newResult(len(r.orders))
	for b := range reader.Batches(ctx) {
		w.batch(b, res)
		if err := r.merge(b, res); err != nil {
			return err
		}
		res.reset()
	}
	return nil
}

// job is a batch on its way through a worker.
type job struct {
	batch *source.Batch
	done  chan *result
}

// together judges batches by several workers and takes the results in the order
// of the batches.
func (r *Replay) together(ctx context.Context, reader *source.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	var (
		todo  = make(chan job, r.opts.Workers)
		queue = make(chan job, 2*r.opts.Workers)
		free  = make(chan *result, 4*r.opts.Workers)
		all   sync.WaitGroup
	)
	defer all.Wait()
	defer cancel()
	all.Go(func() {
		defer close(queue)
		defer close(todo)
		for b := range reader.Batches(ctx) {
			j := job{b, make(chan *result, 1)}
			queue <- j // the merge drains it even when it has failed
			todo <- j
		}
	})
	for range r.opts.Workers {
		w := r.worker()
		all.Go(func() {
			for j := range todo {
				var res *result
				select {
				case res = <-free:
				default:
					res = newResult(len(r.orders))
				}
				w.batch(j.batch, res)
				j.done <- res
			}
		})
	}
	var err error
	for j := range queue {
		res := <-j.done
		if err != nil {
			j.batch.Release()
			continue
		}
		if err = r.merge(j.batch, res); err != nil {
			cancel()
			continue
		}
		res.reset()
		select {
		case free <- res:
		default:
		}
	}
	return err
}

// worker makes a worker for batches.
func (r *Replay) worker() *worker {
	w := newWorker(r.program, r.opts.Processes)
	if r.gates != nil {
		w.gates = r.gates
		w.judge.Gate()
	}
	r.judges = append(r.judges, w.judge)
	return w
}

// merge takes the result of the next batch, which it releases.
func (r *Replay) merge(b *source.Batch, res *result) error {
	defer b.Release()
	if r.gates != nil {
		if err := r.gates.settle(r, b, res); err != nil {
			return err
		}
	}
	return r.take(res)
}

// take takes what came of some documents.
func (r *Replay) take(res *result) error {
	r.report.Stats.Add(res.stats)
	r.report.Unknown += res.unknown
	if res.timed && res.newest.Compare(r.report.Newest) > 0 {
		r.report.Newest = res.newest
	}
	if r.opts.Problem != nil {
		for _, p := range res.problems {
			r.opts.Problem(p)
		}
	}
	if len(res.records) > 0 {
		r.opts.Processes.Append(res.records)
	}
	for i := range res.singles {
		r.single(&res.singles[i])
	}
	for i := range res.bad {
		r.badValue(&res.bad[i])
	}
	for n, events := range res.events {
		o := r.orders[n]
		for i := range events {
			o.Add(&events[i])
		}
		if err := o.Err(); err != nil {
			return err
		}
	}
	return nil
}
