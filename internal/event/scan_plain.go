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
	x.escaped, x.keysEscaped, x.wide = p.escaped, p.keysEscaped, p.wide&highs != 0
	return ok
}

// plain is the state of the first stage in plain Go.
type plain struct {
	doc                  []byte
	tokens, skips        []uint32
	escaped, keysEscaped bool
	wide                 uint64 // the bits of all bytes in strings
	depth                int
	open                 *stack
}

// document reads the whole document.
func (p *plain) document() bool {
	doc, i := p.doc, 0
	for {
		// A value begins at i, or behind blanks there.
		if i = blanksEnd(doc, i); i == len(doc) {
			return false
		}
		switch c := doc[i]; c {
		case '"':
			i = p.text(i+1, &p.escaped)
		case '{', '[':
			if i = p.enter(i+1, c); i < 0 {
				return false
			}
			if i < len(doc) && doc[i] == c+('}'-'{') {
				break // empty: it is closed below
			}
			if c == '{' {
				i = p.key(i)
			}
			if i < 0 {
				return false
			}
			continue
		default:
			i = scalarEnd(doc, i)
		}
		if i < 0 {
			return false
		}
		if i = p.leave(i); i <= 0 {
			return i == 0
		}
	}
}

// enter opens an object or array, and returns where its first member may be.
func (p *plain) enter(i int, bracket byte) int {
	if p.depth++; p.depth > MaxDepth {
		return -1
	}
	kind := uint32(inObject)
	if bracket == '[' {
		kind = inArray
	}
	p.open[p.depth] = uint32(len(p.tokens))<<2 | kind //nolint:gosec // below maxScanned
	p.token(i)
	return blanksEnd(p.doc, i)
}

// leave closes what ends behind a value, and returns where the next value may
// begin; 0 at the document's end, -1 on an error.
func (p *plain) leave(i int) int {
	doc := p.doc
	for {
		if i = blanksEnd(doc, i); i == len(doc) {
			return -1
		}
		top := p.open[p.depth&1023]
		switch c := doc[i]; {
		case c == ',' && top&inObject == 0:
			return i + 1
		case c == ',':
			return p.key(blanksEnd(doc, i+1))
		case c != '}' && c != ']' || (c == '}') != (top&inObject != 0):
			return -1
		}
		i++
		p.token(i)
		p.skips[top>>2] = uint32(len(p.tokens)) //nolint:gosec // below maxScanned
		if p.depth--; p.depth > 0 {
			continue
		}
		if blanksEnd(doc, i) != len(doc) {
			return -1
		}
		return 0
	}
}

// token adds a token.
func (p *plain) token(at int) {
	p.skips = append(p.skips, uint32(len(p.tokens))) //nolint:gosec // below maxScanned
	p.tokens = append(p.tokens, uint32(at))          //nolint:gosec // the same
}

// key reads a key, which must begin at i, and its colon. It returns the position
// behind them, -1 on an error.
func (p *plain) key(i int) int {
	if i == len(p.doc) || p.doc[i] != '"' {
		return -1
	}
	if i = p.text(i+1, &p.keysEscaped); i < 0 {
		return -1
	}
	if i = blanksEnd(p.doc, i); i == len(p.doc) || p.doc[i] != ':' {
		return -1
	}
	p.token(i + 1)
	return i + 1
}

// text reads a string from the byte behind its opening quote, and returns the
// position behind its closing one, -1 on an error.
func (p *plain) text(i int, escaped *bool) int {
	doc, wide := p.doc, p.wide
	for i+16 <= len(doc) {
		// Sixteen bytes at once: few keys are longer, so that the branch can be
		// foretold.
		x, y := binary.LittleEndian.Uint64(doc[i:]), binary.LittleEndian.Uint64(doc[i+8:])
		wide |= x | y
		stop, at := stops(x), 0
		if next := stops(y); stop == 0 {
			stop, at = next, 8
		}
		if stop == 0 {
			i += 16
			continue
		}
		i += at + bits.TrailingZeros64(stop)/8
		if doc[i] == '"' {
			p.wide = wide
			return i + 1
		}
		if doc[i] != '\\' || !goodEscape(doc[i+1:]) {
			return -1
		}
		*escaped = true
		i += 2
	}
	p.wide = wide
	return p.lastText(i, escaped)
}

// lastText is text near the document's end.
func (p *plain) lastText(i int, escaped *bool) int {
	doc := p.doc
	for ; i < len(doc) && doc[i] >= ' '; i++ {
		switch doc[i] {
		case '"':
			return i + 1
		case '\\':
			if i++; !goodEscape(doc[i:]) {
				return -1
			}
			*escaped = true
		}
		p.wide |= uint64(doc[i])
	}
	return -1
}

func blanksEnd(s []byte, i int) int {
	for i < len(s) && isBlank(s[i]) {
		i++
	}
	return i
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }
