package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tripline-sec/tripline/internal/event"
)

// Class is the kind of a problem: few words, under which a closing line counts.
type Class string

// The classes.
const (
	BadJSON     Class = "broken JSON"
	NotObject   Class = "not a JSON object"
	TooDeep     Class = "nested too deep"
	TooLong     Class = "too long"
	BadEnvelope Class = "broken envelope" // a bulk action, hit or answer without its document
	Truncated   Class = "ends early"
	Unreadable  Class = "unreadable" // can not be opened, read or unpacked
)

// Problem is a piece of input that gave no document.
type Problem struct {
	Place  Place
	Class  Class
	Reason string
}

// Error returns "name:line: reason".
func (p *Problem) Error() string { return p.Place.String() + ": " + p.Reason }

// Incomplete reports whether input may be missing, not just broken.
func (c Class) Incomplete() bool { return c == Truncated || c == Unreadable }

// classOf sorts an error of decoding.
func classOf(err error) Class {
	switch {
	case errors.Is(err, event.ErrTooDeep):
		return TooDeep
	case errors.Is(err, event.ErrNotObject):
		return NotObject
	// encoding/json has a bound of its own, which an envelope may meet first.
	case strings.Contains(err.Error(), "exceeded max depth"):
		return TooDeep
	}
	return BadJSON
}

func reasonOf(err error) string {
	var decode *event.DecodeError
	if errors.As(err, &decode) {
		return decode.Reason()
	}
	return err.Error()
}

// envelope decodes the top level of a hit or an action. Keys are exact: a struct
// would take any case.
func envelope(raw []byte) (map[string]json.RawMessage, error) {
	var parts map[string]json.RawMessage
	err := json.Unmarshal(raw, &parts)
	return parts, err
}

// text returns a JSON string, or "" for anything else.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

func isObject(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '{' }

// leftOut tells in a reason which lines a problem covers, if more than one.
func leftOut(first, last int) string {
	if first == last {
		return ""
	}
	return fmt.Sprintf(" (lines %d to %d are left out)", first, last)
}
