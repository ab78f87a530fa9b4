package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// The functions of this file write the answer of Elasticsearch's EQL search.
// Errors stay in the writer, which refuses all that comes after one.

// writeAnswer writes a whole answer, hit by hit. partial says that part of the
// input was not read.
func writeAnswer(w *bufio.Writer, result *reference.Result, took time.Duration, partial bool) {
	total := len(result.Events) + len(result.Sequences)
	fmt.Fprintf(w, `{"is_partial":%t,"is_running":false,"took":%d,"timed_out":false,"hits":{"total":{"value":%d,"relation":"eq"},`,
		partial, took.Milliseconds(), total)
	if result.Kind == reference.Events {
		w.WriteString(`"events":[`)
		for i, doc := range result.Events {
			comma(w, i)
			writeHit(w, doc, false)
		}
	} else {
		w.WriteString(`"sequences":[`)
		for i, sequence := range result.Sequences {
			comma(w, i)
			writeSequence(w, sequence, false)
		}
	}
	w.WriteString(`]}}`)
}

// writeSequence writes a sequence or a sample.
func writeSequence(w *bufio.Writer, s reference.Sequence, oneLine bool) {
	w.WriteByte('{')
	if len(s.Keys) > 0 {
		w.WriteString(`"join_keys":[`)
		for i, key := range s.Keys {
			comma(w, i)
			w.WriteString(jsonValue(key))
		}
		w.WriteString(`],`)
	}
	w.WriteString(`"events":[`)
	for i, doc := range s.Events {
		comma(w, i)
		writeHit(w, doc, oneLine)
	}
	w.WriteString(`]}`)
}

// writeHit writes an event, nil being the placeholder of a missing one. Its
// source is the document's bytes untouched, but where all must be on one line.
func writeHit(w *bufio.Writer, doc *event.Document, oneLine bool) {
	if doc == nil {
		w.WriteString(`{"_index":"","_id":"","_source":{},"missing":true}`)
		return
	}
	raw := doc.Raw
	if oneLine && bytes.ContainsAny(raw, "\r\n") {
		var compact bytes.Buffer
		if json.Compact(&compact, raw) == nil { // it has been decoded
			raw = compact.Bytes()
		}
	}
	fmt.Fprintf(w, `{"_index":%s,"_id":%s,"_source":`, jsonText(doc.Index), jsonText(doc.ID))
	w.Write(raw)
	w.WriteByte('}')
}

func comma(w *bufio.Writer, i int) {
	if i > 0 {
		w.WriteByte(',')
	}
}

// jsonValue writes a join key with its JSON type.
func jsonValue(v value.Value) string {
	switch v.Kind() {
	case value.Null:
		return "null"
	case value.Bool, value.Int, value.Uint:
		return v.Text()
	case value.Float:
		if f := v.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return strconv.FormatFloat(f, 'g', -1, 64)
		}
	case value.OutOfRange:
		if json.Valid([]byte(v.Str())) {
			return v.Str()
		}
	}
	return jsonText(v.Text())
}

func jsonText(s string) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		return `""` // a string always encodes
	}
	return string(bytes.TrimSpace(b.Bytes()))
}
