package event

// buildPlain is the first stage in plain Go. It reports whether the document is
// valid and not nested too deep.
func (x *index) buildPlain(doc []byte) bool {
	x.tokens, x.skips = x.tokens[:0], x.skips[:0]
	x.escaped, x.keysEscaped, x.wide = false, false, false
	p := plain{doc: doc, x: x}
	ok := p.document()
	x.wide = p.wide&highs != 0
	return ok
}

// plain is the state of the first stage in plain Go.
type plain struct {
	doc  []byte
	x    *index
	wide uint64 // the bits of all bytes in strings
	open stack  // by depth, from 1: the token's index, shifted over inObject or inArray
}

// document reads the whole document. Values and what is around them take turns.
func (p *plain) document() bool {
	doc, x, depth, i := p.doc, p.x, 0, 0
	for {
		// A value begins at i, or behind blanks there.
		if i = blanksEnd(doc, i); i == len(doc) {
			return false
		}
		switch c := doc[i]; c {
		case '"':
			if i = p.text(i+1, &x.escaped); i < 0 {
				return false
			}
		case '{', '[':
			if depth++; depth > MaxDepth {
				return false
			}
			i++
			p.open[depth] = uint32(len(x.tokens))<<2 | inObject
			x.token(i)
			if i = blanksEnd(doc, i); i == len(doc) {
				return false
			}
			if c == '{' {
				if doc[i] == '}' {
					break // to where it is closed, below
				}
				if i = p.key(i); i < 0 {
					return false
				}
				continue
			}
			p.open[depth] += inArray - inObject
			if doc[i] != ']' {
				continue
			}
		default:
			if i = scalarEnd(doc, i); i < 0 {
				return false
			}
		}
		// A value has ended, or an empty object or array is about to.
		for {
			if i = blanksEnd(doc, i); i == len(doc) {
				return false
			}
			top := p.open[depth]
			if c := doc[i]; c == ',' {
				i++
				if top&inObject != 0 {
					if i = p.key(blanksEnd(doc, i)); i < 0 {
						return false
					}
				}
				break
			} else if c != '}' && c != ']' || (c == '}') != (top&inObject != 0) {
				return false
			}
			i++
			x.token(i)
			x.skips[top>>2] = uint32(len(x.tokens)) //nolint:gosec // below maxScanned
			if depth--; depth == 0 {
				return blanksEnd(doc, i) == len(doc)
			}
		}
	}
}

// token adds a token.
func (x *index) token(at int) {
	x.skips = append(x.skips, uint32(len(x.tokens))) //nolint:gosec // below maxScanned
	x.tokens = append(x.tokens, uint32(at))          //nolint:gosec // the same
}

// key reads a key, which must begin at i, and its colon. It returns the position
// behind them, -1 on an error.
func (p *plain) key(i int) int {
	if i == len(p.doc) || p.doc[i] != '"' {
		return -1
	}
	if i = p.text(i+1, &p.x.keysEscaped); i < 0 {
		return -1
	}
	if i = blanksEnd(p.doc, i); i == len(p.doc) || p.doc[i] != ':' {
		return -1
	}
	p.x.token(i + 1)
	return i + 1
}

// text reads a string from the byte behind its opening quote, and returns the
// position behind its closing one, -1 on an error.
func (p *plain) text(i int, escaped *bool) int {
	for {
		i = plainString(p.doc, i, &p.wide)
		switch {
		case i == len(p.doc):
			return -1
		case p.doc[i] == '"':
			return i + 1
		case p.doc[i] != '\\' || !goodEscape(p.doc[i+1:]):
			return -1
		}
		*escaped = true
		i += 2
	}
}

func blanksEnd(s []byte, i int) int {
	for i < len(s) && isBlank(s[i]) {
		i++
	}
	return i
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }
