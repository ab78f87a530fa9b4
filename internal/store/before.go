package store

import (
	"context"
	"errors"
	"io/fs"
	"math"

	"github.com/tripline-sec/tripline/internal/value"
)

// Before returns the least arrival among the documents of event time from to to,
// both included: a replay that begins there sees all of them. If there are none it
// is the number after the last.
//
// Where the bounds of a file leave it open, its times are read, so that one
// document with a clock of its own does not make a replay long.
func (c *catalog) Before(ctx context.Context, from, to value.Instant) (uint64, error) {
	q := query{
		Query: Query{To: math.MaxUint64, Spans: []Span{{From: from, To: to}}},
		spans: []microSpan{{micros(from), micros(to)}},
	}
	v := c.view()
	defer v.release()
	if v.closed {
		return 0, ErrClosed
	}
	best := uint64(math.MaxUint64)
	for _, s := range v.segments {
		if s.First >= best {
			return best, nil
		}
		if !q.meets(&s.bounds) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		first, err := c.firstInSegment(s, &q)
		if err != nil && !errors.Is(err, errGone) {
			return 0, err
		}
		best = min(best, first)
	}
	if best < math.MaxUint64 {
		return best, nil
	}
	for _, l := range v.logs {
		for _, r := range l.records {
			if !q.meets(&r.bounds) {
				continue
			}
			first, err := firstInRecord(l.logFile, r, &q)
			if err != nil || first < math.MaxUint64 {
				return first, err
			}
		}
	}
	return v.last + 1, nil
}

// firstInSegment is the number of the first document of a segment that is asked
// for; the greatest number if there is none.
func (c *catalog) firstInSegment(s *segment, q *query) (uint64, error) {
	r, err := openSegment(c.fsys, c.path(s), s)
	if errors.Is(err, fs.ErrNotExist) && !c.lists(s) {
		return math.MaxUint64, errGone
	}
	if err != nil {
		return 0, err
	}
	defer r.close()
	for group := range r.groups() {
		rows, err := r.rows(group, 0)
		if err != nil {
			return 0, wrapRead(s.Path, err)
		}
		for i := range rows {
			if q.meetsRow(&rows[i]) {
				return rows[i].arrival, nil
			}
		}
	}
	return math.MaxUint64, nil
}

// firstInRecord is the same of a record of the log.
func firstInRecord(l *logFile, r *record, q *query) (uint64, error) {
	_, payload, err := readRecord(l.file, r.at)
	if err != nil {
		return 0, wrapRead(l.name, err)
	}
	b, err := decodeBatch(payload)
	if err != nil {
		return 0, wrapRead(l.name, err)
	}
	for i := range b.docs {
		d := &b.docs[i]
		one := row{arrival: r.bounds.First + uint64(i), time: d.time, timed: d.timed, ingested: b.ingested}
		if q.meetsRow(&one) {
			return one.arrival, nil
		}
	}
	return math.MaxUint64, nil
}
