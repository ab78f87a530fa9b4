package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/internal/show"
)

// diffContext is how many lines that are the same stand around those that differ.
const diffContext = 3

// unifiedDiff shows how a text was changed, as `diff -u` does for a change in one
// place: between the lines that two texts begin with and those that they end with.
func unifiedDiff(path, was, is string, p show.Palette) string {
	a, b := slices.Collect(strings.Lines(was)), slices.Collect(strings.Lines(is))
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	tail := 0
	for tail < len(a)-same && tail < len(b)-same && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	from := max(0, same-diffContext)
	after := min(diffContext, tail)
	endA, endB := len(a)-tail+after, len(b)-tail+after
	var out strings.Builder
	out.WriteString(p.Bold("--- "+show.Escape(path)) + "\n" + p.Bold("+++ "+show.Escape(path)) + "\n")
	fmt.Fprintf(&out, "@@ -%d,%d +%d,%d @@\n", from+1, endA-from, from+1, endB-from)
	write := func(sign, line string, paint func(string) string) {
		text, ended := strings.CutSuffix(line, "\n")
		out.WriteString(paint(sign+show.EscapeBut(text, "\t")) + "\n")
		if !ended {
			out.WriteString("\\ No newline at end of file\n")
		}
	}
	plain := func(s string) string { return s }
	for _, line := range a[from:same] {
		write(" ", line, plain)
	}
	changedA, changedB := a[same:len(a)-tail], b[same:len(b)-tail]
	for _, step := range lineSteps(changedA, changedB) {
		switch step.sign {
		case "-":
			write("-", step.line, p.Bad)
		case "+":
			write("+", step.line, p.Good)
		default:
			write(" ", step.line, plain)
		}
	}
	for _, line := range a[len(a)-tail : endA] {
		write(" ", line, plain)
	}
	return out.String()
}

type lineStep struct{ sign, line string }

// lineSteps keeps the longest run of lines that two texts have in common.
func lineSteps(a, b []string) []lineStep {
	const most = 4_000_000
	var steps []lineStep
	if len(a)*len(b) > most {
		for _, line := range a {
			steps = append(steps, lineStep{"-", line})
		}
		for _, line := range b {
			steps = append(steps, lineStep{"+", line})
		}
		return steps
	}
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			steps = append(steps, lineStep{" ", a[i]})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || common[i+1][j] >= common[i][j+1]):
			steps = append(steps, lineStep{"-", a[i]})
			i++
		default:
			steps = append(steps, lineStep{"+", b[j]})
			j++
		}
	}
	return steps
}
