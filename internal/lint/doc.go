// Package lint looks at rules that load, and asks what their author would want to
// know before they run: names that nobody knows, branches that can never be true,
// constants that do not mean what they seem to, spans that a source's clock can
// not tell apart, and what a rules repository asks of metadata.
//
//	findings := lint.Rules(rule.LoadAll("rules/"))
//
// Each finding has the code of a Check, a place in the rule's file, a message and
// a hint. A finding is an error only where the rule can not do what it says: it
// does not load, or can never match. What Elastic's repository asks of its rules
// is a warning or a note.
//
// A query is judged by its text and by the types of known fields, never by
// events. What is said to be impossible is so for every event; the reverse does
// not hold: most that is impossible is not found.
//
// The cost is linear in the size of a query but for the branches of one `or` and
// the entries of one list, which are compared pair by pair, and bounded.
package lint
