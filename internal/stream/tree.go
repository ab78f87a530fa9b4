package stream

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// tree is a document in nested form, as encoding/json reads it, numbers as written.
type tree map[string]any

// readTree reads a document that was written here.
func readTree(doc []byte) tree {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	var t tree
	if err := d.Decode(&t); err != nil {
		panic("stream: read what was just written: " + err.Error()) // it is JSON
	}
	return t
}

// get returns what is at a dotted path; nil if nothing is.
func (t tree) get(path string) any {
	var at any = map[string]any(t)
	for part := range strings.SplitSeq(path, ".") {
		object, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = object[part]
	}
	return at
}

// text returns the text at a path; "" if none is there.
func (t tree) text(path string) string {
	s, _ := t.get(path).(string)
	return s
}

// number returns the whole number at a path.
func (t tree) number(path string) (int64, bool) {
	switch n := t.get(path).(type) {
	case int64:
		return n, true
	case json.Number:
		i, err := n.Int64()
		return i, err == nil
	}
	return 0, false
}

// texts returns the texts at a path, one or several.
func (t tree) texts(path string) []string {
	switch v := t.get(path).(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, x := range v {
			if s, ok := x.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// set puts a value at a path, in place of what is in the way.
func (t tree) set(path string, v any) {
	parts := strings.Split(path, ".")
	at := map[string]any(t)
	for _, part := range parts[:len(parts)-1] {
		next, ok := at[part].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[part] = next
		}
		at = next
	}
	at[parts[len(parts)-1]] = v
}

// drop removes what is at a path, and objects that are empty then.
func (t tree) drop(path string) {
	parts := strings.Split(path, ".")
	objects := []map[string]any{t}
	for _, part := range parts[:len(parts)-1] {
		next, ok := objects[len(objects)-1][part].(map[string]any)
		if !ok {
			return
		}
		objects = append(objects, next)
	}
	for i, object := range slices.Backward(objects) {
		delete(object, parts[i])
		if len(object) > 0 {
			return
		}
	}
}

// clone copies the document, but for the values in it.
func (t tree) clone() tree { return cloneObject(t) }

func cloneObject(m map[string]any) map[string]any {
	out := make(map[string]any, len(m)+2)
	for k, v := range m {
		if object, ok := v.(map[string]any); ok {
			v = cloneObject(object)
		}
		out[k] = v
	}
	return out
}
