package server

import (
	"context"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
)

// outermost sets what every answer has, and keeps a fault in a handler from being
// the client's.
func (s *Server) outermost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		// Elastic's clients throw away what lacks it, as it were: a bulk that was
		// stored is told to their user as failed.
		h.Set("X-Elastic-Product", "Elasticsearch")
		h.Set("X-Tripline-Version", s.cfg.Version)
		if id := r.Header.Get("X-Opaque-Id"); id != "" {
			h.Set("X-Opaque-Id", id)
		}
		told := &statusWriter{ResponseWriter: w}
		defer func() { s.finish(told, r, recover()) }()
		path, ok := cleanPath(r.URL.EscapedPath(), s.cfg.Prefix)
		if !ok {
			s.refuseEarly(told, r, fault(http.StatusNotFound, typeNotFound, "all paths begin with "+s.cfg.Prefix))
			return
		}
		route := chi.NewRouteContext()
		route.RoutePath = path
		next.ServeHTTP(told, r.WithContext(context.WithValue(r.Context(), chi.RouteCtxKey, route)))
	})
}

// finish counts an answer, and makes one of a panic.
func (s *Server) finish(told *statusWriter, r *http.Request, failed any) {
	method := methodName(r.Method)
	if failed == nil && told.status == 0 {
		failed = "no answer" // net/http would make it a 200 with nothing in it, which some take for success
	}
	if failed == nil {
		s.metrics.requests.WithLabelValues(method, strconv.Itoa(told.status)).Inc()
		return
	}
	if failed != any(http.ErrAbortHandler) { //nolint:errorlint // net/http too looks for this very value
		s.cfg.Log.Error("answer request", "path", r.URL.Path, "panic", failed, "stack", string(debug.Stack()))
		if told.status == 0 {
			s.fail(told, r, fault(http.StatusInternalServerError, typeInternal, "an error of Tripline; see the log of the daemon"))
			s.metrics.requests.WithLabelValues(method, strconv.Itoa(told.status)).Inc()
			return
		}
	}
	s.metrics.requests.WithLabelValues(method, "aborted").Inc()
	panic(http.ErrAbortHandler) // what was begun can not be finished: the connection ends
}

// cleanPath returns the path that is routed by: without the prefix, empty parts and
// a slash at the end, and with the escapes of each part as net/url writes them. A
// part is decoded where it is used, by param: an escaped slash is none between two
// parts.
func cleanPath(escaped, prefix string) (string, bool) {
	rest, ok := strings.CutPrefix(escaped, prefix)
	if !ok || rest != "" && rest[0] != '/' {
		return "", false
	}
	if !strings.ContainsRune(rest, '%') && !strings.Contains(rest, "//") && (len(rest) > 1 && !strings.HasSuffix(rest, "/")) {
		return rest, true
	}
	var b strings.Builder
	for part := range strings.SplitSeq(rest, "/") {
		if part != "" {
			b.WriteByte('/')
			b.WriteString(url.PathEscape(unescape(part)))
		}
	}
	if b.Len() == 0 {
		return "/", true
	}
	return b.String(), true
}

func unescape(part string) string {
	if plain, err := url.PathUnescape(part); err == nil {
		return plain
	}
	return part
}

// param returns a part of the path, decoded.
func param(r *http.Request, name string) string { return unescape(chi.URLParam(r, name)) }

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// methodName keeps made-up methods out of the metrics.
func methodName(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete:
		return method
	}
	return "other"
}

// jsonOnly refuses bodies of other types.
func (s *Server) jsonOnly(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if f := typeIn(r); f != nil {
			s.refuseEarly(w, r, f)
			return
		}
		next(w, r)
	}
}
