package event

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// alias returns bytes as a string without copying them. The string changes with
// the bytes; Scan tells its caller.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// text reads the string whose first byte is at start. It returns the position
// of its closing quote and its text.
func (w *walk) text(start int) (end int, text string) {
	doc, quotes := w.doc, w.index.quotes
	word := start / 64
	if word+1 >= len(quotes) {
		end = start + plainRun(doc[start:])
		if doc[end] == '"' && !w.index.wide {
			return end, alias(doc[start:end])
		}
		return w.strangeText(start, end+closing(doc[end:]))
	}
	// Words behind the document's end are of no account: its quotes come first.
	next := quotes[word]>>(start&63) | quotes[word+1]<<1<<(^start&63)
	for end = start; next == 0; next = quotes[word] {
		word++
		end = word * 64
	}
	end += bits.TrailingZeros64(next)
	if w.index.escaped || w.index.wide {
		return w.strangeText(start, end)
	}
	return end, alias(doc[start:end])
}

// strangeText is text for a string that may have escapes or more than ASCII in
// it. Its closing quote is at end.
func (w *walk) strangeText(start, end int) (int, string) {
	raw := w.doc[start:end]
	x := w.index
	if (!x.escaped || bytes.IndexByte(raw, '\\') < 0) && (!x.wide || utf8.Valid(raw)) {
		return end, alias(raw)
	}
	length := len(w.texts)
	w.texts = unescape(w.texts, raw)
	return end, alias(w.texts[length:])
}

// closing returns where the closing quote of a valid string is, given what
// follows its opening quote.
func closing(s []byte) int {
	for i := 0; ; i++ {
		switch s[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
}

// unescape appends the text of a valid JSON string without its quotes. Invalid
// UTF-8 and lone surrogates become U+FFFD, byte by byte as encoding/json does.
func unescape(out, s []byte) []byte {
	for {
		n := bytes.IndexByte(s, '\\')
		if n < 0 {
			return appendValid(out, s)
		}
		out = appendValid(out, s[:n])
		if s = s[n:]; s[1] != 'u' {
			out = append(out, unescaped[s[1]])
			s = s[2:]
			continue
		}
		r := hex4(s[2:6])
		s = s[6:]
		if utf16.IsSurrogate(r) {
			pair := rune(utf8.RuneError)
			if len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
				pair = utf16.DecodeRune(r, hex4(s[2:6]))
			}
			if r = pair; r != utf8.RuneError {
				s = s[6:]
			}
		}
		out = utf8.AppendRune(out, r)
	}
}

// appendValid appends bytes, those which are not UTF-8 as U+FFFD.
func appendValid(out, s []byte) []byte {
	if utf8.Valid(s) {
		return append(out, s...)
	}
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		out = utf8.AppendRune(out, r)
		s = s[n:]
	}
	return out
}

// plainRun returns how many bytes at the start of s are neither quotes nor
// backslashes nor control characters.
func plainRun(s []byte) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if stop := stops(binary.LittleEndian.Uint64(s[i:])); stop != 0 {
			return i + bits.TrailingZeros64(stop)>>3
		}
	}
	for i < len(s) && s[i] != '"' && s[i] != '\\' && s[i] >= ' ' {
		i++
	}
	return i
}

// unescaped has for each character that may follow a backslash what the two
// mean; 'u' stands for itself, all others are 0.
var unescaped = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'u': 'u',
}

// goodEscape reports whether what follows a backslash is an escape.
func goodEscape(s []byte) bool {
	if len(s) == 0 || unescaped[s[0]] == 0 {
		return false
	}
	return s[0] != 'u' || len(s) >= 5 && hex4(s[1:5]) >= 0
}

// goodEscapes checks the escapes and finds those in keys.
func (x *index) goodEscapes(doc []byte) bool {
	x.escaped, x.keysEscaped = len(x.escapes) > 0, false
	end := 0 // of the string at hand
	for _, at := range x.escapes {
		at := int(at)
		if !goodEscape(doc[at:]) {
			return false
		}
		if at >= end {
			end = at - 1 + closing(doc[at-1:])
			if doc[blanksEnd(doc, end+1)] == ':' {
				x.keysEscaped = true
			}
		}
	}
	return true
}

// hex4 reads four hexadecimal digits; -1 if they are not.
func hex4(s []byte) rune {
	var r rune
	for _, c := range s[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// stops returns the high bit of each byte that ends the plain part of a string:
// a quote, a backslash or a control character. The lowest bit set is right;
// those above may not be.
func stops(x uint64) uint64 {
	// A quote and what is below a blank, and nothing else below 0x80, are below
	// 0x21 once their bit of two is turned.
	return ((x ^ 2*ones - 0x21*ones) | (x ^ '\\'*ones - ones)) &^ x & highs
}
