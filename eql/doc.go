// Package eql is the Event Query Language as Elasticsearch executes it: lexer,
// parser, syntax tree, type and name checks, constant folding, and printer.
//
//	q, err := eql.Parse(`process where process.name : "nc*"`)
//	checked, warnings, err := eql.Check(q, eql.CheckOptions{})
//	fmt.Println(q) // the query in the printer's spelling
//
// Parse finds what is wrong with the text alone; Check what needs the meaning
// of names and types. Both report an *Error whose positions count lines and
// columns from 1, and whose wording is Elasticsearch's wherever it has one.
// Check returns a new tree, folded and put into the few forms that evaluators
// handle (see Check); the tree it was given stays as it was.
//
// Both are linear in the length of the query, allocate no more than a small
// multiple of it, and refuse nesting deeper than MaxDepth. A tree holds no
// reference to the schema and may be shared between goroutines that only read.
//
// The language is described in Elasticsearch's EQL syntax and function
// reference; where those and the running system differ, the running system is
// followed, but for columns, which are true 1-based columns throughout.
package eql
