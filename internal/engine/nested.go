package engine

import (
	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// nested is a condition on one object of a list. Only exceptions of rules make
// it, and only their few events ask it: the document is decoded for it.
type nested struct {
	path    string
	program *Program
}

func newNested(_ *atoms, s scope, e *eql.Nested) (*nested, error) {
	p, err := Compile([]Query{{
		Checked: &eql.Query{Body: &eql.Filter{At: e.At, Any: true, Condition: e.X}},
		Schema:  s.schema, TimestampField: s.time,
	}})
	return &nested{path: e.Path, program: p}, err
}

// holds reports whether the condition holds for one of the objects. What fails
// on a value is added to the faults of the judge that asks.
func (j *Judge) nestedHolds(a *atom) bool {
	inner := j.inner[a.number]
	if inner == nil {
		inner = a.nested.program.NewJudge()
		if j.inner == nil {
			j.inner = map[int]*Judge{}
		}
		j.inner[a.number] = inner
	}
	doc := j.document()
	if doc == nil {
		return false
	}
	for _, one := range doc.Objects(a.nested.path) {
		inner.row.Reset()
		for slot, path := range a.nested.program.paths {
			for _, v := range one.Values(path) {
				inner.row.Add(slot, scalarOf(v))
			}
		}
		inner.raw, inner.whole = j.raw, true
		v := inner.judgeRow(j.index)
		j.faults = append(j.faults, v.Faults...)
		if len(v.Singles) > 0 {
			return true
		}
	}
	return false
}

// document decodes the event at hand; nil for one that came without JSON.
func (j *Judge) document() *event.Document {
	if j.decoded == nil && j.raw != nil {
		j.decoded, _ = event.Decode(j.raw, event.Identity{Index: j.index, ID: "-"}, j.arrival) // it has been read once
	}
	return j.decoded
}

// scalarOf is a decoded value as a row holds it. The text of a number gives the
// same number again.
func scalarOf(v value.Value) event.Scalar {
	s := event.Scalar{Text: v.Text(), Kind: event.NumberScalar}
	switch v.Kind() {
	case value.String:
		s.Kind = event.StringScalar
	case value.Bool:
		s.Kind = event.FalseScalar
		if v.Bool() {
			s.Kind = event.TrueScalar
		}
	}
	return s
}
