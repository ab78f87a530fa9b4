package ruletest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/source"
	"github.com/tripline-sec/tripline/internal/value"
)

// start is the moment +0s of a test, unless events of a file say otherwise.
var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// arrival is a document of a test, and when it arrives.
type arrival struct {
	name string
	doc  *event.Document
	at   time.Duration // from the start of the test
}

// arrivals makes the documents of a test, those that are lost left out, in the
// order in which they arrive.
func (t *Test) arrivals(f *File, ready *Ready) ([]arrival, Problems) {
	var (
		all      []arrival
		problems Problems
	)
	fromFiles := map[int][]*event.Document{}
	zero, known := start, false
	for i, s := range t.Steps {
		if s.File == "" {
			continue
		}
		docs, err := readEvents(filepath.Join(filepath.Dir(f.Path), filepath.FromSlash(s.File)))
		if err != nil {
			problems = append(problems, &Problem{Path: f.Path, Line: s.At.Line, Col: s.At.Col, Reason: err.Error(), Hint: "the name is relative to the test file's folder"})
			continue
		}
		fromFiles[i] = docs
		for _, d := range docs {
			if at, ok := timeOf(d, ready.Rule.TimestampField); ok && (!known || at.Before(zero)) {
				zero, known = at, true
			}
		}
	}
	for i, s := range t.Steps {
		if s.Event != nil {
			doc, err := s.Event.document(zero, ready.Rule.TimestampField)
			if err != nil {
				problems = append(problems, &Problem{Path: f.Path, Line: s.At.Line, Col: s.At.Col, Reason: err.Error()})
				continue
			}
			all = append(all, arrival{s.Event.Name, doc, s.Event.Offset + s.Event.Late})
			continue
		}
		// Within a file the order is the file's, whatever the times say.
		at := time.Duration(0)
		for n, d := range fromFiles[i] {
			if own, ok := timeOf(d, ready.Rule.TimestampField); ok && (n == 0 || own.Sub(zero) > at) {
				at = own.Sub(zero)
			}
			all = append(all, arrival{d.ID, d, at})
		}
	}
	if len(problems) == 0 {
		problems = t.checkNames(f, all)
	}
	all = slices.DeleteFunc(all, func(a arrival) bool {
		return slices.ContainsFunc(t.Lost, func(n Name) bool { return n.Text == a.name })
	})
	slices.SortStableFunc(all, func(a, b arrival) int { return cmp.Compare(a.at, b.at) })
	for i := range all {
		all[i].doc.Arrival = uint64(i)
	}
	return all, problems
}

// checkNames looks up the names that only the events of a file can give.
func (t *Test) checkNames(f *File, all []arrival) Problems {
	var problems Problems
	var known []string
	for _, a := range all {
		known = append(known, a.name)
	}
	names := slices.Clone(t.Lost)
	for _, x := range t.Expect {
		names = append(names, x.Names...)
	}
	for _, n := range names {
		if n.Text != "-" && !slices.Contains(known, n.Text) {
			m := unknownEvent(n, known)
			problems = append(problems, &Problem{Path: f.Path, Line: m.Line, Col: m.Col, Reason: m.reason, Hint: m.hint})
		}
	}
	return problems
}

// document makes the JSON document of an event.
func (e *Event) document(zero time.Time, timestampField string) (*event.Document, error) {
	at := zero.Add(e.Offset).Format(time.RFC3339Nano)
	fields := []Field{{"@timestamp", at}, {"event.id", e.Name}}
	if timestampField != "" {
		fields = with(fields, Field{timestampField, at})
	}
	identity := event.Identity{ID: e.Name}
	for _, f := range e.Fields {
		if f.Name == "_index" {
			identity.Index, _ = f.Value.(string)
			continue
		}
		fields = with(fields, f)
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	b.WriteByte('{')
	for _, f := range fields {
		if f.Value == nil {
			continue // absent
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		for i, part := range []any{f.Name, f.Value} {
			if i > 0 {
				b.WriteByte(':')
			}
			if err := encoder.Encode(part); err != nil {
				return nil, fmt.Errorf("write %s as JSON: %w", f.Name, err)
			}
			b.Truncate(b.Len() - 1) // its line break
		}
	}
	b.WriteByte('}')
	doc, err := event.Decode(b.Bytes(), identity, 0)
	if err != nil {
		return nil, fmt.Errorf("the event is no document: %w", err)
	}
	return doc, nil
}

// readEvents reads the events of a file. One that can not be read is an error: a
// test must not pass for want of what it is about.
func readEvents(path string) ([]*event.Document, error) {
	var docs []*event.Document
	for item := range source.Open([]string{path}, nil, source.Options{}).All() {
		if item.Problem != nil {
			return nil, fmt.Errorf("read events: %w", item.Problem)
		}
		docs = append(docs, item.Document)
	}
	if len(docs) == 0 {
		return nil, fmt.Errorf("read events: %s holds none", path)
	}
	return docs, nil
}

func timeOf(d *event.Document, field string) (time.Time, bool) {
	v := value.Coerce(d.First(or(field, "@timestamp")), value.TypeDate, "")
	if v.Kind() != value.Date {
		return time.Time{}, false
	}
	return v.Instant().Time(), true
}
