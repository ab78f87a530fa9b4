package source

import (
	"context"
	"os"

	"github.com/tripline-sec/tripline/internal/event"
)

// batcher is the reading of batches by one Reader, which is a child of the one that
// was opened: several may be at work in turns, never at once.
type batcher struct {
	*Reader
	ctx  context.Context
	emit func(*Batch) bool

	blocks *blocks
	visit  func(origin)   // takes an input that was listed
	want   func(int) bool // says which texts of an input to read; nil = all
	again  bool           // it was read before: nothing new is noted
	peek   bool           // only its beginning is looked at
	from   *resumption    // where in a text to go on

	origin  origin // the input being read
	texts   int    // of it so far
	slots   slots
	current *batchText // nil between texts
	told    Stats      // what has gone out with batches
}

// blocks are those that readers hold, which take turns.
type blocks struct {
	*pool
	held int // bytes
}

// child returns a Reader of the same inputs that makes batches.
func (r *Reader) child(ctx context.Context, emit func(*Batch) bool) *Reader {
	c := &Reader{paths: r.paths, stdin: r.stdin, opts: r.opts, stats: Stats{Problems: map[Class]int{}}, feed: r.feed}
	c.run = &batcher{Reader: c, ctx: ctx, emit: emit, blocks: &r.feed.blocks}
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
		b.wrapped, b.parts = &r.current.source.wrapped, r.blocks.getParts()
		b.plain = r.current.plain
	}
	return b
}

// deliver hands on a batch with what was counted since the last one.
func (r *batcher) deliver(b *Batch) {
	b.read, r.told = r.stats.since(r.told), r.stats.clone()
	b.resume = r.resumeAt()
	if r.current != nil && !r.again {
		r.current.source.marks.note(b)
	}
	if r.stopped {
		b.Release()
		return
	}
	r.stopped = !r.emit(b)
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
	b := r.blocks.get(r.ctx, size, r.blocks.held)
	if b != nil {
		r.blocks.held += len(b.buf)
	}
	return b
}

// dropBlock lets go of a block; batches may still hold it.
func (r *batcher) dropBlock(b *block) {
	if b != nil {
		r.blocks.held -= len(b.buf)
		b.release()
	}
}

// begin begins a text of the input.
func (r *batcher) begin(t *batchText, in input) {
	r.current = t
	if r.slots.count == 0 {
		r.slots = r.feed.reserve(1, r.origin)
	}
	t.source = r.feed.source(r.slots.now())
	t.base = r.feed.begin(t.source, sourceText{name: in.name, number: r.texts, plain: t.plain})
	r.texts++
}

func (r *batcher) end(t *batchText) {
	if !r.again {
		r.feed.end(t.source, t.base+int64(t.pos))
	}
	r.current = nil
	if t.batch != nil { // nobody wants it
		t.batch.Release()
	}
	r.dropBlock(t.block)
}

// list lists the inputs in the order of All.
func (r *batcher) list(visit func(origin)) {
	r.visit = visit
	for _, path := range r.paths {
		if !r.stopped {
			r.readPath(path)
		}
	}
	r.rest()
}

// input reads one input.
func (r *batcher) input(o origin) {
	r.origin, r.texts, r.slots = o, 0, o.slots
	r.slots.at = 0
	counted := r.stats.Bytes
	switch {
	case o.path != "-":
		r.readFresh(o.path, o.found)
	case r.again:
		r.readStream("-", r.Reader.stdin)
	default:
		r.standardInput()
	}
	if o := r.origin; o.info != nil && !r.stopped && !r.again && !r.peek {
		r.feed.read.Add(o.info.Size() - (r.stats.Bytes - counted)) // what was not read of it, since it holds no JSON
	}
}

// standardInput reads standard input and keeps its beginning.
func (r *batcher) standardInput() {
	stream := r.Reader.stdin
	if f, ok := stream.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			r.unpack(input{name: "-", r: &counter{r: r.feed.kept.keep(f), n: &r.stats.Bytes}})
			return
		}
	}
	r.readStream("-", r.feed.kept.keep(interruptible(r.ctx, stream)))
}

// open takes note of a file that was opened.
func (r *batcher) open(in *input, info os.FileInfo) {
	if in.at != nil {
		r.origin.info = info
	}
}
