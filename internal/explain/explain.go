package explain

import (
	"fmt"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// Run explains a checked query, one that eql.Check returned, over documents. The
// query is run without its pipes and sizes, and a bad value is a false leaf.
func Run(q *eql.Query, opts reference.Options, docs []*event.Document) (*Report, error) {
	opts.Size, opts.Tolerant = -1, true
	x := &explaining{opts: opts, docs: docs, body: q.Body, keys: keyTable{}, report: new(Report)}
	result, err := x.result(q.Body, opts)
	if err != nil {
		return nil, err
	}
	x.report.Kind = result.Kind
	x.placed = x.program.Order(docs)
	x.report.Documents, x.report.Outside = len(x.placed), len(docs)-len(x.placed)
	switch body := q.Body.(type) {
	case *eql.Filter:
		err = x.event(body, result)
	case *eql.Sequence:
		err = x.terms(newTerms(body.Keys, body.Terms), body.MaxSpan, body.Until, result)
	case *eql.Sample:
		err = x.terms(newTerms(body.Keys, body.Terms), nil, nil, result)
	}
	if err != nil {
		return nil, fmt.Errorf("explain query: %w", err)
	}
	x.indexNote()
	return x.report, nil
}

// explaining is one Run.
type explaining struct {
	opts    reference.Options
	program *reference.Program
	docs    []*event.Document
	placed  []reference.Placed // the documents in scope, in order
	places  map[*event.Document]*reference.Placed
	body    eql.Body
	keys    keyTable
	filters []*judged // of all terms
	report  *Report
}

// result runs a body over the documents. The first one is the query itself.
func (x *explaining) result(body eql.Body, opts reference.Options) (*reference.Result, error) {
	program, err := reference.Compile(&eql.Query{Body: body}, opts)
	if err != nil {
		return nil, err
	}
	if x.program == nil {
		x.program = program
	}
	return program.Run(x.docs)
}

func (x *explaining) judge(f *eql.Filter) (*judged, error) {
	explainer, err := x.program.Explainer(f)
	if err != nil {
		return nil, err
	}
	j := &judged{filter: f, explainer: explainer, program: x.program}
	x.filters = append(x.filters, j)
	return j, nil
}

// stage tells of a document at a filter.
func (j *judged) stage(p *reference.Placed) Stage {
	s := Stage{Number: 1, Filter: j.filter}
	if p == nil {
		return s
	}
	s.Document, s.At, s.HasTime = p.Document, p.At, p.HasTime
	s.Truth = j.explainer.Explain(p.Document)
	if s.Truth.Holds() {
		s.Held = j.held(s.Truth)
	} else {
		s.Faults = j.faults(p.Document, s.Truth)
	}
	return s
}

// inCategory reports whether a document is of the filter's category.
func (j *judged) inCategory(t *reference.Truth) bool {
	return j.filter.Any || t.Children[0].Holds()
}
