package rule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const jsonHint = "a rule in JSON is one object; an export is one object a line"

// parseJSON reads the JSON values that stand in data from the offset on, one
// after another, and hands each over. A syntax error ends it, and so does
// a yield that returns false.
func parseJSON(data []byte, l *lines, base int, yield func(*tree) (more bool)) *Problem {
	for at := 0; ; {
		dec := json.NewDecoder(bytes.NewReader(data[at:]))
		var raw json.RawMessage
		switch err := dec.Decode(&raw); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return jsonProblem(err, l, base+at, base+len(data))
		}
		end := at + int(dec.InputOffset())
		t, err := walkJSON(raw, base+end-len(raw), l)
		if err != nil {
			line, col := l.at(base + end - len(raw))
			return &Problem{Line: line, Col: col, Reason: err.Error()}
		}
		if !yield(t) {
			return nil
		}
		at = end
	}
}

func jsonProblem(err error, l *lines, at, end int) *Problem {
	var se *json.SyntaxError
	reason := err.Error()
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		at, reason = end, "the text ends in the middle of a value"
	case errors.As(err, &se):
		at += int(se.Offset) - 1 // Offset counts the byte that was wrong
	}
	line, col := l.at(at)
	return &Problem{Line: line, Col: col, Reason: "not valid JSON: " + reason, Hint: jsonHint}
}

// walkJSON turns one valid JSON value, which stands at the given offset of its
// file, into a tree.
func walkJSON(raw []byte, at int, l *lines) (*tree, error) {
	w := jsonWalk{dec: json.NewDecoder(bytes.NewReader(raw)), raw: raw, base: at, places: newPlaces()}
	w.dec.UseNumber()
	root, err := w.value("", at, 0)
	if err != nil {
		return nil, err
	}
	if root, err = canonical(root, 0); err != nil {
		return nil, err
	}
	return &tree{root: root, places: w.places, start: at, lines: l, json: true}, nil
}

type jsonWalk struct {
	dec    *json.Decoder
	raw    []byte
	base   int
	places *places
}

// next reads a token and says where it starts.
func (w *jsonWalk) next() (tok json.Token, start int, err error) {
	start = int(w.dec.InputOffset())
	for start < len(w.raw) && bytes.IndexByte([]byte(" \t\r\n,:"), w.raw[start]) >= 0 {
		start++
	}
	tok, err = w.dec.Token()
	return tok, start, err
}

func (w *jsonWalk) value(path string, key, depth int) (any, error) {
	tok, start, err := w.next()
	if err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if depth > maxDepth {
		return nil, errTooDeep
	}
	p := place{key: key, value: w.base + start}
	defer func() { w.places.set(path, p) }()
	switch tok {
	case json.Delim('{'):
		return w.object(path, depth)
	case json.Delim('['):
		return w.array(path, key, depth)
	}
	if _, ok := tok.(string); ok {
		p.raw = string(w.raw[start:w.dec.InputOffset()])
	}
	return tok, nil
}

func (w *jsonWalk) object(path string, depth int) (any, error) {
	m := map[string]any{}
	for w.dec.More() {
		tok, start, err := w.next()
		if err != nil {
			return nil, fmt.Errorf("read JSON: %w", err)
		}
		k, _ := tok.(string)
		if m[k], err = w.value(w.places.key(path, k), w.base+start, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := w.dec.Token()
	return m, err
}

func (w *jsonWalk) array(path string, key, depth int) (any, error) {
	list := []any{}
	for w.dec.More() {
		v, err := w.value(w.places.element(path, len(list)), key, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := w.dec.Token()
	return list, err
}
