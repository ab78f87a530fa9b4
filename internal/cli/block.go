package cli

import (
	"fmt"
	"strings"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
)

// defaultWidth is how long lines get where there is no terminal.
const defaultWidth = 160

// timestampField is where events have their time if nothing else is said.
const timestampField = "@timestamp"

// teller tells of events to people.
type teller struct {
	*app
	processes *proctree.Tree
	palette   palette
	width     int
	shown     int // blocks so far
}

func (a *app) newTeller() *teller {
	t := &teller{app: a, processes: proctree.New(), palette: a.palette(), width: a.Width}
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
	t.then(one)
}

// then prints what came after, as far as it fits in a line.
func (t *teller) then(one *alert.Alert) {
	if len(one.After) == 0 {
		return
	}
	const mostDeeds, mostColumns = 3, 48
	indent := strings.Repeat(" ", deltaColumns)
	after := telling(one.After)
	more := len(one.After) + one.AfterMore
	room := t.width - deltaColumns - len("  then: ") - len(", ... (+999 more)")
	line := ""
	for i, deed := range after[:min(mostDeeds, len(after))] {
		text := cut(deedText(deed), min(mostColumns, max(room, 20)))
		if i > 0 && columns(line)+2+columns(text) > room {
			break
		}
		if i > 0 {
			line += ", "
		}
		line += text
		more--
	}
	if more > 0 {
		line += fmt.Sprintf(", ... (+%s more)", number(more))
	}
	t.printf("%s  %s\n", indent, t.palette.dim("then: "+line))
}

// telling leaves out that processes split and end, if there is more to tell.
func telling(deeds []alert.Deed) []alert.Deed {
	var more []alert.Deed
	for _, d := range deeds {
		if d.Action != "fork" && d.Action != "end" {
			more = append(more, d)
		}
	}
	if len(more) == 0 {
		return deeds
	}
	return more
}

// deedText tells a deed in few words.
func deedText(d alert.Deed) string {
	text := escape(verbOf(d.Action))
	if d.Process.Name != "" {
		text += " " + escape(d.Process.Name)
	}
	if d.Process.PID != 0 {
		text += fmt.Sprintf(" [%d]", d.Process.PID)
	}
	if d.Detail != "" {
		text += " " + escape(d.Detail)
	}
	return text
}

// deltaColumns is the room for the time since the first event.
const deltaColumns = 10

// steps prints a line an event, with the time since the first; nil stands for an
// event that was missing, as it should be.
func (t *teller) steps(events []*event.Document, timestampField string) {
	var first *step
	process := ""
	for _, doc := range events {
		if doc == nil {
			t.printf("%*s  %s\n", deltaColumns, "", t.palette.dim("(no such event)"))
			continue
		}
		s := newStep(doc, t.processes, timestampField)
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
		t.printf("%s  %s\n", t.palette.dim(fmt.Sprintf("%*s", deltaColumns, at)), s.line(t.width-deltaColumns-2, by, t.palette))
	}
}

// gap puts an empty line between blocks.
func (t *teller) gap() {
	if t.shown++; t.shown > 1 {
		t.printf("\n")
	}
}
