// Package store keeps events: on disk before they are acknowledged, each once,
// until retention lets them go.
//
// Append writes to a log: records of compressed pages, one or more to a call, with
// length, checksum and version; the calls of all senders at one time share a sync.
// In the background log files become segments: Parquet files, one for each index
// and day of arrival, with the documents, who they are, their times and some
// common fields (see [Columns]). The manifest says which segments there are. What
// is in a log file is in no segment, and the other way round.
//
//	DIR/lock               held by the one that writes
//	DIR/manifest           the segments: lines of JSON with checksums
//	DIR/log/*.log          what is not sealed yet
//	DIR/segments/index=NAME/day=YYYY-MM-DD/*.parquet
//
// A page of the log is laid out and compressed as a page of the Parquet column is,
// so that sealing copies it. Reading takes a page apart and hands out its parts:
// nothing is parsed. Batches are the reader's until it releases them; what was not
// released is left to the garbage collector.
//
// Cost. A document that is appended is scanned once, hashed once and compressed
// once. Reading one costs its decompression and some tenths of a microsecond.
// In memory are an entry of some 60 bytes for each record of the log and 500 for
// each segment, the window of ids (see [Options]), and the pages last appended.
//
// What a disk may do is taken as package disk says. After a sync or a write of the
// log that failed, the file is given up at the place up to which it was
// acknowledged, which the next file's head repeats.
package store
