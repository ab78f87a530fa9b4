package ruletest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// FormatEvent writes an event as a line of the test language that reads back to
// these fields and no others, but for event.id, which is the event's name where it
// is not given. A value is nil, a string, bool, a number, or a []any of these.
func FormatEvent(name string, offset time.Duration, fields map[string]any) string {
	var words []string
	if name != "" {
		words = append(words, name+":")
	}
	words = append(words, formatOffset(offset))
	rest := maps.Clone(fields)
	if rest == nil {
		rest = map[string]any{}
	}
	for _, field := range []string{"event.category", "event.action"} {
		text := FormatValue(written(rest[field]))
		if rest[field] == nil || strings.HasPrefix(text, `"`) || strings.Contains(text, "=") {
			words = append(words, "-") // none, or one that could be taken for a field
			continue
		}
		words = append(words, text)
		delete(rest, field)
	}
	implied := typeOf([]Field{{"event.category", fields["event.category"]}}, fields["event.action"])
	switch given := rest["event.type"]; {
	case given == nil && implied != nil:
		rest["event.type"] = nil
	case given != nil && sameValue(given, implied):
		delete(rest, "event.type")
	}
	for _, field := range slices.Sorted(maps.Keys(rest)) {
		words = append(words, formatName(field)+"="+FormatValue(written(rest[field])))
	}
	return strings.Join(words, " ")
}

// written makes of a value what FormatValue takes.
func written(v any) any {
	switch v := v.(type) {
	case nil, bool, string, json.Number, json.RawMessage:
		return v
	case []any:
		all := make([]any, len(v))
		for i, one := range v {
			all[i] = written(one)
		}
		return all
	}
	return json.Number(fmt.Sprint(v))
}
