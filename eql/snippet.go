package eql

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// snippetWidth is how many columns of a long line a snippet shows.
const snippetWidth = 100

// Snippet shows a place in a text: its line, with the line's number before it,
// and a caret under the column. Line and column count from 1. It is "" when the
// text has no such line. A long line is cut to what stands around the place,
// and control characters are shown as dots.
func Snippet(text string, line, col int) string {
	source, ok := lineOf(text, line)
	if !ok {
		return ""
	}
	runes := []rune(source)
	at := min(max(col-1, 0), len(runes))
	from, to, head, tail := 0, len(runes), "", ""
	if len(runes) > snippetWidth {
		from = max(0, min(at-snippetWidth/2, len(runes)-snippetWidth))
		to = min(len(runes), from+snippetWidth)
		if from > 0 {
			head = "..."
		}
		if to < len(runes) {
			tail = "..."
		}
	}
	var shown, under strings.Builder
	for i, r := range runes[from:to] {
		if r != '\t' && !unicode.IsPrint(r) {
			r = '·'
		}
		shown.WriteRune(r)
		if i < at-from {
			under.WriteString(blank(r))
		}
	}
	gutter := fmt.Sprintf("%5d | ", line)
	return gutter + head + shown.String() + tail + "\n" +
		strings.Repeat(" ", len(gutter)-2) + "| " + strings.Repeat(" ", len(head)) + under.String() + "^"
}

// blank is white space as wide as the character is on a terminal.
func blank(r rune) string {
	switch {
	case r == '\t':
		return "\t"
	case unicode.Is(unicode.Mn, r):
		return ""
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return "  "
	}
	return " "
}

// lineOf returns the line with the number, without its line break. It does not
// copy the text, of whatever size.
func lineOf(text string, line int) (string, bool) {
	for n := 1; ; n++ {
		end := strings.IndexByte(text, '\n')
		if n == line {
			if end >= 0 {
				text = text[:end]
			}
			return strings.TrimSuffix(text, "\r"), line >= 1
		}
		if end < 0 || line < 1 {
			return "", false
		}
		text = text[end+1:]
	}
}
