// Package explain says why a query found what it found, and above all why it
// did not: the tree of a condition with what each node came to and the values
// it saw, and for a sequence the nearest miss of each join key, best first, with
// the stage and the clause, the span or the key that stood in the way.
//
// The truth comes from reference alone. What decides between two misses is how
// little would have to be different: a leaf of a condition counts one, so do a
// span, an until event and a wrong order, and an event that is not there counts
// as much as missingEvent. Where every stage has its event and there is still
// no match, the query is run again without its maxspan, its until and its
// missing terms, one at a time: whichever brings the match was the cause.
//
// A Report keeps the documents that it names alive. Making one costs a judging
// of each document by each stage without the short cuts of a plain run, and a
// run of the query for each of its kinds of limit.
package explain
