package server

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

const (
	// minBuffer is the size that a body's buffer begins with.
	minBuffer = 64 << 10
	// maxKeptBuffer is the size up to which one is kept for other bodies: that of a
	// Logstash batch and some.
	maxKeptBuffer = 32 << 20
)

// buffer is bytes that are used again.
type buffer struct{ b []byte }

// buffers is a pool of them.
type buffers struct{ pool sync.Pool }

// get returns a buffer of length 0 with room for n bytes.
func (p *buffers) get(n int) *buffer {
	b, _ := p.pool.Get().(*buffer)
	if b == nil {
		b = &buffer{}
	}
	if cap(b.b) < n {
		b.b = make([]byte, 0, n)
	}
	b.b = b.b[:0]
	return b
}

func (p *buffers) put(b *buffer) {
	if cap(b.b) <= maxKeptBuffer {
		p.pool.Put(b)
	}
}

// room is the memory that all bodies share.
type room struct {
	all   *semaphore.Weighted
	taken func(delta int64) // tells a metric
}

// lease is a body's part of the room.
type lease struct {
	room *room
	held int64
}

// grow waits for more room until ctx ends.
func (l *lease) grow(ctx context.Context, to int64) error {
	if to <= l.held {
		return nil
	}
	if err := l.room.all.Acquire(ctx, to-l.held); err != nil {
		return err
	}
	l.room.taken(to - l.held)
	l.held = to
	return nil
}

func (l *lease) release() {
	if l.held > 0 {
		l.room.all.Release(l.held)
		l.room.taken(-l.held)
		l.held = 0
	}
}
