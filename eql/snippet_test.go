package eql

import (
	"strings"
	"testing"
)

func TestSnippet(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		line, col  int
		want       string
	}{
		{"first line", "any where x = 1", 1, 13, "    1 | any where x = 1\n      |             ^"},
		{"second line", "process where\n  a = 1\r\n", 2, 5, "    2 |   a = 1\n      |     ^"},
		{"end of text", "any where", 1, 10, "    1 | any where\n      |          ^"},
		{"tab", "\tx = 1", 1, 4, "    1 | \tx = 1\n      | \t  ^"},
		{"wide characters", `"漢字" = 1`, 1, 6, "    1 | \"漢字\" = 1\n      |        ^"},
		{"combining", "e\u0301 = 1", 1, 4, "    1 | e\u0301 = 1\n      |   ^"},
		{"control characters", "\x1b[31m = 1", 1, 7, "    1 | ·[31m = 1\n      |       ^"},
		{"past the line", "ab", 1, 99, "    1 | ab\n      |   ^"},
		{"no such line", "ab", 2, 1, ""},
		{"line zero", "ab", 0, 1, ""},
	} {
		if got := Snippet(tt.text, tt.line, tt.col); got != tt.want {
			t.Errorf("%s\n got %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

// A long line is cut, and the caret still points at the right character.
func TestSnippetOfALongLine(t *testing.T) {
	for _, col := range []int{1, 40, 500, 996, 1001} {
		text := strings.Repeat("x", col-1) + "!" + strings.Repeat("y", 1000-col+1)
		got := Snippet(text, 1, col)
		lines := strings.Split(got, "\n")
		if len(lines) != 2 || len(lines[0]) > 120 {
			t.Fatalf("column %d: %q", col, got)
		}
		if at := strings.IndexByte(lines[1], '^'); lines[0][at] != '!' {
			t.Errorf("column %d: caret under %q\n%s", col, lines[0][at], got)
		}
	}
}
