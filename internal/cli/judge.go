package cli

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/reference"
)

// judge is the engine behind scan: it is made from rules, takes the documents of
// the input in their order, and gives alerts. An alert is given as soon as the
// engine knows it, at the latest when it is closed.
type judge interface {
	take(doc *event.Document)
	close() (verdict, error)
}

// verdict is what there is to tell of a run beside its alerts.
type verdict struct {
	rules []ruleVerdict // those of which there is something to tell
}

// ruleVerdict is what went wrong for one rule.
type ruleVerdict struct {
	rule            *readyRule
	valueErrors     int // leaves that were false because of a bad value
	firstValueError error
	noTimestamp     int   // hits of a sequence left out for want of a timestamp
	failed          error // the rule could not be run to its end
}

func (v ruleVerdict) quiet() bool { return v.valueErrors == 0 && v.noTimestamp == 0 && v.failed == nil }

// referenceJudge runs the rules by the reference evaluator, as many at a time as
// there are processors. It holds all documents in memory until it is closed, and
// gives all alerts then, in the order of their time.
type referenceJudge struct {
	rules     []*readyRule
	now       time.Time
	stop      func() error // not nil: the user does not want to wait
	give      func(*alert.Alert)
	processes *proctree.Tree // of all documents, when the judge is closed
	docs      []*event.Document

	kept *judgement // nil: nothing is kept from run to run
}

// outcome is what came of one rule.
type outcome struct {
	verdict ruleVerdict
	matches []alert.Match
	alerts  []*alert.Alert
}

var _ judge = (*referenceJudge)(nil)

func (j *referenceJudge) take(doc *event.Document) { j.docs = append(j.docs, doc) }

func (j *referenceJudge) close() (verdict, error) {
	var (
		v        verdict
		all      []*alert.Alert
		outcomes = make([]*outcome, len(j.rules))
		todo     = make(chan int)
		workers  sync.WaitGroup
	)
	if j.kept != nil {
		j.kept.begin(j.rules, j.docs)
	}
	for range min(runtime.GOMAXPROCS(0), len(j.rules)) {
		workers.Go(func() {
			for i := range todo {
				if j.stop() == nil {
					outcomes[i] = j.outcome(j.rules[i])
				}
			}
		})
	}
	for i, r := range j.rules {
		if outcomes[i] = j.kept.before(r); outcomes[i] == nil {
			todo <- i
		}
	}
	close(todo)
	workers.Wait()
	if err := j.stop(); err != nil {
		return v, err
	}
	seen := map[string]bool{}
	for i, o := range outcomes {
		if j.kept != nil {
			j.kept.outcomes[j.rules[i]] = o
		}
		if !o.verdict.quiet() {
			v.rules = append(v.rules, o.verdict)
		}
		for _, found := range o.alerts {
			if !seen[found.ID] {
				seen[found.ID] = true
				all = append(all, found)
			}
		}
	}
	slices.SortStableFunc(all, byTime)
	for _, one := range all {
		j.give(one)
	}
	return v, nil
}

// outcome runs one rule over all documents.
func (j *referenceJudge) outcome(r *readyRule) *outcome {
	o := &outcome{verdict: ruleVerdict{rule: r}}
	docs, matches := j.kept.split(r, j.docs)
	result, err := r.program.Run(docs)
	if err != nil {
		o.verdict.failed = err
		return o
	}
	o.verdict.valueErrors, o.verdict.firstValueError, o.verdict.noTimestamp = result.ValueErrors, result.FirstValueError, result.NoTimestamp
	clauses := newClauses(r)
	o.matches = append(matches, alert.Matches(result)...)
	for _, match := range o.matches {
		if alert.Recurs(r.rule, match) || r.drops(match) {
			continue
		}
		if found := alert.New(r.rule, match, j.now); found != nil {
			found.Attach(match, alert.Evidence{Clauses: clauses.of(match), Processes: j.processes})
			o.alerts = append(o.alerts, found)
		}
	}
	return o
}

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

// byTime orders alerts by when what they tell of happened, those of no time first.
func byTime(a, b *alert.Alert) int {
	switch {
	case a.HasEventTime && b.HasEventTime:
		return cmp.Or(a.EventTime.Compare(b.EventTime), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	case a.HasEventTime:
		return 1
	case b.HasEventTime:
		return -1
	}
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}

// programOptions are those by which a rule judges: a bad value does not stop it,
// and it sees the documents of its indices only.
func programOptions(r *readyRule) reference.Options {
	fits := newPatterns(r.rule.Patterns())
	return reference.Options{
		CategoryField:   r.rule.EventCategoryOverride,
		TimestampField:  r.rule.TimestampField,
		TiebreakerField: r.rule.TiebreakerField,
		Size:            -1,
		Tolerant:        true,
		Accept:          func(doc *event.Document) bool { return fits.fit(doc.Index) },
	}
}
