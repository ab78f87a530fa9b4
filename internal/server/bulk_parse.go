package server

import (
	"bytes"
	"strconv"

	"github.com/tripline-sec/tripline/internal/event"
)

// bulk is a bulk that was understood: what is to be stored, and for each action, in
// their order, an item. It is used again for other bulks.
type bulk struct {
	docs  []Doc
	items []item

	unknown   map[string]int // keys of actions that nobody knows
	pipelines map[string]int // those that somebody relies on

	scanner *event.Scanner // with no fields: it does nothing but check
	row     *event.Row
}

// item is what becomes of an action.
type item struct {
	op  op
	doc int32 // its number in docs; -1 if it has none
	// apart is set for what is not stored: what is wrong with it, or what is to be
	// deleted.
	apart *apartItem
}

// apartItem is an item that is answered with no document having been stored.
type apartItem struct {
	index, id string
	failure   *failure // nil for a delete that is fine
}

func newBulk() *bulk {
	schema := event.NewSchema(nil)
	return &bulk{scanner: event.NewScanner(schema), row: event.NewRow(schema)}
}

// maxKeptItems is how long the lists may be to be kept for the next bulk.
const maxKeptItems = 1 << 16

// reset lets go of everything that belongs to a body.
func (b *bulk) reset() {
	clear(b.docs)
	clear(b.items)
	b.docs, b.items = b.docs[:0], b.items[:0]
	if cap(b.items) > maxKeptItems {
		b.docs, b.items = nil, nil
	}
	clear(b.unknown)
	clear(b.pipelines)
}

// bulkDefaults is what the URL says for all actions.
type bulkDefaults struct {
	index             string // "" if the path has none
	requireAlias      bool
	requireDataStream bool
	maxDocument       int
	maxActions        int
}

// parse reads a body. A failure is one of the whole request: nothing of it is to be
// stored. What is wrong with a single document stands in its item: a whole 400 is
// sent again for ever by Beats and Logstash.
func (b *bulk) parse(body []byte, d *bulkDefaults) *failure {
	b.reset()
	if len(body) == 0 {
		return badRequest(typeParse, "request body is required")
	}
	if body[len(body)-1] != '\n' {
		return badRequest(typeArgument, `The bulk request must be terminated by a newline [\n]`)
	}
	index := d.index // of the action before: most name the same
	for n := 1; len(body) > 0; n++ {
		var line []byte
		if line, body = cutLine(body); len(bytes.TrimLeft(line, " \t")) == 0 {
			continue // rsyslog's jsonf templates end in a newline of their own
		}
		a, f := parseAction(line, n)
		if f != nil {
			return f
		}
		if len(b.items) == d.maxActions {
			return fault(413, typeTooLong, "more than "+strconv.Itoa(d.maxActions)+" actions")
		}
		switch {
		case a.index == nil && d.index == "":
			return badRequest(typeValidation, "Validation Failed: 1: index is missing;")
		case a.index == nil:
			index = d.index
		case string(a.index) != index:
			index = string(a.index)
		}
		b.count(&a)
		var doc []byte
		if a.op.hasDocument() && len(body) > 0 { // else it is broken as a blank line is
			doc, body = cutLine(body)
			n++
		}
		b.add(&a, index, doc, d)
	}
	if len(b.items) == 0 {
		return badRequest(typeValidation, "Validation Failed: 1: no requests added;")
	}
	return nil
}

// cutLine returns the first line without its end.
func cutLine(body []byte) (line, rest []byte) {
	end := bytes.IndexByte(body, '\n')
	line, rest = body[:end:end], body[end+1:]
	if end > 0 && line[end-1] == '\r' {
		line = line[:end-1]
	}
	return line, rest
}

// add makes the item of an action.
func (b *bulk) add(a *action, index string, raw []byte, d *bulkDefaults) {
	if f := b.refused(a, index, d); f != nil {
		b.addApart(a, index, f)
		return
	}
	if a.op == opDelete {
		b.addApart(a, index, nil)
		return
	}
	raw, f := b.document(raw, d.maxDocument)
	if f == nil && a.op == opUpdate {
		raw, f = upsert(raw)
	}
	if f != nil {
		b.addApart(a, index, f)
		return
	}
	b.items = append(b.items, item{op: a.op, doc: int32(len(b.docs))}) //nolint:gosec // a body is below 2 GiB
	b.docs = append(b.docs, Doc{
		Raw: raw, Index: index, ID: string(a.id),
		Create: a.op == opCreate || a.op == opUpdate || a.op == opIndex && a.create,
	})
}

// refused says what is wrong with an action by itself.
func (b *bulk) refused(a *action, index string, d *bulkDefaults) *failure {
	if len(b.docs) == 0 || b.docs[len(b.docs)-1].Index != index { // else it is known to be good
		if f := badIndex(index); f != nil {
			return f
		}
	}
	if a.id != nil {
		if f := badID(string(a.id)); f != nil {
			return f
		}
	} else if a.op == opUpdate || a.op == opDelete {
		return badRequest(typeArgument, "an id is needed to "+opNames[a.op])
	}
	switch {
	case a.requireAlias || d.requireAlias:
		return noSuch(index, "require_alias", "an alias")
	case (a.requireDataStream || d.requireDataStream) && !isDataStream(index):
		return noSuch(index, "require_data_stream", "a data stream")
	}
	return nil
}

func (b *bulk) addApart(a *action, index string, f *failure) {
	b.items = append(b.items, item{op: a.op, doc: -1, apart: &apartItem{index: index, id: string(a.id), failure: f}})
}

// document checks that a line is a document, and returns it without the blanks
// around it.
func (b *bulk) document(raw []byte, limit int) ([]byte, *failure) {
	if len(raw) > limit {
		return nil, badRequest(typeDocument, "a document of "+strconv.Itoa(len(raw))+" bytes is over the limit of "+strconv.Itoa(limit))
	}
	if err := b.scanner.Scan(raw, b.row); err != nil {
		return nil, badDocument(err)
	}
	return bytes.Trim(raw, " \t\r\n"), nil
}

// count notes what an action asks for in vain.
func (b *bulk) count(a *action) {
	for _, key := range a.unknown {
		if b.unknown == nil {
			b.unknown = make(map[string]int)
		}
		if len(b.unknown) < maxNames || b.unknown[key] > 0 {
			b.unknown[key]++
		}
	}
	if len(a.pipeline) > 0 && string(a.pipeline) != "_none" {
		if b.pipelines == nil {
			b.pipelines = make(map[string]int)
		}
		if len(b.pipelines) < maxNames || b.pipelines[string(a.pipeline)] > 0 {
			b.pipelines[string(a.pipeline)]++
		}
	}
}
