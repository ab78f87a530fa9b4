package cli

import (
	"slices"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// judgement is what is kept from one run of a judge to the next, for those that
// judge nearly the same events by nearly the same rules again.
type judgement struct {
	outcomes map[*readyRule]*outcome
	docs     map[*byte]*event.Document // by their bytes, which a document that moved in the input keeps
	fresh    []*event.Document         // those that were not there the last time
	gone     []*event.Document         // those that are there no more
	same     bool                      // they are those of the last time
	tied     bool                      // the order of the others may depend on what came or went
}

func newJudgement() *judgement { return &judgement{outcomes: map[*readyRule]*outcome{}} }

func identity(doc *event.Document) *byte { return &doc.Raw[0] }

// begin compares the documents with those of the last time, and forgets rules
// that are gone.
func (k *judgement) begin(rules []*readyRule, docs []*event.Document) {
	now := make(map[*byte]*event.Document, len(docs))
	k.fresh, k.gone = nil, nil
	for _, doc := range docs {
		now[identity(doc)] = doc
		if k.docs[identity(doc)] == nil {
			k.fresh = append(k.fresh, doc)
		}
	}
	for key, doc := range k.docs {
		if now[key] == nil {
			k.gone = append(k.gone, doc)
		}
	}
	k.same = k.docs != nil && len(k.fresh) == 0 && len(k.gone) == 0
	k.tied = !k.same && tied(append(slices.Clone(docs), k.gone...), append(slices.Clone(k.fresh), k.gone...))
	k.docs = now
	outcomes := make(map[*readyRule]*outcome, len(rules))
	for _, r := range rules {
		if o := k.outcomes[r]; o != nil {
			outcomes[r] = o
		}
	}
	k.outcomes = outcomes
}

// tied reports whether documents of different agents share a timestamp with one
// of those given: how these stand to each other may depend on it (event.Sort).
func tied(all, given []*event.Document) bool {
	agents := map[value.Instant]string{}
	for _, doc := range given {
		if at, ok := proctree.Time(doc); ok {
			agents[at] = doc.Text("agent.id")
		}
	}
	return slices.ContainsFunc(all, func(doc *event.Document) bool {
		at, _ := proctree.Time(doc)
		agent, there := agents[at]
		return there && agent != doc.Text("agent.id")
	})
}

// before returns the outcome of a rule that still stands.
func (k *judgement) before(r *readyRule) *outcome {
	if k == nil || !k.same {
		return nil
	}
	return k.outcomes[r]
}

// split says which documents a rule is still to be run over, and what it found
// in the others. A rule over single events sees the new ones only, and any other
// none at all when no event that came or went is one for any of its terms. Rules
// of which there was something to tell begin anew.
func (k *judgement) split(r *readyRule, docs []*event.Document) (todo []*event.Document, found []alert.Match) {
	if k == nil {
		return docs, nil
	}
	last := k.outcomes[r]
	if last == nil || !last.verdict.quiet() {
		return docs, nil
	}
	_, single := r.checked.Body.(*eql.Filter)
	single = single && len(r.checked.Pipes) == 0
	if !single && (k.tied || r.rule.TimestampField != "" || !k.untouched(r)) {
		return docs, nil
	}
	for _, m := range last.matches {
		if m, whole := k.moved(m); whole {
			found = append(found, m)
		}
	}
	if single {
		return k.fresh, found
	}
	return nil, found
}

// moved returns a match over the documents of now; false if one is gone.
func (k *judgement) moved(m alert.Match) (alert.Match, bool) {
	m.Events = slices.Clone(m.Events)
	for i, doc := range m.Events {
		if doc == nil {
			continue
		}
		if m.Events[i] = k.docs[identity(doc)]; m.Events[i] == nil {
			return m, false
		}
	}
	return m, true
}

// untouched reports whether no document that came or went meets any condition of
// the rule.
func (k *judgement) untouched(r *readyRule) bool {
	changed := append(slices.Clone(k.fresh), k.gone...)
	if r.conditions == nil {
		for _, f := range conditions(r.checked) {
			p, err := reference.Compile(&eql.Query{Body: f}, programOptions(r))
			if err != nil {
				return false
			}
			r.conditions = append(r.conditions, p)
		}
	}
	for _, p := range r.conditions {
		result, err := p.Run(changed)
		if err != nil || result.ValueErrors > 0 || len(result.Events) > 0 {
			return false
		}
	}
	return true
}

// conditions returns the conditions of all terms of a query, until included.
func conditions(q *eql.Query) []*eql.Filter {
	all := stages(q)
	if s, ok := q.Body.(*eql.Sequence); ok && s.Until != nil {
		all = append(all, s.Until.Filter)
	}
	return all
}
