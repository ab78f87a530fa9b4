// Package tripline runs Elastic's Event Query Language over events, without an
// Elastic Stack: compile a query, feed it JSON documents, take the matches.
//
//	q, err := tripline.Compile(`process where process.name : "nc*"`, tripline.Options{})
//	s := q.NewSession()
//	err = s.Feed([]byte(`{"@timestamp": "...", "event": {"category": "process"}, ...}`))
//	for m, err := range s.Matches() { ... }
//
// The language and what each operator means are those of Elasticsearch; the
// package eql is its syntax tree. Documents are Elastic Common Schema events, or
// any JSON objects whose fields the query names.
//
// A Query is compiled once and may be shared by goroutines. A Session belongs to
// one goroutine, holds every document it is fed until it is dropped (about ten
// times the documents' bytes), and judges them in order of time when Matches is
// ranged over.
package tripline
