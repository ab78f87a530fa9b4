package source

import "github.com/tripline-sec/tripline/internal/event"

// Unwrap returns the document that stands in a line of NDJSON, which is one JSON
// object that the decoder accepts: the line itself, or what it wraps as a search hit
// does (see Reader), and the identity that the hit gives it. The document is a part
// of the line.
func Unwrap(line []byte) (document []byte, given event.Identity) {
	if !mayWrap(line) || !holdsSource(line) {
		return line, event.Identity{}
	}
	r := &Reader{raw: func(raw []byte, _ spot, identity event.Identity) { document, given = raw, identity }}
	r.unwrap(line, spot{}, false)
	return document, given
}

// Refusal says why event.Decode, or a Scanner, has refused a document.
func Refusal(err error) (Class, string) { return classOf(err), reasonOf(err) }
