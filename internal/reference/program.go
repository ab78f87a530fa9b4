package reference

import (
	"fmt"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
)

// Program is a query that is ready to run.
type Program struct {
	opts   Options
	fields fields
	body   body
	pipes  []eql.Pipe
}

// body is the compiled form of an eql.Body.
type body interface {
	run(r *run, docs []*event.Document) (*Result, error)
}

// Compile readies a checked query, one that eql.Check returned. What it builds
// is the tree again, with the patterns, blocks and dates in it read once.
func Compile(q *eql.Query, opts Options) (*Program, error) {
	if opts.CategoryField == "" {
		opts.CategoryField = defaultCategoryField
	}
	if opts.TimestampField == "" {
		opts.TimestampField = defaultTimestampField
	}
	if opts.MaxSamplesPerKey <= 0 {
		opts.MaxSamplesPerKey = 1
	}
	p := &Program{opts: opts, fields: newFields(opts), pipes: q.Pipes}
	var err error
	if p.body, err = p.compileBody(q.Body); err != nil {
		return nil, fmt.Errorf("compile query: %w", err)
	}
	return p, nil
}

func (p *Program) compileBody(b eql.Body) (body, error) {
	switch b := b.(type) {
	case *eql.Filter:
		f, err := compileFilter(b)
		return &eventQuery{f}, err
	case *eql.Sequence:
		return compileSequence(b)
	case *eql.Sample:
		return compileSample(b)
	}
	return nil, fmt.Errorf("unknown kind of query %T", b)
}

// Run judges the documents and returns what the query finds in them. The order
// of docs does not matter to event queries and sequences beyond their arrival
// numbers; it is the index order of samples.
func (p *Program) Run(docs []*event.Document) (*Result, error) {
	r := &run{Program: p, result: new(Result)}
	return p.body.run(r, docs)
}

// accepts reports whether a document is in the query's scope.
func (r *run) accepts(d *event.Document) bool { return r.opts.Accept == nil || r.opts.Accept(d) }

// run is one Run of a Program.
type run struct {
	*Program
	result *Result
}

// fail deals with a value error: a tolerant run counts it, another ends on it.
func (r *run) fail(at eql.Pos, d *event.Document, cause error) error {
	err := &ValueError{Pos: at, Document: d, Err: cause}
	if !r.opts.Tolerant {
		return err
	}
	r.result.ValueErrors++
	if r.result.FirstValueError == nil {
		r.result.FirstValueError = err
	}
	return nil
}

// eventQuery is `CATEGORY where COND` as a whole query.
type eventQuery struct{ filter *filter }

// run returns the accepted documents in their order; those without timestamp
// come first.
func (q *eventQuery) run(r *run, docs []*event.Document) (*Result, error) {
	r.result.Kind = Events
	var hits []*event.Document
	for _, e := range r.timeline(docs) {
		ok, err := q.filter.accepts(r, e.doc)
		if err != nil {
			return nil, err
		}
		if ok {
			hits = append(hits, e.doc)
		}
	}
	r.result.Events = limit(r, hits)
	return r.result, nil
}
