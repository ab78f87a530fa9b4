package ruletest

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
)

// FormatValue writes a value as the test language has it, so that it is read
// back as it was: nil, a string, bool, json.Number, json.RawMessage, or a list
// of these.
func FormatValue(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		if v {
			return "true"
		}
		return "false"
	case json.Number:
		return string(v)
	case json.RawMessage:
		var b bytes.Buffer
		if json.Compact(&b, v) != nil {
			return quoted(string(v))
		}
		return b.String()
	case []any:
		parts := make([]string, len(v))
		for i, one := range v {
			parts[i] = FormatValue(one)
			if text, ok := one.(string); ok && strings.ContainsAny(text, ",]") {
				parts[i] = quoted(text)
			}
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		if bare(v) {
			return v
		}
		return quoted(v)
	}
	return quoted("")
}

// bare reports whether a text can be written without quotes.
func bare(s string) bool {
	if s == "" || s == "-" || strings.ContainsAny(s, `"'[]{}\`) || strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar
	}) >= 0 {
		return false
	}
	text, ok := plain(s).(string)
	return ok && text == s
}

func quoted(s string) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		return `""` // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func formatName(name string) string {
	for i := range len(name) {
		if !nameByte(name[i]) {
			return quoted(name)
		}
	}
	return name
}
