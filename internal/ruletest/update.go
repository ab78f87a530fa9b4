package ruletest

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Update returns the text of a file in which the expectations are what happened,
// and all else, comments and order too, is as it was. Lines that were right stay
// where they are. Tests that could not be run are left alone. changed says
// whether the text differs.
func (r *Report) Update() (text string, changed bool) {
	if r.File == nil {
		return "", false
	}
	lines := strings.Split(r.File.Text, "\n")
	drop := map[int]bool{}       // line numbers
	insert := map[int][]string{} // behind a line
	for _, one := range r.Results {
		if len(one.Test.Expect) == 0 && one.ready != nil && len(one.groups) > 0 && one.groups[0].err == nil {
			insert[one.Test.last] = append(insert[one.Test.last], asLines("  ", one.groups[0].alerts, "")...)
			continue
		}
		if len(one.Problems) > 0 {
			continue
		}
		for _, g := range one.groups {
			g.update(lines, drop, insert)
		}
	}
	if len(drop)+len(insert) == 0 {
		return r.File.Text, false
	}
	var out []string
	for i, line := range lines {
		if !drop[i+1] {
			out = append(out, line)
		}
		for _, more := range insert[i+1] {
			if strings.HasSuffix(line, "\r") {
				more += "\r"
			}
			out = append(out, more)
		}
	}
	text = strings.Join(out, "\n")
	if r.File.marked {
		text = "\ufeff" + text
	}
	return text, true
}

// update notes which lines of a group go and which come.
func (g *group) update(lines []string, drop map[int]bool, insert map[int][]string) {
	if g.err != nil || len(g.expect) == 0 || g.expect[0].Kind == ExpectError {
		return
	}
	first, last := g.expect[0], g.expect[len(g.expect)-1]
	line := lines[first.At.Line-1]
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	until := g.until()
	if first.Kind == ExpectCount {
		if first.Count != len(g.alerts) {
			drop[first.At.Line] = true
			insert[first.At.Line] = append(insert[first.At.Line], indent+"expect alerts "+strconv.Itoa(len(g.alerts))+until)
		}
		return
	}
	left := slices.Clone(g.alerts)
	for _, x := range g.expect {
		i := slices.IndexFunc(left, func(a []string) bool { return x.Kind == ExpectAlert && slices.Equal(a, namesOf(x)) })
		switch {
		case i >= 0:
			left = slices.Delete(left, i, i+1)
		case x.Kind == ExpectAlert || len(g.alerts) > 0:
			drop[x.At.Line] = true
		}
	}
	if len(left) > 0 || len(g.alerts) == 0 && drop[first.At.Line] {
		insert[last.At.Line] = append(insert[last.At.Line], asLines(indent, left, until)...)
	}
}

// unwritable reports whether an event's id, which is its name where events come
// from a file, can not stand in an expectation.
func unwritable(name string) bool {
	return len(strings.Fields(name)) != 1 || name == "until" || name == "missing" || strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) })
}

// asLines writes expectations. Alerts over events whose names can not be written
// are counted.
func asLines(indent string, alerts [][]string, until string) []string {
	if len(alerts) == 0 {
		return []string{indent + "expect silence" + until}
	}
	for _, a := range alerts {
		if slices.ContainsFunc(a, unwritable) {
			return []string{indent + "expect alerts " + strconv.Itoa(len(alerts)) + until}
		}
	}
	var lines []string
	for _, a := range alerts {
		lines = append(lines, indent+"expect alert "+strings.Join(a, " ")+until)
	}
	return lines
}
