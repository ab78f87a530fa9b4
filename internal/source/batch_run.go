package source

import (
	"context"
	"iter"
)

// Batching bounds what Batches may cost, and says whether sources are merged. The
// zero Batching is good.
type Batching struct {
	Block int // the bytes read at a time; 0 = DefaultBlock, or DefaultMergeBlock with Peek
	Ahead int // the blocks that are read and not yet released; 0 = DefaultAhead

	// Peek returns the time of a document, if it has one. With it files are merged:
	// of those that overlap in time, what begins earliest is delivered next. Without
	// it they are read one after the other.
	Peek     func(raw []byte) (ns int64, ok bool)
	MostOpen int // the files that are open at once while merging; 0 = DefaultMostOpen

	KeepStdin int64 // the bytes of standard input that are kept for Fetch; 0 = DefaultKeepStdin, < 0 = none
}

// The bounds that a zero Batching has.
const (
	DefaultBlock      = 512 << 10
	DefaultMergeBlock = 128 << 10 // sources take turns by blocks, so smaller ones are better in order
	DefaultAhead      = 16
	DefaultMostOpen   = 64
	DefaultKeepStdin  = 64 << 20
)

// Batches reads like All, ahead of the consumer, and leaves the decoding to those
// who take the batches, which may be several goroutines: see Batch.Each. What
// comes out is what All gives, in its order unless sources are merged; save that
// where one line holds several things, and the last of them goes on in the next
// line, it is cut off there if two blocks meet at that place, which is a problem.
//
// Memory is bounded by Batching.Ahead blocks (and one of each open file, if files
// are merged), save that a longer document needs a block of its size: so whoever
// holds on to batches while asking for more may hold half of them at most. Every
// batch must be released. Reading ends when ctx ends, or the iteration does, and
// nothing is left running then but a read of standard input that waits for
// somebody to write.
func (r *Reader) Batches(ctx context.Context) iter.Seq[*Batch] {
	return func(yield func(*Batch) bool) {
		ctx, cancel := context.WithCancel(ctx)
		out := make(chan *Batch, r.feed.ahead)
		defer func() {
			cancel()
			for b := range out { // until it is closed: the reading has ended
				b.Release()
			}
		}()
		go func() {
			defer close(out)
			r.feedAll(ctx, func(b *Batch) bool {
				r.feed.read.Add(b.read.Bytes)
				if ctx.Err() == nil {
					select {
					case out <- b:
						return true
					case <-ctx.Done():
					}
				}
				b.Release()
				return false
			})
		}()
		for number := uint64(0); ; number++ {
			b, more := <-out
			if !more {
				return
			}
			if b.Number = number; ctx.Err() != nil {
				b.Release()
				return
			}
			if !yield(b) {
				return
			}
		}
	}
}

// feedAll reads everything.
func (r *Reader) feedAll(ctx context.Context, emit func(*Batch) bool) {
	r.feed.measure(r.paths)
	if r.opts.Batching.Peek != nil {
		r.merge(ctx, emit)
		return
	}
	c := r.child(ctx, emit)
	c.run.list(func(o origin) { c.run.input(o) })
}
