// Package event holds what the rest of the house knows of one event: the
// document as it came, its identity, its values by field name, and its place in
// the order of time.
//
// A Document keeps the bytes it was made from, untouched, and a decoded tree of
// about ten times their size; both live as long as the Document. Decoding is
// done by the standard library and is the reference for every faster decoder.
// Looking up a field costs a few map look-ups and, as a rule, no allocation.
// Documents do not change once decoded and are safe for concurrent use.
package event

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/tripline-sec/tripline/internal/value"
)

// UnknownIndex is the index of a document of which neither an envelope nor the
// document itself says where it belongs.
const UnknownIndex = "file"

// Identity is what an envelope, such as a bulk action or a search hit, says of
// the document within it. "" means that it says nothing.
type Identity struct {
	Index string
	ID    string
}

// Document is one event.
type Document struct {
	// Raw is the document's JSON as it came, without white space around it.
	Raw []byte
	// Index is the index or data stream: as given by the envelope, else
	// <type>-<dataset>-<namespace> of data_stream.*, else UnknownIndex.
	Index string
	// ID is the identifier: as given by the envelope, else event.id, else the
	// SHA-256 of Raw in hexadecimal. It never depends on a file's name or a line.
	ID string
	// Arrival is the document's number in the order of arrival.
	Arrival uint64

	root object
}

// identify sets Index and ID.
func (d *Document) identify(given Identity) {
	d.Index = given.Index
	if d.Index == "" {
		d.Index = d.dataStream()
	}
	d.ID = given.ID
	if d.ID == "" {
		d.ID = d.str("event.id")
	}
	if d.ID == "" {
		sum := sha256.Sum256(d.Raw)
		d.ID = hex.EncodeToString(sum[:])
	}
}

// dataStream is the name of the data stream that the document names itself.
func (d *Document) dataStream() string {
	kind, dataset, namespace := d.str("data_stream.type"), d.str("data_stream.dataset"), d.str("data_stream.namespace")
	if kind == "" || dataset == "" || namespace == "" {
		return UnknownIndex
	}
	return kind + "-" + dataset + "-" + namespace
}

// str returns the first value at path if it is a string.
func (d *Document) str(path string) string {
	if v := d.First(path); v.Kind() == value.String {
		return v.Str()
	}
	return ""
}

// First returns the first value at path; null if the field is missing.
func (d *Document) First(path string) value.Value {
	if vs := d.Values(path); len(vs) > 0 {
		return vs[0]
	}
	return value.Value{}
}

// Text returns the text of the first value at path; "" if the field is missing.
func (d *Document) Text(path string) string { return d.First(path).Text() }
