package reference

import (
	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// Values returns a document's values of a field as the program reads them; none
// when the field is missing.
func (p *Program) Values(f *eql.Field, d *event.Document) []value.Value {
	return p.fields.values(d, f.Path)
}

// Placed is a document in its place in time.
type Placed struct {
	Document *event.Document
	Rank     int // from 0; of two documents one is strictly before the other
	At       value.Instant
	HasTime  bool
}

// Order returns the documents in the order in which a sequence reads them,
// those that the program does not accept left out.
func (p *Program) Order(docs []*event.Document) []Placed {
	r := &run{Program: p}
	var out []Placed
	for _, m := range r.timeline(docs) {
		out = append(out, Placed{Document: m.doc, Rank: m.rank, At: m.at, HasTime: m.hasTime})
	}
	return out
}
