package pass_test

import (
	"slices"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/pass"
	"github.com/tripline-sec/tripline/internal/schedule"
)

// A field is known that ECS has, or that an event of the index had.
func TestCatalog(t *testing.T) {
	d := newDesk(t, schedule.Elastic(), "12:00", seedLike(1, `process where own.field == 1 and other.field == 2 and process.name == "x"`, nil))
	judge := d.program.NewJudge()
	if _, err := judge.Judge([]byte(`{"@timestamp":"2026-02-03T12:00:00Z","event":{"category":"process"},"own":{"field":1}}`), event.Identity{Index: "logs-x"}, 1); err != nil {
		t.Fatal(err)
	}
	c := pass.NewCatalog([]string{"logs-y", "logs-x", "metrics"}, judge.Census(), pass.FieldsOf(d.known))
	if got := c.Indices(d.known[0].Indices.Fit); !slices.Equal(got, []string{"logs-x", "logs-y"}) {
		t.Errorf("indices %v", got)
	}
	for field, want := range map[string]bool{"own.field": true, "other.field": false, "process.name": true, "@timestamp": true} {
		if got := c.Has("logs-x", field); got != want {
			t.Errorf("%s: %v", field, got)
		}
	}
	if c.Has("logs-y", "own.field") {
		t.Error("a field of another index is known")
	}
	d.catalog = c
	d.until("12:00")
	if run := d.last(); run.Status != schedule.Failed || run.Text() != "verification_exception: Unknown column [other.field]" {
		t.Errorf("%s: %s", run.Status, run.Text())
	}
}
