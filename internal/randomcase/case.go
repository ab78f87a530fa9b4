package randomcase

import (
	"fmt"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// Case is a query and the documents that it is run over.
type Case struct {
	Query string
	// Docs are the documents in order of arrival; a document's arrival number is
	// its place here, from 0.
	Docs [][]byte
	// Lateness is the greatest disorder: no document arrives after another whose
	// time is later by more than this.
	Lateness time.Duration

	Timestamp, Tiebreaker, Category string   // field names, "" for the defaults
	Mapping                         string   // see eql.ParseMapping; "" for none
	Accept                          []string // the indices that are judged; nil for all
	Tolerant                        bool

	Size   int  // below zero for all results
	Head   bool // see reference.Options
	PerKey int  // samples of one key, 0 for the default

	// With are other queries, under the same options, for who judges several at
	// once: what the case's query finds must not depend on them.
	With []string
}

// Loaded is a case that is ready to run.
type Loaded struct {
	Case
	Checked *eql.Query
	Others  []*eql.Query      // checked, of With
	Schema  *eql.Schema       // nil without a mapping
	Docs    []*event.Document // decoded by the reference
}

// Load parses and checks the query, and decodes the documents. What New drew
// never fails.
func (c Case) Load() (*Loaded, error) {
	l := &Loaded{Case: c}
	if err := l.check(); err != nil {
		return nil, err
	}
	for i, raw := range c.Docs {
		d, err := event.Decode(raw, event.Identity{}, uint64(i))
		if err != nil {
			return nil, fmt.Errorf("decode document %d: %w", i, err)
		}
		l.Docs = append(l.Docs, d)
	}
	return l, nil
}

// mapping reads the mapping.
func (l *Loaded) mapping() (err error) {
	if l.Mapping != "" && l.Schema == nil {
		l.Schema, err = eql.ParseMapping([]byte(l.Mapping))
	}
	return err
}

// check reads the mapping and the queries.
func (l *Loaded) check() error {
	err := l.mapping()
	if err != nil {
		return err
	}
	if l.Checked, err = l.checked(l.Query); err != nil {
		return err
	}
	for _, text := range l.With {
		q, err := l.checked(text)
		if err != nil {
			return err
		}
		l.Others = append(l.Others, q)
	}
	return nil
}

func (l *Loaded) checked(text string) (*eql.Query, error) {
	q, err := eql.Parse(text)
	if err != nil {
		return nil, err
	}
	q, _, err = eql.Check(q, eql.CheckOptions{
		Schema: l.Schema, CategoryField: l.Category, TimestampField: l.Timestamp, TiebreakerField: l.Tiebreaker,
	})
	return q, err
}

// Options are those under which the reference runs the case.
func (l *Loaded) Options() reference.Options {
	opts := reference.Options{
		Schema: l.Schema, TimestampField: l.Timestamp, TiebreakerField: l.Tiebreaker, CategoryField: l.Category,
		Size: l.Size, Head: l.Head, MaxSamplesPerKey: l.PerKey, Tolerant: l.Tolerant,
	}
	if l.Accept != nil {
		opts.Accept = func(d *event.Document) bool { return l.Accepts(d.Index) }
	}
	return opts
}

// Accepts reports whether documents of an index are judged.
func (l *Loaded) Accepts(index string) bool {
	return l.Accept == nil || slices.Contains(l.Accept, index)
}

// Reference runs the case as its options say.
func (l *Loaded) Reference() (*Outcome, error) { return runReference(l.Checked, l.Options(), l.Docs) }

// Everything runs the case without pipes and size: all that there is to find.
func (l *Loaded) Everything() (*Outcome, error) { return l.Over(l.Docs) }

// Over is Everything over other documents.
func (l *Loaded) Over(docs []*event.Document) (*Outcome, error) {
	opts := l.Options()
	opts.Size = -1
	return runReference(&eql.Query{Body: l.Checked.Body}, opts, docs)
}

func runReference(q *eql.Query, opts reference.Options, docs []*event.Document) (*Outcome, error) {
	p, err := reference.Compile(q, opts)
	if err != nil {
		return nil, err
	}
	return outcomeOf(p.Run(docs))
}
