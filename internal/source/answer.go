package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// besideHits are the keys that an answer to a search has at its top before the
// hits come.
var besideHits = map[string]bool{
	"took": true, "timed_out": true, "is_partial": true, "is_running": true, "id": true, "_shards": true,
	"_clusters": true, "_scroll_id": true, "pit_id": true, "num_reduce_phases": true, "terminated_early": true,
	"start_time_in_millis": true, "expiration_time_in_millis": true, "completion_time_in_millis": true,
	"shard_failures": true,
}

// longestPreface is how far into an object its hits are looked for.
const longestPreface = 1 << 20

// readAnswer reads the answer to a search (Elasticsearch search and EQL search
// APIs) that begins here, a hit at a time. It reports false, and has read
// nothing, if what begins here is something else.
func (t *jsonText) readAnswer() bool {
	key := bytes.TrimLeft(t.rest()[1:], blanks)
	for len(key) < 32 && bytes.IndexByte(key, '\n') < 0 && bytes.IndexByte(key, ':') < 0 && t.more() {
		key = bytes.TrimLeft(t.rest()[1:], blanks)
	}
	if len(key) > 0 && !likeAnswer(key) {
		return false
	}
	for {
		kind, offset, err := preface(t.rest())
		switch {
		case err == nil && kind != "":
			t.hits(kind, offset)
			return true
		case err == nil:
			return false
		case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return false // broken JSON
		case len(t.rest()) > longestPreface || !t.more():
			return false
		}
	}
}

// likeAnswer reports whether an object whose first key begins here may be an
// answer. It is asked of every document, so it is quick.
func likeAnswer(key []byte) bool {
	if key[0] != '"' {
		return false
	}
	name, _, closed := bytes.Cut(key[1:], []byte{'"'})
	return !closed || besideHits[string(name)] || string(name) == "hits"
}

// preface reads the beginning of an object. It returns which array of hits
// follows (hits, events or sequences) and the offset of its first element; or
// "", if the object is no answer.
func preface(raw []byte) (kind string, offset int, err error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if _, err = decoder.Token(); err != nil {
		return "", 0, err
	}
	if found, err := find(decoder, func(key string) bool { return key == "hits" }, besideHits); !found || err != nil {
		return "", 0, err
	}
	if token, err := decoder.Token(); token != json.Delim('{') || err != nil {
		return "", 0, err
	}
	isKind := func(key string) bool {
		kind = key
		return key == "hits" || key == "events" || key == "sequences"
	}
	if found, err := find(decoder, isKind, map[string]bool{"total": true, "max_score": true}); !found || err != nil {
		return "", 0, err
	}
	if token, err := decoder.Token(); token != json.Delim('[') || err != nil {
		return "", 0, err
	}
	return kind, int(decoder.InputOffset()), nil
}

// find passes over the keys of an object that are allowed before the one that is
// sought.
func find(decoder *json.Decoder, sought func(string) bool, allowed map[string]bool) (bool, error) {
	for {
		token, err := decoder.Token()
		key, ok := token.(string)
		switch {
		case err != nil:
			return false, err
		case !ok: // the end of the object
			return false, nil
		case sought(key):
			return true, nil
		case !allowed[key]:
			return false, nil
		}
		var skipped json.RawMessage
		if err := decoder.Decode(&skipped); err != nil {
			return false, err
		}
	}
}

// hits reads the array of hits whose elements begin at offset, and what follows
// it in the answer.
func (t *jsonText) hits(kind string, offset int) {
	first := t.here()
	t.advance(offset)
	shown := make(seen)
	take := func(raw []byte, at spot) { t.unwrap(raw, at, true) }
	if kind == "sequences" {
		take = func(raw []byte, at spot) { t.sequence(raw, at, shown) }
	}
	if !t.elements(first, take) {
		return
	}
	t.split.reset("{{", false)
	for !t.stopped {
		n, state := t.split.feed(t.rest())
		t.advance(n)
		switch {
		case state == complete:
			return
		case state == mistaken:
			t.brokenContainer(first, BadJSON, t.split.reason)
			return
		case !t.more():
			t.brokenContainer(first, Truncated, "the answer ends early")
			return
		}
	}
}

// sequence reads the events of one sequence or sample.
func (t *jsonText) sequence(raw []byte, at spot, shown seen) {
	parts, err := envelope(raw)
	if err != nil {
		t.problem(at.Place, classOf(err), reasonOf(err))
		return
	}
	var events []json.RawMessage
	if json.Unmarshal(parts["events"], &events) != nil {
		t.problem(at.Place, BadEnvelope, "a sequence without events")
		return
	}
	var where []span
	if t.raw != nil && len(events) > 0 { // the very bytes and their places are asked for, not copies
		from, to := member(raw, "events")
		where = elementSpans(raw[from:to], from)
	}
	for i, hit := range events {
		at := at
		if where != nil {
			hit, at = raw[where[i].from:where[i].to], at.within(where[i].from)
		}
		switch {
		case !isObject(hit):
			t.problem(at.Place, BadEnvelope, "an event of a sequence is not a JSON object")
		case !placeholder(hit) && shown.again(hit):
			t.stats.Repeats++
		default:
			t.unwrap(hit, at, true)
		}
	}
}
