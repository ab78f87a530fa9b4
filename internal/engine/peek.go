package engine

import (
	"bytes"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// PeekTime returns the @timestamp of a document in nanoseconds since 1970, to
// merge files by it. It is only as exact as that needs: a document that has none,
// or one beyond the years of 64 bits, is not ok.
func PeekTime(raw []byte) (ns int64, ok bool) {
	const key = `"@timestamp":"`
	if _, text, found := bytes.Cut(raw, []byte(key)); found {
		if text, _, found = bytes.Cut(text, []byte{'"'}); found {
			if t, ok := parseUTC(string(text)); ok {
				return nanos(t)
			}
		}
	}
	doc, err := event.Decode(raw, event.Identity{ID: "-"}, 0)
	if err != nil {
		return 0, false
	}
	v := value.Coerce(doc.First("@timestamp"), value.TypeDate, "")
	if v.Kind() != value.Date {
		return 0, false
	}
	return nanos(v.Instant())
}

func nanos(t value.Instant) (int64, bool) {
	const limit = 9_000_000_000 // seconds, to the year 2255
	if t.Sec > limit || t.Sec < -limit {
		return 0, false
	}
	return t.Sec*1e9 + int64(t.Nsec), true
}
