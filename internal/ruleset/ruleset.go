// Package ruleset makes rules ready to run: their queries checked, narrowed by
// exceptions and filters, and what to do with a match.
//
// A Rule does not change once made and may be shared by goroutines. Making one
// takes some tens of microseconds, and compiling a few hundred together some tens
// of milliseconds.
package ruleset

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/value"
)

// Rule is a rule whose query has been checked.
type Rule struct {
	*rule.Rule
	Parsed   *eql.Query // as written
	Plain    *eql.Query // checked, by itself
	Checked  *eql.Query // as it is run: with the rule's filters and exceptions
	Warnings []eql.Problem

	dropped *reference.Program // finds the events that take their whole match along; nil: none do
}

// Prepare checks a rule's query. At is now, by which exceptions expire. Warnings of
// the query are there even with an error, which is an *eql.Error.
func Prepare(r *rule.Rule, at time.Time) (*Rule, error) {
	ready := &Rule{Rule: r}
	var err error
	if ready.Parsed, err = eql.Parse(r.Query); err != nil {
		return ready, err
	}
	options := eql.CheckOptions{
		CategoryField: r.EventCategoryOverride, TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField,
	}
	if ready.Plain, ready.Warnings, err = eql.Check(ready.Parsed, options); err != nil {
		return ready, err
	}
	// What there is to warn of in exceptions and filters, their reader has told.
	ready.Checked = ready.Plain
	if narrowed := r.Narrow(ready.Parsed, at); narrowed != ready.Parsed {
		if ready.Checked, _, err = eql.Check(narrowed, options); err != nil {
			return ready, err
		}
	}
	ready.dropped, err = Dropping(r.Dropped(at), options)
	return ready, err
}

// Dropping compiles a query of single events, such as that of an exception, to be
// asked of the events of a match; nil for nil.
func Dropping(q *eql.Query, options eql.CheckOptions) (*reference.Program, error) {
	if q == nil {
		return nil, nil
	}
	checked, _, err := eql.Check(q, options)
	if err != nil {
		return nil, err
	}
	return reference.Compile(checked, reference.Options{Size: 1, Tolerant: true})
}

// Expires returns when the first of the rule's exceptions ceases to hold, from a time
// on, or another time if that is earlier; the zero time is never.
func (r *Rule) Expires(at, other time.Time) time.Time {
	for _, e := range r.Exceptions {
		if e.Expires.IsZero() || e.Expires.Before(at) || !other.IsZero() && !e.Expires.Before(other) {
			continue
		}
		other = e.Expires
	}
	return other
}

// Query is the rule's query for the engine.
func (r *Rule) Query() engine.Query {
	fits := event.NewPatterns(r.Patterns())
	return engine.Query{
		Name: r.Name, Checked: r.Checked, Accept: fits.Fit, Patterns: strings.Join(fits, ","),
		TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField, CategoryField: r.EventCategoryOverride,
	}
}

// Single reports whether the rule is over single events.
func (r *Rule) Single() bool {
	_, ok := r.Checked.Body.(*eql.Filter)
	return ok
}

// Dropping finds the events that take their whole match along; nil: none do.
func (r *Rule) Dropping() *reference.Program { return r.dropped }

// Drops reports whether an exception takes a whole match out for one of its events.
func (r *Rule) Drops(m alert.Match) bool {
	if r.dropped == nil {
		return false
	}
	docs := slices.DeleteFunc(slices.Clone(m.Events), func(doc *event.Document) bool { return doc == nil })
	found, err := r.dropped.Run(docs)
	return err == nil && len(found.Events) > 0
}

// Stages are the conditions of the query as it is written, one for each event of a
// match.
func (r *Rule) Stages() []*eql.Filter {
	var terms []*eql.Term
	switch b := r.Plain.Body.(type) {
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

// Match decodes the events of a match of the rule. The error says that the bytes of
// one are no document.
func (r *Rule) Match(keys []value.Value, events []*event.Held) (alert.Match, error) {
	m := alert.Match{Group: !r.Single(), Keys: keys, Events: make([]*event.Document, len(events))}
	for i, held := range events {
		if held == nil {
			continue // a missing event
		}
		var err error
		if m.Events[i], err = held.Document(); err != nil {
			return m, fmt.Errorf("read event of a match: %w", err)
		}
	}
	return m, nil
}

// Alert makes the alert of a match; nil for one that an exception takes out, or that
// holds an alert of the rule itself.
func (r *Rule) Alert(m alert.Match, at time.Time) *alert.Alert {
	if alert.Recurs(r.Rule, m) || r.Drops(m) {
		return nil
	}
	return alert.New(r.Rule, m, at)
}
