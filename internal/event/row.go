package event

import (
	"math/bits"

	"github.com/tripline-sec/tripline/internal/value"
)

// ScalarKind is the JSON type of a scalar. There is none for null: it is no value.
type ScalarKind uint8

// The kinds of scalars.
const (
	StringScalar ScalarKind = iota
	NumberScalar
	TrueScalar
	FalseScalar
)

// Scalar is one value of a field. As long as its row it may share memory with
// the document it was read from.
type Scalar struct {
	// Text is a string's text, with invalid UTF-8 and lone surrogates as U+FFFD;
	// a number as it is written; "true" or "false".
	Text string
	Kind ScalarKind
	Next int32 // the index in the row of the field's next value; -1: none
}

// Value returns the scalar as Document.Values does.
func (s *Scalar) Value() value.Value {
	switch s.Kind {
	case StringScalar:
		return value.OfString(s.Text)
	case NumberScalar:
		return value.OfJSONNumber(s.Text)
	}
	return value.OfBool(s.Kind == TrueScalar)
}

// Row holds the values of one event by slot, each field's in the order that
// Document.Values gives them. A Scanner fills it from JSON; who has no JSON
// calls Reset and Add. Rows are made once and used for many events; then nothing
// is allocated. Not for concurrent use.
type Row struct {
	schema  *Schema
	fields  []rowField
	present []uint64
	values  []Scalar
}

// rowField is the list of a slot's values. It means something only while the
// slot is present.
type rowField struct{ first, last int32 }

// NewRow returns an empty row.
func NewRow(s *Schema) *Row {
	r := &Row{schema: s, fields: make([]rowField, s.Len()), present: make([]uint64, (s.Len()+63)/64)}
	for i := range r.fields {
		r.fields[i].first = -1
	}
	return r
}

// Schema returns what the row's slots mean.
func (r *Row) Schema() *Schema { return r.schema }

// Reset removes all values.
func (r *Row) Reset() {
	for i, word := range r.present {
		for ; word != 0; word &= word - 1 {
			r.fields[i*64+bits.TrailingZeros64(word)].first = -1
		}
		r.present[i] = 0
	}
	r.values = r.values[:0]
}

// Add appends a value to those of a slot. Next of v is of no account.
func (r *Row) Add(slot int, v Scalar) {
	v.Next = -1
	at := int32(len(r.values)) //nolint:gosec // a document of 2^31 values is beyond any memory
	r.values = append(r.values, v)
	f := &r.fields[slot]
	if f.first < 0 {
		f.first = at
		r.present[uint(slot)/64] |= 1 << (uint(slot) % 64)
	} else {
		r.values[f.last].Next = at
	}
	f.last = at
}

// Head returns the index of a slot's first value, -1 if the field is missing.
func (r *Row) Head(slot int) int32 { return r.fields[slot].first }

// At returns the value with an index from 0 to Count-1. It is valid until the
// row changes.
func (r *Row) At(i int32) *Scalar { return &r.values[i] }

// Count returns how many values all slots have together.
func (r *Row) Count() int { return len(r.values) }

// Present returns the bitmap of the slots that have a value: slot n is bit n%64
// of word n/64. It is the row's own and valid until the row changes.
func (r *Row) Present() []uint64 { return r.present }
