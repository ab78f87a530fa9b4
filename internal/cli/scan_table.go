package cli

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/value"
)

// alertGroup is the alerts of one rule, on one host, over processes of one
// descent.
type alertGroup struct {
	alertKey
	count       int
	first, last value.Instant
	timed       bool
}

type alertKey struct {
	severity            rule.Severity
	name, host, lineage string
}

// alertGroups are alerts put together by what they have in common.
type alertGroups map[alertKey]*alertGroup

// add puts an alert into its group.
func (gs *alertGroups) add(one *alert.Alert) {
	first := one.Events[0]
	key := alertKey{one.Severity, one.Name, cmp.Or(first.Text("host.name"), first.Text("host.id")), descent(one)}
	if *gs == nil {
		*gs = alertGroups{}
	}
	g := (*gs)[key]
	if g == nil {
		g = &alertGroup{alertKey: key}
		(*gs)[key] = g
	}
	g.count++
	if !one.HasEventTime {
		return
	}
	if !g.timed || one.EventTime.Compare(g.first) < 0 {
		g.first = one.EventTime
	}
	if !g.timed || one.EventTime.Compare(g.last) > 0 {
		g.last = one.EventTime
	}
	g.timed = true
}

// sorted returns the groups, the gravest first, then the largest.
func (gs alertGroups) sorted() []*alertGroup {
	return slices.SortedFunc(maps.Values(gs), func(a, b *alertGroup) int {
		return cmp.Or(cmp.Compare(b.severity.Rank(), a.severity.Rank()), cmp.Compare(b.count, a.count),
			strings.Compare(a.name, b.name), strings.Compare(a.host, b.host), strings.Compare(a.lineage, b.lineage))
	})
}

// descent is the fingerprint of where a matched process comes from: its name and
// those of its ancestors.
func descent(one *alert.Alert) string {
	first := one.Events[0]
	names := []string{cmp.Or(first.Text("process.name"), first.Text("process.executable"))}
	if names[0] == "" {
		names[0] = "-"
	}
	for i, p := range one.Lineage {
		if i == show.MostAncestors {
			break
		}
		names = append(names, p.Name)
	}
	return strings.Join(names, " <- ")
}

// groups prints a table of alerts by rule, host and descent.
func (t *teller) groups(groups []*alertGroup) {
	const timeLayout = "2006-01-02 15:04:05"
	rows := [][]string{{"COUNT", "SEVERITY", "RULE", "HOST", "FIRST", "LAST", "LINEAGE"}}
	for _, g := range groups {
		first, last := "-", "-"
		if g.timed {
			first, last = g.first.Time().Format(timeLayout), g.last.Time().Format(timeLayout)
			if last[:10] == first[:10] {
				last = last[11:]
			}
		}
		rows = append(rows, []string{
			show.Number(g.count), string(g.severity), show.Escape(g.name), show.Escape(cmp.Or(g.host, "-")),
			first, last, show.Escape(g.lineage),
		})
	}
	const ruleColumn, severityColumn = 2, 1
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], show.Columns(cell))
		}
	}
	// What can be long is cut: the rule's name to a good part of the room, and
	// the lineage to what is left.
	widths[ruleColumn] = min(widths[ruleColumn], max(t.Room()/3, 20))
	last := len(widths) - 1
	used := 0
	for _, w := range widths[:last] {
		used += w + 2
	}
	widths[last] = min(widths[last], max(t.Room()-used, 16))
	for n, row := range rows {
		line := ""
		for i, cell := range row {
			cell = show.Cut(cell, widths[i])
			pad := strings.Repeat(" ", widths[i]-show.Columns(cell))
			switch {
			case n == 0:
				cell = t.Palette.Dim(cell)
			case i == severityColumn:
				cell = t.Palette.Severity(groups[n-1].severity, cell)
			case i == ruleColumn:
				cell = t.Palette.Bold(cell)
			}
			if i == 0 {
				line += pad + cell + "  "
			} else {
				line += cell + pad + "  "
			}
		}
		t.printf("%s\n", strings.TrimRight(line, " "))
	}
}
