package cli

import (
	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// clauses tells by which clauses of a rule's query the events of a match are
// part of it.
type clauses struct {
	rule       *readyRule
	stages     []*eql.Filter // one for each event of a match
	explainers map[*eql.Filter]*reference.Explainer
}

func newClauses(r *readyRule) *clauses {
	return &clauses{rule: r, stages: stages(r.plain), explainers: map[*eql.Filter]*reference.Explainer{}}
}

// stages returns the conditions of a query, one for each event of a match.
func stages(q *eql.Query) []*eql.Filter {
	var terms []*eql.Term
	switch b := q.Body.(type) {
	case *eql.Filter:
		return []*eql.Filter{b}
	case *eql.Sequence:
		terms = b.Terms
	case *eql.Sample:
		terms = b.Terms
	}
	var all []*eql.Filter
	for _, t := range terms {
		for range max(t.Runs, 1) {
			all = append(all, t.Filter)
		}
	}
	return all
}

func (c *clauses) of(m alert.Match) [][]string {
	all := make([][]string, len(m.Events))
	for i, doc := range m.Events {
		if doc == nil || i >= len(c.stages) {
			continue
		}
		stage := c.stages[i]
		x, known := c.explainers[stage]
		if !known {
			x, _ = c.rule.program.Explainer(stage) // it has been compiled once, so it compiles
			c.explainers[stage] = x
		}
		if x != nil {
			all[i] = alert.Clauses(x.Explain(doc))
		}
	}
	return all
}

// programOptions are those by which a rule judges: a bad value does not stop it,
// and it sees the documents of its indices only.
func programOptions(r *readyRule) reference.Options {
	fits := event.NewPatterns(r.rule.Patterns())
	return reference.Options{
		CategoryField:   r.rule.EventCategoryOverride,
		TimestampField:  r.rule.TimestampField,
		TiebreakerField: r.rule.TiebreakerField,
		Size:            -1,
		Tolerant:        true,
		Accept:          func(doc *event.Document) bool { return fits.Fit(doc.Index) },
	}
}
