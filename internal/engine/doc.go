// Package engine judges events by many EQL queries at once: rows in, matches out.
//
// The cost of an event hardly grows with the number of queries. One walk over
// the document fills the slots of the fields that the queries name. A few fields
// of few values (category, action, type, system) and the index decide which
// conditions can hold at all: the door. Equal leaves of all conditions are one
// atom; what a value of a field means for all its atoms is worked out once and
// kept, since logs repeat themselves. A condition is looked at only if one of its
// witnesses, rare atoms without which it can not hold, does. What sequences and
// samples remember is the business of package sequence.
//
// # Truth
//
// The reference evaluator says what is right; this package gives the same
// matches, the same count of bad values and the same errors. So the leaves of a
// condition that may fail on a value are asked in the order of the text, and a
// witness that stands behind such a leaf is none.
//
// # Lifetime and cost
//
// A Program is immutable and shared. A Judge belongs to one goroutine; it keeps
// a bounded number of answers for each field and allocates nothing for an event
// that no condition accepts, once it has seen its like. A Verdict is valid until
// the Judge's next event.
package engine
