package event

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// walk is the second stage: it goes through the objects on the way to fields of
// the schema. The document is known to be valid.
type walk struct {
	schema *Schema
	index  *index
	doc    []byte
	row    *Row

	texts []byte      // unescaped strings of the document
	found []candidate // keys of the objects that are being visited

	// Objects are numbered over all documents, so that nothing need be cleared.
	objects uint64
	first   uint64     // the number of this document's own object
	seen    []uint64   // for each node of the schema's tree the last object in which a key led there
	spelled []spelling // for each slot
}

// spelling says how the keys on the way to a field were written.
type spelling struct {
	first uint64 // walk.first of the document; another one: not met yet
	dots  uint16 // see sprout.keys
}

// odd is what the methods return instead of the index of a token when they
// leave the document to Decode.
const odd = -1

// document fills row. It returns false if the document must be left to Decode.
func (w *walk) document(s *Schema, x *index, doc []byte, row *Row) bool {
	w.schema, w.index, w.doc, w.row = s, x, doc, row
	w.texts, w.found = w.texts[:0], w.found[:0]
	w.first = w.objects + 1
	return len(s.tree[0].keys.entries) == 0 || w.object(&s.tree[0], 0, 0) != odd
}

// object visits the object that token i opens and that n stands for. Of dots,
// see sprout.keys. It returns the index of the token behind the object.
func (w *walk) object(n *schemaNode, i int, dots uint16) int {
	from, end := len(w.found), int(w.index.skips[i])
	w.candidates(&n.keys, i+1, end-1)
	w.objects++
	object := w.objects
	for at := from; at < len(w.found); at++ {
		c := w.found[at]
		colon := int(w.index.tokens[c.token]) - 1
		var e *keyEntry
		if c.guess == noGuess {
			e = w.strangeKey(&n.keys, colon)
		} else if e = &n.keys.entries[c.guess]; !e.endsAt(w.doc, colon-1) {
			e = n.keys.findBefore(w.doc, colon-1)
		}
		if e == nil {
			continue
		}
		if w.seen[e.node] == object {
			return odd // the key stands here twice
		}
		w.seen[e.node] = object
		if !w.member(&w.schema.tree[e.node], int(c.token), dots|e.dots) {
			return odd
		}
	}
	w.found = w.found[:from]
	return end
}

// candidate is a key that may lead on.
type candidate struct {
	token uint32 // the index of its colon
	guess uint32 // see keyTable.findBefore
}

// noGuess is the guess for keys that are not simply before their colon.
const noGuess = 1 << 31

// candidates adds to found those keys of an object, from its first token to that
// behind it, which need a look.
func (w *walk) candidates(t *keyTable, i, end int) {
	if cap(w.found)-len(w.found) < end-i {
		w.found = append(make([]candidate, 0, 2*cap(w.found)+end-i), w.found...)
	}
	tokens, skips := w.index.tokens, w.index.skips
	// Every key of a document with escapes in some, else the first of all.
	for i < end && (tokens[i] < 10 || w.index.keysEscaped) {
		w.found = append(w.found, candidate{uint32(i), noGuess}) //nolint:gosec // below maxScanned
		i = int(skips[i+1])
	}
	n := len(w.found)
	n += guessKeys(w.doc, tokens, skips, w.found[n:cap(w.found)], t.guesses, i, end)
	w.found = w.found[:n]
}

// member visits the value behind a colon, whose key leads to n.
func (w *walk) member(n *schemaNode, token int, dots uint16) (ok bool) {
	at := int(w.index.tokens[token])
	switch c := w.doc[w.index.tokens[token+1]-1]; {
	case c == '{':
		return len(n.keys.entries) == 0 || w.object(n, token+1, dots) != odd
	case c == '[':
		return w.array(n, token+1, dots) != odd
	case n.slot >= 0 && w.doc[at] == '"':
		_, text := w.text(at + 1)
		return w.add(int(n.slot), Scalar{Text: text}, dots)
	}
	_, ok = w.scalar(int(n.slot), at, dots)
	return ok
}

