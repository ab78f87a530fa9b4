package alert

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/rule"
)

// The published schema holds for every kind of document, and does not hold for
// anything.
func TestDocumentsFitTheSchema(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile("../../docs/alert.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	seed, err := rule.Seed()
	if err != nil {
		t.Fatal(err)
	}
	events, tree := trace(t), proctree.New()
	for _, d := range events {
		tree.See(d)
	}
	m := group(events...)
	shell := New(seed, m, now)
	shell.Attach(m, Evidence{Clauses: [][]string{{"a == 1"}, nil}, Processes: tree})
	one := single(events[0])
	event := New(seed, one, now)
	event.Attach(one, Evidence{Processes: tree})
	bare := New(testRule(), one, now)

	for name, doc := range map[string]Document{
		"shell": shell.Documents()[0], "first block": shell.Documents()[1], "second block": shell.Documents()[2],
		"event": event.Documents()[0], "without evidence": bare.Documents()[0],
	} {
		if err := schema.Validate(generic(t, doc)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, field := range []string{"kibana.alert.uuid", "kibana.alert.severity", "tripline.schema_version"} {
			broken := Document{}
			for k, v := range doc {
				broken[k] = v
			}
			broken[field] = "?"
			if schema.Validate(generic(t, broken)) == nil {
				t.Errorf("%s: the schema does not look at %s", name, field)
			}
			delete(broken, field)
			if schema.Validate(generic(t, broken)) == nil {
				t.Errorf("%s: the schema does not ask for %s", name, field)
			}
		}
	}
	if !strings.HasPrefix(SchemaVersion, "1.") {
		t.Error("the schema's pattern is for version 1")
	}
}

// generic returns a document as a JSON reader sees it.
func generic(t *testing.T, doc Document) any {
	t.Helper()
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
