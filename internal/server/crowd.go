package server

import (
	"container/list"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
)

// crowd keeps the number of connections within a limit. When it is reached, the one
// that has been silent for longest makes room for the next; while all are at work the
// next ones wait in the system's queue. So neither a flood of connections nor one of
// idle ones keeps the others out.
type crowd struct {
	places  chan struct{} // one taken for each connection
	metrics *metrics

	mu     sync.Mutex
	silent *list.List // of *guest: connected, and nothing came yet
	idle   *list.List // of *guest: between two requests
}

func newCrowd(most int, m *metrics) *crowd {
	return &crowd{places: make(chan struct{}, most), metrics: m, silent: list.New(), idle: list.New()}
}

// guest is a connection.
type guest struct {
	net.Conn
	crowd *crowd
	once  sync.Once

	list *list.List // which it is in; nil: none
	at   *list.Element
	gone bool
}

func (c *crowd) guard(l net.Listener) net.Listener { return &guarded{Listener: l, crowd: c} }

type guarded struct {
	net.Listener
	crowd *crowd
}

func (l *guarded) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.crowd.enter()
	l.crowd.metrics.conns.Inc()
	g := &guest{Conn: conn, crowd: l.crowd}
	l.crowd.wait(g, l.crowd.silent)
	return g, nil
}

// enter takes a place, or waits for one.
func (c *crowd) enter() {
	select {
	case c.places <- struct{}{}:
		return
	default:
	}
	if g := c.longest(); g != nil {
		c.metrics.evicted.Inc()
		_ = g.Close()
	}
	c.places <- struct{}{}
}

// longest returns who may be sent away: one that never said anything, else one that
// has nothing to say now.
func (c *crowd) longest() *guest {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range []*list.List{c.silent, c.idle} {
		if e := l.Front(); e != nil {
			g, _ := e.Value.(*guest)
			g.leaveList()
			return g
		}
	}
	return nil
}

func (c *crowd) wait(g *guest, l *list.List) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if g.leaveList(); !g.gone {
		g.list, g.at = l, l.PushBack(g)
	}
}

// leaveList needs the crowd's lock.
func (g *guest) leaveList() {
	if g.list != nil {
		g.list.Remove(g.at)
		g.list, g.at = nil, nil
	}
}

// Close gives up the place.
func (g *guest) Close() error {
	g.once.Do(func() {
		g.crowd.mu.Lock()
		g.leaveList()
		g.gone = true
		g.crowd.mu.Unlock()
		g.crowd.metrics.conns.Dec()
		<-g.crowd.places
	})
	return g.Conn.Close()
}

// connState is told by net/http what its connections do.
func connState(conn net.Conn, state http.ConnState) {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	g, ok := conn.(*guest)
	if !ok {
		return
	}
	switch state {
	case http.StateActive:
		g.crowd.mu.Lock()
		g.leaveList()
		g.crowd.mu.Unlock()
	case http.StateIdle:
		g.crowd.wait(g, g.crowd.idle)
	case http.StateNew, http.StateHijacked, http.StateClosed:
	}
}
