package live

import (
	"bufio"
	"context"
	"errors"
	"io"
)

// piped is a line that was read from a stream.
type piped struct {
	text  []byte
	long  bool // longer than may be: text is empty
	whole bool // it ended in a newline
	err   error
}

// pump reads lines from a stream until it ends. The last one carries the error, if it
// is not the end. Reading can not be interrupted: who ends the context closes the
// stream too, or leaves the reader to its next line.
func pump(ctx context.Context, r io.Reader, most int) <-chan piped {
	out := make(chan piped, 256)
	go func() {
		defer close(out)
		buf := bufio.NewReaderSize(r, 64<<10)
		for {
			l := readLine(buf, most)
			if l.err != nil && len(l.text) == 0 && !l.long && errors.Is(l.err, io.EOF) {
				return
			}
			select {
			case out <- l:
			case <-ctx.Done():
				return
			}
			if l.err != nil {
				return
			}
		}
	}()
	return out
}

func readLine(r *bufio.Reader, most int) piped {
	var l piped
	for {
		part, err := r.ReadSlice('\n')
		if !l.long {
			l.text = append(l.text, part...)
		}
		if len(l.text) > most+2 {
			l.text, l.long = nil, true
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil:
			l.err = err
			return l
		default:
			l.whole = true
			return l
		}
	}
}

// gather hands lines to take as they come, and calls flush when none is waiting or
// full says so. It returns when the lines end, or with the first error of flush.
func gather(ctx context.Context, in <-chan piped, take func(piped), full func() bool, flush func() error) error {
	for {
		var (
			l  piped
			ok bool
		)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case l, ok = <-in:
		}
		for more := true; ok && more; {
			take(l)
			if full() {
				break
			}
			select {
			case l, ok = <-in:
			default:
				more = false
			}
		}
		if err := flush(); err != nil || !ok {
			return err
		}
	}
}
