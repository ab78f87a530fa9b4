package show

import (
	"fmt"
	"io"
	"strings"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/value"
)

// Ancestry knows the processes above that of an event, its parent first.
type Ancestry interface {
	Ancestors(*event.Document) []proctree.Process
}

// Block is what is shown of an alert.
type Block struct {
	Severity       rule.Severity
	Name           string
	EventTime      value.Instant
	HasEventTime   bool
	TimestampField string // where its events have their time
	Events         []*event.Document
	After          []alert.Deed
	AfterMore      int // deeds that After leaves out

	// Lineage is who stands above the events, if the block knows; nil: ask the Teller.
	Lineage Ancestry
}

// Of returns what is shown of an alert.
func Of(one *alert.Alert) *Block {
	b := &Block{
		Severity: one.Severity, Name: one.Name, EventTime: one.EventTime, HasEventTime: one.HasEventTime,
		TimestampField: TimestampField, Events: one.Events, After: one.After, AfterMore: one.AfterMore,
	}
	if f := one.Rule.TimestampField; f != "" {
		b.TimestampField = f
	}
	return b
}

// Teller tells of events to people. It is not safe for concurrent use.
type Teller struct {
	Out       io.Writer // who writes to it has to look after errors
	Processes Ancestry
	Palette   Palette
	Width     int // of a line, in columns; 0 = DefaultWidth

	shown int // blocks so far
}

func (t *Teller) printf(format string, args ...any) { fmt.Fprintf(t.Out, format, args...) }

// Room returns how long a line may get.
func (t *Teller) Room() int {
	if t.Width <= 0 {
		return DefaultWidth
	}
	return t.Width
}

// Alert prints an alert as a block: its severity and the rule's name, where and
// when, and a line a step.
func (t *Teller) Alert(b *Block) {
	t.Gap()
	severity := strings.ToUpper(string(b.Severity))
	t.printf("%s  %s\n", t.Palette.Severity(b.Severity, severity), t.Palette.Bold(Escape(b.Name)))
	var where []string
	if len(b.Events) > 0 {
		for _, part := range []struct{ label, path string }{{"host", "host.name"}, {"user", "user.name"}} {
			if text := b.Events[0].Text(part.path); text != "" {
				where = append(where, part.label+" "+Escape(text))
			}
		}
	}
	if b.HasEventTime {
		where = append(where, b.EventTime.String())
	}
	if len(where) > 0 {
		t.printf("%s%s\n", strings.Repeat(" ", len(severity)+2), strings.Join(where, "  "))
	}
	if b.Lineage != nil {
		defer func(was Ancestry) { t.Processes = was }(t.Processes)
		t.Processes = b.Lineage
	}
	t.Steps(b.Events, b.TimestampField)
	t.then(b)
}

// then prints what came after, as far as it fits in a line.
func (t *Teller) then(b *Block) {
	if len(b.After) == 0 {
		return
	}
	const mostDeeds, mostColumns = 3, 48
	indent := strings.Repeat(" ", DeltaColumns)
	after := telling(b.After)
	more := len(b.After) + b.AfterMore
	room := t.Room() - DeltaColumns - len("  then: ") - len(", ... (+999 more)")
	line := ""
	for i, deed := range after[:min(mostDeeds, len(after))] {
		text := Cut(deedText(deed), min(mostColumns, max(room, 20)))
		if i > 0 && Columns(line)+2+Columns(text) > room {
			break
		}
		if i > 0 {
			line += ", "
		}
		line += text
		more--
	}
	if more > 0 {
		line += fmt.Sprintf(", ... (+%s more)", Number(more))
	}
	t.printf("%s  %s\n", indent, t.Palette.Dim("then: "+line))
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
	text := Escape(verbOf(d.Action))
	if d.Process.Name != "" {
		text += " " + Escape(d.Process.Name)
	}
	if d.Process.PID != 0 {
		text += fmt.Sprintf(" [%d]", d.Process.PID)
	}
	if d.Detail != "" {
		text += " " + Escape(d.Detail)
	}
	return text
}

// DeltaColumns is how wide the column is that says how long after the first event.
const DeltaColumns = 10

// Steps prints a line an event, with the time since the first; nil stands for an
// event that was missing, as it should be.
func (t *Teller) Steps(events []*event.Document, timestampField string) {
	var first *Step
	process := ""
	for _, doc := range events {
		if doc == nil {
			t.printf("%*s  %s\n", DeltaColumns, "", t.Palette.Dim("(no such event)"))
			continue
		}
		s := NewStep(doc, t.Processes, timestampField)
		if first == nil {
			first = &s
		}
		at := "no time"
		if s.HasTime && first.HasTime {
			at = since(s.Happened.Sub(first.Happened))
		}
		// The process is named where it is not that of the line before.
		now := doc.Text("process.entity_id")
		if now == "" {
			now = s.Actor
		}
		by := now != process
		process = now
		t.printf("%s  %s\n", t.Palette.Dim(fmt.Sprintf("%*s", DeltaColumns, at)), s.Line(t.Room()-DeltaColumns-2, by, t.Palette))
	}
}

// Gap puts an empty line between blocks.
func (t *Teller) Gap() {
	if t.shown++; t.shown > 1 {
		t.printf("\n")
	}
}
