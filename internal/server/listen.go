package server

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	// DefaultMaxConnections is how many connections there may be: at some ten KiB
	// each, and as many file descriptors.
	DefaultMaxConnections = 4096

	headerPatience = 10 * time.Second
	idlePatience   = 5 * time.Minute // shippers come again within it
	maxHeader      = 64 << 10
)

// Listen is where a server listens.
type Listen struct {
	Socket         string   // the path of a Unix socket, made with mode 0600; "": none
	TCP            []string // host:port; needs a key, and TLS if it is not loopback
	CertFile       string   // PEM, with KeyFile: then all of TCP is TLS
	KeyFile        string
	MaxConnections int
	// Inherited are listeners that were opened before; see Inherited. They are closed
	// with the others.
	Inherited []net.Listener
}

// Error is an error with what to do about it.
type Error struct {
	Err  error
	Hint string
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func hinted(hint, format string, args ...any) error {
	return &Error{Err: fmt.Errorf(format, args...), Hint: hint}
}

// doors are what a server listens on.
type doors struct {
	mu      sync.Mutex
	servers []*http.Server
	sockets []net.Listener
	tcp     []net.Listener
	cert    *certificate
}

// Open begins to listen; who connects waits for Serve. On an error nothing is left
// open. It is called once.
func (s *Server) Open(ctx context.Context, l Listen) error {
	err := s.open(ctx, l)
	if err != nil {
		s.closeDoors()
	}
	return err
}

func (s *Server) open(ctx context.Context, l Listen) error {
	d := &s.doors
	crowd := newCrowd(cmp.Or(l.MaxConnections, DefaultMaxConnections), s.metrics)
	if l.CertFile != "" || l.KeyFile != "" {
		cert, err := loadCertificate(l.CertFile, l.KeyFile)
		if err != nil {
			return err
		}
		d.cert = cert
	}
	if address := l.someTCP(); address != "" {
		if err := s.hasKey(ctx, address); err != nil {
			return err
		}
	}
	for _, listener := range l.Inherited {
		if err := d.adopt(listener, crowd); err != nil {
			return err
		}
	}
	for _, address := range l.TCP {
		listener, err := listenTCP(ctx, address, d.cert != nil)
		if err != nil {
			return err
		}
		d.tcp = append(d.tcp, d.secured(crowd.guard(listener)))
	}
	if l.Socket != "" {
		socket, err := listenUnix(ctx, l.Socket)
		if err != nil {
			return err
		}
		d.sockets = append(d.sockets, crowd.guard(socket))
	}
	return nil
}

// someTCP returns a TCP address that would be listened on; "" if none would.
func (l *Listen) someTCP() string {
	for _, listener := range l.Inherited {
		if at, ok := listener.Addr().(*net.TCPAddr); ok {
			return at.String()
		}
	}
	if len(l.TCP) > 0 {
		return l.TCP[0]
	}
	return ""
}

// secured puts TLS over a listener if there is a certificate.
func (d *doors) secured(listener net.Listener) net.Listener {
	if d.cert == nil {
		return listener
	}
	return tls.NewListener(listener, d.cert.config())
}

// hasKey refuses to listen where nobody could be let in.
func (s *Server) hasKey(ctx context.Context, address string) error {
	const hint = "make one with `tripline keys create --scope ingest`"
	if s.cfg.Keys == nil {
		return hinted(hint, "listen on %s: a TCP address needs a key, and there is none", address)
	}
	switch some, err := s.cfg.Keys.Any(ctx); {
	case err != nil:
		return fmt.Errorf("read keys: %w", err)
	case !some:
		return hinted(hint, "listen on %s: a TCP address needs a key, and there is none", address)
	}
	return nil
}

// listenTCP refuses to speak in the clear to other machines: keys would be for
// whoever listens.
func listenTCP(ctx context.Context, address string, secure bool) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	if at, ok := listener.Addr().(*net.TCPAddr); !secure && (!ok || !at.IP.IsLoopback()) {
		_ = listener.Close()
		return nil, hinted("give --tls-cert and --tls-key, or listen on a loopback address such as 127.0.0.1:9200",
			"listen on %s: this address is reached from other machines, and there is no TLS", address)
	}
	return listener, nil
}

// Addresses returns where the server listens; for a port 0 the one that it got.
func (s *Server) Addresses() []net.Addr {
	s.doors.mu.Lock()
	defer s.doors.mu.Unlock()
	var all []net.Addr
	for _, l := range slices.Concat(s.doors.sockets, s.doors.tcp) {
		all = append(all, l.Addr())
	}
	return all
}

// Serve answers until Shutdown, or until a listener fails.
func (s *Server) Serve() error {
	d := &s.doors
	failed := make(chan error)
	begin := func(listener net.Listener, access Access) {
		one := s.httpServer(access)
		d.servers = append(d.servers, one)
		go func() { failed <- one.Serve(listener) }()
	}
	d.mu.Lock()
	if s.stopping.Load() {
		d.mu.Unlock()
		return nil
	}
	for _, l := range d.sockets {
		begin(l, Local)
	}
	for _, l := range d.tcp {
		begin(l, Keyed)
	}
	n := len(d.servers)
	d.mu.Unlock()
	var all error
	for range n {
		if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
			all = errors.Join(all, fmt.Errorf("serve HTTP: %w", err))
			s.closeDoors() // the others end too: half a server is none
		}
	}
	return all
}

// httpServer is HTTP/1.1 alone, as Elasticsearch is.
func (s *Server) httpServer(access Access) *http.Server {
	one := &http.Server{
		Handler:           s.Handler(access),
		ReadHeaderTimeout: headerPatience,
		IdleTimeout:       idlePatience,
		MaxHeaderBytes:    maxHeader,
		ConnState:         connState,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug), // broken connections and handshakes
		Protocols:         new(http.Protocols),
	}
	one.Protocols.SetHTTP1(true)
	return one
}

// Shutdown stops listening at once, so that clients see a refused connection, which
// all of them survive; and waits until the requests at hand are answered, or ctx
// ends: then they are cut off.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stopping.Store(true)
	d := &s.doors
	d.mu.Lock()
	servers := d.servers
	d.mu.Unlock()
	if len(servers) == 0 {
		s.closeDoors()
		return nil
	}
	done := make(chan error)
	for _, one := range servers {
		go func() {
			err := one.Shutdown(ctx)
			if err != nil {
				_ = one.Close()
			}
			done <- err
		}()
	}
	var all error
	for range servers {
		all = errors.Join(all, <-done)
	}
	if all != nil {
		return fmt.Errorf("drain HTTP: %w", all)
	}
	return nil
}

// closeDoors stops listening and cuts off who is connected.
func (s *Server) closeDoors() {
	d := &s.doors
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, one := range d.servers {
		_ = one.Close()
	}
	for _, l := range slices.Concat(d.sockets, d.tcp) {
		_ = l.Close()
	}
}

// ReloadCertificate reads the files of TLS again. On an error the old certificate
// stays.
func (s *Server) ReloadCertificate() error {
	if s.doors.cert == nil {
		return nil
	}
	return s.doors.cert.load()
}
