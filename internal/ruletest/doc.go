// Package ruletest reads and runs tests of rules. A .test file says which events
// a rule is shown and which alerts must come of it; docs/test-language.md is the
// language's manual.
//
// Parse makes a File of a text, or says what is wrong with it and where. A
// Runner finds the rule that a test is of, makes documents of the test's events,
// has them judged by the same evaluator that scan uses, and compares what came
// of it with what was expected. Beyond that the package says what stood in the
// way of an expected alert, which parts of a rule no test reaches (Coverage),
// rewrites expectations (Update), and writes a test from an alert (FromAlert).
//
// A File is plain data and does not change once parsed. A Runner keeps each rule
// that it has compiled and is used by one goroutine. The events of one test are
// in memory while it runs.
package ruletest
