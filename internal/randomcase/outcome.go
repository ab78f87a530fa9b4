package randomcase

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// Match is one result: an event, a sequence or a sample.
type Match struct {
	Keys string // see KeyText, and PlainKeyText for a sample; "" for an event
	Docs []int  // arrival numbers in the order of the terms; -1 is a missing event
}

// String writes the match on one line.
func (m Match) String() string {
	b := []byte(m.Keys)
	for i, d := range m.Docs {
		if i > 0 || m.Keys != "" {
			b = append(b, ' ')
		}
		if d < 0 {
			b = append(b, '-')
			continue
		}
		b = strconv.AppendInt(b, int64(d), 10)
	}
	return string(b)
}

// Fault says what ended a run that was not tolerant.
type Fault string

// The faults.
const (
	NoFault     Fault = ""
	ValueFault  Fault = "value error"
	NoTimestamp Fault = "no timestamp"
)

// Outcome is all that a run found.
type Outcome struct {
	Matches []Match // in order
	Fault   Fault   // then there are no matches

	ValueErrors, NoTimestamp int // of a tolerant run
}

// Set writes the matches, one a line, without regard to their order.
func (o *Outcome) Set() []string {
	lines := make([]string, len(o.Matches))
	for i, m := range o.Matches {
		lines[i] = m.String()
	}
	slices.Sort(lines)
	return lines
}

// outcomeOf makes an outcome of what a run of the reference returned. An error
// that is none of a value or of a timestamp is returned.
func outcomeOf(result *reference.Result, err error) (*Outcome, error) {
	var noTime *reference.NoTimestampError
	var bad *reference.ValueError
	switch {
	case errors.As(err, &noTime):
		return &Outcome{Fault: NoTimestamp}, nil
	case errors.As(err, &bad):
		return &Outcome{Fault: ValueFault}, nil
	case err != nil:
		return nil, fmt.Errorf("run reference: %w", err)
	}
	o := &Outcome{ValueErrors: result.ValueErrors, NoTimestamp: result.NoTimestamp}
	for _, d := range result.Events {
		o.Matches = append(o.Matches, Match{Docs: []int{number(d)}})
	}
	for _, s := range result.Sequences {
		m := Match{Keys: KeyText(s.Keys)}
		if result.Kind == reference.Samples {
			m.Keys = PlainKeyText(s.Keys)
		}
		for _, d := range s.Events {
			m.Docs = append(m.Docs, number(d))
		}
		o.Matches = append(o.Matches, m)
	}
	return o, nil
}

func number(d *event.Document) int {
	if d == nil {
		return -1
	}
	return int(d.Arrival) //nolint:gosec // a place in a short list
}

// PlainKeyText writes the keys of a sample. Of values that are one key, such as 1
// and 1.0, any may stand for it there, so they are written alike.
func PlainKeyText(keys []value.Value) string {
	plain := make([]value.Value, len(keys))
	for i, k := range keys {
		if f := k.Float(); k.Kind() == value.Float && f == math.Trunc(f) {
			switch { // a key is the whole number, as value.KeyOf has it
			case f >= -1<<63 && f < 1<<63:
				k = value.OfInt(int64(f))
			case f >= 1<<63 && f < 1<<64:
				k = value.OfUint(uint64(f))
			}
		}
		plain[i] = k
	}
	return KeyText(plain)
}

// KeyText writes join keys as they are answered.
func KeyText(keys []value.Value) string {
	var b strings.Builder
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		switch {
		case k.IsNull():
			b.WriteString("null")
		case k.Kind() == value.String || k.Kind() == value.IP || k.Kind() == value.Version:
			b.WriteString(strconv.Quote(k.Str()))
		default:
			b.WriteString(k.Text())
		}
	}
	return b.String()
}
