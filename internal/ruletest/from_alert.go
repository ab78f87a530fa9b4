package ruletest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// FromAlert writes a test from an alert: its events with the fields that the
// rule's query names, at times counted from the first, and the alert over them.
func FromAlert(name string, one Alert, ready *Ready) (string, error) {
	stages, _, _ := stagesOf(ready.Query)
	docs := make([]*event.Document, len(one.Events))
	var zero time.Time
	tied, seen := false, map[time.Time]bool{}
	for i, m := range one.Events {
		doc, err := event.Decode(m.Source, event.Identity{Index: m.Index, ID: m.ID}, uint64(i))
		if err != nil {
			return "", fmt.Errorf("event %d of the alert: %w", i+1, err)
		}
		if m.Stage < 1 || m.Stage > len(stages) {
			return "", fmt.Errorf("event %d of the alert is of stage %d, and the rule has %s: is it the rule that made the alert?", i+1, m.Stage, counted(len(stages), "stage"))
		}
		docs[i] = doc
		if at, ok := timeOf(doc, ready.Rule.TimestampField); ok {
			tied = tied || seen[at]
			seen[at] = true
			if zero.IsZero() || at.Before(zero) {
				zero = at
			}
		}
	}
	wanted := wantedFields(ready, tied)
	var b strings.Builder
	fmt.Fprintf(&b, "test %s\n", OneLine(name))
	over := slices.Repeat([]string{"-"}, len(stages))
	for i, doc := range docs {
		e := fmt.Sprintf("e%d", i+1)
		over[one.Events[i].Stage-1] = e
		writeEvent(&b, e, doc, ready, wanted, zero)
	}
	fmt.Fprintf(&b, "  expect alert %s\n", strings.Join(over, " "))
	return b.String(), nil
}

// wantedFields are the fields that a query asks for, in its order, each once.
// tied says that events have the same time.
func wantedFields(ready *Ready, tied bool) []string {
	var list []string
	add := func(name string) {
		if name != "" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	queryFields(ready.Query, func(f *eql.Field) { add(f.Path) })
	add(ready.Rule.EventCategoryOverride)
	add(ready.Rule.TiebreakerField)
	if tied && ready.Rule.TiebreakerField == "" {
		// Events of one time stand in the order that these two give.
		add("agent.id")
		add("event.sequence")
	}
	return list
}

// writeEvent writes an event line, long ones over several lines.
func writeEvent(b *strings.Builder, name string, doc *event.Document, ready *Ready, wanted []string, zero time.Time) {
	at, timed := timeOf(doc, ready.Rule.TimestampField)
	offset := time.Duration(0)
	if timed {
		offset = at.Sub(zero)
	}
	category, action := valueOf(doc, "event.category"), valueOf(doc, "event.action")
	var given []Field
	if category != nil {
		given = append(given, Field{"event.category", category})
	}
	line := fmt.Sprintf("  %s: %s", name, formatOffset(offset))
	var unusual []Field
	for _, f := range []Field{{"event.category", category}, {"event.action", action}} {
		text := FormatValue(f.Value)
		if f.Value == nil || strings.HasPrefix(text, `"`) || strings.Contains(text, "=") {
			text = "-" // none, or one that would be taken for a field
			if f.Value != nil {
				unusual = append(unusual, f)
			}
		}
		line += " " + text
	}
	add := func(f Field) {
		text := formatName(f.Name) + "=" + FormatValue(f.Value)
		if len(line)+len(text) > 150 && strings.TrimSpace(line) != "" {
			b.WriteString(line + "\n")
			line = "     "
		}
		line += " " + text
	}
	for _, f := range unusual {
		add(f)
		if f.Name == "event.action" {
			action = nil // nothing follows from it then
		}
	}
	implied := typeOf(given, action)
	if !timed {
		add(Field{or(ready.Rule.TimestampField, "@timestamp"), nil})
	}
	for _, field := range wanted {
		v := valueOf(doc, field)
		switch {
		case field == "event.category" || field == "event.action" || field == or(ready.Rule.TimestampField, "@timestamp"):
			continue
		case field == "event.type":
			if !sameValue(v, implied) {
				add(Field{field, v})
			}
			continue
		case v == nil && field != "event.id":
			continue
		}
		add(Field{field, v})
	}
	b.WriteString(line + "\n")
}

// valueOf returns the values of a field as a Field holds them.
func valueOf(doc *event.Document, path string) any {
	values := doc.Values(path)
	switch len(values) {
	case 0:
		return nil
	case 1:
		return plainOf(values[0])
	}
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = plainOf(v)
	}
	return list
}

func plainOf(v value.Value) any {
	switch v.Kind() {
	case value.String:
		return v.Str()
	case value.Bool:
		return v.Text() == "true"
	case value.OutOfRange:
		return json.Number(v.Str())
	case value.Null:
		return nil
	}
	if text := v.Text(); json.Valid([]byte(text)) {
		return json.Number(text)
	}
	return v.Text()
}

// sameValue compares values; one alone is a list of one.
func sameValue(a, b any) bool {
	list := func(v any) []any {
		switch v := v.(type) {
		case nil:
			return nil
		case []any:
			return v
		default:
			return []any{v}
		}
	}
	return slices.Equal(list(a), list(b))
}

// OneLine makes a test's name of a text: what is not printable goes, as a name
// is a line of a file and of a terminal.
func OneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(c rune) bool { return c == ' ' || !unicode.IsPrint(c) }), " ")
}
