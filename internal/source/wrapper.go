package source

import (
	"bytes"

	"github.com/tripline-sec/tripline/internal/event"
)

// besideSource are the keys without a leading underscore that a search hit has
// next to _source.
var besideSource = map[string]bool{
	"fields": true, "sort": true, "highlight": true, "inner_hits": true, "matched_queries": true,
	"found": true, "missing": true, "ignored_field_values": true,
}

// unwrap yields a document that may be wrapped as a hit. An object is a wrapper
// if it has an object in _source and besides that only what hits have: _index,
// _id and other names with an underscore, sort, fields and the like. Where only
// hits can stand, an object without _source is an error.
func (r *Reader) unwrap(raw []byte, at spot, hit bool) {
	if !hit && !bytes.Contains(raw, []byte(`"_source"`)) {
		r.document(raw, at, event.Identity{})
		return
	}
	parts, err := envelope(raw)
	if err != nil {
		r.document(raw, at, event.Identity{}) // for the reason and its place
		return
	}
	if hit && placeholder(raw) {
		r.stats.Placeholders++
		return
	}
	if !isObject(parts["_source"]) {
		if hit {
			r.problem(at.Place, BadEnvelope, "a hit without _source")
			return
		}
		r.document(raw, at, event.Identity{})
		return
	}
	for key := range parts {
		if !hit && key[:min(1, len(key))] != "_" && !besideSource[key] {
			r.document(raw, at, event.Identity{})
			return
		}
	}
	given := event.Identity{Index: text(parts["_index"]), ID: text(parts["_id"])}
	if r.raw != nil { // the very bytes and their place are asked for, not a copy
		from, to := member(raw, "_source")
		r.document(raw[from:to], at.within(from), given)
		return
	}
	r.document(parts["_source"], at, given)
}

// placeholder reports whether a hit stands for a missing event of a sequence
// (Elasticsearch EQL search API: "missing": true).
func placeholder(hit []byte) bool {
	if !bytes.Contains(hit, []byte(`"missing"`)) {
		return false
	}
	parts, _ := envelope(hit)
	return string(parts["missing"]) == "true"
}

var noIdentity event.Identity
