// Package randomcase draws queries from the whole grammar of EQL and small
// streams of documents for them, asks the reference what they give, and makes a
// case that shows a difference small. It is for tests alone: whatever else
// evaluates EQL must agree with the reference on every case of it.
//
// A case is drawn so that something happens in it. Its fields are few, their
// values come from a small vocabulary, times lie within a few spans, and a term's
// condition asks, as a rule, for something that the documents have. Around this
// stands what makes evaluators differ: ties, nanoseconds, disorder, several
// hosts, agents and indices, arrays, nulls, objects and values of the wrong type
// where scalars are expected, missing keys, every spelling that JSON allows,
// strings that differ in case only, and constants of another type than the field.
//
// # Cost and lifetime
//
// Drawing a case and asking the reference costs about a millisecond. A Case is
// plain data; it holds no reference to the source of randomness, and the same
// source gives the same cases.
package randomcase
