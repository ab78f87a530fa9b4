package show

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Escape shows text that is not ours on one line: what is not printable, line
// breaks and marks that turn the direction of writing too, is written as an
// escape.
func Escape(s string) string { return EscapeBut(s, "") }

// EscapeLines does the same and leaves line breaks and tabs in place.
func EscapeLines(s string) string { return EscapeBut(s, "\n\t") }

// EscapeBut shows text with some characters left as they are.
func EscapeBut(s, keep string) string {
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

// ShellWords shows an argument list as one would type it.
func ShellWords(args []string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = ShellWord(arg)
	}
	return strings.Join(words, " ")
}

// ShellWord shows one argument so.
func ShellWord(arg string) string {
	plain := func(r rune) bool {
		return r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("@%+=:,./-_", r)
	}
	if arg != "" && strings.IndexFunc(arg, func(r rune) bool { return !plain(r) }) < 0 {
		return arg
	}
	return "'" + strings.ReplaceAll(Escape(arg), "'", `'\''`) + "'"
}

// Columns is how much room text takes on a terminal.
func Columns(s string) int {
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

// Cut shortens text to so many columns; what was cut ends in "...".
func Cut(s string, room int) string {
	const mark = "..."
	if room < len(mark) {
		room = len(mark)
	}
	if Columns(s) <= room {
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
