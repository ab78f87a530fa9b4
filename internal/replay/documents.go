package replay

import (
	"context"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/source"
)

// Documents judges documents that are in memory, in any order of time. Their
// Arrival numbers say in which they came.
func (r *Replay) Documents(ctx context.Context, docs []*event.Document) (*Report, error) {
	r.begin(true, true, false)
	w := newWorker(r.program, r.opts.Processes)
	w.keep = engine.Borrow
	r.judges = append(r.judges, w.judge)
	w.result = newResult(len(r.orders))
	const some = 512
	for n, d := range docs {
		if err := w.document(d.Raw, event.Identity{Index: d.Index, ID: d.ID}, source.RefOf(d.Arrival, len(d.Raw))); err != nil {
			return nil, err // of bytes that have been decoded: that can not be
		}
		w.result.stats.Documents++
		if n%some != some-1 && n != len(docs)-1 {
			continue
		}
		if err := ctx.Err(); err != nil {
			r.abandon()
			return nil, err
		}
		if err := r.take(w.result); err != nil {
			r.abandon()
			return nil, err
		}
		w.result.reset()
	}
	for _, o := range r.orders {
		if err := o.Close(); err != nil {
			return nil, err
		}
	}
	r.finish()
	return &r.report, nil
}

func (r *Replay) abandon() {
	for _, o := range r.orders {
		o.Abandon()
	}
}
