// Package generate makes events for a query: the smallest documents that
// satisfy it, and documents that just do not, with one clause of one stage
// broken. They are what the tests of a rule are made of.
//
//	events, err := generate.Solve(checked)
//	for broken := range generate.Break(checked, events) { .. }
//
// A condition is taken apart into literals, which are leaves that must be true
// or must be false. What all literals say of one field goes together into a
// value for it; fields that stages join by share one value. Nothing here knows
// what a leaf means: candidates are guessed from the form of the leaf and put to
// the reference evaluator, and a choice (`or`, or `not` over `and`) is made only
// when the documents at hand do not satisfy it already, and taken back when it
// leads nowhere. So a wrong guess costs time and never a wrong answer, and what
// is returned has been confirmed by a run of the whole query.
//
// Events are made under the default names of the fields for category and time.
//
// The search is bounded. A query that can not be satisfied and one that is too
// hard give the same error. Cost: typically some milliseconds a query. The same
// query always gives the same events.
package generate
