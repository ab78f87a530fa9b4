package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

const (
	// readPatience is how long a client may send nothing in the middle of a body.
	readPatience = 30 * time.Second
	// writePatience is how long a client may take for any answer.
	writePatience = 30 * time.Second
	// lastPatience is how long what is left of a body that was given up may take.
	lastPatience = time.Second
	// slowestRate is how many bytes a second a body and an answer must make on the
	// whole, beyond the patience: a client that sends a byte now and then would hold
	// its connection for ever.
	slowestRate = 4 << 10
	// maxDrained is how much of a body is read that has been refused already: a
	// client that is still sending sees a reset instead of the answer.
	maxDrained = 32 << 20
)

// errTooLong says that a body is over the limit.
var errTooLong = errors.New("body too long")

// body is a request's body in memory.
type body struct {
	*buffer
	lease  lease
	server *Server
}

// release gives back the memory. The bytes are then another body's.
func (b *body) release() {
	if b.buffer != nil {
		b.server.buffers.put(b.buffer)
		b.buffer = nil
	}
	b.lease.release()
}

// readBody reads a whole body, inflated. If it can not, it has answered.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request) (*body, bool) {
	into := &body{server: s, lease: lease{room: &s.room}}
	err := s.readInto(into, w, r)
	if err == nil {
		s.metrics.bytes.WithLabelValues("inflated").Add(float64(len(into.b)))
		return into, true
	}
	into.release()
	var f *failure
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded): // which ends the request's context too
		w.Header().Set("Connection", "close")
		s.fail(w, r, fault(http.StatusRequestTimeout, typeArgument, "the body came too slowly"))
	case r.Context().Err() != nil:
		panic(http.ErrAbortHandler) // the client is gone
	case errors.As(err, &f):
		s.refuseEarly(w, r, f)
	case errors.Is(err, ErrQueueFull):
		s.drain(w, r)
		s.refuse(w, r, err)
	case errors.Is(err, errTooLong):
		s.refuseEarly(w, r, fault(http.StatusRequestEntityTooLarge, typeTooLong,
			"the body is over the limit of "+strconv.FormatInt(s.cfg.MaxBody, 10)+" bytes: send less at a time"))
	default:
		w.Header().Set("Connection", "close")
		s.fail(w, r, badRequest(typeParse, "read body: "+err.Error()))
	}
	return nil, false
}

func (s *Server) readInto(to *body, w http.ResponseWriter, r *http.Request) error {
	packed, err := coding(r)
	if err != nil {
		return err
	}
	if r.ContentLength > s.cfg.MaxBody {
		return errTooLong
	}
	sent := &pacedReader{from: r.Body, control: http.NewResponseController(w), limit: s.cfg.MaxBody}
	defer sent.done()
	defer func() { s.metrics.bytes.WithLabelValues("sent").Add(float64(sent.read)) }()
	if !packed {
		return to.readAll(r.Context(), sent, r.ContentLength)
	}
	z, err := s.inflater(sent)
	if err != nil {
		return inflateError(err)
	}
	defer s.inflaters.Put(z)
	return inflateError(to.readAll(r.Context(), z, -1))
}

// coding reports whether a body is compressed.
func coding(r *http.Request) (packed bool, err error) {
	switch given := strings.ToLower(r.Header.Get("Content-Encoding")); given {
	case "", "identity":
		return false, nil
	case "gzip", "x-gzip":
		return true, nil
	default:
		return false, fault(http.StatusUnsupportedMediaType, typeArgument, "Content-Encoding ["+given+"] is not supported: gzip is")
	}
}

func (s *Server) inflater(from io.Reader) (*gzip.Reader, error) {
	if z, ok := s.inflaters.Get().(*gzip.Reader); ok {
		return z, z.Reset(from)
	}
	return gzip.NewReader(from)
}

// inflateError tells broken gzip, which is the sender's, from all else.
func inflateError(err error) error {
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || isCorrupt(err) {
		return badRequest(typeParse, "inflate body: "+err.Error())
	}
	return err
}

func isCorrupt(err error) bool {
	return err != nil && strings.HasPrefix(err.Error(), "flate: corrupt input")
}

// readAll reads until the end. size is what is known of it; -1: nothing. The
// buffer may be longer than what was reserved; then that much of it is used.
func (to *body) readAll(ctx context.Context, from io.Reader, size int64) error {
	limit := to.server.cfg.MaxBody
	next := int64(minBuffer)
	if size >= 0 {
		next = min(size+1, 1<<20) // not more on the word of a client; a byte more to see the end
	}
	for {
		if err := to.enlarge(ctx, next); err != nil {
			return err
		}
		for int64(len(to.b)) < next {
			n, err := from.Read(to.b[len(to.b):next])
			to.b = to.b[:len(to.b)+n]
			switch {
			case int64(len(to.b)) > limit:
				return errTooLong
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			}
		}
		if next = min(2*next, limit+1); size >= 0 {
			next = max(min(next, size+1), int64(len(to.b))+1)
		}
	}
}

// enlarge makes room for size bytes in all.
func (to *body) enlarge(ctx context.Context, size int64) error {
	if err := to.reserve(ctx, size); err != nil {
		return err
	}
	if to.buffer != nil && int64(cap(to.b)) >= size {
		return nil
	}
	larger := to.server.buffers.get(int(size))
	if to.buffer != nil {
		larger.b = append(larger.b, to.b...)
		to.server.buffers.put(to.buffer)
	}
	to.buffer = larger
	return nil
}

// reserve waits for room, as long as a request is held for a full queue. What would
// never fit takes all of it: a refusal would only be tried again.
func (to *body) reserve(ctx context.Context, size int64) error {
	size = min(size, to.server.cfg.MemoryLimit)
	waiting, stop := context.WithTimeout(ctx, to.server.cfg.Hold)
	defer stop()
	if err := to.lease.grow(waiting, size); err != nil {
		return fmt.Errorf("wait for memory: %w", ErrQueueFull)
	}
	return nil
}
