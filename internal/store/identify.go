package store

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unsafe"

	"github.com/cespare/xxhash/v2"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// The fields that say what a document is.
const (
	fieldTime = iota
	fieldIngested
	fieldID
	fieldType
	fieldDataset
	fieldNamespace
)

func identityFields() []string {
	return []string{
		"@timestamp", "event.ingested", "event.id",
		"data_stream.type", "data_stream.dataset", "data_stream.namespace",
	}
}

// sum is the XXH64 of the bytes that were sent. It tells apart documents that have
// the same id, by accident or by a sender's mistake; no more hangs on it.
type sum uint64

// document is an event on its way into the log.
type document struct {
	raw       []byte // without white space around it
	index, id string
	source    string
	given     bool // the id is the sender's
	create    bool
	sum       sum
	time      value.Instant
	hasTime   bool
	noTime    bool // there is no @timestamp: it gets one
	stamp     stamp
}

// stamp is what a document has for an event.ingested: nothing; one text, from a
// place to another; or something else, which has to go.
type stamp struct {
	there    bool
	from, to int // to 0: something else
}

// identifier tells what documents are. Not for concurrent use.
type identifier struct {
	scanner *event.Scanner
	row     *event.Row
}

func newIdentifier(schema *event.Schema) *identifier {
	return &identifier{event.NewScanner(schema), event.NewRow(schema)}
}

// identify reads one event as event.Decode does.
func (x *identifier) identify(e *Event) (document, error) {
	raw := trim(e.Raw)
	if len(raw) > MaxDocument {
		return document{}, ErrTooLarge
	}
	if err := x.scanner.Scan(raw, x.row); err != nil {
		return document{}, err
	}
	d := document{
		raw:    raw,
		index:  strings.ToValidUTF8(e.Index, "\uFFFD"),
		id:     strings.ToValidUTF8(e.ID, "\uFFFD"),
		source: strings.ToValidUTF8(e.Source, "\uFFFD"),
		given:  e.ID != "",
		create: e.Create,
		noTime: x.row.Head(fieldTime) < 0,
		stamp:  x.stamp(raw),
	}
	if d.index == "" {
		d.index = x.dataStream()
	}
	d.sum = sum(xxhash.Sum64(raw))
	if d.id == "" {
		d.id = strings.Clone(x.text(fieldID))
	}
	if d.id == "" {
		d.id = d.hash()
	}
	d.time, d.hasTime = instantOf(x.row, fieldTime)
	return d, nil
}

// stamp finds the event.ingested. The text of a value is, as a rule, the document's
// own bytes, and so tells where they are.
func (x *identifier) stamp(raw []byte) stamp {
	at := x.row.Head(fieldIngested)
	if at < 0 {
		return stamp{}
	}
	v := x.row.At(at)
	if v.Kind != event.StringScalar || v.Next >= 0 || v.Text == "" {
		return stamp{there: true}
	}
	from := uintptr(unsafe.Pointer(unsafe.StringData(v.Text))) - uintptr(unsafe.Pointer(unsafe.SliceData(raw)))
	if from >= uintptr(len(raw)) || int(from)+len(v.Text) >= len(raw) {
		return stamp{there: true}
	}
	return stamp{true, int(from), int(from) + len(v.Text)}
}

// hash is the id of a document that has no other.
func (d *document) hash() string {
	sum := sha256.Sum256(d.raw)
	return hex.EncodeToString(sum[:])
}

func (x *identifier) dataStream() string {
	kind, dataset, namespace := x.text(fieldType), x.text(fieldDataset), x.text(fieldNamespace)
	if kind == "" || dataset == "" || namespace == "" {
		return event.UnknownIndex
	}
	return kind + "-" + dataset + "-" + namespace
}

// text is the first value of a field if that is a string.
func (x *identifier) text(slot int) string { return firstText(x.row, slot) }

func firstText(row *event.Row, slot int) string {
	if at := row.Head(slot); at >= 0 && row.At(at).Kind == event.StringScalar {
		return row.At(at).Text
	}
	return ""
}

// instantOf is the first value of a field that is a time, as the engine reads it.
func instantOf(row *event.Row, slot int) (value.Instant, bool) {
	for at := row.Head(slot); at >= 0; at = row.At(at).Next {
		if v := value.Coerce(row.At(at).Value(), value.TypeDate, ""); v.Kind() == value.Date {
			return v.Instant(), true
		}
	}
	return value.Instant{}, false
}

// trim takes away the white space around a document.
func trim(raw []byte) []byte {
	for len(raw) > 0 && blank(raw[0]) {
		raw = raw[1:]
	}
	for len(raw) > 0 && blank(raw[len(raw)-1]) {
		raw = raw[:len(raw)-1]
	}
	return raw
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
