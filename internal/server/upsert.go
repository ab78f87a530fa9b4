package server

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/tripline-sec/tripline/internal/event"
)

// badDocument is the answer to what event.Decode refuses.
func badDocument(err error) *failure {
	reason := err.Error()
	var decode *event.DecodeError
	if errors.As(err, &decode) {
		reason = decode.Reason()
	}
	return badRequest(typeDocument, "failed to parse: "+reason)
}

// upsert returns the document that an update makes if its id is unknown, which is
// the only update there is: `{"doc":D,"doc_as_upsert":true}` or `{"upsert":D}`, as
// Logstash and Fluent Bit send them. raw is one JSON object.
func upsert(raw []byte) ([]byte, *failure) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, badDocument(err)
	}
	doc := members["upsert"]
	switch {
	case members["script"] != nil || members["scripted_upsert"] != nil:
		return nil, badRequest(typeArgument, "there are no scripts: documents are kept as they came")
	case string(members["doc_as_upsert"]) == "true":
		doc = members["doc"]
	case doc == nil:
		return nil, badRequest(typeArgument, "documents are kept as they came: an update needs [upsert], or [doc] with [doc_as_upsert]")
	}
	doc = bytes.Trim(doc, " \t\r\n")
	if len(doc) == 0 || doc[0] != '{' {
		return nil, badRequest(typeArgument, "the document to be stored is no object")
	}
	return doc, nil
}
