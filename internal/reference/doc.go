// Package reference runs a checked EQL query over documents in the plainest
// way that the language's rules allow. It is the oracle that every other
// evaluator is compared with, so it is written to be read and to be right: one
// document at a time, one condition at a time, nothing shared, nothing cached.
//
// What it owns: the meaning of a condition (leaves, nulls, multi-valued
// fields), of the order of events, of sequences, missing events, samples, pipes
// and sizes. What a single scalar means is value's, how fields are read out of
// a document is event's, and names and types are eql's.
//
// # Conditions
//
// A condition is a tree of and, or, not over leaves, and a leaf is true or
// false, never null: null becomes false at the leaf, and `not` is the plain
// complement. So `x != 5` holds where x is missing.
//
// A leaf that asks one plain field about constants is true when any of the
// field's values says so. A leaf with a call or arithmetic in it lets every
// occurrence of a field loop over that field's values on its own, and is true
// when some combination makes it true.
//
// The category comes first, then the condition from left to right, and reading
// stops as soon as the answer is known.
//
// # Cost and lifetime
//
// A Program is immutable and may run from several goroutines. A run costs
// documents x stages, and reads every field again at every mention of it. The
// leaf loops are bounded (see combine), so that a hostile document
// costs an error and not the machine. A Result keeps alive the documents that
// are in it and nothing else.
package reference
