package alert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/tripline-sec/tripline/internal/rule"
)

// Encoder writes alerts as JSON: byte for byte what encoding/json makes of their
// Documents, without escapes for HTML, and several times as fast. It keeps a few
// kilobytes for each rule, belongs to one goroutine, and is ready as it is.
type Encoder struct {
	rules map[*rule.Rule]ruleText
}

// ruleText is what documents say of a rule, encoded: the members that sort before
// the rule's name and those behind it, each with a comma behind it.
type ruleText struct{ before, behind []byte }

// Append appends an alert's documents, each a line.
func (e *Encoder) Append(to []byte, a *Alert) ([]byte, error) {
	of, ok := e.rules[a.Rule]
	if !ok {
		var err error
		if of, err = textOf(a.Rule); err != nil {
			return to, err
		}
		if e.rules == nil {
			e.rules = map[*rule.Rule]ruleText{}
		}
		e.rules[a.Rule] = of
	}
	for _, doc := range a.documents() {
		var err error
		if to, err = appendDocument(to, doc, of); err != nil {
			return to, fmt.Errorf("encode alert %s: %w", a.ID, err)
		}
	}
	return to, nil
}

func textOf(r *rule.Rule) (ruleText, error) {
	fields := ruleFields(r)
	var of ruleText
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		to := &of.before
		if key > nameField {
			to = &of.behind
		}
		var err error
		if *to, err = appendMember(*to, key, fields[key]); err != nil {
			return of, fmt.Errorf("encode rule %s: %w", r.Name, err)
		}
		*to = append(*to, ',')
	}
	return of, nil
}

func appendDocument(to []byte, doc Document, of ruleText) ([]byte, error) {
	to = append(to, '{')
	for _, key := range slices.Sorted(maps.Keys(doc)) {
		if key == nameField {
			to = append(to, of.before...)
		}
		var err error
		if to, err = appendMember(to, key, doc[key]); err != nil {
			return to, err
		}
		to = append(to, ',')
		if key == nameField {
			to = append(to, of.behind...)
		}
	}
	to[len(to)-1] = '}' // of the last comma: a document has members
	return append(to, '\n'), nil
}

func appendMember(to []byte, key string, v any) ([]byte, error) {
	to, err := appendText(to, key)
	if err != nil {
		return to, err
	}
	return appendValue(append(to, ':'), v)
}

func appendValue(to []byte, v any) ([]byte, error) {
	var err error
	switch v := v.(type) {
	case nil:
		return append(to, "null"...), nil
	case bool:
		if v {
			return append(to, "true"...), nil
		}
		return append(to, "false"...), nil
	case string:
		return appendText(to, v)
	case json.Number:
		if v != "" {
			return append(to, v...), nil // of a document that was decoded
		}
	case []any:
		if v == nil {
			break
		}
		to = append(to, '[')
		for i, element := range v {
			if i > 0 {
				to = append(to, ',')
			}
			if to, err = appendValue(to, element); err != nil {
				return to, err
			}
		}
		return append(to, ']'), nil
	case map[string]any:
		if v == nil {
			break
		}
		to = append(to, '{')
		for i, key := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				to = append(to, ',')
			}
			if to, err = appendMember(to, key, v[key]); err != nil {
				return to, err
			}
		}
		return append(to, '}'), nil
	}
	return appendOther(to, v)
}

// appendOther appends what is rare as encoding/json writes it.
func appendOther(to []byte, v any) ([]byte, error) {
	b := bytes.NewBuffer(to)
	encoder := json.NewEncoder(b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return to, err
	}
	return b.Bytes()[:b.Len()-1], nil // without the newline
}

// appendText appends a string.
func appendText(to []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf || c == 0x7f {
			return appendOther(to, s)
		}
	}
	to = append(to, '"')
	to = append(to, s...)
	return append(to, '"'), nil
}
