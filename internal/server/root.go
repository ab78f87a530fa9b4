package server

import (
	"net/http"
	"strconv"
	"time"
)

// root is GET and HEAD /. Nothing in it says that this is not Elasticsearch: what
// is compared byte by byte differs from client to client. The header
// X-Tripline-Version does.
func (s *Server) root(w http.ResponseWriter, r *http.Request) {
	b := []byte(`{"name":"tripline","cluster_name":"tripline","cluster_uuid":"` + s.cfg.clusterUUID() + `","version":{"number":"`)
	b = append(b, s.versionFor(r)...)
	b = append(b, `","build_flavor":"default","build_type":"tar","build_hash":"0000000000000000000000000000000000000000","build_date":"2026-01-01T00:00:00.000Z","build_snapshot":false,`...)
	b = append(b, `"lucene_version":"10.0.0","minimum_wire_compatibility_version":"8.19.0","minimum_index_compatibility_version":"8.0.0"},"tagline":"You Know, for Search"}`...)
	s.answer(w, r, http.StatusOK, b)
}

// clusterHealth is what Vector asks before it sends anything.
func (s *Server) clusterHealth(w http.ResponseWriter, r *http.Request) {
	if err := s.ready(); err != nil {
		w.Header().Set("Retry-After", "1")
		s.fail(w, r, fault(http.StatusServiceUnavailable, typeUnavailable, "not ready: "+err.Error()))
		return
	}
	s.answer(w, r, http.StatusOK, []byte(`{"cluster_name":"tripline","status":"green","timed_out":false,"number_of_nodes":1,"number_of_data_nodes":1,"active_primary_shards":1,"active_shards":1,`+
		`"relocating_shards":0,"initializing_shards":0,"unassigned_shards":0,"delayed_unassigned_shards":0,"number_of_pending_tasks":0,"number_of_in_flight_fetch":0,`+
		`"task_max_waiting_in_queue_millis":0,"active_shards_percent_as_number":100.0}`))
}

// catHealth is what rsyslog asks after a failure, and with several servers before
// each batch.
func (s *Server) catHealth(w http.ResponseWriter, r *http.Request) {
	now := time.Now().UTC()
	s.answerText(w, http.StatusOK, strconv.FormatInt(now.Unix(), 10)+now.Format(" 15:04:05")+" tripline green 1 1 1 1 0 0 0 0 - 100.0%\n")
}

func (s *Server) answerText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	s.allowWriting(w, len(text))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // the client is gone if it fails
}

// nodes is for clients that ask which nodes there are, and from then on talk to what
// they are told: that is the address by which they came.
func (s *Server) nodes(w http.ResponseWriter, r *http.Request) {
	b := []byte(`{"_nodes":{"total":1,"successful":1,"failed":0},"cluster_name":"tripline","nodes":{"n1":{"name":"tripline","version":"` +
		s.versionFor(r) + `","roles":["data","ingest"],"http":{"publish_address":`)
	b = appendString(b, r.Host)
	s.answer(w, r, http.StatusOK, append(b, `}}}}`...))
}
