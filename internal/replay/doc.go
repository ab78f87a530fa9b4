// Package replay judges recorded events: batches of them by as many workers as
// there are processors, then in the order of time, then by what sequences and
// samples remember.
//
//	source ──batches──> workers (engine.Judge) ──in order of input──> order ──in order of time──> sequence ──> matches
//
// What the workers do is pure, so their number changes nothing of what comes out.
// Memory does not grow with the input: batches, what waits to be put in order and
// what sequences remember are each bounded. What can not be put in order within
// its bound is sorted on disk, by reading the input once more from the start.
//
// A Replay is used for one input and by one goroutine.
package replay
