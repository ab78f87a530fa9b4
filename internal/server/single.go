package server

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
)

// index is POST and PUT /{index}/_doc[/{id}], and the same with a type of old:
// rsyslog without bulkmode posts each message to /{index}/events.
func (s *Server) index(w http.ResponseWriter, r *http.Request) {
	switch op := r.URL.Query().Get("op_type"); op {
	case "", "index":
		s.store(w, r, opIndex)
	case "create":
		s.store(w, r, opCreate)
	default:
		s.refuseEarly(w, r, badRequest(typeArgument, "opType must be 'create' or 'index', found: ["+op+"]"))
	}
}

// create is POST and PUT /{index}/_create/{id}.
func (s *Server) create(w http.ResponseWriter, r *http.Request) { s.store(w, r, opCreate) }

// store stores one document.
func (s *Server) store(w http.ResponseWriter, r *http.Request, o op) {
	query := r.URL.Query()
	s.countUnknown(query, bulkParameters)
	a := action{op: o, index: []byte(param(r, "index")), requireAlias: wanted(r, "require_alias"), requireDataStream: wanted(r, "require_data_stream")}
	if id := param(r, "id"); id != "" {
		a.id = []byte(id)
	}
	f := badRefresh(query["refresh"])
	b, _ := s.bulks.Get().(*bulk)
	defer s.bulks.Put(b)
	defer b.reset()
	if f == nil {
		f = b.refused(&a, string(a.index), &bulkDefaults{})
	}
	if f != nil {
		s.refuseEarly(w, r, f)
		return
	}
	body, ok := s.readBody(w, r)
	if !ok {
		return
	}
	defer body.release()
	if len(body.b) == 0 {
		s.fail(w, r, badRequest(typeParse, "request body is required"))
		return
	}
	raw, f := b.document(body.b, s.cfg.MaxDocument)
	if f != nil {
		s.metrics.documents.WithLabelValues("refused").Inc()
		s.fail(w, r, f)
		return
	}
	b.docs = append(b.docs, Doc{Raw: raw, Index: string(a.index), ID: string(a.id), Create: o == opCreate})
	results, err := s.append(r, b.docs)
	if err != nil {
		s.refused(w, r, err)
		return
	}
	s.countOutcomes(results)
	if pipeline := query.Get("pipeline"); pipeline != "" && pipeline != "_none" {
		s.notePipeline(r, pipeline, 1)
	}
	s.answerStored(w, r, string(a.index), &results[0])
}

func (s *Server) answerStored(w http.ResponseWriter, r *http.Request, index string, result *Result) {
	status, word := http.StatusCreated, "created"
	switch result.Outcome {
	case Conflict:
		s.fail(w, r, conflict(opIndex, result.ID))
		return
	case Noop:
		status, word = http.StatusOK, "noop"
	case Created:
	}
	b := appendPlace([]byte{'{'}, index, result.ID, answerShape{})
	b = appendSuccess(b, word, result.Arrival, false)
	w.Header().Set("Location", s.cfg.Prefix+"/"+url.PathEscape(index)+"/_doc/"+url.PathEscape(result.ID))
	s.answer(w, r, status, append(b, '}'))
}

// get is GET and HEAD /{index}/_doc/{id}.
func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	index, id := param(r, "index"), param(r, "id")
	var (
		doc Found
		ok  bool
		err error
	)
	if s.cfg.Finder != nil && badIndex(index) == nil {
		doc, ok, err = s.cfg.Finder.Find(r.Context(), index, id)
	}
	if err != nil {
		if r.Context().Err() == nil {
			s.cfg.Log.Error("find document", "index", index, "error", err)
		}
		s.refused(w, r, errors.Join(ErrReadOnly, err))
		return
	}
	b := appendPlace([]byte{'{'}, index, id, answerShape{})
	if !ok {
		s.answer(w, r, http.StatusNotFound, append(b, `"found":false}`...))
		return
	}
	b = append(b, `"_version":1,"_seq_no":`...)
	b = strconv.AppendUint(b, doc.Arrival, 10)
	b = append(b, `,"_primary_term":1,"found":true,"_source":`...)
	b = append(b, doc.Raw...)
	s.answer(w, r, http.StatusOK, append(b, '}'))
}

// appendOnly refuses to change what is stored.
func (s *Server) appendOnly(w http.ResponseWriter, r *http.Request) {
	s.refuseEarly(w, r, kept(param(r, "id")))
}
