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

	texts []byte // unescaped strings of the document

	// Objects are numbered over all documents, so that nothing need be cleared.
	objects uint64
	first   uint64     // the number of this document's own object
	seen    []uint64   // for each node of the schema's tree the last object in which a key led there
	spelled []spelling // for each slot
}

// spelling says how the keys on the way to a field were written.
type spelling struct {
	first uint64 // walk.first of the document; another one: not met yet
	dots  uint32 // see sprout.keys
}

// odd is what the methods return instead of the index of a token when they
// leave the document to Decode.
const odd = -1

// document fills row. It returns false if the document must be left to Decode.
func (w *walk) document(s *Schema, x *index, doc []byte, row *Row) bool {
	w.schema, w.index, w.doc, w.row = s, x, doc, row
	w.texts = w.texts[:0]
	w.first = w.objects + 1
	return len(s.tree[0].keys.entries) == 0 || w.object(&s.tree[0], 0, 0) != odd
}

// object visits the object that token i opens and that n stands for. Of dots,
// see sprout.keys. It returns the index of the token behind the object.
func (w *walk) object(n *schemaNode, i int, dots uint32) int {
	w.objects++
	object, doc, tokens, skips := w.objects, w.doc, w.index.tokens, w.index.skips
	for i++; ; {
		at := int(tokens[i])
		if doc[at-1] == '}' {
			return i + 1
		}
		e := w.key(&n.keys, at-1)
		i++
		if e == nil {
			i = int(skips[i])
			continue
		}
		if w.seen[e.node] == object {
			return odd // the key stands here twice
		}
		w.seen[e.node] = object
		switch next, c := &w.schema.tree[e.node], doc[tokens[i]-1]; {
		case c == '{' && len(next.keys.entries) > 0:
			i = w.object(next, i, dots|e.dots)
		case c == '[':
			i = w.array(next, i, dots|e.dots)
		case c == '{':
			i = int(skips[i])
		case next.slot >= 0:
			if _, ok := w.scalar(int(next.slot), at, dots|e.dots); !ok {
				return odd
			}
		}
		if i == odd {
			return odd
		}
	}
}

// array visits the array that token i opens, as object does.
func (w *walk) array(n *schemaNode, i int, dots uint32) int {
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

// key looks up the key in front of the colon at a position.
func (w *walk) key(t *keyTable, colon int) *keyEntry {
	doc, end := w.doc, colon-1
	for doc[end] != '"' {
		end-- // blanks
	}
	if end < 8 || w.index.keysEscaped {
		return w.strangeKey(t, end)
	}
	tail, length := binary.LittleEndian.Uint64(doc[end-8:]), 8
	if quotes := quotesIn(tail); quotes != 0 {
		free := uint(bits.Len64(quotes)) // the bits of what is not the key's; 64 for an empty one
		tail >>= free
		length -= int(free / 8)
	}
	entries := t.entries
	for i := tail * hashFactor >> t.shift; ; i++ {
		e := &entries[int(i)&(len(entries)-1)]
		switch {
		case e.node == 0:
			return nil
		case e.tail != tail:
		case length < 8:
			if len(e.key) == length {
				return e
			}
		default:
			start := end - len(e.key)
			if start > 0 && doc[start-1] == '"' && string(doc[start:end]) == e.key {
				return e
			}
		}
	}
}

// strangeKey looks up a key that ends at a quote, wherever it stands and
// however it is written.
func (w *walk) strangeKey(t *keyTable, end int) *keyEntry {
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

// quotesIn returns the high bit of each byte that is a quote.
func quotesIn(x uint64) uint64 {
	const low7 = 0x7F7F7F7F7F7F7F7F
	x ^= 0x2222222222222222
	return ^((x&low7 + low7) | x | low7)
}

// scalar adds the scalar at a position, or behind blanks there, to a slot, if
// that is one. It returns where the scalar ends, and whether the field was so
// far spelled in the same way.
func (w *walk) scalar(slot, at int, dots uint32) (end int, ok bool) {
	doc := w.doc
	for doc[at] <= ' ' {
		at++
	}
	var v Scalar
	switch doc[at] {
	case '"':
		end, v.Text = w.text(at+1, slot >= 0)
	case 't':
		end, v = at+4, Scalar{Text: "true", Kind: TrueScalar}
	case 'f':
		end, v = at+5, Scalar{Text: "false", Kind: FalseScalar}
	case 'n':
		return at + 4, true
	default:
		end = at + 1
		for !endsScalar(doc[end]) {
			end++
		}
		v = Scalar{Text: alias(doc[at:end]), Kind: NumberScalar}
	}
	if slot < 0 {
		return end, true
	}
	switch spelled := &w.spelled[slot]; {
	case spelled.first != w.first:
		*spelled = spelling{w.first, dots}
	case spelled.dots != dots:
		return end, false
	}
	w.row.Add(slot, v)
	return end, true
}

// endsScalar reports whether a byte follows a number or literal.
func endsScalar(c byte) bool { return c <= ' ' || c == ',' || c == '}' || c == ']' }
