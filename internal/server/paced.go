package server

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// pacedReader reads what a client sends, up to a limit, and gives it up when it
// takes too long.
type pacedReader struct {
	from    io.Reader
	control *http.ResponseController
	limit   int64

	read    int64
	begun   time.Time
	allowed time.Time // the deadline that is set
	ended   bool      // all was read
}

func (p *pacedReader) Read(b []byte) (int, error) {
	now := time.Now()
	if p.begun.IsZero() {
		p.begun = now
	}
	// Two limits: the silence between two reads, and the whole at the slowest rate.
	// Setting a deadline costs a system's timer, so it is done once in a second.
	deadline := now.Add(readPatience)
	if whole := p.begun.Add(2*readPatience + time.Duration(p.read/slowestRate)*time.Second); whole.Before(deadline) {
		deadline = whole
	}
	if deadline.Sub(p.allowed).Abs() > time.Second {
		_ = p.control.SetReadDeadline(deadline) // a recorder in a test has none
		p.allowed = deadline
	}
	n, err := p.from.Read(b)
	p.ended = p.ended || errors.Is(err, io.EOF)
	if p.read += int64(n); p.read > p.limit {
		return n, errTooLong
	}
	return n, err
}

// done takes the deadline away: while a request waits for its answer the server
// watches the connection, and would take it for broken. If there is more to come
// it may not take long, as net/http reads some of it before it sends an answer.
func (p *pacedReader) done() {
	var deadline time.Time
	if !p.ended {
		deadline = time.Now().Add(lastPatience)
	}
	_ = p.control.SetReadDeadline(deadline)
}

// drain reads what is left of a body that is refused, up to a limit, so that the
// client sees the answer. One that waits to be told to go on is not asked for it.
func (s *Server) drain(w http.ResponseWriter, r *http.Request) {
	if r.Body == nil || r.Header.Get("Expect") != "" {
		w.Header().Set("Connection", "close")
		return
	}
	rest := &pacedReader{from: r.Body, control: http.NewResponseController(w), limit: maxDrained}
	defer rest.done()
	if _, err := io.Copy(io.Discard, rest); err != nil {
		w.Header().Set("Connection", "close")
	}
}

// refuseEarly answers a request whose body was not read.
func (s *Server) refuseEarly(w http.ResponseWriter, r *http.Request, f *failure) {
	s.drain(w, r)
	s.fail(w, r, f)
}
