package eql

import (
	"strings"
	"unicode/utf8"
)

// formatWidth is how many columns a line of formatted text may have before it is
// broken where it can be.
const formatWidth = 100

// doc is a text with places at which it may be broken: Oppen's and Wadler's
// pretty printer, no more of it than a query needs. A group is set on one line if
// it fits, else all places that are directly its own become line breaks.
type doc struct {
	kind   docKind
	text   string
	parts  []doc
	indent int
	blank  bool // a broken line has an empty one before it
	hard   bool // holds a line break that can not be taken back
}

type docKind uint8

const (
	docText docKind = iota
	docLine         // a space, or a line break
	docSoft         // nothing, or a line break
	docFill         // a space where what follows still fits, else a line break
	docHard         // a line break
	docNote         // a comment that is held back until its line ends
	docJoin
	docNest
	docGroup
)

func textDoc(s string) doc    { return doc{kind: docText, text: s} }
func noteDoc(s string) doc    { return doc{kind: docNote, text: s, hard: true} }
func lineDoc(blank bool) doc  { return doc{kind: docLine, blank: blank} }
func hardDoc(blank bool) doc  { return doc{kind: docHard, blank: blank, hard: true} }
func joinDocs(d ...doc) doc   { return doc{kind: docJoin, parts: d, hard: anyHard(d)} }
func groupDocs(d ...doc) doc  { return doc{kind: docGroup, parts: d, hard: anyHard(d)} }
func nestDocs(d ...doc) doc   { return indentDocs(formatIndent, d...) }
func deeperDocs(d ...doc) doc { return indentDocs(2*formatIndent, d...) }

func indentDocs(by int, d ...doc) doc {
	return doc{kind: docNest, parts: d, indent: by, hard: anyHard(d)}
}

const formatIndent = 2

func anyHard(docs []doc) bool {
	for _, d := range docs {
		if d.hard {
			return true
		}
	}
	return false
}

// piece is a doc on its way to the output.
type piece struct {
	doc    doc
	indent int
	flat   bool
}

type renderer struct {
	out    strings.Builder
	column int
	notes  []string // comments that wait for the end of the line
	todo   []piece  // the next one last
}

// render sets the text. It ends without a line break.
func render(d doc) string {
	r := &renderer{todo: []piece{{doc: d}}}
	for len(r.todo) > 0 {
		p := r.todo[len(r.todo)-1]
		r.todo = r.todo[:len(r.todo)-1]
		r.step(p)
	}
	r.flushNotes()
	return r.out.String()
}

func (r *renderer) step(p piece) {
	switch p.doc.kind {
	case docText:
		r.out.WriteString(p.doc.text)
		r.column += utf8.RuneCountInString(p.doc.text)
	case docNote:
		r.notes = append(r.notes, p.doc.text)
	case docHard:
		r.newline(p)
	case docLine, docSoft:
		switch {
		case !p.flat:
			r.newline(p)
		case p.doc.kind == docLine:
			r.space()
		}
	case docFill:
		if len(r.notes) > 0 || !r.fits(piece{doc: textDoc(" "), flat: true}) {
			r.newline(p)
		} else {
			r.space()
		}
	case docGroup:
		flat := p.flat || !p.doc.hard && r.fits(piece{doc: joinDocs(p.doc.parts...), flat: true})
		r.push(p, flat)
	case docJoin:
		r.push(p, p.flat)
	case docNest:
		p.indent += p.doc.indent
		r.push(p, p.flat)
	}
}

// push puts the parts of a doc on the way, the first of them next.
func (r *renderer) push(p piece, flat bool) {
	for i := len(p.doc.parts) - 1; i >= 0; i-- {
		r.todo = append(r.todo, piece{doc: p.doc.parts[i], indent: p.indent, flat: flat})
	}
}

func (r *renderer) space() {
	r.out.WriteByte(' ')
	r.column++
}

func (r *renderer) newline(p piece) {
	r.flushNotes()
	r.out.WriteByte('\n')
	if p.doc.blank {
		r.out.WriteByte('\n')
	}
	r.out.WriteString(strings.Repeat(" ", p.indent))
	r.column = p.indent
}

func (r *renderer) flushNotes() {
	for _, n := range r.notes {
		r.out.WriteString(" " + n)
	}
	r.notes = r.notes[:0]
}

// fits reports whether the piece, and what comes after it up to the first place
// where the line may end, stays within the width.
func (r *renderer) fits(first piece) bool {
	room := formatWidth - r.column
	todo := []piece{first}
	for rest := len(r.todo); ; {
		if len(todo) == 0 {
			if rest == 0 {
				return true
			}
			rest--
			todo = append(todo, r.todo[rest])
		}
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		switch p.doc.kind {
		case docText:
			if room -= utf8.RuneCountInString(p.doc.text); room < 0 {
				return false
			}
		case docHard:
			return true
		case docLine, docSoft, docFill:
			if !p.flat {
				return true
			}
			if p.doc.kind != docSoft {
				room--
			}
		case docJoin, docNest, docGroup:
			for i := len(p.doc.parts) - 1; i >= 0; i-- {
				todo = append(todo, piece{doc: p.doc.parts[i], flat: p.flat})
			}
		}
	}
}
