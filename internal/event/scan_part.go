package event

import "slices"

// Part returns a schema of some slots only, which are numbered as in s: rows of s
// hold what is read by it.
func (s *Schema) Part(slots []int) *Schema {
	p := &Schema{paths: s.paths, slots: s.slots}
	p.plantSome(func(slot int) bool { return slices.Contains(slots, slot) })
	return p
}

// ScanPart is Scan for the fields of a part of the scanner's schema; More reads
// further ones. Whole says that all fields have been read: then the document was
// one for Decode.
func (sc *Scanner) ScanPart(raw []byte, row *Row, part *Schema) (whole bool, err error) {
	row.Reset()
	sc.raw, sc.part = nil, false
	doc := raw[blanksEnd(raw, 0):]
	if sc.schema.whole || len(doc) == 0 || doc[0] != '{' || len(doc) > maxScanned {
		return true, sc.decode(raw, row)
	}
	sc.forget()
	if !sc.index.build(doc) {
		err := sc.decode(raw, row)
		if err == nil {
			sc.refused++
		}
		return true, err
	}
	if !sc.walk.document(part, &sc.index, doc, row) {
		row.Reset()
		return true, sc.decode(raw, row)
	}
	sc.raw, sc.part = raw, true
	return false, nil
}

// More adds the fields of another part to the row of the last ScanPart, which
// was not whole and had none of them. The row's values stay where they are, unless
// anew says that it has been filled from the start with all fields.
func (sc *Scanner) More(row *Row, part *Schema) (anew bool) {
	if !sc.part || sc.walk.further(part) {
		return false
	}
	row.Reset()
	sc.part = false
	_ = sc.decode(sc.raw, row) // it is valid, or ScanPart had said so
	return true
}

// further goes through the same document once more, by another schema.
func (w *walk) further(s *Schema) bool {
	w.schema, w.found = s, w.found[:0]
	w.first = w.objects + 1
	return len(s.tree[0].keys.entries) == 0 || w.object(&s.tree[0], 0, 0) != odd
}

// forget lets go of lists that a huge document has made long.
func (sc *Scanner) forget() {
	if x := &sc.index; max(cap(x.tokens), cap(x.scalars), cap(x.escapes), cap(x.quotes), cap(sc.walk.texts)) > maxKept {
		sc.index, sc.walk.texts, sc.walk.found = index{}, nil, nil
	}
}
