package event

import (
	"encoding/binary"
	"math/bits"
)

// buildPlain is the first stage in plain Go. It reports whether the document is
// valid and not nested too deep. Values and what is around them take turns.
func (x *index) buildPlain(doc []byte) bool {
	p := plain{doc: doc, tokens: x.tokens[:0], skips: x.skips[:0], open: &x.open}
	ok := p.document()
	x.tokens, x.skips = p.tokens, p.skips
	x.escaped, x.wide = p.escapes > 0, p.wide&highs != 0
	x.keysEscaped = p.keysEscaped
	return ok
}

// plain is the state of the first stage in plain Go.
type plain struct {
	doc           []byte
	tokens, skips []uint32
	escapes       int
	keysEscaped   bool
	wide          uint64 // the bits of all bytes in strings
	open          *stack
}

// document reads the whole document: keys and values, and behind each value what
// is closed there.
func (p *plain) document() bool {
	doc, depth, i := p.doc, 0, 0
	for key := false; i >= 0 && i < len(doc); {
		// A key or value begins at i.
		switch c := doc[i]; {
		case c == '"':
			escapes := p.escapes
			i = p.text(i + 1)
			if !key {
				break
			}
			p.keysEscaped = p.keysEscaped || p.escapes != escapes
			if i = p.colon(i); i < 0 {
				return false
			}
			key = false
			continue
		case key:
			return false
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return false
			}
			kind := uint32(inObject)
			if c == '[' {
				kind = inArray
			}
			p.open[depth] = uint32(len(p.tokens))<<2 | kind //nolint:gosec // below maxScanned
			p.token(i + 1)
			i = blanksEnd(doc, i+1)
			if i == len(doc) || doc[i] != c+('}'-'{') {
				key = c == '{'
				continue
			}
		default:
			i = scalarEnd(doc, i)
		}
		// A value has ended, or an empty object or array is about to.
		for {
			if i < 0 {
				return false
			}
			if i = blanksEnd(doc, i); i == len(doc) {
				return false
			}
			top, c := p.open[depth&1023], doc[i]
			i++
			if c == ',' {
				key = top&inObject != 0
				i = blanksEnd(doc, i)
				break
			}
			if c != '}' && c != ']' || (c == '}') != (top&inObject != 0) {
				return false
			}
			p.token(i)
			p.skips[top>>2] = uint32(len(p.tokens)) //nolint:gosec // below maxScanned
			if depth--; depth == 0 {
				return blanksEnd(doc, i) == len(doc)
			}
		}
	}
	return false
}

// token adds a token.
func (p *plain) token(at int) {
	p.skips = append(p.skips, uint32(len(p.tokens))) //nolint:gosec // below maxScanned
	p.tokens = append(p.tokens, uint32(at))          //nolint:gosec // the same
}

// colon reads the colon behind a key that ends at i, and returns where the value
// begins, -1 on an error.
func (p *plain) colon(i int) int {
	if i < 0 {
		return -1
	}
	if i = blanksEnd(p.doc, i); i == len(p.doc) || p.doc[i] != ':' {
		return -1
	}
	p.token(i + 1)
	return blanksEnd(p.doc, i+1)
}

// text reads a string from the byte behind its opening quote, and returns the
// position behind its closing one, -1 on an error.
func (p *plain) text(i int) int {
	doc, wide := p.doc, p.wide
	for i+8 <= len(doc) {
		x := binary.LittleEndian.Uint64(doc[i:])
		wide |= x
		stop := stops(x)
		if stop == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(stop) >> 3
		if doc[i] == '"' {
			p.wide = wide
			return i + 1
		}
		break
	}
	p.wide = wide
	return p.strangeText(i)
}

// strangeText is text for a string with escapes or near the document's end.
func (p *plain) strangeText(i int) int {
	doc := p.doc
	for ; i < len(doc) && doc[i] >= ' '; i++ {
		switch doc[i] {
		case '"':
			return i + 1
		case '\\':
			if i++; !goodEscape(doc[i:]) {
				return -1
			}
			p.escapes++
		}
		p.wide |= uint64(doc[i])
	}
	return -1
}

// blanksEnd returns the position of the first byte from i on that is no blank.
func blanksEnd(s []byte, i int) int {
	for i < len(s) && s[i] <= ' ' && isBlank(s[i]) {
		i++
	}
	return i
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }
