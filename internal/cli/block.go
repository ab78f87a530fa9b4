package cli

import (
	"fmt"
	"strings"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
)

// defaultWidth is how long lines get where there is no terminal.
const defaultWidth = 160

// timestampField is where events have their time if nothing else is said.
const timestampField = "@timestamp"

// teller tells of events to people.
type teller struct {
	*app
	lines   *lineage
	palette palette
	width   int
	shown   int // blocks so far
}

func (a *app) newTeller() *teller {
	t := &teller{app: a, lines: newLineage(), palette: a.palette(), width: a.Width}
	if t.width <= 0 {
		t.width = defaultWidth
	}
	return t
}

// alert prints an alert as a block: its severity and the rule's name, where and
// when, and a line a step.
func (t *teller) alert(one *alert.Alert) {
	t.gap()
	severity := strings.ToUpper(string(one.Severity))
	t.printf("%s  %s\n", t.palette.severity(one.Severity, severity), t.palette.bold(escape(one.Name)))
	var where []string
	first := one.Events[0]
	for _, part := range []struct{ label, path string }{{"host", "host.name"}, {"user", "user.name"}} {
		if text := first.Text(part.path); text != "" {
			where = append(where, part.label+" "+escape(text))
		}
	}
	if one.HasEventTime {
		where = append(where, one.EventTime.String())
	}
	if len(where) > 0 {
		t.printf("%s%s\n", strings.Repeat(" ", len(severity)+2), strings.Join(where, "  "))
	}
	field := timestampField
	if f := one.Rule.TimestampField; f != "" {
		field = f
	}
	t.steps(one.Events, field)
}

// steps prints a line an event, with the time since the first; nil stands for an
// event that was missing, as it should be.
func (t *teller) steps(events []*event.Document, timestampField string) {
	const delta = 10 // columns
	var first *step
	process := ""
	for _, doc := range events {
		if doc == nil {
			t.printf("%*s  %s\n", delta, "", t.palette.dim("(no such event)"))
			continue
		}
		s := newStep(doc, t.lines, timestampField)
		if first == nil {
			first = &s
		}
		at := "no time"
		if s.hasTime && first.hasTime {
			at = since(s.happened.Sub(first.happened))
		}
		// The process is named where it is not that of the line before.
		now := either(doc.Text("process.entity_id"), s.actor)
		by := now != process
		process = now
		t.printf("%s  %s\n", t.palette.dim(fmt.Sprintf("%*s", delta, at)), s.line(t.width-delta-2, by, t.palette))
	}
}

// gap puts an empty line between blocks.
func (t *teller) gap() {
	if t.shown++; t.shown > 1 {
		t.printf("\n")
	}
}
