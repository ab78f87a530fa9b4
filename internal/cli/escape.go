package cli

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// escape shows text that is not ours on one line: what is not printable, line
// breaks and marks that turn the direction of writing too, is written as an
// escape.
func escape(s string) string { return escapeBut(s, "") }

// escapeLines does the same and leaves line breaks and tabs in place.
func escapeLines(s string) string { return escapeBut(s, "\n\t") }

func escapeBut(s, keep string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) && !strings.ContainsRune(keep, r) }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsPrint(r) || strings.ContainsRune(keep, r):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
	}
	return b.String()
}

// shellWords shows an argument list as one would type it.
func shellWords(args []string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = shellWord(arg)
	}
	return strings.Join(words, " ")
}

func shellWord(arg string) string {
	plain := func(r rune) bool {
		return r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("@%+=:,./-_", r)
	}
	if arg != "" && strings.IndexFunc(arg, func(r rune) bool { return !plain(r) }) < 0 {
		return arg
	}
	return "'" + strings.ReplaceAll(escape(arg), "'", `'\''`) + "'"
}

// columns is how much room text takes on a terminal.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	if unicode.Is(unicode.Mn, r) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cut shortens text to so many columns; what was cut ends in "...".
func cut(s string, room int) string {
	const mark = "..."
	if room < len(mark) {
		room = len(mark)
	}
	if columns(s) <= room {
		return s
	}
	n := 0
	for i, r := range s {
		if n += columnsOf(r); n > room-len(mark) {
			return s[:i] + mark
		}
	}
	return s
}
