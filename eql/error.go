package eql

import (
	"fmt"
	"strings"
)

// Error says why a query was refused: one problem from Parse, one or more from
// Check, of which the first 100 are kept and all are counted.
type Error struct {
	Problems []Problem

	verification bool // found by Check: Elasticsearch puts a count before these
	more         int  // problems found beyond those that are kept
}

// Problem is one thing wrong with a query, or, as a Warning, one thing to look
// at. Message is Elasticsearch's wording where it has one; Hint, if any, says
// what to do.
type Problem struct {
	Pos     Pos
	Message string
	Hint    string
}

// Warning is a Problem that does not stop the query.
type Warning = Problem

// Error returns the problems in Elasticsearch's form: `line 1:5: message`, and
// for what Check found, `Found 1 problem` and a line for each.
func (e *Error) Error() string {
	var b strings.Builder
	if e.verification {
		fmt.Fprintf(&b, "Found %d problem", len(e.Problems)+e.more)
		if len(e.Problems)+e.more != 1 {
			b.WriteByte('s')
		}
		b.WriteByte('\n')
	}
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "line %d:%d: %s", p.Pos.Line, p.Pos.Col, p.Message)
	}
	return b.String()
}

func errorAt(at Pos, format string, args ...any) *Error {
	return &Error{Problems: []Problem{{Pos: at, Message: fmt.Sprintf(format, args...)}}}
}

func (e *Error) hint(format string, args ...any) *Error {
	e.Problems[0].Hint = fmt.Sprintf(format, args...)
	return e
}
