package server

import (
	"errors"
	"net/http"
)

// Refusal is how a request is refused for which there was no room.
type Refusal uint8

// The ways.
const (
	// RefuseAuto is what loses least for the client at hand. What clients do with a
	// refusal was found by running them or read in their source:
	//
	//   - rsyslog 8.2302 throws a batch away on any answer that is not 200, but keeps
	//     it when the connection breaks: so that is what it gets.
	//   - go-elasticsearch, opensearch-go and the JavaScript clients give up at once on
	//     429, but by default try three to six times more on 503, each of which is
	//     held in its turn.
	//   - Beats, Logstash, Vector and Fluent Bit send again after 429 and after 503.
	RefuseAuto   Refusal = iota
	RefuseAs429          // to everybody, as Elasticsearch does
	RefuseAs503          // to everybody
	RefuseByDrop         // to everybody: the connection is closed with no answer
)

// refuse answers a request none of whose documents were stored, for a reason that
// lies with us.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, cause error) {
	who := clientOf(r)
	reason, f := refusalOf(cause)
	way := s.cfg.Refusal
	if way == RefuseAuto {
		switch {
		case who == rsyslogClient:
			way = RefuseByDrop
		case who == retryingClient && f.status == http.StatusTooManyRequests:
			way = RefuseAs503
		}
	}
	switch {
	case way == RefuseByDrop:
		s.metrics.refused.WithLabelValues(who.String(), reason, "drop").Inc()
		panic(http.ErrAbortHandler) // closes the connection, and says nothing of it
	case way == RefuseAs503 && f.status == http.StatusTooManyRequests:
		f = fault(http.StatusServiceUnavailable, typeUnavailable, f.reason)
	}
	s.metrics.refused.WithLabelValues(who.String(), reason, http.StatusText(f.status)).Inc()
	w.Header().Set("Retry-After", "1")
	if errors.Is(cause, ErrStopping) {
		w.Header().Set("Connection", "close")
	}
	s.fail(w, r, f)
}

// refusalOf says for metrics what was amiss, and answers it as Elasticsearch would.
func refusalOf(cause error) (reason string, f *failure) {
	switch {
	case errors.Is(cause, ErrQueueFull):
		return "full", fault(http.StatusTooManyRequests, typeRejected, "rejected execution: the queue is full; nothing of this request was stored")
	case errors.Is(cause, ErrDiskFull):
		return "disk_full", fault(http.StatusServiceUnavailable, typeUnavailable, "the disk is full; nothing of this request was stored")
	case errors.Is(cause, ErrStarting):
		return "starting", fault(http.StatusServiceUnavailable, typeUnavailable, "starting; nothing of this request was stored")
	case errors.Is(cause, ErrStopping):
		return "stopping", fault(http.StatusServiceUnavailable, typeUnavailable, "stopping; nothing of this request was stored")
	case errors.Is(cause, ErrReadOnly):
		return "read_only", fault(http.StatusServiceUnavailable, typeUnavailable, "the store can not be written; nothing of this request was stored")
	}
	return "failed", fault(http.StatusServiceUnavailable, typeUnavailable, "the store failed; see the log of the daemon")
}
