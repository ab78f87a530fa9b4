package sink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

// SyslogOptions are those of a Syslog.
type SyslogOptions struct {
	// Network is unix, udp, tcp or tls.
	Network string
	// Address is host:port, or the path of a socket; "" = /dev/log.
	Address  string
	TLS      *tls.Config // of tls; nil: the system's authorities
	Facility string      // "" = authpriv
	Host     string      // the name of this host
	JSON     bool        // the text is the alert's document
	MaxBytes int         // of a message; 0 = 2048 over udp, 8192 otherwise: what receivers take at least
	Timeout  time.Duration
}

// Syslog sends alerts as RFC 5424 messages: a datagram each over unix and udp,
// counted in octets (RFC 6587) over tcp and tls.
//
// Syslog knows no receipt. What was written to a stream whose other end has just gone
// away is lost, and nobody can tell; so is any datagram over udp. Before each batch
// the stream is asked whether the other end has closed it. Where every alert must be
// there, use a webhook or forward.
type Syslog struct {
	opts   SyslogOptions
	header syslogHeader
	conn   net.Conn
	stream bool // messages are counted
}

// NewSyslog returns one; nothing is opened before there is something to send.
func NewSyslog(opts SyslogOptions) (*Syslog, error) {
	if opts.Facility == "" {
		opts.Facility = "authpriv"
	}
	facility, ok := syslogFacilities[opts.Facility]
	if !ok {
		return nil, fmt.Errorf("unknown facility %s", opts.Facility)
	}
	most := 8192
	switch opts.Network {
	case "unix":
		if opts.Address == "" {
			opts.Address = "/dev/log"
		}
	case "udp":
		most = 2048
	case "tcp", "tls":
	default:
		return nil, fmt.Errorf("unknown network %s: unix, udp, tcp or tls", opts.Network)
	}
	if opts.MaxBytes <= 0 {
		opts.MaxBytes = most
	}
	if opts.Timeout <= 0 {
		opts.Timeout = 10 * time.Second
	}
	return &Syslog{opts: opts, header: syslogHeader{facility, opts.Host, os.Getpid()}}, nil
}

// Deliver sends items one after the other.
func (s *Syslog) Deliver(ctx context.Context, items []Item) ([]Outcome, error) {
	if s.gone() {
		s.hangUp()
	}
	if s.conn == nil {
		if err := s.dial(ctx); err != nil {
			return nil, fmt.Errorf("connect to syslog: %w", err)
		}
	}
	stop := context.AfterFunc(ctx, s.interrupt(s.conn))
	defer stop()
	var outcomes []Outcome
	for i := range items {
		f, err := FieldsOf(&items[i])
		if err != nil {
			outcomes = append(outcomes, Outcome{Refused, err.Error()})
			continue
		}
		text := sentence(f)
		if s.opts.JSON {
			text = string(items[i].Doc)
		}
		if err := s.send(s.header.message(f, text, time.Now(), s.opts.MaxBytes)); err != nil {
			s.hangUp()
			return outcomes, fmt.Errorf("send to syslog: %w", err)
		}
		outcomes = append(outcomes, Outcome{Verdict: Taken})
	}
	return outcomes, nil
}

func (s *Syslog) interrupt(conn net.Conn) func() {
	return func() { _ = conn.SetDeadline(time.Now()) }
}

func (s *Syslog) send(message []byte) error {
	if s.stream {
		message = append(append(strconv.AppendInt(nil, int64(len(message)), 10), ' '), message...)
	}
	if err := s.conn.SetWriteDeadline(time.Now().Add(s.opts.Timeout)); err != nil {
		return err
	}
	_, err := s.conn.Write(message)
	return err
}

func (s *Syslog) dial(ctx context.Context) error {
	dialer := &net.Dialer{Timeout: s.opts.Timeout}
	var err error
	switch s.opts.Network {
	case "unix":
		// Which of the two a daemon has opened can only be tried.
		s.conn, err = dialer.DialContext(ctx, "unixgram", s.opts.Address)
		if s.stream = errors.Is(err, syscall.EPROTOTYPE); s.stream {
			s.conn, err = dialer.DialContext(ctx, "unix", s.opts.Address)
		}
	case "udp":
		s.conn, err = dialer.DialContext(ctx, "udp", s.opts.Address)
	case "tcp":
		s.stream = true
		s.conn, err = dialer.DialContext(ctx, "tcp", s.opts.Address)
	case "tls":
		s.stream = true
		s.conn, err = (&tls.Dialer{NetDialer: dialer, Config: s.opts.TLS}).DialContext(ctx, "tcp", s.opts.Address)
	}
	if err != nil {
		s.conn = nil
	}
	return err
}

// gone reports whether the other end of a stream has closed it: a receiver says
// nothing, so there is an end to read or there is nothing.
func (s *Syslog) gone() bool {
	if s.conn == nil || !s.stream {
		return false
	}
	if err := s.conn.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
		return true
	}
	_, err := s.conn.Read(make([]byte, 1))
	var timeout net.Error
	return err != nil && (!errors.As(err, &timeout) || !timeout.Timeout())
}

func (s *Syslog) hangUp() {
	if s.conn != nil {
		_ = s.conn.Close() // it is not used any more
		s.conn = nil
	}
}

// Close ends the connection.
func (s *Syslog) Close() error {
	s.hangUp()
	return nil
}
