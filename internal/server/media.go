package server

import (
	"mime"
	"net/http"
	"strings"
)

// typeIn refuses a body of another type than JSON. Elasticsearch's clients name
// JSON, NDJSON and the two of these with a version, each for both kinds of body:
// go-elasticsearch posts a bulk as application/json. No type at all is taken as JSON.
func typeIn(r *http.Request) *failure {
	given := r.Header.Get("Content-Type")
	if given == "" {
		return nil
	}
	kind, params, err := mime.ParseMediaType(given)
	if err == nil {
		switch kind {
		case "application/json", "application/x-ndjson":
			return nil
		case "application/vnd.elasticsearch+json", "application/vnd.elasticsearch+x-ndjson":
			switch params["compatible-with"] {
			case "", "7", "8", "9":
				return nil
			}
		}
	}
	return fault(http.StatusNotAcceptable, typeMediaType, "Content-Type header ["+given+"] is not supported")
}

// mediaTypeOut is the type of an answer: the one with a version to who asks for it.
func mediaTypeOut(r *http.Request) string {
	accept := r.Header.Get("Accept")
	if _, after, ok := strings.Cut(accept, "compatible-with="); ok && strings.Contains(accept, "vnd.elasticsearch+") {
		switch {
		case strings.HasPrefix(after, "8"):
			return "application/vnd.elasticsearch+json;compatible-with=8"
		case strings.HasPrefix(after, "9"):
			return "application/vnd.elasticsearch+json;compatible-with=9"
		}
	}
	return "application/json"
}
