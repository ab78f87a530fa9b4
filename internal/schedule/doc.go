// Package schedule says what a rule that runs every so often has to judge, and
// what it has judged: due times, windows, the ledger, gaps, caps.
//
// Two policies stand behind one interface. Tripline's own keeps a ledger of the
// time that each rule has covered and runs again what is missing from it, however
// long that is; Elastic's does what Kibana does, its losses included.
//
// A Scheduler is driven from outside and does nothing by itself: it is handed the
// time, told of each event that arrives, asked what is due (Begin), and told what
// came of it (Finish, then Apply). It reads no clock, starts no goroutine, opens no
// file. What it must not forget is in its Ledgers, which are plain data for
// somebody else to store. It belongs to one goroutine.
//
// An event that is not late costs a comparison or two, whatever the number of
// rules; a late one a search in the ledger of each rule that it matters to. A
// ledger holds some dozens of spans, so that a thousand rules take a few megabytes.
//
// # What a ledger claims
//
// That a span is covered means: every match whose last event lies in it has been
// found, of all events that had arrived by the span's arrival number. To judge a
// span, events are read from earlier on, by as much as a sequence may take. A
// sequence that ends with a missing event is decided only when its time has run out,
// so that the claim ends that much before what has been read.
//
// An event that arrives into time that is covered makes dirty the span in which a
// match that it is part of may end, for those rules one of whose conditions accepts
// it.
package schedule
