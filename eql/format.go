package eql

// Format lays a query out in one way: each event of a sequence begins a line, and
// what does not fit in 100 columns is broken at its outermost `and` or `or`, each
// operand on a line of its own. Comments stay: one that ends a line ends the line
// of the same code still, and one that has a line of its own keeps that. Tokens
// are kept as they are written, redundant parentheses too, so that the result
// parses to the same tree; formatting it again changes nothing. Of empty lines
// one is kept where a line of the result begins.
//
// The error is an *Error with one problem, as from Parse.
func Format(src string) (string, error) {
	if _, err := Parse(src); err != nil {
		return "", err
	}
	tokens, err := layoutTokens(src)
	if err != nil {
		return "", err
	}
	l := &layout{tokens: tokens}
	return render(l.query()), nil
}

// layout turns tokens into a doc. The query is known to parse, so that a token
// that is not looked for can only be what the grammar allows there.
type layout struct {
	tokens []layoutToken
	next   int
}

// unit is something that may begin a line: an operand, an event, a pipe.
type unit struct {
	lead  []remark // comments with a line of their own before it
	blank bool     // an empty line stands before it
	doc   doc
	chain bool     // operands with `and` or `or` between
	end   []remark // what ends the unit's last line
}

func (l *layout) kind() tokenKind { return l.tokens[l.next].kind }

func (l *layout) take() layoutToken {
	t := l.tokens[l.next]
	if t.kind != tokEOF {
		l.next++
	}
	return t
}

func (l *layout) query() doc {
	var first unit
	multiline := l.kind() == kwSequence || l.kind() == kwSample
	var body []doc
	if multiline {
		first, body = l.events()
	} else {
		first = l.filter(textDoc(""))
		body = []doc{groupDocs(first.doc)}
		body = append(body, noteDocs(first.end)...)
	}
	for l.kind() == tokPipe {
		p := l.pipe()
		if multiline {
			body = append(body, hardDoc(p.firstBlank()))
		} else {
			body = append(body, lineDoc(p.firstBlank()))
		}
		body = append(body, p.led())
		body = append(body, noteDocs(p.end)...)
	}
	for _, r := range l.take().lead {
		body = append(body, hardDoc(r.blank), textDoc(r.text))
	}
	return joinDocs(unit{lead: first.lead, blank: first.blank, doc: groupDocs(body...)}.led())
}

// events lays out a sequence or sample.
func (l *layout) events() (head unit, body []doc) {
	head = l.unitStart()
	var parts []doc
	l.text(&head, &parts, false)
	l.options(&head, &parts)
	body = append([]doc{deeperDocs(parts...)}, noteDocs(head.end)...)
	for l.kind() == tokLBracket || l.kind() == tokMissing {
		t := l.term(textDoc(""))
		body = append(body, nestDocs(hardDoc(t.firstBlank()), t.led()))
		body = append(body, noteDocs(t.end)...)
	}
	if l.kind() == kwUntil {
		until := l.unitStart()
		parts = nil
		l.text(&until, &parts, false)
		t := l.term(joinDocs(append(parts, textDoc(" "))...))
		until.hoist(until.end)
		until.hoist(t.lead)
		until.doc = t.doc
		body = append(body, hardDoc(until.firstBlank()), until.led())
		body = append(body, noteDocs(t.end)...)
	}
	return head, body
}

// unitStart begins a unit at the current token.
func (l *layout) unitStart() unit {
	t := &l.tokens[l.next]
	u := unit{lead: t.lead, blank: t.blank}
	t.lead = nil
	return u
}

// text appends the current token. Comments in the middle of a unit, save those
// that code may follow on their line, move before it.
func (l *layout) text(u *unit, parts *[]doc, space bool) {
	t := l.take()
	u.goesOn(t)
	text := t.text
	if space {
		text = " " + text
	}
	*parts = append(*parts, textDoc(text))
	*parts = append(*parts, u.trail(t)...)
}

// goesOn says that the token belongs to the unit: what was the end is the middle.
func (u *unit) goesOn(t layoutToken) {
	u.hoist(u.end)
	u.hoist(t.lead)
	u.end = nil
}

