// Package server speaks the HTTP of Elasticsearch that shippers and clients need:
// documents in, with a result for each, and the answers that they want before they
// send any; and health, metrics and what administers the daemon.
//
// It stores nothing. What it needs stands in its small interfaces: an Appender
// takes the documents, Keys says who may do what.
//
// What governs all answers:
//
//   - A document is acknowledged only when the Appender has it.
//   - A bulk is taken whole or refused whole, but for documents that no try again
//     could make good: these are item errors.
//   - When there is no room a request is first held, then refused in the way that
//     loses least for the client that sent it; see refusal.
//
// A body is held in memory, in buffers that are used again, while it is read,
// checked and stored; all bodies together within Config.MemoryLimit. Documents are
// slices of it and go with it. A connection costs some ten KiB, and there are at
// most Listen.MaxConnections.
package server
