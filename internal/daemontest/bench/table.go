package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

// table is what a run has found.
type table struct {
	title string
	rows  [][3]string
	notes []string
}

func (t *table) add(measure, goal, format string, args ...any) {
	t.rows = append(t.rows, [3]string{measure, goal, fmt.Sprintf(format, args...)})
}

func (t *table) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

func (t *table) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n%s, %s/%s, %d cores.\n\n| measure | goal | figure |\n|---|---|---|\n", t.title,
		time.Now().UTC().Format("2006-01-02"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, r := range t.rows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r[0], r[1], r[2])
	}
	for _, n := range t.notes {
		fmt.Fprintf(&b, "\n%s\n", n)
	}
	return b.String()
}

// number writes a whole number with commas.
func number[N int | int64 | uint64](n N) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// verdict says whether a goal is met.
func verdict(met bool) string {
	if met {
		return "met"
	}
	return "**not met**"
}
