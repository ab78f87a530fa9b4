package server

import "net"

// ServeOn serves a listener of a test, as a Unix socket is, and returns what waits
// until it is closed.
func ServeOn(s *Server, l net.Listener) (wait func()) {
	one := s.httpServer(Local)
	done := make(chan struct{})
	go func() {
		_ = one.Serve(l)
		_ = one.Close()
		close(done)
	}()
	return func() { <-done }
}
