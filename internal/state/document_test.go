package state

import (
	"bytes"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The published schema of alerts holds for what is stored, whatever became of it.
func TestDocumentsFitTheSchema(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile("../../docs/alert.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	s := inMemory(t)
	r := shell(suppressing(hour))
	one, err := s.Candidate(found(t, r, "one", "a", minute(0)), Execution{Run: "run", UUID: "run", Type: "manual", At: minute(1)})
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, fields ...string) {
		t.Helper()
		docs, err := s.Documents(ctx, only(t, s))
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range append([][]byte{docs.Alert}, docs.Blocks...) {
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(doc); err != nil {
				t.Errorf("%s, document %d: %v", what, i, err)
			}
			for _, field := range fields {
				o := doc.(map[string]any)
				if o[field] == nil {
					t.Errorf("%s, document %d: there is no %s", what, i, field)
				}
				was := o[field]
				o[field] = map[string]any{}
				if schema.Validate(doc) == nil {
					t.Errorf("%s: the schema does not look at %s", what, field)
				}
				o[field] = was
			}
		}
	}
	commit(t, s, &Commit{Now: minute(1), Candidates: []*Candidate{one, candidate(t, s, r, "two", "a", minute(1), "run")}})
	check("new", "kibana.alert.rule.execution.type", "kibana.alert.intended_timestamp")
	if _, err := s.SetStatus(ctx, []int64{1}, Closed, "low_severity", By{"ann", minute(2)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Tag(ctx, []int64{1}, []string{"a"}, nil, By{}); err != nil {
		t.Fatal(err)
	}
	commit(t, s, &Commit{Now: minute(3), Superseded: []string{one.ID}, Blind: []Blind{{Cause: "late", Since: minute(0), Until: minute(5), Count: 3}}})
	check("changed", "kibana.alert.workflow_reason", "kibana.alert.workflow_status_updated_at", "tripline.superseded")
	docs := documents(t, s, only(t, s))
	for _, field := range []string{"kibana.alert.suppression.terms", "kibana.alert.suppression.docs_count", "tripline.blind"} {
		if docs[0][field] == nil || docs[1][field] != nil {
			t.Errorf("%s is %v on the alert, %v on a block", field, docs[0][field], docs[1][field])
		}
	}
}
