// Package sequence is the state of sequences and samples: hits in, matches out.
//
// It knows nothing of JSON, fields or conditions. Each event has been judged
// already and comes as an Event: its place in time, and which conditions of which
// queries accepted it under which join keys. The matches are those of
// Elasticsearch EQL's state machine: one partial for each query, key and stage,
// the newest.
//
// A State is used by one goroutine. What an event costs depends on its hits and
// not on how many queries there are: a hit is one look-up in a hash table and a
// few steps along the partials of its key. Partials live in arenas that are
// reused, so that a hit allocates nothing once they are warm. One that waits at
// the first stage costs less than 128 bytes beside its document; every event
// after the first adds 24. In a stream a hit that is not the only one of its key
// costs about 110 more for as long as a late one may come before it, and an event
// of an agent with a sequence number, hit or not, about 150 as long as another of its
// timestamp may come. In order, a hit that begins nothing and finds nothing that
// waits for it costs a few nanoseconds.
//
// Documents are kept while a partial, a retained hit or a waiting match needs
// them, each once, counted by Held.Refs.
package sequence
