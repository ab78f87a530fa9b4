package cli

import (
	"cmp"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
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

// referenceJudge runs the rules one after the other by the reference evaluator.
// It holds all documents in memory until it is closed, and gives all alerts
// then, in the order of their time.
type referenceJudge struct {
	rules []*readyRule
	now   time.Time
	stop  func() error // not nil: the user does not want to wait
	give  func(*alert.Alert)
	docs  []*event.Document
}

var _ judge = (*referenceJudge)(nil)

func (j *referenceJudge) take(doc *event.Document) { j.docs = append(j.docs, doc) }

func (j *referenceJudge) close() (verdict, error) {
	var (
		v   verdict
		all []*alert.Alert
	)
	seen := map[string]bool{}
	for _, r := range j.rules {
		if err := j.stop(); err != nil {
			return v, err
		}
		result, err := r.program.Run(j.docs)
		if err != nil {
			v.rules = append(v.rules, ruleVerdict{rule: r, failed: err})
			continue
		}
		if result.ValueErrors > 0 || result.NoTimestamp > 0 {
			v.rules = append(v.rules, ruleVerdict{
				rule: r, valueErrors: result.ValueErrors, firstValueError: result.FirstValueError, noTimestamp: result.NoTimestamp,
			})
		}
		for _, match := range alert.Matches(result) {
			if alert.Recurs(r.rule, match) {
				continue
			}
			if found := alert.New(r.rule, match, j.now); found != nil && !seen[found.ID] {
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
