package store

import (
	"errors"
	"fmt"
	"io/fs"
)

// errGone says that a segment was dropped before it was read.
var errGone = errors.New("the segment is gone")

// segmentSource is a segment.
type segmentSource struct {
	segment *segment
	reader  *segmentReader
	group   int
	last    uint64 // number of the group before
	left    int64  // documents of the groups to come
	rows    []row  // of the group, from the next page on
	pages   []pageSpot
	split   [][]byte
}

func (r *segmentSource) first() uint64 { return r.segment.First }

func (r *segmentSource) open(s *Scan) (err error) {
	r.reader, err = openSegment(s.c.fsys, s.c.path(r.segment), r.segment)
	if errors.Is(err, fs.ErrNotExist) && !s.c.lists(r.segment) {
		return errGone
	}
	r.left = r.segment.Documents
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
	return r.checkNumbers()
}

// checkNumbers holds the numbers of the rows to what the manifest says: a number
// that has changed would hide a document.
func (r *segmentSource) checkNumbers() error {
	for i := range r.rows {
		if n := r.rows[i].arrival; n <= r.last || n < r.segment.First || n > r.segment.Last {
			return fmt.Errorf("%w: number %d", errDamaged, n)
		}
		r.last = r.rows[i].arrival
	}
	if r.left -= int64(len(r.rows)); r.left < 0 || r.left > 0 && r.group == r.reader.groups() {
		return fmt.Errorf("%w: %d documents are missing", errDamaged, r.left)
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
