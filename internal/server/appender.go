package server

import (
	"context"
	"errors"
)

// What an Appender may answer instead of results; wrapped or not. In each case none
// of the call's documents may be taken as stored. Any other error is one of these
// cases that nobody foresaw, and is answered as ErrReadOnly is, at once.
var (
	ErrQueueFull = errors.New("no room for more documents now")
	ErrDiskFull  = errors.New("the disk is full")
	ErrReadOnly  = errors.New("the store can not be written")
	ErrStarting  = errors.New("starting")
	ErrStopping  = errors.New("stopping")
)

// Doc is one document to be stored.
type Doc struct {
	// Raw is one JSON object that event.Decode accepts, with no blanks around it.
	// The bytes are the Appender's until Append returns, and not longer.
	Raw []byte
	// Index is a valid name. ID is the sender's; "" if it gave none.
	Index, ID string
	// Create makes an existing ID a conflict even if the bytes are equal.
	Create bool
}

// Outcome is what became of a document.
type Outcome uint8

// The outcomes.
const (
	Created  Outcome = iota // stored
	Noop                    // the same document is there already
	Conflict                // another one with this ID is; or any, if Doc.Create was set
)

// Result is what became of a document, and its place.
type Result struct {
	Outcome Outcome
	ID      string // as given, else as made
	Arrival uint64
}

// Appender stores documents.
type Appender interface {
	// Append returns when all documents are safe on disk, with a result for each.
	// An error means that none may be relied on.
	//
	// The deadline of ctx is for how long to wait for room: when there is none until
	// then, the error is ErrQueueFull or that of ctx. An Appender that will not wait
	// gives ErrQueueFull at once and is asked again. Once it has begun to write it
	// finishes, whatever becomes of ctx.
	Append(ctx context.Context, docs []Doc) ([]Result, error)
}

// Found is a document that is stored.
type Found struct {
	Raw     []byte
	Arrival uint64
}

// Finder finds single documents.
type Finder interface {
	Find(ctx context.Context, index, id string) (doc Found, ok bool, err error)
}

// holdable reports whether an error may pass if one waits.
func holdable(err error) bool {
	return errors.Is(err, ErrQueueFull) || errors.Is(err, ErrDiskFull) || errors.Is(err, ErrReadOnly) || errors.Is(err, ErrStarting)
}
