package source

import (
	"context"
	"io"
)

// interruptible returns a reader that ends when ctx does, even while the one
// below it waits. That one's last Read, if it never returns, stays behind.
func interruptible(ctx context.Context, below io.Reader) *interrupt {
	i := &interrupt{ctx: ctx, want: make(chan []byte), got: make(chan outcomeOfRead), done: make(chan struct{})}
	go i.pump(below)
	return i
}

// interrupt reads in a goroutine of its own.
type interrupt struct {
	ctx  context.Context
	buf  []byte
	want chan []byte // a buffer to read into
	got  chan outcomeOfRead
	done chan struct{} // closed when nothing is left running
}

type outcomeOfRead struct {
	n   int
	err error
}

// Read goes through a buffer of its own, since p belongs to the caller again once
// it has returned.
func (i *interrupt) Read(p []byte) (int, error) {
	if i.buf == nil {
		i.buf = make([]byte, 64<<10)
	}
	buf := i.buf[:min(len(p), len(i.buf))]
	select {
	case i.want <- buf:
	case <-i.ctx.Done():
		return 0, i.ctx.Err()
	}
	select {
	case got := <-i.got:
		return copy(p, buf[:got.n]), got.err
	case <-i.ctx.Done():
		i.buf = nil // somebody may still write to it
		return 0, i.ctx.Err()
	}
}

func (i *interrupt) pump(below io.Reader) {
	defer close(i.done)
	for {
		select {
		case buf := <-i.want:
			n, err := below.Read(buf)
			select {
			case i.got <- outcomeOfRead{n, err}:
			case <-i.ctx.Done():
				return
			}
		case <-i.ctx.Done():
			return
		}
	}
}
