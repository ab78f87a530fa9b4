package alert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/tripline-sec/tripline/internal/ecs"
	"github.com/tripline-sec/tripline/internal/value"
)

// Index is the alias under which Kibana's detection engine writes alerts.
const Index = ".alerts-security.alerts-" + space

// Export returns an alert's document, or a block's, as Kibana's index of alerts takes
// it. That index maps the fields of ECS, and a document with a value that does not go
// into its field is refused as a whole; so such values are left out, as Kibana leaves
// them out (of a list one by one). Fields that are not mapped, ours among them, are
// kept: they are stored and can not be searched.
func Export(document []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var doc map[string]any
	if err := decoder.Decode(&doc); err != nil {
		return nil, fmt.Errorf("read alert: %w", err)
	}
	fitted, _ := fit("", doc)
	out, _ := fitted.(map[string]any)
	out["kibana.space_ids"] = []string{space}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(out); err != nil {
		return nil, fmt.Errorf("write alert: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// copies are the names under which an alert has fields of its event once more.
var copies = map[string]string{"kibana.alert.original_event.": "event.", "kibana.alert.original_data_stream.": "data_stream."}

// fit returns what of a value goes into the field at a path; false if nothing does.
func fit(path string, v any) (any, bool) {
	field, mapped := mapping(path)
	switch v := v.(type) {
	case map[string]any:
		if mapped && scalar(field.Type) {
			return nil, false
		}
		out := make(map[string]any, len(v))
		for key, inner := range v {
			below := key
			if path != "" {
				below = path + "." + key
			}
			if kept, ok := fit(below, inner); ok {
				out[key] = kept
			}
		}
		return out, true
	case []any:
		out := make([]any, 0, len(v))
		for _, inner := range v {
			if kept, ok := fit(path, inner); ok {
				out = append(out, kept)
			}
		}
		return out, len(out) > 0 || len(v) == 0
	case nil:
		return v, true
	}
	if mapped {
		return v, goesInto(field.Type, v)
	}
	return v, !holdsFields(path)
}

// mapping is the field of ECS at a path of an alert.
func mapping(path string) (ecs.Field, bool) {
	for prefix, event := range copies {
		if rest, ok := strings.CutPrefix(path, prefix); ok {
			path = event + rest
		}
	}
	field, ok := ecs.Lookup(path)
	return field, ok && field.Source == "ecs"
}

// holdsFields says that a path is that of an object with fields of ECS in it.
func holdsFields(path string) bool {
	for _, name := range ecs.Below(path) {
		if field, ok := ecs.Lookup(name); ok && field.Source == "ecs" {
			return true
		}
	}
	return false
}

func scalar(t value.Type) bool {
	switch t {
	case value.TypeObject, value.TypeNested, value.TypeUnsupported, value.TypeUnknown:
		return false
	}
	return true
}

// goesInto says whether Elasticsearch takes a scalar for a field of a type.
func goesInto(t value.Type, v any) bool {
	text := text(v)
	_, isBool := v.(bool)
	switch {
	case t == value.TypeObject, t == value.TypeNested:
		return false
	case t == value.TypeBoolean:
		return text == "true" || text == "false" || text == ""
	case t.IsNumeric():
		return !isBool && (text == "" || inRange(t, text))
	case t == value.TypeDate:
		if _, isNumber := v.(json.Number); isNumber {
			_, err := strconv.ParseInt(text, 10, 64)
			return err == nil
		}
		return !isBool && value.Coerce(value.OfString(text), value.TypeDate, "").Kind() == value.Date
	case t == value.TypeIP:
		_, err := netip.ParseAddr(text)
		return err == nil
	}
	return true
}

// inRange says whether a number, its decimals cut off where they must be, fits a type.
func inRange(t value.Type, text string) bool {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f-f != 0 { // infinite, or no number
		return false
	}
	switch t {
	case value.TypeInteger:
		return f > -1<<31-1 && f < 1<<31
	case value.TypeLong:
		return f >= -1<<63 && f < 1<<63
	case value.TypeUnsignedLong:
		return f >= 0 && f < 1<<64
	}
	return true
}

// ExportBulk returns it as Elasticsearch's _bulk takes it: a line that creates the
// document under the alert's id, and the document.
func ExportBulk(document []byte) ([]byte, error) {
	out, err := Export(document)
	if err != nil {
		return nil, err
	}
	var head struct {
		ID string `json:"kibana.alert.uuid"`
	}
	if err := json.Unmarshal(document, &head); err != nil {
		return nil, fmt.Errorf("read alert: %w", err)
	}
	action, err := json.Marshal(map[string]any{"create": map[string]string{"_index": Index, "_id": head.ID}})
	if err != nil {
		return nil, fmt.Errorf("write alert: %w", err)
	}
	return bytes.Join([][]byte{action, out}, []byte("\n")), nil
}
