package store

import (
	"errors"
	"io/fs"
	"sync/atomic"
)

// errGone says that a segment was dropped before it was read.
var errGone = errors.New("the segment is gone")

// Batch is some documents, in the order of arrival.
type Batch struct {
	Docs  []Stored
	block *block
}

// Release gives the memory of the documents back; nothing of them may be used
// after it. A batch that is not released is left to the garbage collector.
func (b *Batch) Release() {
	if b.block != nil {
		b.block.release()
		b.block, b.Docs = nil, nil
	}
}

// block is documents that were read together.
type block struct {
	docs  []Stored
	pages [][]byte // to be given back; not those of records in memory
	c     *catalog
	uses  atomic.Int32
}

func (b *block) release() {
	if b.uses.Add(-1) > 0 {
		return
	}
	for _, page := range b.pages {
		b.c.giveBack(page)
	}
	b.pages, b.docs = nil, nil
}

// source is a file or a part of one that holds documents in the order of arrival.
type source interface {
	first() uint64
	open(s *Scan) error
	// read reads the next documents that are asked for; nil: there are no more.
	read(s *Scan) (*block, error)
	close()
}

// cursor is a source and what was read of it and not yet handed out.
type cursor struct {
	source source
	block  *block
	at     int
}

// first is the number of the next document.
func (c *cursor) first() uint64 { return c.block.docs[c.at].Arrival }

// take returns the documents before another one's number. There is one at least.
func (c *cursor) take(before uint64) *Batch {
	docs := c.block.docs[c.at:]
	n := len(docs)
	if docs[n-1].Arrival >= before {
		n = 0
		for docs[n].Arrival < before {
			n++
		}
	}
	c.at += n
	c.block.uses.Add(1)
	return &Batch{docs[:n:n], c.block}
}

// fill sees that there is a next document, if there is one.
func (c *cursor) fill(s *Scan) (more bool, err error) {
	for c.block == nil || c.at == len(c.block.docs) {
		c.drop()
		b, err := c.source.read(s)
		if b == nil || err != nil {
			return false, err
		}
		c.block, c.at = b, 0
	}
	return true, nil
}

func (c *cursor) drop() {
	if c.block != nil {
		c.block.release()
		c.block = nil
	}
}

func (c *cursor) close() {
	c.drop()
	c.source.close()
}

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

// segmentSource is a segment.
type segmentSource struct {
	segment *segment
	reader  *segmentReader
	group   int
	rows    []row // of the group, from the next page on
	pages   []pageSpot
	split   [][]byte
}

func (r *segmentSource) first() uint64 { return r.segment.First }

func (r *segmentSource) open(s *Scan) (err error) {
	r.reader, err = openSegment(s.c.fsys, s.c.path(r.segment))
	if errors.Is(err, fs.ErrNotExist) && !s.c.lists(r.segment) {
		return errGone
	}
	s.counts.Segments++
	return err
}

func (r *segmentSource) close() {
	if r.reader != nil {
		r.reader.close()
		r.reader = nil
	}
}

func (r *segmentSource) read(s *Scan) (*block, error) {
	for {
		for len(r.pages) == 0 {
			if r.group == r.reader.groups() {
				return nil, nil // there are no more
			}
			if err := r.nextGroup(); err != nil {
				return nil, wrapRead(r.segment.Path, err)
			}
		}
		spot := r.pages[0]
		rows := r.rows[:spot.rows]
		r.pages, r.rows = r.pages[1:], r.rows[spot.rows:]
		wanted := 0
		for i := range rows {
			if s.q.meetsRow(&rows[i]) && s.q.meetsIndex(rows[i].index) {
				wanted++
			} else {
				rows[i].arrival = 0
			}
		}
		if wanted == 0 {
			continue
		}
		out, err := r.block(s, spot, rows, wanted)
		if err != nil {
			return nil, wrapRead(r.segment.Path, err)
		}
		return out, nil
	}
}

func (r *segmentSource) nextGroup() (err error) {
	if r.rows, err = r.reader.rows(r.group, wantIdentity); err != nil {
		return err
	}
	if r.pages, err = r.reader.pages(r.group); err != nil {
		return err
	}
	r.group++
	total := 0
	for _, p := range r.pages {
		total += p.rows
	}
	if total != len(r.rows) {
		return errDamaged
	}
	return nil
}

// block reads a page and hands out those of its documents that have a number.
func (r *segmentSource) block(s *Scan, spot pageSpot, rows []row, wanted int) (*block, error) {
	page, err := r.reader.read(spot, s.c.pack, s.c.buffer)
	if err != nil {
		return nil, err
	}
	s.counts.Pages++
	s.counts.Unpacked += int64(len(page))
	out := &block{c: s.c, pages: [][]byte{page}, docs: make([]Stored, 0, wanted)}
	out.uses.Store(1)
	if r.split, err = splitPage(r.split[:0], page); err != nil || len(r.split) != len(rows) {
		return nil, errDamaged
	}
	for i := range rows {
		if d := &rows[i]; d.arrival != 0 {
			out.docs = append(out.docs, Stored{
				Raw: r.split[i], Index: d.index, ID: d.id, Source: d.source,
				Arrival: d.arrival, Time: d.time, HasTime: d.timed, Ingested: timeOfMicros(d.ingested),
			})
		}
	}
	return out, nil
}

// lists says whether a segment is still one of those there are.
func (c *catalog) lists(s *segment) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, other := range c.segments {
		if other.Path == s.Path {
			return true
		}
	}
	return false
}

func wrapRead(name string, err error) error { return &ReadError{name, err} }

// ReadError says which file of the store can not be read.
type ReadError struct {
	File string
	Err  error
}

func (e *ReadError) Error() string { return "read " + e.File + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *ReadError) Unwrap() error { return e.Err }
