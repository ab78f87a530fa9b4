package randomcase

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/tripline-sec/tripline/internal/value"
)

// scalar is a value that a document and a query can both write.
type scalar struct {
	kind value.Kind // Null, Bool, String, or Int for every number
	text string     // of a string the string itself, else as JSON and EQL write it
}

func str(s string) scalar { return scalar{value.String, s} }
func num(s string) scalar { return scalar{value.Int, s} }

// strs and nums make vocabularies.
func strs(list ...string) []scalar { return scalars(value.String, list) }
func nums(list ...string) []scalar { return scalars(value.Int, list) }

func scalars(kind value.Kind, list []string) []scalar {
	out := make([]scalar, len(list))
	for i, s := range list {
		out[i] = scalar{kind, s}
	}
	return out
}

// The vocabularies of which each case takes a few. What is in them differs in
// case only, or in spelling only, or looks like another type.
var (
	words = []string{
		"A", "B", "C", "a", "b", "ab", "Ab", "aB", "abc", "abcabc", "", "b*", "a?c", `a\b`, `a"b`, "É", "é", "ſ", "s", "S",
		"\u212a", "k", "K", "ß", "日本", "😀", "a😀b", "1", "10", "1.5", "01", "0x1f", "true", "line\nx", "\ttab", "10.0.0.1",
		"2024-01-01", "/tmp/x", `C:\X`, "x y", "a.b", "Zürich", "I", "i", "ı", "İ", "ǅ", "a\u0301",
		"abcdef", "ABCDEFgh", "powershell.exe", "/usr/bin/python3", "desk", "Task Kill", "mississippi", "C:\\Windows\\Sys", "aaaaab", "bash -c id", "straße", "sk",
	}
	numbers = []string{
		"0", "1", "2", "3", "-1", "10", "1.0", "1.5", "-2.5", "1e0", "0.1", "9223372036854775807",
		"18446744073709551615", "4294967296", "1E2", "100", "2147483648", "5", "7",
	}
	addresses = []string{
		"10.0.0.1", "10.0.0.2", "10.1.2.3", "192.168.0.1", "::1", "::ffff:10.0.0.1", "2001:db8::1", "2001:DB8:0::1", "127.0.0.1",
	}
	blocks = []string{
		"10.0.0.0/8", "10.0.0.0/31", "10.0.0.1", "0.0.0.0/0", "::/0", "::ffff:10.0.0.0/104", "2001:db8::/32", "192.168.0.1/16", "10.0.0.1/32",
	}
	versions = []string{"1.2.3", "1.2.10", "1.2", "1.2.3-SNAPSHOT", "2.0.0", "bad", "1.2.3+b", "0.9"}
	dates    = []string{
		"2024-01-01T00:00:00Z", "2024-01-01T00:00:01.500Z", "2024-01-01T00:00:01", "2024-01-01", "2024-01", "2024", "2023-12-31T23:59:59.999999999Z",
		"2024-01-01T01:00:00+01:00", "2024-01-01T00:00",
	}
)

// jsonText writes a scalar as JSON does, now and then with escapes that need not
// be.
func (a *author) jsonText(s scalar) string {
	if s.kind != value.String {
		return s.text
	}
	var b strings.Builder
	b.WriteByte('"')
	odd := a.chance(0.06)
	for _, r := range s.text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '/' && odd:
			b.WriteString(`\/`)
		case odd && r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04X`, hi, lo)
		case odd && a.chance(0.5):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// eqlText writes a scalar as a constant of EQL.
func (a *author) eqlText(s scalar) string {
	if s.kind != value.String {
		return s.text
	}
	if !strings.ContainsAny(s.text, "\"\n\r") && a.chance(0.2) {
		return `"""` + s.text + `"""`
	}
	var b strings.Builder
	b.WriteByte('"')
	odd := a.chance(0.05)
	for _, r := range s.text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case odd && a.chance(0.5):
			fmt.Fprintf(&b, `\u{%02x}`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
