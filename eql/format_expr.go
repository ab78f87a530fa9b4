package eql

import "slices"

// or and and lay out chains of their operator.
func (l *layout) or() unit  { return l.chain(kwOr, l.and) }
func (l *layout) and() unit { return l.chain(kwAnd, l.leaf) }

// chain lays out operands with an operator between, which ends a line that is
// broken. Comments around the operator go with the operand after it.
func (l *layout) chain(op tokenKind, operand func() unit) unit {
	u := operand()
	if l.kind() != op {
		return u
	}
	parts := []doc{u.inChain()}
	for l.kind() == op {
		t := l.take()
		parts = append(parts, textDoc(" "+t.text))
		o := l.after(&parts, &u, t, operand)
		parts = append(parts, lineDoc(o.firstBlank()), o.led())
		u.end = o.end
	}
	u.doc, u.chain = joinDocs(parts...), true
	return u
}

// after lays out what stands behind an operator or comma. Of the comments that
// would end the line the operator is on there is room for one.
func (l *layout) after(parts *[]doc, before *unit, t layoutToken, operand func() unit) unit {
	end := before.end
	before.end = nil
	*parts = append(*parts, before.trail(t)...)
	lead := t.lead
	if len(end) > 0 {
		lead = append(before.end, lead...)
	} else {
		end = before.end
	}
	*parts = append(*parts, noteDocs(end)...)
	o := operand()
	if t.blank {
		if len(o.lead) > 0 {
			o.lead[0].blank = true
		} else {
			o.blank = true
		}
	}
	o.lead = append(lead, o.lead...)
	o.doc = o.inChain()
	return o
}

// inChain is the unit as an operand: a chain of the stronger operator is set in,
// so that one sees where it ends.
func (u unit) inChain() doc {
	if u.chain {
		return groupDocs(nestDocs(u.doc))
	}
	return u.doc
}

// leaf lays out everything up to the end of an operand: names, constants,
// operators between them, and brackets with what they hold.
func (l *layout) leaf() unit {
	u := l.unitStart()
	var (
		parts []doc
		last  layoutToken // the token before; its kind is tokEOF at the start
		sign  bool        // the token before is a sign, not an operator between two values
	)
	for !l.endsLeaf() {
		t := l.tokens[l.next]
		space := last.kind != tokEOF && spaced(last, t, sign)
		sign = (t.kind == tokMinus || t.kind == tokPlus) && !endsValue(last.kind)
		if t.kind != tokLParen {
			last = t
			l.text(&u, &parts, space)
			continue
		}
		if space {
			parts = append(parts, textDoc(" "))
		}
		u.goesOn(t)
		parts = append(parts, l.bracket(&u, &last)...)
	}
	u.doc = joinDocs(parts...)
	return u
}

func (l *layout) endsLeaf() bool {
	switch l.kind() {
	case tokEOF, kwAnd, kwOr, tokComma, tokRParen, tokLBracket, tokRBracket, tokMissing, tokPipe, kwBy, kwWith, kwUntil:
		return true
	}
	return false
}

// spaced reports whether a space stands between two tokens.
func spaced(a, b layoutToken, sign bool) bool {
	switch {
	case slices.ContainsFunc(a.trail, remark.inline):
		return true
	case a.kind == tokDot, a.kind == tokQuestion, b.kind == tokDot, sign:
		return false
	case b.kind == tokLParen && (a.kind == tokIdent || a.kind == tokTildeIdent):
		return false // a call
	}
	return true
}

// endsValue reports whether a `+` or `-` after the token is an operation.
func endsValue(k tokenKind) bool {
	switch k {
	case tokIdent, tokQuotedIdent, tokInteger, tokDecimal, tokString, tokRParen, kwNull, kwTrue, kwFalse:
		return true
	}
	return false
}

// bracket lays out `(..)`: a list, which is filled line by line, or a condition.
func (l *layout) bracket(u *unit, last *layoutToken) []doc {
	open := l.take()
	docs := append([]doc{textDoc(open.text)}, u.trail(open)...)
	if l.kind() == tokRParen {
		*last = l.take()
		u.goesOn(*last)
		return append(append(docs, textDoc(last.text)), u.trail(*last)...)
	}
	docs = append(docs, noteDocs(u.end)...)
	u.end = nil
	first := doc{kind: docSoft}
	if slices.ContainsFunc(open.trail, remark.inline) {
		first.kind = docLine
	}
	inner := append([]doc{first}, l.elements()...)
	*last = l.take()
	inner = append(inner, ownLines(last.lead)...)
	docs = append(docs, nestDocs(inner...), doc{kind: docSoft}, textDoc(last.text))
	return append([]doc{groupDocs(docs...)}, u.trail(*last)...)
}

// elements lays out what stands between brackets.
func (l *layout) elements() []doc {
	e := l.or()
	e.blank = e.blank && len(e.lead) > 0
	if l.kind() == tokComma {
		e.doc = e.inChain()
	}
	docs := []doc{e.led()}
	for l.kind() == tokComma {
		comma := l.take()
		docs = append(docs, textDoc(comma.text))
		next := l.after(&docs, &e, comma, l.or)
		if len(next.lead) > 0 || next.blank {
			docs = append(docs, hardDoc(next.firstBlank()), next.led())
		} else {
			docs = append(docs, doc{kind: docFill}, next.doc)
		}
		e = next
	}
	return append(docs, noteDocs(e.end)...)
}
