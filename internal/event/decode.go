package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tripline-sec/tripline/internal/value"
)

// MaxDepth is how many objects and arrays may lie within each other; the
// document itself is the first.
const MaxDepth = 1000

// What a DecodeError may wrap besides a syntax error of encoding/json.
var (
	ErrTooDeep   = errors.New("nested more than 1,000 levels deep")
	ErrNotObject = errors.New("not a JSON object")
)

// DecodeError says why some bytes are no document.
type DecodeError struct {
	Offset int64 // the number of the byte at fault, from 1
	Err    error
}

// Error returns the reason and the place within the document.
func (e *DecodeError) Error() string { return "decode document: " + e.Reason() }

// Reason returns the same without saying what was being done.
func (e *DecodeError) Reason() string { return fmt.Sprintf("%v at byte %d", e.Err, e.Offset) }

// Unwrap returns the cause.
func (e *DecodeError) Unwrap() error { return e.Err }

// The decoded tree. A node is an object, an array, or leaves. Values that stand
// at one place are one slice, so that looking up a field need not build one.
type (
	object map[string]any
	array  []any
	leaves []value.Value // never empty, never null
)

// Decode reads one JSON object. It keeps raw, which the caller must not change.
//
// What JSON allows and senders do is no error: of two equal keys the last wins;
// invalid UTF-8 and lone surrogates read as U+FFFD; a number that neither a
// 64-bit integer nor a double can hold is present, but meets no numeric test.
func Decode(raw []byte, given Identity, arrival uint64) (*Document, error) {
	raw = bytes.Trim(raw, " \t\r\n")
	if len(raw) > 0 && raw[0] != '{' && json.Valid(raw) {
		return nil, &DecodeError{Offset: 1, Err: ErrNotObject}
	}
	if offset, deep := tooDeep(raw); deep {
		return nil, &DecodeError{Offset: offset, Err: ErrTooDeep}
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var root map[string]any
	if err := decoder.Decode(&root); err != nil || decoder.InputOffset() != int64(len(raw)) {
		return nil, syntaxError(raw)
	}
	d := &Document{Raw: raw, Arrival: arrival, root: convertObject(root)}
	d.identify(given)
	return d, nil
}

// syntaxError reads raw, known to be broken, once more in the way that reports
// the exact byte.
func syntaxError(raw []byte) error {
	var whole json.RawMessage
	err := json.Unmarshal(raw, &whole)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return &DecodeError{Offset: syntax.Offset, Err: syntax}
	}
	return &DecodeError{Offset: 1, Err: ErrNotObject}
}

// tooDeep reports whether brackets nest deeper than MaxDepth, and where. It is
// asked first, because what follows recurses. On broken JSON its answer does
// not matter: that is an error either way.
func tooDeep(raw []byte) (offset int64, deep bool) {
	depth, inString := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return int64(i + 1), true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return 0, false
}

// convertObject gives the tree of encoding/json typed leaves and leaves out
// what is null or empty.
func convertObject(in map[string]any) object {
	for key, v := range in {
		if node := convert(v); node != nil {
			in[key] = node
		} else {
			delete(in, key)
		}
	}
	return in
}

func convert(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if out := convertObject(v); len(out) > 0 {
			return out
		}
	case []any:
		return convertArray(v)
	case string:
		return leaves{value.OfString(v)}
	case json.Number:
		return leaves{value.OfJSONNumber(string(v))}
	case bool:
		return leaves{value.OfBool(v)}
	}
	return nil // null, or nothing in it
}

// convertArray returns nil for an array with no value in it, leaves for one of
// scalars only, and an array otherwise.
func convertArray(in []any) any {
	out, flat := in[:0], true
	for _, v := range in {
		node := convert(v)
		if node == nil {
			continue
		}
		if _, ok := node.(leaves); !ok {
			flat = false
		}
		out = append(out, node)
	}
	if len(out) == 0 {
		return nil
	}
	if !flat {
		return array(out)
	}
	all := make(leaves, 0, len(out))
	for _, node := range out {
		all = append(all, node.(leaves)...)
	}
	return all
}
