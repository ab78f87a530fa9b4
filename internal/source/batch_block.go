package source

import (
	"context"
	"sync"
	"sync/atomic"
)

// block is a buffer that text is read into. Batches share it with the one who
// reads: what has been read stays as it is until all of them have released it.
type block struct {
	buf  []byte
	ends []int32 // where newlines are, as who reads found them; batches have parts of it
	refs atomic.Int32
	pool *pool
}

func (b *block) release() {
	if b.refs.Add(-1) == 0 {
		b.pool.put(b)
	}
}

// pool hands out blocks, of all that are out at a time no more bytes than limit.
// Beyond it a block is given only if nobody but those who read holds any: a
// document may be longer than the limit, and waiting would be for ever.
type pool struct {
	size  int // the bytes of a usual block
	limit int

	mu    sync.Mutex
	out   int           // bytes handed out
	free  []*block      // usual ones
	parts [][]part      // of batches that were released
	freed chan struct{} // told when a block came back
}

func newPool(size, limit int) *pool {
	return &pool{size: size, limit: limit, freed: make(chan struct{}, 1)}
}

// get returns a block of at least size bytes with one reference, or nil if ctx
// ends first. held is what the caller holds itself. Only one goroutine may wait.
func (p *pool) get(ctx context.Context, size, held int) *block {
	size = max(size, p.size)
	for {
		p.mu.Lock()
		if p.out+size <= p.limit || p.out <= held {
			b := p.take(size)
			p.mu.Unlock()
			b.refs.Store(1)
			return b
		}
		p.mu.Unlock()
		select {
		case <-p.freed:
		case <-ctx.Done():
			return nil
		}
	}
}

// getParts returns room for the parts of a batch.
func (p *pool) getParts() []part {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.parts)
	if n == 0 {
		return nil
	}
	parts := p.parts[n-1]
	p.parts = p.parts[:n-1]
	return parts
}

func (p *pool) putParts(parts []part) {
	if cap(parts) == 0 {
		return
	}
	clear(parts)
	p.mu.Lock()
	p.parts = append(p.parts, parts[:0])
	p.mu.Unlock()
}

func (p *pool) take(size int) *block {
	p.out += size
	if n := len(p.free); n > 0 && size == p.size {
		b := p.free[n-1]
		b.ends = b.ends[:0]
		p.free = p.free[:n-1]
		return b
	}
	return &block{buf: make([]byte, size), pool: p}
}

func (p *pool) put(b *block) {
	p.mu.Lock()
	p.out -= len(b.buf)
	if len(b.buf) == p.size {
		p.free = append(p.free, b)
	}
	p.mu.Unlock()
	select {
	case p.freed <- struct{}{}:
	default:
	}
}