// trail returns the comments behind the unit's last token that stay where they
// are, and notes the one that ends its line.
func (u *unit) trail(t layoutToken) []doc {
	var docs []doc
	for _, r := range t.trail {
		if r.inline() {
			docs = append(docs, textDoc(" "+r.text))
		} else {
			u.end = append(u.end, r)
		}
	}
	return docs
}

// hoist moves comments to before the unit.
func (u *unit) hoist(lead []remark) {
	for _, r := range lead {
		u.lead = append(u.lead, remark{text: r.text})
	}
}

// noteDocs are comments that end a line.
func noteDocs(notes []remark) []doc {
	var docs []doc
	for _, r := range notes {
		docs = append(docs, noteDoc(r.text))
	}
	return docs
}

// firstBlank reports whether an empty line stands before the unit's first line.
func (u unit) firstBlank() bool {
	if len(u.lead) > 0 {
		return u.lead[0].blank
	}
	return u.blank
}

// led is the unit with the comments before it; it stands at the start of a line
// if there are any.
func (u unit) led() doc {
	if len(u.lead) == 0 {
		return u.doc
	}
	var docs []doc
	for i, r := range u.lead {
		docs = append(docs, textDoc(r.text))
		blank := u.blank
		if i+1 < len(u.lead) {
			blank = u.lead[i+1].blank
		}
		docs = append(docs, hardDoc(blank))
	}
	return joinDocs(append(docs, u.doc)...)
}

// filter lays out `CATEGORY where COND` behind some text.
func (l *layout) filter(before doc) unit {
	u := l.unitStart()
	parts := []doc{before}
	l.text(&u, &parts, false) // the category
	l.text(&u, &parts, true)  // where
	parts = append(parts, noteDocs(u.end)...)
	c := l.or()
	c.blank = c.blank && len(c.lead) > 0
	u.end = c.end
	u.doc = joinDocs(append(parts, nestDocs(lineDoc(false), c.led()))...)
	return u
}

// term lays out `[..]` or `![..]` with its keys and options.
func (l *layout) term(before doc) unit {
	u := l.unitStart()
	inner := []doc{before}
	l.text(&u, &inner, false)
	f := l.filter(textDoc(""))
	u.hoist(u.end)
	u.hoist(f.lead)
	u.end = nil
	closing := l.take()
	inner = append(append(inner, f.doc), noteDocs(f.end)...)
	inner = append(inner, nestDocs(ownLines(closing.lead)...), doc{kind: docSoft}, textDoc(closing.text))
	parts := append([]doc{groupDocs(inner...)}, u.trail(closing)...)
	l.options(&u, &parts)
	u.doc = joinDocs(parts...)
	return u
}

// ownLines are comments before a closing bracket.
func ownLines(lead []remark) []doc {
	var docs []doc
	for _, r := range lead {
		docs = append(docs, hardDoc(r.blank), textDoc(r.text))
	}
	return docs
}

// options lays out `by K, ..` and `with NAME=VALUE`.
func (l *layout) options(u *unit, parts *[]doc) {
	for {
		switch l.kind() {
		case kwBy:
			l.text(u, parts, true)
			*parts = append(*parts, textDoc(" "))
			l.list(u, parts)
		case kwWith:
			l.text(u, parts, true)
			l.text(u, parts, true)  // the name
			l.text(u, parts, false) // =
			for l.kind() == tokInteger || l.kind() == tokDecimal || l.kind() == tokIdent {
				l.text(u, parts, false)
			}
		default:
			return
		}
	}
}

// list lays out expressions with commas between, on the unit's line.
func (l *layout) list(u *unit, parts *[]doc) {
	for {
		k := l.leaf()
		u.hoist(u.end)
		u.hoist(k.lead)
		u.end = k.end
		*parts = append(*parts, k.doc)
		if l.kind() != tokComma {
			return
		}
		l.text(u, parts, false)
		*parts = append(*parts, doc{kind: docFill})
	}
}

// pipe lays out `| NAME ARG`.
func (l *layout) pipe() unit {
	u := l.unitStart()
	var parts []doc
	l.text(&u, &parts, false)
	l.text(&u, &parts, true)
	parts = append(parts, textDoc(" "))
	if l.kind() != tokPipe && l.kind() != tokEOF {
		l.list(&u, &parts)
	}
	u.doc = joinDocs(parts...)
	return u
}
