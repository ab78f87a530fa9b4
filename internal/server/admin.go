package server

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tripline-sec/tripline/internal/key"
)

// routeAdmin is what is Tripline's own. Health and readiness need no key: they say
// nothing but yes or no, to who watches over processes.
func (s *Server) routeAdmin(m *chi.Mux) {
	m.Get("/_tripline/health", s.probe(s.cfg.Health))
	m.Get("/_tripline/ready", s.probe(s.ready))
	show := promhttp.HandlerFor(s.cfg.Registry, promhttp.HandlerOpts{})
	s.on(m, "GET", key.Read, func(w http.ResponseWriter, r *http.Request) {
		s.allowWriting(w, 0)
		show.ServeHTTP(w, r)
	}, "/metrics", "/_tripline/metrics")
	if s.cfg.Status != nil {
		s.on(m, "GET", key.Read, s.status, "/_tripline/status")
	}
	if s.cfg.Reload != nil {
		s.on(m, "POST", key.Admin, s.reload, "/_tripline/reload")
	}
}

// Mount adds a handler for a method and a pattern of chi, for those who have a
// scope. It must be called before the first request.
func (s *Server) Mount(method, pattern string, scope key.Scope, handler http.Handler) {
	s.routes.Method(method, pattern, s.need(scope, handler.ServeHTTP))
}

// Answer sends a value as JSON, as all other answers are sent; for handlers that are
// mounted.
func (s *Server) Answer(w http.ResponseWriter, r *http.Request, status int, v any) {
	s.answerValue(w, r, status, v)
}

// Param returns a part of the path that a mounted pattern names, decoded.
func Param(r *http.Request, name string) string { return param(r, name) }

// ready says why no documents would be taken now; nil if they would.
func (s *Server) ready() error {
	if s.stopping.Load() {
		return ErrStopping
	}
	return s.cfg.Ready()
}

// probe answers 200 or 503.
func (s *Server) probe(check func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := check(); err != nil {
			s.answerValue(w, r, http.StatusServiceUnavailable, map[string]string{"status": "no", "reason": probeReason(r, err)})
			return
		}
		s.answer(w, r, http.StatusOK, []byte(`{"status":"ok"}`))
	}
}

// probeReason keeps the words of errors, in which there are paths, from who has
// shown no key.
func probeReason(r *http.Request, err error) string {
	if access, ok := r.Context().Value(accessKey{}).(Access); ok && access == Local {
		return err.Error()
	}
	for _, known := range []error{ErrStarting, ErrStopping, ErrQueueFull, ErrDiskFull, ErrReadOnly} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "see the log of the daemon"
}

func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	v, err := s.cfg.Status()
	if err != nil {
		s.fail(w, r, fault(http.StatusInternalServerError, typeInternal, err.Error()))
		return
	}
	s.answerValue(w, r, http.StatusOK, v)
}

// reload reads rules and certificates again. A set of rules that does not load is a
// 400, and changes nothing.
func (s *Server) reload(w http.ResponseWriter, r *http.Request) {
	s.drain(w, r)
	v, err := s.cfg.Reload(r.Context())
	if err != nil {
		s.fail(w, r, badRequest(typeArgument, err.Error()))
		return
	}
	s.answerValue(w, r, http.StatusOK, v)
}
