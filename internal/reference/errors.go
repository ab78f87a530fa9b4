package reference

import (
	"errors"
	"fmt"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
)

// ErrTooManyCombinations is a leaf whose loops over multi-valued fields, or an
// event whose join keys, have more combinations than are worth trying.
var ErrTooManyCombinations = errors.New("too many combinations")

// errTiebreakerArray is a sequence's hit with several tiebreakers
// (Elasticsearch: `Expected tiebreaker field to be Comparable`).
var errTiebreakerArray = errors.New("the tiebreaker has more than one value")

// ValueError is a value that stopped a condition from being judged: an integer
// overflow, a division by zero, a text that is no number.
type ValueError struct {
	Pos      eql.Pos // the part of the query that failed
	Document *event.Document
	Err      error
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("evaluate line %d:%d on document [%s/%s]: %v", e.Pos.Line, e.Pos.Col, e.Document.Index, e.Document.ID, e.Err)
}

func (e *ValueError) Unwrap() error { return e.Err }

// NoTimestampError is a hit of a sequence that can not be ordered.
type NoTimestampError struct {
	Field    string
	Document *event.Document
}

func (e *NoTimestampError) Error() string {
	return fmt.Sprintf("order document [%s/%s]: Expected timestamp field [%s] to have a value but got none", e.Document.Index, e.Document.ID, e.Field)
}
