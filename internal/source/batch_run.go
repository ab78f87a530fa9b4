package source

import (
	"context"
	"iter"
	"os"

	"github.com/tripline-sec/tripline/internal/event"
)

// Batching bounds what Batches may cost, and says whether sources are merged. The
// zero Batching is good.
type Batching struct {
	Block int // the bytes read at a time; 0 = DefaultBlock
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
	DefaultBlock     = 256 << 10
	DefaultAhead     = 32
	DefaultMostOpen  = 64
	DefaultKeepStdin = 64 << 20
)

// Batches reads like All, ahead of the consumer, and leaves the decoding to those
// who take the batches, which may be several goroutines. A Reader serves one
// iteration, of All or of Batches.
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
	c.run.file = func(path string, found bool) {
		c.run.input(origin{path: path, found: found}, slots{})
	}
	c.run.standardInput = func() { c.run.input(origin{path: "-"}, slots{}) }
	for _, path := range c.paths {
		if !c.stopped {
			c.readPath(path)
		}
	}
	c.run.rest()
}

// batcher is the reading of batches by one Reader, which is a child of the one that
// was opened: several may be at work in turns, never at once.
type batcher struct {
	*Reader
	ctx  context.Context
	emit func(*Batch) bool

	file          func(path string, found bool) // takes a file that was listed
	standardInput func()

	current *batchText // nil between texts
	told    Stats      // what has gone out with batches
	slots   slots
	origin  origin
	texts   int // of that input so far
	passed  int64
}

// child returns a Reader of the same inputs that makes batches.
func (r *Reader) child(ctx context.Context, emit func(*Batch) bool) *Reader {
	c := &Reader{paths: r.paths, stdin: r.stdin, opts: r.opts, stats: Stats{Problems: map[Class]int{}}, feed: r.feed}
	c.opts.Kept = nil
	c.run = &batcher{Reader: c, ctx: ctx, emit: emit}
	c.raw = func(raw []byte, at spot, given event.Identity) { c.run.add(part{raw: raw, at: at, given: given}) }
	c.yield = func(item Item) bool {
		c.run.add(part{problem: item.Problem})
		return !c.stopped
	}
	c.text = c.batchText
	return c
}

// add adds what was read to the text's batch; between texts it is one of its own.
func (r *batcher) add(p part) {
	if r.current != nil {
		r.current.add(p)
		return
	}
	b := r.newBatch()
	b.parts = append(b.parts, p)
	r.deliver(b)
}

func (r *batcher) newBatch() *Batch {
	b := &Batch{Source: r.slots.now(), limit: r.opts.MaxDocument}
	if r.current != nil {
		b.wrapped = &r.current.source.wrapped
	}
	return b
}

// deliver hands on a batch with what was counted since the last one.
func (r *batcher) deliver(b *Batch) {
	b.read, r.told = r.stats.since(r.told), r.stats.clone()
	if r.current != nil {
		r.current.source.marks.note(b)
	}
	if r.stopped || !r.emit(b) {
		r.stopped = true
	}
}

// rest delivers counts that no batch has taken along.
func (r *batcher) rest() {
	if d := r.stats.since(r.told); d.Bytes != 0 || d.Files != 0 || d.SkippedFiles != 0 || d.Unpacked != 0 || d.SkippedWrites != 0 ||
		d.Placeholders != 0 || d.Repeats != 0 || len(d.Problems) > 0 {
		r.deliver(r.newBatch())
	}
}

// getBlock returns a block, or nil if nobody waits for it any more.
func (r *batcher) getBlock(size int) *block {
	b := r.feed.pool.get(r.ctx, size, r.feed.held)
	if b != nil {
		r.feed.held += len(b.buf)
	}
	return b
}

// dropBlock lets go of a block; batches may still hold it.
func (r *batcher) dropBlock(b *block) {
	if b != nil {
		r.feed.held -= len(b.buf)
		b.release()
	}
}

// begin begins a text of the input.
func (r *batcher) begin(t *batchText, in input) {
	r.current = t
	if r.slots.count == 0 {
		r.slots = slots{first: r.feed.reserve(1, r.origin), count: 1}
	}
	t.source = r.feed.source(r.slots.now())
	t.base = r.feed.begin(t.source, sourceText{name: in.name, number: r.texts, plain: in.layers == 0 && in.at != nil})
	r.texts++
}

func (r *batcher) end(t *batchText) {
	r.feed.end(t.source, t.base+int64(t.pos))
	r.current = nil
	if t.batch != nil { // nobody wants it
		t.batch.Release()
	}
	r.dropBlock(t.block)
}

// input reads one input, whose sources have numbers if it was read before.
func (r *batcher) input(o origin, s slots) {
	r.origin, r.slots, r.texts, r.passed = o, s, 0, 0
	r.slots.at = 0
	if o.path != "-" {
		r.readFresh(o.path, o.found)
		return
	}
	stream := r.Reader.stdin
	if f, ok := stream.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			r.unpack(input{name: "-", r: &counter{r: r.feed.keep(f), n: &r.stats.Bytes}})
			return
		}
	}
	r.readStream("-", r.feed.keep(interruptible(r.ctx, stream)))
}

// open takes note of a file that was opened.
func (r *batcher) open(in *input, info os.FileInfo) {
	if in.at != nil {
		r.origin.info = info
	}
}
