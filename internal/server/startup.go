package server

import (
	"net/http"
	"strings"
)

// What shippers ask before they send anything. An answer is the least that they
// take for "go on": templates and policies exist already, so that nobody makes
// them; and what is made all the same is acknowledged and thrown away.
const (
	acknowledged = `{"acknowledged":true}`
	shards       = `{"_shards":{"total":1,"successful":1,"failed":0}}`
	noMonitoring = `{"took":0,"ignored":true,"errors":false}`

	// license: Logstash gives a node up that has none; Beats demand an end of a trial.
	license = `{"license":{"status":"active","uid":"00000000-0000-4000-8000-000000000000","type":"basic","issue_date":"2026-01-01T00:00:00.000Z",` +
		`"issue_date_in_millis":1767225600000,"max_nodes":1000,"issued_to":"tripline","issuer":"tripline","start_date_in_millis":-1}}`

	// xpack, with no lifecycle management: old Beats then leave it alone.
	xpack = `{"build":{},"license":{"uid":"00000000-0000-4000-8000-000000000000","type":"basic","mode":"basic","status":"active"},` +
		`"features":{"ilm":{"available":false,"enabled":false},"security":{"available":true,"enabled":false}}}`
)

// acknowledge takes what somebody sets up, and does nothing.
func (s *Server) acknowledge(w http.ResponseWriter, r *http.Request) {
	s.drain(w, r)
	s.answer(w, r, http.StatusOK, []byte(acknowledged))
}

// dataStreams is GET /_data_stream[/{name}]: any name is one that exists.
func (s *Server) dataStreams(w http.ResponseWriter, r *http.Request) {
	name := param(r, "name")
	if name == "" || strings.Contains(name, "*") {
		s.answer(w, r, http.StatusOK, []byte(`{"data_streams":[]}`))
		return
	}
	b := appendString([]byte(`{"data_streams":[{"name":`), name)
	s.answer(w, r, http.StatusOK, append(b, `,"timestamp_field":{"name":"@timestamp"},"indices":[],"generation":1,"status":"GREEN","template":"tripline"}]}`...))
}

// indexExists is HEAD /{index}: a valid name is as good as there, it springs up with
// its first document.
func (s *Server) indexExists(w http.ResponseWriter, r *http.Request) {
	if f := badIndex(param(r, "index")); f != nil {
		s.fail(w, r, fault(http.StatusNotFound, typeNoIndex, "no such index ["+param(r, "index")+"]"))
		return
	}
	s.answer(w, r, http.StatusOK, []byte("{}"))
}

// getIndex is GET /{index}.
func (s *Server) getIndex(w http.ResponseWriter, r *http.Request) {
	name := param(r, "index")
	if badIndex(name) != nil {
		s.fail(w, r, fault(http.StatusNotFound, typeNoIndex, "no such index ["+name+"]"))
		return
	}
	b := appendString([]byte{'{'}, name)
	s.answer(w, r, http.StatusOK, append(b, `:{"aliases":{},"mappings":{},"settings":{}}}`...))
}

// makeIndex is PUT /{index}, with which Logstash also makes the names with a date of
// its lifecycles, `<logstash-{now/d}-000001>`.
func (s *Server) makeIndex(w http.ResponseWriter, r *http.Request) {
	name := param(r, "index")
	if f := badIndex(name); f != nil && !(strings.HasPrefix(name, "<") && strings.HasSuffix(name, ">")) {
		s.refuseEarly(w, r, f)
		return
	}
	s.drain(w, r)
	b := appendString([]byte(`{"acknowledged":true,"shards_acknowledged":true,"index":`), name)
	s.answer(w, r, http.StatusOK, append(b, '}'))
}

// noPipeline is GET /_ingest/pipeline/{name}.
func (s *Server) noPipeline(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, http.StatusNotFound, []byte("{}"))
}

// makePipeline is PUT /_ingest/pipeline/{name}.
func (s *Server) makePipeline(w http.ResponseWriter, r *http.Request) {
	s.notePipeline(r, param(r, "name"), 1)
	s.acknowledge(w, r)
}

// monitoring is where Beats report on themselves.
func (s *Server) monitoring(w http.ResponseWriter, r *http.Request) {
	s.drain(w, r)
	s.answer(w, r, http.StatusOK, []byte(noMonitoring))
}

// notServed is for searches that are not there.
func (s *Server) notServed(w http.ResponseWriter, r *http.Request) {
	s.refuseEarly(w, r, badRequest(typeArgument, "["+r.URL.Path+"] is not served: documents are searched by [_eql/search]"))
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	s.refuseEarly(w, r, fault(http.StatusNotFound, typeNotFound, "["+r.URL.Path+"] is not served"))
}
