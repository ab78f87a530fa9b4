package store

// recordSource is a record of a log file.
type recordSource struct {
	log    *logFile
	record *record
}

func (r *recordSource) first() uint64    { return r.record.bounds.First }
func (r *recordSource) open(*Scan) error { return nil }
func (r *recordSource) close()           {}

func (r *recordSource) read(s *Scan) (*block, error) {
	if r.record == nil {
		return nil, nil // there are no more
	}
	rec := r.record
	r.record = nil
	out := &block{c: s.c}
	out.uses.Store(1)
	kept := rec.recent.Load()
	var b *batch
	if kept != nil {
		b = kept.batch
	} else {
		_, payload, err := readRecord(r.log.file, rec.at)
		if err != nil {
			return nil, wrapRead(r.log.name, err)
		}
		if b, err = decodeBatch(payload); err != nil {
			return nil, wrapRead(r.log.name, err)
		}
	}
	wanted := make([]bool, len(b.docs))
	pages := make([][][]byte, len(b.pages))
	for i := range b.docs {
		d := &b.docs[i]
		one := row{arrival: rec.bounds.First + uint64(i), time: d.time, timed: d.timed, ingested: b.ingested}
		if !s.q.meetsRow(&one) || !s.q.meetsIndex(b.pages[d.page].index) {
			continue
		}
		wanted[i] = true
		if pages[d.page] != nil {
			continue
		}
		page, err := r.page(s, out, kept, b, int(d.page))
		if err == nil {
			pages[d.page], err = splitPage(make([][]byte, 0, b.pages[d.page].docs), page)
		}
		if err != nil {
			return nil, wrapRead(r.log.name, err)
		}
	}
	out.docs = make([]Stored, 0, len(b.docs))
	next := make([]int, len(b.pages))
	ingested := timeOfMicros(b.ingested)
	for i := range b.docs {
		d := &b.docs[i]
		if wanted[i] {
			if next[d.page] >= len(pages[d.page]) {
				return nil, wrapRead(r.log.name, errPayload)
			}
			out.docs = append(out.docs, Stored{
				Raw: pages[d.page][next[d.page]], Index: b.pages[d.page].index, ID: d.id, Source: d.source,
				Arrival: rec.bounds.First + uint64(i), Time: d.time, HasTime: d.timed, Ingested: ingested,
			})
		}
		next[d.page]++
	}
	return out, nil
}

// page returns a page of the record.
func (r *recordSource) page(s *Scan, out *block, kept *recent, b *batch, number int) ([]byte, error) {
	if kept != nil {
		return kept.pages[number], nil
	}
	p := &b.pages[number]
	page, err := s.c.pack.unpack(s.c.buffer(p.size), p.packed, p.size)
	if err != nil {
		return nil, err
	}
	out.pages = append(out.pages, page)
	s.counts.Pages++
	s.counts.Unpacked += int64(p.size)
	return page, nil
}
