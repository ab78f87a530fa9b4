// Package daemon is Tripline as it runs: events come in and are stored, the stream
// judges each as it arrives, the schedule judges windows of what is stored, and alerts
// go out, in one process with one data folder.
//
//	Append ──> store ──in order of arrival──> stream ──> commit ──> outbox ──> sinks
//	             └──────windows──> schedule ────────────────┘
//
// An event is acknowledged when the store has it on disk. What a step of the stream
// finds is committed together with the place up to which it has judged; what a pass of the
// schedule finds, together with the ledger. An alert's id is made from its events and
// its rule. So after a crash nothing that was acknowledged is lost, and nothing is
// there twice: the stream begins again where it was, having read once more what unfinished
// sequences may need (see Daemon.rewind).
//
// Three goroutines do the work: one reads the store behind Append, one runs passes, one
// brings alerts back into the store as the events that rules on alerts read.
// Memory is that of the engine (Options.Budget), of the store's recent pages, and of
// the batches on their way.
package daemon
