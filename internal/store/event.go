package store

import (
	"errors"
	"time"

	"github.com/tripline-sec/tripline/internal/value"
)

// MaxDocument is how many bytes a document may have.
const MaxDocument = 16 << 20

// Why an Append failed. Nothing of the call is acknowledged; what of it is found
// on the disk later is known by its ids, so that it can be sent again. All but
// ErrClosed end by themselves when the cause does.
var (
	ErrFull     = errors.New("the disk is full")
	ErrReadOnly = errors.New("the file system is read only")
	ErrFailed   = errors.New("the disk failed")
	ErrClosed   = errors.New("the store is closed")
)

// ErrTooLarge is the error of a document of more than MaxDocument bytes.
var ErrTooLarge = errors.New("document is larger than 16 MiB")

// Event is a document to keep.
type Event struct {
	// Raw is the JSON object. It is not kept, and not changed.
	Raw []byte
	// Index is where it goes; "": as the document's data_stream.* says, else
	// event.UnknownIndex.
	Index string
	// ID is what the sender calls it; "": event.id, else a hash of Raw.
	ID string
	// Create asks for a conflict if the sender's ID is known. Without it the same
	// bytes are no conflict.
	Create bool
	// Source says where it comes from, for people.
	Source string
}

// Outcome is what became of an event.
type Outcome uint8

// The outcomes.
const (
	Created  Outcome = iota // it is kept
	Noop                    // it was kept before, with the same bytes
	Conflict                // another was kept before under the sender's ID
	Invalid                 // it is no document: see Err
)

// Result is what became of one event of an Append.
type Result struct {
	Index, ID string
	Arrival   uint64 // its number; of Noop and Conflict that of the first
	Outcome   Outcome
	Err       error // of Invalid: an *event.DecodeError or ErrTooLarge
}

// Stored is a document that is kept. Its fields share memory with the batch that
// it is part of.
type Stored struct {
	// Raw is the document as it came, but for event.ingested, which is the time of
	// arrival whatever the sender said; @timestamp, which is that time if the sender
	// sent none; and bytes that are no UTF-8, which are U+FFFD as decoding has it.
	Raw       []byte
	Index, ID string
	Source    string
	Arrival   uint64        // from 1, without end; some numbers are never used
	Time      value.Instant // @timestamp
	HasTime   bool          // false: the sender's @timestamp is no time
	Ingested  time.Time     // to the microsecond
}

// When is the document's place in windows of event time: its @timestamp, or the
// time it came if that is no time.
func (d *Stored) When() value.Instant {
	if d.HasTime {
		return d.Time
	}
	return value.InstantOfTime(d.Ingested)
}
