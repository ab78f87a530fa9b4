package cli

import (
	"cmp"
	"encoding/csv"
	"strconv"
	"strings"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/value"
)

// timelineHead writes the names of the columns.
func (s *scan) timelineHead() {
	s.row("time", "severity", "rule", "stage", "host", "user", "action", "detail", "process", "pid",
		"command_line", "ancestors", "index", "event_id", "alert_id")
}

// timeline writes a line for each matched event of an alert. Alerts come in the
// order of their first events.
func (s *scan) timeline(one *alert.Alert) {
	field := show.TimestampField
	if one.Rule.TimestampField != "" {
		field = one.Rule.TimestampField
	}
	for n, doc := range one.Events {
		at := ""
		if v := value.Coerce(doc.First(field), value.TypeDate, ""); v.Kind() == value.Date {
			at = v.Instant().String()
		}
		stage := n + 1
		if n < len(one.Matched) {
			stage = one.Matched[n].Stage
		}
		told := show.NewStep(doc, s.processes, field)
		detail := told.What
		if told.IsActor {
			detail = ""
		}
		s.row(at, string(one.Severity), one.Name, strconv.Itoa(stage),
			cmp.Or(doc.Text("host.name"), doc.Text("host.id")), doc.Text("user.name"), told.Verb, detail,
			cmp.Or(doc.Text("process.name"), doc.Text("process.executable")), doc.Text("process.pid"),
			cmp.Or(doc.Text("process.command_line"), strings.Join(show.Texts(doc, "process.args"), " ")),
			strings.Join(show.Ancestors(s.processes, doc), " <- "), doc.Index, doc.ID, one.ID)
	}
}

// row writes a line of CSV. A cell that a spreadsheet would take for a formula
// begins with an apostrophe, and control characters are escaped: an attacker
// chooses command lines.
func (a *app) row(cells ...string) {
	for i, cell := range cells {
		cell = show.Escape(cell)
		if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
			cell = "'" + cell
		}
		cells[i] = cell
	}
	w := csv.NewWriter(a.out)
	_ = w.Write(cells) // errors stay in a.written
	w.Flush()
}
