package event

import "bytes"

// walk is the second stage: it goes through the objects on the way to fields of
// the schema. The document is known to be valid.
type walk struct {
	schema *Schema
	index  *index
	doc    []byte
	row    *Row

	texts []byte   // unescaped strings of the document
	found []uint32 // colons, by their tokens, in the objects that are being visited

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
		token := int(w.found[at])
		e := w.key(&n.keys, token)
		if e == nil {
			continue
		}
		if w.seen[e.node] == object {
			return odd // the key stands here twice
		}
		w.seen[e.node] = object
		if !w.member(&w.schema.tree[e.node], token, dots|e.dots) {
			return odd
		}
	}
	w.found = w.found[:from]
	return end
}

// candidates adds to found the colons of those keys in an object, from its
// first token to that behind it, which need a look. Few keys do, but which can
// not be foretold: there is no branch on it.
func (w *walk) candidates(t *keyTable, i, end int) {
	doc, tokens, skips, n := w.doc, w.index.tokens, w.index.skips, len(w.found)
	w.found = reserve(w.found, end-i)
	found := w.found[:cap(w.found)]
	strange := w.index.keysEscaped
	for ; i < end; i = int(skips[i+1]) {
		found[n] = uint32(i) //nolint:gosec // below maxScanned
		colon := int(tokens[i]) - 1
		if colon < 4 || doc[colon-1] != '"' || strange {
			n++
			continue
		}
		n += int(t.filter[hashEnd(doc[colon-4:])])
	}
	w.found = found[:n]
}

// key looks up the key in front of a colon.
func (w *walk) key(t *keyTable, token int) *keyEntry {
	colon := int(w.index.tokens[token]) - 1
	if colon > 8 && w.doc[colon-1] == '"' && !w.index.keysEscaped {
		return t.findBefore(w.doc, colon-1)
	}
	return w.strangeKey(t, colon)
}

// member visits the value behind a colon, whose key leads to n.
func (w *walk) member(n *schemaNode, token int, dots uint16) (ok bool) {
	i := token + 1
	switch c := w.doc[w.index.tokens[i]-1]; {
	case c == '{':
		return len(n.keys.entries) == 0 || w.object(n, i, dots) != odd
	case c == '[':
		return w.array(n, i, dots) != odd
	case n.slot >= 0:
		_, ok = w.scalar(int(n.slot), int(w.index.tokens[token]), dots)
		return ok
	}
	return true
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
// that is one. It returns where the scalar ends, and whether the field was so
// far spelled in the same way.
func (w *walk) scalar(slot, at int, dots uint16) (end int, ok bool) {
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
