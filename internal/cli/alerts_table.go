package cli

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/state"
)

// timeLayout is how tables write times, in UTC.
const timeLayout = "2006-01-02 15:04:05"

// iso writes a time whole.
func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// statusWord is a status in few letters.
func statusWord(s state.Status) string {
	if s == state.Acknowledged {
		return "ack"
	}
	return s.String()
}

// The columns of the table of alerts.
const (
	columnTime = iota
	columnSeverity
	columnStatus
	columnHost
	columnRule
	columnWhat
	columnRepeats
	columnID
)

// table prints the alerts of a list.
func (l *alertLister) table() {
	if len(l.rows) == 0 {
		return
	}
	t := l.newTeller()
	rows := [][]string{{"TIME (UTC)", "SEVERITY", "STATUS", "HOST", "RULE", "WHAT", "REPEATS", "ID"}}
	for _, r := range l.rows {
		repeats := ""
		if r.one.Counted > 0 {
			repeats = "+" + strconv.Itoa(r.one.Counted)
		}
		rows = append(rows, []string{
			r.one.At.Format(timeLayout), string(r.one.Severity), statusWord(r.one.Status), show.Escape(r.one.Host),
			show.Escape(r.one.Name), r.what, repeats, short(r.one.ID),
		})
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], show.Columns(cell))
		}
	}
	// What can be long is cut: host and rule to a part of the room, and what happened to
	// what is left.
	widths[columnHost] = min(widths[columnHost], max(t.Room()/8, 12))
	widths[columnRule] = min(widths[columnRule], max(t.Room()/4, 20))
	hidden := -1
	if !slices.ContainsFunc(l.rows, func(r alertRow) bool { return r.one.Counted > 0 }) {
		hidden = columnRepeats
	}
	used := 0
	for i, w := range widths {
		if i != columnWhat && i != hidden {
			used += w + 2
		}
	}
	widths[columnWhat] = min(widths[columnWhat], max(t.Room()-used, 20))
	for n, row := range rows {
		line := ""
		for i, cell := range row {
			if i == hidden {
				continue
			}
			cell = show.Cut(cell, widths[i])
			pad := strings.Repeat(" ", widths[i]-show.Columns(cell))
			switch {
			case n == 0, i == columnTime, i == columnID:
				cell = t.Palette.Dim(cell)
			case i == columnSeverity:
				cell = t.Palette.Severity(l.rows[n-1].one.Severity, cell)
			case i == columnRule:
				cell = t.Palette.Bold(cell)
			case i == columnRepeats:
				cell, pad = pad+cell, ""
			}
			line += cell + pad + "  "
		}
		l.printf("%s\n", strings.TrimRight(line, " "))
	}
}
