package alert

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/internal/event"
)

// sourceOf decodes an event's document, numbers as written. The document is one that
// event.Decode took.
func sourceOf(doc *event.Document) map[string]any {
	t := tree{raw: doc.Raw}
	source, _ := t.value().(map[string]any)
	return source
}

// partOf is sourceOf for the members that want takes alone.
func partOf(doc *event.Document, want func(key string) bool) map[string]any {
	t, part := tree{raw: doc.Raw}, map[string]any{}
	t.members(func(key string) {
		if want(key) {
			part[key] = t.value()
		} else {
			t.skip()
		}
	})
	return part
}

// find returns what stands at a dotted path, in whatever mixture of nested and
// dotted names; nil if nothing does. It does not look into arrays.
func find(in map[string]any, path string) any {
	if v, ok := in[path]; ok {
		return v
	}
	for i := range len(path) {
		if path[i] != '.' {
			continue
		}
		if next, ok := in[path[:i]].(map[string]any); ok {
			if v := find(next, path[i+1:]); v != nil {
				return v
			}
		}
	}
	return nil
}

// body is an event's document made ready to be an alert's: without what only an
// alert may say, and with a copy of what the alert is about to overwrite.
func body(doc *event.Document) map[string]any {
	source := sourceOf(doc)
	for _, name := range []string{"kibana", "signal", "threshold_result"} {
		maps.DeleteFunc(source, func(key string, _ any) bool {
			return key == name || strings.HasPrefix(key, name+".")
		})
	}
	keep(source, "event", "kibana.alert.original_event.")
	keep(source, "data_stream", "kibana.alert.original_data_stream.")
	delete(source, "event.kind")
	if nested, ok := source["event"].(map[string]any); ok {
		delete(nested, "kind")
	}
	source["event.kind"] = "signal"
	return source
}

// keep copies the fields beneath a name to dotted fields under a prefix.
func keep(source map[string]any, name, prefix string) {
	// Sorted, so that where two spellings of a field meet the same one is kept every time.
	for _, key := range slices.Sorted(maps.Keys(source)) {
		if key == name {
			if nested, ok := source[key].(map[string]any); ok {
				flatten(nested, prefix, source)
			}
		} else if rest, ok := strings.CutPrefix(key, name+"."); ok {
			flatten(map[string]any{rest: source[key]}, prefix, source)
		}
	}
}

// flatten writes the leaves of an object, arrays whole, under dotted names.
func flatten(in map[string]any, prefix string, to map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(in)) {
		if nested, ok := in[key].(map[string]any); ok {
			flatten(nested, prefix+key+".", to)
		} else {
			to[prefix+key] = in[key]
		}
	}
}

// text returns a leaf as text, an array's elements joined; "" for all else.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	case []any:
		texts := make([]string, 0, len(v))
		for _, element := range v {
			if t := text(element); t != "" {
				texts = append(texts, t)
			}
		}
		return strings.Join(texts, ", ")
	}
	return ""
}
