package source

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/tripline-sec/tripline/internal/event"
)

// jsonText is one JSON text being read: lines, arrays, answers, bulk bodies, one
// after the other in any mixture.
type jsonText struct {
	*Reader
	*window
	name  string
	split splitter
	// due is the bulk action whose document is the next line.
	due     *action
	dueLine int
	// alone is the first line after those that were taken for parts of one
	// document and turned out not to be: each of them counts by itself, or
	// looking ahead could cost the square of the text.
	alone int
}

// readText reads JSON text to its end.
func (r *Reader) readText(in input) {
	if r.text != nil {
		r.text(in)
		return
	}
	t := &jsonText{Reader: r, name: in.name, window: newWindow(&counter{r: in.r, n: &r.stats.Unpacked})}
	t.skipBOM()
	for !r.stopped && t.skip() {
		t.unit()
	}
	if r.stopped {
		return
	}
	t.overdue()
	if t.cut() {
		t.problem(Place{Name: t.name, Line: t.line}, unpackClass(t.err), "read: "+plain(t.err))
	}
}

func (t *jsonText) here() Place { return Place{Name: t.name, Line: t.line} }

func (t *jsonText) spot() spot { return spot{Place: t.here(), offset: t.base + int64(t.pos)} }

// unit reads what begins here: a line, a document over several lines, or a
// container of documents.
func (t *jsonText) unit() {
	if t.due != nil {
		if t.line > t.dueLine+1 {
			t.overdue() // a blank line where a document is due
		} else {
			t.bulkDocument()
			return
		}
	}
	c, alone := t.rest()[0], t.line < t.alone
	switch {
	case c == '{' && alone:
		t.aloneObject()
	case c == '{':
		if !t.readAnswer() {
			t.object()
		}
	case c == '[' && !alone:
		t.readArray()
	default:
		t.brokenLine()
	}
}

// object reads an object that is a document, a wrapper or a bulk action.
func (t *jsonText) object() {
	t.split.reset("", false)
	for end := 0; ; {
		// No further than the limit, or what is made of a too long object would
		// hang on how much of it happens to have been read.
		n, state := t.split.feed(t.rest()[end:min(len(t.rest()), t.opts.MaxDocument+1)])
		end += n
		switch {
		case state == complete && end <= t.opts.MaxDocument:
			t.wholeObject(end)
			return
		case state == mistaken, end > t.opts.MaxDocument, state == unfinished && !t.more():
			t.brokenObject(end)
			return
		}
	}
}

// aloneObject reads an object that must end on its line.
func (t *jsonText) aloneObject() {
	n, whole := t.lineEnd(t.opts.MaxDocument)
	t.split.reset("", false)
	if end, state := t.split.feed(t.rest()[:n]); whole && state == complete {
		t.wholeObject(end)
		return
	}
	t.brokenLine()
}

// wholeObject takes an object of n bytes, unless the line goes on with what can
// not begin another: then the line is broken.
func (t *jsonText) wholeObject(n int) {
	after := n
	for {
		rest := t.rest()
		for after < len(rest) && (rest[after] == ' ' || rest[after] == '\t' || rest[after] == '\r') {
			after++
		}
		if after < len(rest) {
			if c := rest[after]; c != '\n' && c != '{' && c != '[' {
				t.brokenObject(after)
				return
			}
			break
		}
		if after-n > t.opts.MaxDocument || !t.more() {
			break
		}
	}
	at, raw := t.spot(), t.own(t.rest()[:n])
	t.advance(n)
	if action := readAction(raw); action != nil {
		t.begin(action)
		return
	}
	t.unwrap(raw, at, false)
}

// brokenObject reports the object that begins here and could not be read beyond
// n bytes, and finds where to go on: behind its line, if it failed there, else at
// the first later line that does not look like a part of it.
func (t *jsonText) brokenObject(n int) {
	inner := bytes.IndexByte(t.rest()[:n], '\n')
	if inner < 0 {
		t.brokenLine()
		return
	}
	place := t.here()
	class, reason := t.fault(t.rest()[:min(n+1, len(t.rest()))], n == len(t.rest()))
	if n > t.opts.MaxDocument {
		class, reason = t.tooLong()
	}
	t.alone = max(t.alone, t.line+bytes.Count(t.rest()[:n], []byte{'\n'}))
	t.dropLine()
	t.skipParts(place, class, reason)
}

// skipParts passes over lines that look like the continuation of what broke
// before them, indented or beginning with a closing bracket or a key, and
// reports the whole.
func (t *jsonText) skipParts(place Place, class Class, reason string) {
	last := place.Line
	for len(t.rest()) > 0 || t.more() {
		c := t.rest()[0]
		if !isBlank(c) && c != '}' && c != ']' && c != '"' && c != ',' {
			break
		}
		if !isBlank(c) || !t.blankLine() {
			last = t.line
		}
		t.dropLine()
	}
	t.problem(place, class, reason+leftOut(place.Line, last))
}

// blankLine reports whether nothing but white space is on this line.
func (t *jsonText) blankLine() bool {
	for {
		line, _, whole := bytes.Cut(t.rest(), []byte{'\n'})
		switch {
		case len(bytes.Trim(line, blanks)) > 0:
			return false
		case whole || len(line) > t.opts.MaxDocument || !t.more():
			return true
		}
	}
}

// brokenLine reports the line from here on and passes over it.
func (t *jsonText) brokenLine() {
	place := t.here()
	n, whole := t.lineEnd(t.opts.MaxDocument)
	class, reason := t.tooLong()
	last := n == len(t.rest()) // the text ends without a newline
	if whole {
		class, reason = t.fault(t.rest()[:n], last)
	}
	t.dropLine()
	if whole && last && t.cut() {
		return // cut short in this line: told at the end of the text
	}
	t.problem(place, class, reason)
}

// fault says what is wrong with some bytes; last tells that the text ends there.
func (t *jsonText) fault(raw []byte, last bool) (Class, string) {
	_, err := event.Decode(raw, event.Identity{ID: "-"}, 0)
	switch {
	case err == nil: // by itself it is a document, so it is what follows that is wrong
		return BadJSON, "text after the end of a document"
	case last && strings.Contains(err.Error(), "unexpected end of JSON"):
		return Truncated, reasonOf(err)
	}
	return classOf(err), reasonOf(err)
}

func (t *jsonText) tooLong() (Class, string) {
	return TooLong, fmt.Sprintf("longer than %d bytes, which is what one document may have", t.opts.MaxDocument)
}
