package event

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// gaps is the state of readGaps.
type gaps struct {
	*index
	doc    []byte
	depth  int    // of the innermost open bracket
	top    uint32 // what the stack has of it
	object uint   // turn if it is a brace, else 0
}

// turn makes a comma of a colon and a colon of a comma: they follow the strings
// in an object by turns.
const turn = ':' ^ ','

// readGaps fills tokens and skips, given quotes. It reports whether all that is
// not in strings is valid.
//
// It goes from gap to gap between strings, and reads those that are by far the
// most frequent itself: a colon, a comma, a colon and a brace, a brace and a
// comma. No call is in its inner loop and no bound is checked there, as neither
// leaves registers for the rest: what it reads of the document is between two
// quotes, and last leaves room for two more tokens.
func (x *index) readGaps(doc []byte) bool {
	g := gaps{index: x, doc: doc}
	base, quotes := unsafe.Pointer(unsafe.SliceData(doc)), unsafe.Pointer(unsafe.SliceData(x.quotes))
	at, q := 0, x.quotes[0]  // where a word of quotes begins, and which are still to come
	n, want := 0, uint(0)    // tokens; what a gap begins with, 0 at the document's begin
	from, end := 0, len(doc) // of the gap, of the document
	x.room(0, 2*64)
	for {
		tokens, skips := unsafe.Pointer(unsafe.SliceData(x.tokens)), unsafe.Pointer(unsafe.SliceData(x.skips))
		last, object, to := cap(x.tokens)-2, g.object, 0
		for {
			if q == 0 {
				if at, q = nextQuotes(quotes, at, end); q == 0 {
					return false // a bracket or a string is open
				}
			}
			to = at + bits.TrailingZeros64(q)
			q &= q - 1
			if n >= last {
				break
			}
			if to-from == 1 {
				if uint(*(*byte)(unsafe.Add(base, from))) != want {
					break
				}
				put(tokens, n, to)
				put(skips, n, n)
				n += int(want>>4) & 1 // if it is a colon
				want ^= object
			} else {
				if to-from != 2 {
					break
				}
				pair := binary.LittleEndian.Uint16((*[2]byte)(unsafe.Add(base, from))[:])
				if pair == ':'|'{'<<8 && want == ':' && g.depth < MaxDepth {
					put(tokens, n, to-1)
					put(skips, n, n)
					put(tokens, n+1, to)
					g.push(n+1, inObject)
					n += 2
					object = turn
				} else if pair == '}'|','<<8 && want == ',' && object != 0 && g.depth > 1 {
					put(tokens, n, to-1)
					put(skips, n, n)
					n++
					put(skips, int(g.top>>2), n)
					object = g.pop()
					want = ',' ^ object
				} else {
					break
				}
			}
			if q == 0 {
				if at, q = nextQuotes(quotes, at, end); q == 0 {
					return false // a bracket is open
				}
			}
			from = at + bits.TrailingZeros64(q) + 1
			q &= q - 1
		}
		g.object = object
		var done bool
		if n, want, done = g.gap(from, to, n, want); done {
			return n > 0
		}
		if q == 0 {
			if at, q = nextQuotes(quotes, at, end); q == 0 {
				return false
			}
		}
		from = at + bits.TrailingZeros64(q) + 1
		q &= q - 1
	}
}

// nextQuotes returns the next word of quotes that has some, and where it begins;
// none if there are no more.
func nextQuotes(quotes unsafe.Pointer, at, end int) (int, uint64) {
	for at += 64; at <= end; at += 64 {
		if q := *(*uint64)(unsafe.Add(quotes, at/8)); q != 0 {
			return at, q
		}
	}
	return at, 0
}

// put writes to a list.
func put(list unsafe.Pointer, i, v int) { *(*uint32)(unsafe.Add(list, i*4)) = uint32(v) } //nolint:gosec // below maxScanned

// push opens a bracket, which is a token.
func (g *gaps) push(token int, kind uint32) {
	g.depth++
	g.top = uint32(token)<<2 | kind //nolint:gosec // below maxScanned
	g.open[g.depth&1023] = g.top
}

// pop closes a bracket that is not the document's own. It returns object.
func (g *gaps) pop() uint {
	g.depth--
	g.top = g.open[g.depth&1023]
	return uint(g.top&inObject) * turn
}

// gap reads any gap: from the end of one string to the begin of the next, or to
// the document's end. It returns how many tokens there are then and what follows
// the next string. Done says that the document has ended, or is not valid: then
// there are no tokens.
func (g *gaps) gap(from, to, n int, want uint) (tokens int, next uint, done bool) {
	doc, x := g.doc, g.index
	if cap(x.tokens)-n < to-from+64 {
		x.room(n, to-from+2*64)
	}
	list, skips := x.tokens[:cap(x.tokens)], x.skips[:cap(x.tokens)]
	if want == ',' {
		goto behind
	}
	if want == ':' {
		if from = blanksEnd(doc, from); from == len(doc) || doc[from] != ':' {
			return 0, 0, true
		}
		from++
		list[n], skips[n] = uint32(from), uint32(n) //nolint:gosec // below maxScanned
		n++
	}
value:
	from = blanksEnd(doc, from)
	if from == to {
		return n, ',', false
	}
	switch c := doc[from]; c {
	case '{', '[':
		if g.depth == MaxDepth {
			return 0, 0, true
		}
		from++
		list[n] = uint32(from) //nolint:gosec // below maxScanned
		if c == '{' {
			g.push(n, inObject)
			g.object = turn
		} else {
			g.push(n, inArray)
			g.object = 0
		}
		n++
		if from = blanksEnd(doc, from); from < len(doc) && doc[from] == c+('}'-'{') {
			goto behind
		}
		if c == '[' {
			goto value
		}
		if from != to {
			return 0, 0, true
		}
		return n, ':', false
	default:
		if from = scalarEnd(doc, from); from < 0 {
			return 0, 0, true
		}
	}
behind: // a value
	from = blanksEnd(doc, from)
	if from == len(doc) {
		return 0, 0, true
	}
	switch c := doc[from]; c {
	case ',':
		from++
		if g.object == 0 {
			goto value
		}
		if blanksEnd(doc, from) != to {
			return 0, 0, true
		}
		return n, ':', false
	case '}', ']':
		if (c == '}') != (g.object != 0) {
			return 0, 0, true
		}
		from++
		list[n], skips[n] = uint32(from), uint32(n) //nolint:gosec // below maxScanned
		n++
		skips[g.top>>2] = uint32(n) //nolint:gosec // the same
		if g.object = g.pop(); g.depth > 0 {
			goto behind
		}
		if blanksEnd(doc, from) == len(doc) {
			x.tokens, x.skips = list[:n], skips[:n]
			return n, 0, true
		}
	}
	return 0, 0, true
}

// room makes room for more tokens behind the first n.
func (x *index) room(n, more int) {
	x.tokens = reserve(x.tokens[:n], more)
	x.skips = reserve(x.skips[:n], cap(x.tokens)-n)
}
