package store

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// timeFormat writes the times that the store sets: as long always, to the
// microsecond.
const timeFormat = "2006-01-02T15:04:05.000000Z"

// appendStamped appends a document with the time of arrival as its event.ingested,
// and as its @timestamp if that is asked for.
//
// The members go to the end, where the last of equal keys wins: a document may
// have an "event.ingested" that is null. One that has a value, in whatever
// spelling, must have lost it before (see withoutIngested).
func appendStamped(dst, raw []byte, at time.Time, timestamp bool) []byte {
	end := len(raw) - 1 // the closing brace
	before := bytes.TrimRight(raw[:end], " \t\r\n")
	if utf8.Valid(before) {
		dst = append(dst, before...)
	} else {
		dst = appendValid(dst, before)
	}
	if before[len(before)-1] != '{' { // an opening brace there is the document's own
		dst = append(dst, ',')
	}
	if timestamp {
		dst = append(dst, `"@timestamp":"`...)
		dst = at.AppendFormat(dst, timeFormat)
		dst = append(dst, `",`...)
	}
	dst = append(dst, `"event.ingested":"`...)
	dst = at.AppendFormat(dst, timeFormat)
	return append(dst, `"}`...)
}

// appendValid appends text with U+FFFD for each byte that is no UTF-8, as
// encoding/json reads it: Parquet's texts must be valid.
func appendValid(dst, text []byte) []byte {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		dst = utf8.AppendRune(dst, r)
		text = text[size:]
	}
	return dst
}

// withoutIngested removes the members that spell event.ingested, nested or with
// dots, from a document that has a value there. All else stays byte for byte, but
// for white space.
func withoutIngested(raw []byte) ([]byte, error) {
	return without(raw, "event.ingested")
}

// without removes from the value raw, if it is an object or an array with objects
// in it, what the path leads to.
func without(raw []byte, path string) ([]byte, error) {
	switch raw = bytes.TrimLeft(raw, " \t\r\n"); {
	case len(raw) > 0 && raw[0] == '[':
		var elements []json.RawMessage
		if err := json.Unmarshal(raw, &elements); err != nil {
			return nil, err
		}
		out := []byte{'['}
		for i, element := range elements {
			kept, err := without(element, path)
			if err != nil {
				return nil, err
			}
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, kept...)
		}
		return append(out, ']'), nil
	case len(raw) == 0 || raw[0] != '{':
		return raw, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	out := []byte{'{'}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var member json.RawMessage
		if err := decoder.Decode(&member); err != nil {
			return nil, err
		}
		if key == path {
			continue
		}
		if rest, below := strings.CutPrefix(path, key.(string)+"."); below {
			if member, err = without(member, rest); err != nil {
				return nil, err
			}
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, name...), ':'), member...)
	}
	return append(out, '}'), nil
}
