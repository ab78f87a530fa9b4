// Package state is what Tripline must not forget besides the events: alerts and
// what people made of them, what each rule has covered, where the stream and the
// sinks are, keys, settings. It is one SQLite database, in one file of the data
// folder.
//
// Commit is the heart: all that one step of the stream or one pass of the schedule
// yields goes in together or not at all, and is on the disk when Commit returns. An
// alert's id is made from its events and its rule, so doing a step again after a
// crash stores nothing twice.
//
// A State belongs to its opener, who closes it, and may be used from several
// goroutines: one writes, the others read what was committed before. On the real
// file system other processes may open the same state meanwhile; each waits for the
// other's writing, a few milliseconds as a rule, at most a quarter of a minute. On
// any other file system there is one connection, and whoever opens the state has it
// for itself.
//
// An alert of a sequence of two events costs about 4 KB on disk. Lists read rows
// without documents, by index; a document is uncompressed when it is asked for, and
// belongs to the caller.
package state
