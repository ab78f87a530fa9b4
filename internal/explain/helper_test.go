package explain_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/explain"
	"github.com/tripline-sec/tripline/internal/reference"
)

// run explains a query over documents.
func run(t *testing.T, query string, opts reference.Options, docs []*event.Document) *explain.Report {
	t.Helper()
	parsed, err := eql.Parse(query)
	if err != nil {
		t.Fatalf("parse %s: %v", query, err)
	}
	checked, _, err := eql.Check(parsed, eql.CheckOptions{})
	if err != nil {
		t.Fatalf("check %s: %v", query, err)
	}
	report, err := explain.Run(checked, opts, docs)
	if err != nil {
		t.Fatalf("explain %s: %v", query, err)
	}
	return report
}

// decode makes a document of every line that is not empty.
func decode(t *testing.T, lines string) []*event.Document {
	t.Helper()
	var docs []*event.Document
	for line := range strings.Lines(lines) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		d, err := event.Decode([]byte(line), event.Identity{}, uint64(len(docs)))
		if err != nil {
			t.Fatalf("decode %s: %v", line, err)
		}
		docs = append(docs, d)
	}
	return docs
}

// trace reads a recorded trace.
func trace(t *testing.T, name string) []*event.Document {
	t.Helper()
	archive, err := zip.OpenReader("../../testdata/reverse-shell-traces.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	file, err := archive.Open(name + ".ndjson")
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, string(data))
}

// text writes a report down: matches, misses with what there is to say of each
// stage, notes.
func text(r *explain.Report, most int) string {
	var b bytes.Buffer
	for range r.Matches {
		fmt.Fprintf(&b, "match\n")
	}
	for i, m := range r.Misses {
		if i == most {
			break
		}
		fmt.Fprintf(&b, "%s: %s\n", m.Cause, m.Text)
		for _, s := range m.Stages {
			name := "-"
			if s.Document != nil {
				name = s.Document.Text("event.action") + " " + s.Document.Text("process.name")
			}
			switch {
			case s.NoEvent != "":
				fmt.Fprintf(&b, "  stage %d  %s  %s\n", s.Number, name, s.NoEvent)
			case len(s.Faults) == 0:
				fmt.Fprintf(&b, "  stage %d  %s  holds\n", s.Number, name)
			}
			for _, f := range s.Faults {
				fmt.Fprintf(&b, "  stage %d  %s  %s\n", s.Number, name, f)
			}
		}
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	return b.String()
}
