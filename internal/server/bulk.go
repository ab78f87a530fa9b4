package server

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// bulk is _bulk.
func (s *Server) bulk(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	query := r.URL.Query()
	if f := badRefresh(query["refresh"]); f != nil {
		s.refuseEarly(w, r, f)
		return
	}
	s.countUnknown(query, bulkParameters)
	defaults := bulkDefaults{
		index:        param(r, "index"),
		requireAlias: wanted(r, "require_alias"), requireDataStream: wanted(r, "require_data_stream"),
		maxDocument: s.cfg.MaxDocument, maxActions: s.cfg.MaxActions,
	}
	body, ok := s.readBody(w, r)
	if !ok {
		return
	}
	defer body.release()
	b, _ := s.bulks.Get().(*bulk)
	defer s.bulks.Put(b)
	defer b.reset()
	if f := b.parse(body.b, &defaults); f != nil {
		s.metrics.malformed.Inc()
		s.fail(w, r, f)
		return
	}
	if err := body.reserve(r.Context(), body.lease.held+itemCost*int64(len(b.items))); err != nil {
		s.refused(w, r, err)
		return
	}
	if f := s.judgeDeletes(r.Context(), b); f != nil {
		s.refused(w, r, f)
		return
	}
	var results []Result
	if len(b.docs) > 0 {
		var err error
		if results, err = s.append(r, b.docs); err != nil {
			s.refused(w, r, err)
			return
		}
	}
	s.note(r, b, results, query.Get("pipeline"))
	s.answerBulk(w, r, b, results, begun, shapeOf(query.Get("filter_path"), clientOf(r)))
}

// itemCost is about what an action costs in memory beside its bytes: the item, the
// document, the result, and its part of the answer.
const itemCost = 400

// answerBulk sends the items. The request was understood, so it is a 200 even if all
// of them failed.
func (s *Server) answerBulk(w http.ResponseWriter, r *http.Request, b *bulk, results []Result, begun time.Time, shape answerShape) {
	out := s.buffers.get(128 + len(b.items)*256)
	defer s.buffers.put(out)
	out.b = b.appendAnswer(out.b, time.Since(begun).Milliseconds(), results, shape)
	s.answer(w, r, http.StatusOK, out.b)
}

// judgeDeletes finds out which documents to be deleted are there: only what is not
// can be deleted, in that there is nothing to do. One that an earlier action of the
// same bulk brings is there as well.
func (s *Server) judgeDeletes(ctx context.Context, b *bulk) error {
	var brought map[[2]string]bool
	next := 0 // the first document that brought does not have
	for i := range b.items {
		it := &b.items[i]
		if it.op != opDelete || it.apart.failure != nil {
			continue
		}
		if brought == nil {
			brought = make(map[[2]string]bool)
		}
		for _, earlier := range b.items[next:i] {
			if earlier.doc >= 0 {
				d := &b.docs[earlier.doc]
				brought[[2]string{d.Index, d.ID}] = true
			}
		}
		next = i
		there := brought[[2]string{it.apart.index, it.apart.id}]
		if !there && s.cfg.Finder != nil {
			var err error
			if _, there, err = s.cfg.Finder.Find(ctx, it.apart.index, it.apart.id); err != nil {
				return err
			}
		}
		if there {
			it.apart.failure = kept(it.apart.id)
		}
	}
	return nil
}

// kept is the answer to who wants to change what is stored.
func kept(id string) *failure {
	return badRequest(typeArgument, "["+id+"]: documents are kept as they came: there is no deleting and no updating")
}

// badRefresh refuses what Elasticsearch does not know. The values mean nothing more
// here: what is acknowledged can be read.
func badRefresh(values []string) *failure {
	for _, v := range values {
		switch v {
		case "", "true", "false", "wait_for":
		default:
			return badRequest(typeArgument, "Unknown value for refresh: ["+v+"].")
		}
	}
	return nil
}

// shapeOf reads filter_path, a list of the paths that are wanted. If all of them are
// those that shippers name, the answer has only what these read; else it is whole:
// everybody passes over what it does not know.
func shapeOf(filter string, who client) answerShape {
	full := answerShape{brief: who == fluentBitClient}
	if filter == "" {
		return full
	}
	short := answerShape{short: true}
	for path := range strings.SplitSeq(filter, ",") {
		parts := strings.SplitN(strings.TrimSpace(path), ".", 3)
		switch {
		case len(parts) == 1 && (parts[0] == "took" || parts[0] == "errors"):
			continue
		case len(parts) != 3 || parts[0] != "items" || !isItemKey(parts[1]):
			return full
		}
		switch parts[2] {
		case "status", "failure_store", "error", "error.type", "error.reason":
		case "_index":
			short.index = true
		default:
			return full
		}
	}
	return short
}

// isItemKey reports whether a part of a filter stands for the action of an item.
func isItemKey(part string) bool {
	_, ok := opOf([]byte(part))
	return ok || part == "*"
}
