package source

import (
	"bytes"

	"github.com/tripline-sec/tripline/internal/event"
)

// action is an action line of a bulk body.
type action struct {
	verb  string
	given event.Identity
}

// actionKeys are the parameters an action may have (Elasticsearch bulk API, all
// versions). Another one means that the object is a document.
var actionKeys = map[string]bool{
	"_index": true, "_id": true, "_type": true, "op_type": true, "routing": true, "_routing": true, "parent": true,
	"_parent": true, "version": true, "_version": true, "version_type": true, "_version_type": true,
	"if_seq_no": true, "if_primary_term": true, "retry_on_conflict": true, "_retry_on_conflict": true,
	"pipeline": true, "dynamic_templates": true, "require_alias": true, "require_data_stream": true,
	"list_executed_pipelines": true, "_source": true,
}

// readAction returns the bulk action that an object is, or nil: an object with
// one key, index, create, update or delete, which holds parameters or nothing.
func readAction(raw []byte) *action {
	key := bytes.TrimLeft(raw[1:], blanks)
	named := false
	for _, verb := range []string{"index", "create", "update", "delete"} {
		named = named || bytes.HasPrefix(key, []byte(`"`+verb+`"`))
	}
	if !named {
		return nil
	}
	parts, err := envelope(raw)
	if err != nil || len(parts) != 1 {
		return nil
	}
	for verb, value := range parts {
		if string(value) == "null" {
			return &action{verb: verb}
		}
		if !isObject(value) {
			return nil
		}
		parameters, _ := envelope(value)
		for name := range parameters {
			if !actionKeys[name] {
				return nil
			}
		}
		return &action{verb: verb, given: event.Identity{Index: text(parameters["_index"]), ID: text(parameters["_id"])}}
	}
	return nil
}

// begin takes an action. All but delete have a document on the next line.
func (t *jsonText) begin(a *action) {
	t.overdue()
	if a.verb == "delete" {
		t.stats.SkippedWrites++
		return
	}
	t.due, t.dueLine = a, t.line
}

// overdue reports an action whose document has not come.
func (t *jsonText) overdue() {
	if t.due == nil {
		return
	}
	verb := t.due.verb
	t.due = nil
	t.problem(Place{Name: t.name, Line: t.dueLine}, BadEnvelope, "bulk action "+verb+" without its document on the next line")
}

// bulkDocument reads the line that belongs to the action before it.
func (t *jsonText) bulkDocument() {
	at := t.spot()
	n, whole := t.lineEnd(t.opts.MaxDocument)
	if !whole || n == len(t.rest()) && t.cut() {
		t.due = nil
		t.brokenLine()
		return
	}
	raw := t.own(bytes.Trim(t.rest()[:n], blanks))
	if raw[0] == '{' {
		if next := readAction(raw); next != nil { // the document was left out: do not shift what follows
			t.advance(n)
			t.begin(next)
			return
		}
	}
	due := t.due
	t.due = nil
	t.advance(n)
	if due.verb == "update" { // a partial document or a script, no event
		t.stats.SkippedWrites++
		return
	}
	t.document(raw, at, due.given)
}
