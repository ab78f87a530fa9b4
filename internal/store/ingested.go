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
// A text that is there is replaced where it stands. Else the members go to the end,
// where the last of equal keys wins: there may be an "event.ingested" that is null.
// One that has a value must have lost it before.
func appendStamped(dst, raw []byte, at time.Time, old stamp, timestamp bool) []byte {
	if old.there && old.to == 0 {
		if cut, err := withoutIngested(raw); err == nil { // it was scanned: there is no error
			raw = cut
		}
	}
	replaced := old.to > 0
	if replaced {
		dst = appendValid(dst, raw[:old.from])
		dst = at.AppendFormat(dst, timeFormat)
		raw = raw[old.to:]
	}
	if replaced && !timestamp {
		return appendValid(dst, raw)
	}
	start := len(dst)
	dst = appendValid(dst, bytes.TrimRight(raw[:len(raw)-1], " \t\r\n")) // without the closing brace
	if replaced || dst[len(dst)-1] != '{' || len(dst) > start+1 {
		dst = append(dst, ',')
	}
	if timestamp {
		dst = append(dst, `"@timestamp":"`...)
		dst = append(at.AppendFormat(dst, timeFormat), '"')
	}
	if !replaced {
		if timestamp {
			dst = append(dst, ',')
		}
		dst = append(dst, `"event.ingested":"`...)
		dst = append(at.AppendFormat(dst, timeFormat), '"')
	}
	return append(dst, '}')
}

// appendValid appends text with U+FFFD for each byte that is no UTF-8, as
// encoding/json reads it: Parquet's texts must be valid.
func appendValid(dst, text []byte) []byte {
	if utf8.Valid(text) {
		return append(dst, text...)
	}
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
