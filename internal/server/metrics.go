package server

import (
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what the server counts. All names begin with tripline_http.
type metrics struct {
	requests  *prometheus.CounterVec
	bytes     *prometheus.CounterVec
	documents *prometheus.CounterVec
	refused   *prometheus.CounterVec
	denied    *prometheus.CounterVec
	ignored   *prometheus.CounterVec
	malformed prometheus.Counter
	held      prometheus.Histogram
	holding   prometheus.Gauge
	memory    prometheus.Gauge
	conns     prometheus.Gauge
	evicted   prometheus.Counter
}

func newMetrics(to *prometheus.Registry) *metrics {
	const space, sub = "tripline", "http"
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: space, Subsystem: sub, Name: name, Help: help})
	}
	vec := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: space, Subsystem: sub, Name: name, Help: help}, labels)
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: space, Subsystem: sub, Name: name, Help: help})
	}
	m := &metrics{
		requests:  vec("requests_total", "Requests answered, by method and status.", "method", "status"),
		bytes:     vec("body_bytes_total", "Bytes of request bodies, as sent and inflated.", "form"),
		documents: vec("documents_total", "Documents of bulks and single ones, by what became of them.", "outcome"),
		refused:   vec("refused_total", "Requests refused for a reason that is not the client's: nothing of them is stored.", "client", "reason", "answer"),
		denied:    vec("denied_total", "Requests with a key that is unknown or lacks a scope.", "reason"),
		ignored:   vec("ignored_total", "What clients asked for in vain: parameters, keys of actions, pipelines, by name.", "kind", "name"),
		malformed: counter("malformed_bulks_total", "Bulks refused because they can not be read."),
		holding:   gauge("held_requests", "Requests that wait for room now."),
		memory:    gauge("body_memory_bytes", "Memory that request bodies take now."),
		conns:     gauge("connections", "Open connections."),
		evicted:   counter("evicted_connections_total", "Idle connections closed to make room for others."),
		held: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: space, Subsystem: sub, Name: "held_seconds",
			Help: "How long requests that had to wait for room did.", Buckets: []float64{0.01, 0.1, 0.5, 1, 2, 5, 10, 30},
		}),
	}
	to.MustRegister(m.requests, m.bytes, m.documents, m.refused, m.denied, m.ignored, m.malformed, m.held, m.holding, m.memory, m.conns, m.evicted)
	return m
}

const (
	// maxNames is how many different names of one kind are counted by name.
	maxNames = 64
	// maxName is how long a name may be.
	maxName = 64
	// maxSeen is how many things are remembered as logged.
	maxSeen = 512
)

// seen remembers what was seen before; not more than maxSeen things.
type seen struct {
	mu    sync.Mutex
	known map[string]bool
	kinds map[string]int
}

// first reports whether a thing of a kind is new. When there is no room any more
// nothing is.
func (s *seen) first(kind, name string, limit int) (isNew, isKnown bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := kind + "\x00" + name
	if s.known[id] {
		return false, true
	}
	if s.kinds[kind] >= limit || len(s.known) >= maxSeen {
		return false, false
	}
	if s.known == nil {
		s.known, s.kinds = make(map[string]bool), make(map[string]int)
	}
	s.known[id] = true
	s.kinds[kind]++
	return true, true
}

// ignore counts something that is asked for in vain, by a name that a client made.
func (s *Server) ignore(kind, name string, n int) (isNew bool) {
	if len(name) > maxName {
		name = name[:maxName]
	}
	name = strings.ToValidUTF8(name, "?")
	isNew, isKnown := s.seen.first(kind, name, maxNames)
	if !isKnown {
		name = "(others)"
	}
	s.metrics.ignored.WithLabelValues(kind, name).Add(float64(n))
	return isNew
}

// bulkParameters are those that a bulk may have, whether they mean anything or not.
var bulkParameters = []string{
	"refresh", "timeout", "require_alias", "require_data_stream", "pipeline", "filter_path", "wait_for_active_shards", "routing",
	"_source", "_source_includes", "_source_excludes", "list_executed_pipelines", "include_source_on_error", "human", "error_trace",
	"pretty", "type", "op_type", "format",
}

// countUnknown counts the parameters that nobody knows. Elasticsearch refuses them.
func (s *Server) countUnknown(query url.Values, known []string) {
	for name := range query {
		if !slices.Contains(known, name) {
			s.ignore("parameter", name, 1)
		}
	}
}