// array visits the array that token i opens, as object does.
func (w *walk) array(n *schemaNode, i int, dots uint16) int {
	at := int(w.index.tokens[i])
	i++
	for {
		switch c := w.doc[at]; c {
		case ',', ' ', '\t', '\n', '\r':
			at++
		case ']':
			for int(w.index.tokens[i]) != at+1 {
				i++ // a mark within an array
			}
			return i + 1
		case '{', '[':
			for int(w.index.tokens[i]) != at+1 {
				i++
			}
			end := int(w.index.skips[i])
			at = int(w.index.tokens[end-1])
			switch {
			case c == '[':
				i = w.array(n, i, dots)
			case len(n.keys.entries) > 0:
				i = w.object(n, i, dots)
			}
			if i == odd {
				return odd
			}
			i = end
		default:
			var ok bool
			if at, ok = w.scalar(int(n.slot), at, dots); !ok {
				return odd
			}
		}
	}
}

// strangeKey looks up the key in front of the colon at a position, wherever it
// stands and however it is written.
func (w *walk) strangeKey(t *keyTable, colon int) *keyEntry {
	end := bytes.LastIndexByte(w.doc[:colon], '"')
	start := end
	for {
		start = bytes.LastIndexByte(w.doc[:start], '"')
		back := start
		for back > 0 && w.doc[back-1] == '\\' {
			back--
		}
		if (start-back)%2 == 0 {
			break // not escaped: where the key begins
		}
	}
	key := w.doc[start+1 : end]
	if bytes.IndexByte(key, '\\') >= 0 {
		length := len(w.texts)
		w.texts = unescape(w.texts, key)
		key = w.texts[length:]
		w.texts = w.texts[:length]
	}
	return t.find(key)
}

// scalar adds the scalar at a position, or behind blanks there, to a slot, if
// that is one. It returns where the scalar ends, and what add does.
func (w *walk) scalar(slot, at int, dots uint16) (end int, ok bool) {
	doc := w.doc
	for doc[at] <= ' ' {
		at++
	}
	var v Scalar
	switch doc[at] {
	case '"':
		end, v.Text = w.text(at + 1)
		end++
	case 't':
		end, v = at+4, Scalar{Text: "true", Kind: TrueScalar}
	case 'f':
		end, v = at+5, Scalar{Text: "false", Kind: FalseScalar}
	case 'n':
		return at + 4, true
	default:
		end = numberBehind(doc, at+1)
		v = Scalar{Text: alias(doc[at:end]), Kind: NumberScalar}
	}
	return end, slot < 0 || w.add(slot, v, dots)
}

// add adds a value to a slot. It returns false if the field was spelled in
// another way before: then it is not certain which value comes first.
func (w *walk) add(slot int, v Scalar, dots uint16) bool {
	switch spelled := &w.spelled[slot]; {
	case spelled.first != w.first:
		*spelled = spelling{w.first, dots}
	case spelled.dots != dots:
		return false
	}
	w.row.Add(slot, v)
	return true
}

// numberBehind returns where a number ends that goes on at i.
func numberBehind(doc []byte, i int) int {
	for ; i+8 <= len(doc); i += 8 {
		x := binary.LittleEndian.Uint64(doc[i:])
		ends := ((x ^ ','*ones - ones) | (x ^ '}'*ones - ones) | (x ^ ']'*ones - ones) | (x - '!'*ones)) &^ x & highs
		if ends != 0 {
			return i + bits.TrailingZeros64(ends)>>3
		}
	}
	for !endsScalar(doc[i]) {
		i++
	}
	return i
}

// endsScalar reports whether a byte follows a number or literal.
func endsScalar(c byte) bool { return c <= ' ' || c == ',' || c == '}' || c == ']' }
