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
// behind its closing quote and, if wanted, its text.
func (w *walk) text(start int, wanted bool) (end int, text string) {
	end = start + bytes.IndexByte(w.doc[start:], '"')
	raw := w.doc[start:end]
	if w.index.escaped && bytes.IndexByte(raw, '\\') >= 0 {
		end = start + closing(w.doc[start:])
		if !wanted {
			return end + 1, ""
		}
		length := len(w.texts)
		w.texts = unescape(w.texts, w.doc[start:end])
		return end + 1, alias(w.texts[length:])
	}
	if wanted && w.index.wide && !utf8.Valid(raw) {
		length := len(w.texts)
		w.texts = unescape(w.texts, raw)
		raw = w.texts[length:]
	}
	return end + 1, alias(raw)
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
	for len(s) > 0 {
		switch c := s[0]; {
		case c == '\\' && s[1] == 'u':
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
		case c == '\\':
			out = append(out, unescaped[s[1]])
			s = s[2:]
		case c < utf8.RuneSelf:
			n := plainRun(s)
			out = append(out, s[:n]...)
			s = s[n:]
		default:
			r, n := utf8.DecodeRune(s)
			out = utf8.AppendRune(out, r)
			s = s[n:]
		}
	}
	return out
}

// plainRun returns how many bytes at the start of s, one at least, are ASCII
// and no backslash.
func plainRun(s []byte) int {
	n := 1
	for n < len(s) && s[n] < utf8.RuneSelf && s[n] != '\\' {
		n++
	}
	return n
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

// plainString returns the position, from i, of the next byte that is a quote, a
// backslash or a control character; len(s) if there is none. It adds to wide the
// bits of what it passes over, and perhaps of some bytes more.
func plainString(s []byte, i int, wide *uint64) int {
	for ; i+8 <= len(s); i += 8 {
		x := binary.LittleEndian.Uint64(s[i:])
		*wide |= x
		quote, slash := x^'"'*ones, x^'\\'*ones
		// Of each term, the lowest bit set is right; those above may not be.
		stop := ((quote - ones) &^ quote) | ((slash - ones) &^ slash) | ((x - ' '*ones) &^ x)
		if stop &= highs; stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
	}
	for ; i < len(s) && s[i] != '"' && s[i] != '\\' && s[i] >= ' '; i++ {
		*wide |= uint64(s[i])
	}
	return i
}
