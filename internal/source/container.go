package source

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// readArray reads the array that begins here, an element at a time.
func (t *jsonText) readArray() {
	first := t.here()
	t.advance(1)
	t.elements(first, func(raw []byte, at spot) { t.unwrap(raw, at, false) })
}

// elements reads the elements of an array whose bracket has been read, up to and
// with its closing one, and hands on those that are objects. It reports whether
// it got to the end; if not, that has been reported and the text stands where
// reading can go on.
func (t *jsonText) elements(first Place, take func(raw []byte, at spot)) bool {
	for count := 0; ; count++ {
		if t.stopped {
			return false
		}
		last := t.line
		if !t.skip() {
			return t.brokenContainer(first, Truncated, "the array ends early")
		}
		c := t.rest()[0]
		if c == ']' {
			t.advance(1)
			return true
		}
		if count > 0 {
			if c != ',' {
				reason := fmt.Sprintf("unexpected %q between the elements of an array", rune(c))
				if t.line > last && c == '{' { // more likely a stray bracket before: this line is a new beginning
					t.problem(first, BadJSON, reason)
					return false
				}
				return t.brokenContainer(first, BadJSON, reason)
			}
			t.advance(1)
			if !t.skip() {
				return t.brokenContainer(first, Truncated, "the array ends early")
			}
			c = t.rest()[0]
		}
		var fine bool
		if c == '{' || c == '[' {
			fine = t.element(first, take)
		} else {
			fine = t.scalar(first)
		}
		if !fine {
			return false
		}
	}
}

// element reads one object or array within an array. One with a mistake in it
// is reported and passed over, as long as its brackets show where it ends; one
// that is too long is not kept.
func (t *jsonText) element(first Place, take func(raw []byte, at spot)) bool {
	at, end, dropped := t.spot(), 0, false
	t.split.reset("", true)
	for {
		n, state := t.split.feed(t.rest()[end:])
		end += n
		if end > t.opts.MaxDocument || dropped {
			t.advance(end)
			end, dropped = 0, true
		}
		switch {
		case state == complete && dropped:
			class, reason := t.tooLong()
			t.problem(at.Place, class, reason+leftOut(at.Line, t.line))
			return true
		case state == complete:
			raw := t.own(t.rest()[:end])
			t.advance(end)
			if raw[0] == '{' {
				take(raw, at)
			} else {
				t.document(raw, at, noIdentity) // for the reason
			}
			return true
		case state == mistaken:
			return t.brokenContainer(first, BadJSON, fmt.Sprintf("the element of line %d is broken: %s", at.Line, t.split.reason))
		case !t.more():
			return t.brokenContainer(first, Truncated, fmt.Sprintf("the element of line %d ends early", at.Line))
		}
	}
}

// scalar reads an element that is no object; if it is JSON at all, that is a
// problem of its own and no more.
func (t *jsonText) scalar(first Place) bool {
	end, whole := scalarEnd(t.rest(), 0)
	for !whole && end <= t.opts.MaxDocument && t.more() {
		end, whole = scalarEnd(t.rest(), end)
	}
	end = min(end, len(t.rest()))
	if end > t.opts.MaxDocument {
		class, reason := t.tooLong()
		return t.brokenContainer(first, class, reason)
	}
	if !json.Valid(t.rest()[:end]) {
		return t.brokenContainer(first, BadJSON, "an element of the array is not JSON")
	}
	place := t.here()
	t.advance(end)
	t.problem(place, NotObject, "an element of the array is not a JSON object")
	return true
}

// scalarEnd returns where a string, number or word ends, and whether it surely
// ends there; if not, it is asked again with more bytes, from where it was.
func scalarEnd(b []byte, from int) (int, bool) {
	i := from
	if b[0] != '"' {
		for i < len(b) && isWord(b[i]) {
			i++
		}
		return i, i < len(b)
	}
	for i = max(i, 1); i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1, true
		case '\n':
			return i, true
		}
	}
	return i, false
}

// brokenContainer reports that an array or answer can not be read beyond this
// line, and finds where to go on. It returns false.
func (t *jsonText) brokenContainer(first Place, class Class, reason string) bool {
	place := t.here()
	if class == Truncated {
		t.advance(len(t.rest()))
		if !t.cut() { // else it is told at the end of the text
			t.problem(place, class, reason)
		}
		return false
	}
	t.dropLine()
	t.skipParts(place, class, fmt.Sprintf("%s; the rest of what begins in line %d is not read", reason, first.Line))
	return false
}

// seen holds the hits that an answer has shown: the sequences of an answer share
// events, and a document is one event however often it is shown.
type seen map[[16]byte]bool

func (s seen) again(raw []byte) bool {
	sum := sha256.Sum256(raw)
	key := [16]byte(sum[:16])
	if s[key] {
		return true
	}
	s[key] = true
	return false
}
