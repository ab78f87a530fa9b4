package server

import (
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/semaphore"
)

// Server answers requests. Its methods may be called by several goroutines.
type Server struct {
	cfg       Config
	metrics   *metrics
	keys      *keyCache
	routes    *chi.Mux
	room      room
	buffers   buffers
	bulks     sync.Pool // of *bulk
	inflaters sync.Pool // of *gzip.Reader
	seen      seen      // what is logged once

	stopping atomic.Bool
	doors    doors
}

// New returns a server that does not listen yet.
func New(cfg Config) (*Server, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, metrics: newMetrics(cfg.Registry), keys: newKeyCache(cfg.Keys)}
	s.room = room{all: semaphore.NewWeighted(cfg.MemoryLimit), taken: func(delta int64) { s.metrics.memory.Add(float64(delta)) }}
	s.bulks.New = func() any { return newBulk() }
	s.routes = s.newRoutes()
	return s, nil
}

// Access is by which door a request came.
type Access uint8

// The doors.
const (
	Keyed Access = iota // TCP: a key is needed
	Local               // the Unix socket: who can open it may do everything
)

// Handler returns what answers the requests of a door.
func (s *Server) Handler(access Access) http.Handler {
	return s.outermost(withAccess(access, s.routes))
}
