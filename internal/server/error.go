package server

import (
	"net/http"
	"strconv"
)

// The types of Elasticsearch's errors that are answered.
const (
	typeArgument    = "illegal_argument_exception"
	typeParse       = "parse_exception"
	typeValidation  = "action_request_validation_exception"
	typeMediaType   = "media_type_header_exception"
	typeSecurity    = "security_exception"
	typeTooLong     = "content_too_long_exception"
	typeRejected    = "es_rejected_execution_exception"
	typeUnavailable = "unavailable_shards_exception"
	typeConflict    = "version_conflict_engine_exception"
	typeDocument    = "document_parsing_exception"
	typeIndexName   = "invalid_index_name_exception"
	typeNoIndex     = "index_not_found_exception"
	typeNotFound    = "resource_not_found_exception"
	typeInternal    = "exception"
)

// failure is an error of a whole request or of an item.
type failure struct {
	status int
	kind   string
	reason string
}

func (f *failure) Error() string { return f.kind + ": " + f.reason }

func fault(status int, kind, reason string) *failure {
	return &failure{status: status, kind: kind, reason: reason}
}

func badRequest(kind, reason string) *failure { return fault(http.StatusBadRequest, kind, reason) }

// fail answers with an error body. Clients parse it: both types and both reasons
// must be there.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, f *failure) {
	cause := func(b []byte) []byte {
		b = append(b, `"type":`...)
		b = appendString(b, f.kind)
		b = append(b, `,"reason":`...)
		b = appendString(b, f.reason)
		if f.status == http.StatusUnauthorized {
			b = append(b, `,"header":{"WWW-Authenticate":["Basic realm=\"security\", charset=\"UTF-8\"","Bearer realm=\"security\"","ApiKey"]}`...)
		}
		return b
	}
	b := append([]byte(nil), `{"error":{"root_cause":[{`...)
	b = cause(b)
	b = append(b, `}],`...)
	b = cause(b)
	b = append(b, `},"status":`...)
	b = strconv.AppendInt(b, int64(f.status), 10)
	b = append(b, '}')
	if f.status == http.StatusUnauthorized {
		for _, way := range []string{`Basic realm="security", charset="UTF-8"`, `Bearer realm="security"`, "ApiKey"} {
			w.Header().Add("WWW-Authenticate", way)
		}
	}
	s.answer(w, r, f.status, b)
}
