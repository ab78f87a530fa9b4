package store

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"slices"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// Query says what is to be read; the zero value is everything.
type Query struct {
	// From and To are the first and last arrival; To 0: all that is there when the
	// Scan begins.
	From, To uint64
	// Spans, if there are any: only documents in one of them.
	Spans []Span
	// Indices, if it is not nil: only documents of these. Fits, if it is not nil: only
	// of those for which it is true; its answers are kept.
	Indices event.Patterns
	Fits    func(index string) bool
}

// Span is a time from From to To, both included, of what Stored.When says or,
// with Ingested, of the time of arrival.
type Span struct {
	From, To value.Instant
	Ingested bool
}

// Scan reads documents in the order of arrival, each once. It is not safe for
// concurrent use; its batches may go to other goroutines. Close it.
//
// Memory: a page of each file that holds a stretch of arrival, and the columns of
// who the documents of that stretch are: what was sealed together (Options.SealBytes).
type Scan struct {
	c       *catalog
	q       query
	view    view
	waiting []source // not begun, in order of their first arrival
	open    []*cursor
	err     error
	counts  ScanCounts
}

// ScanCounts is what a Scan did.
type ScanCounts struct {
	Documents int64 // handed out
	Bytes     int64 // of them
	Unpacked  int64 // bytes decompressed
	Pages     int64 // pages decompressed
	Segments  int   // segments read from
	Pruned    int   // segments that were not, because of their bounds
	Gone      int   // segments that retention dropped before they were read
}

// query is a Query with what it means for bounds.
type query struct {
	Query
	spans []microSpan
	fits  map[string]bool
}

type microSpan struct{ from, to int64 }

// Scan begins to read what is there now.
func (c *catalog) Scan(q Query) *Scan {
	s := &Scan{c: c, view: c.view()}
	if s.view.closed {
		s.err = ErrClosed
	}
	if q.To == 0 || q.To > s.view.last {
		q.To = s.view.last
	}
	s.q = query{Query: q, fits: map[string]bool{}}
	for _, span := range q.Spans {
		s.q.spans = append(s.q.spans, microSpan{micros(span.From), micros(span.To)})
	}
	segments := s.view.segments
	if q.From > s.view.sealed { // who reads right behind does not look at them all
		segments = nil
	}
	for _, segment := range segments {
		if !s.q.meets(&segment.bounds) || !s.q.meetsIndices(segment) {
			s.counts.Pruned++
			continue
		}
		s.waiting = append(s.waiting, &segmentSource{segment: segment})
	}
	for _, l := range s.view.logs {
		from, _ := slices.BinarySearchFunc(l.records, q.From, func(r *record, arrival uint64) int {
			return cmp.Compare(r.bounds.Last, arrival)
		})
		for _, r := range l.records[from:] {
			if s.q.meets(&r.bounds) {
				s.waiting = append(s.waiting, &recordSource{l.logFile, r})
			}
		}
	}
	return s
}

// Close ends the Scan. Batches stay as they are.
func (s *Scan) Close() {
	for _, c := range s.open {
		c.close()
	}
	s.open, s.waiting = nil, nil
	s.view.release()
	if s.err == nil {
		s.err = io.EOF
	}
}

// Counts says what was done so far.
func (s *Scan) Counts() ScanCounts { return s.counts }

// Next returns the next documents; io.EOF behind the last. Another error is for
// good: something could not be read.
func (s *Scan) Next(ctx context.Context) (*Batch, error) {
	for s.err == nil {
		if s.err = ctx.Err(); s.err != nil {
			break
		}
		var b *Batch
		if b, s.err = s.next(); s.err == nil {
			s.counts.Documents += int64(len(b.Docs))
			for i := range b.Docs {
				s.counts.Bytes += int64(len(b.Docs[i].Raw))
			}
			return b, nil
		}
	}
	return nil, s.err
}

// batchDocs is how many documents a batch gathers from several files.
const batchDocs = 512

// next returns documents, until a page has to be read for more.
func (s *Scan) next() (*Batch, error) {
	if err := s.fill(); err != nil {
		return nil, err
	}
	if err := s.begin(); err != nil {
		return nil, err
	}
	if len(s.open) == 0 {
		return nil, io.EOF
	}
	b := &Batch{}
	for len(b.Docs) < batchDocs {
		// From the file whose next document came first, up to where another goes on.
		least, second := s.open[0], uint64(math.MaxUint64)
		for _, c := range s.open[1:] {
			if c.first() < least.first() {
				least, c = c, least
			}
			second = min(second, c.first())
		}
		if len(s.waiting) > 0 {
			second = min(second, s.waiting[0].first())
		}
		if least.first() >= second {
			break // a file has to be opened
		}
		least.take(b, second)
		if least.spent() {
			break
		}
	}
	return b, nil
}

// fill reads on in the files of which all that was read is handed out.
func (s *Scan) fill() error {
	kept := s.open[:0]
	for i, c := range s.open {
		more, err := c.fill(s)
		if err != nil {
			s.open = append(kept, s.open[i:]...)
			return err
		}
		if more {
			kept = append(kept, c)
		} else {
			c.close()
		}
	}
	s.open = kept
	return nil
}

// begin opens the files that are next.
func (s *Scan) begin() error {
	for len(s.waiting) > 0 {
		first := s.waiting[0].first()
		for _, c := range s.open {
			if c.first() < first {
				return nil
			}
		}
		c := &cursor{source: s.waiting[0]}
		s.waiting = s.waiting[1:]
		switch err := c.source.open(s); {
		case errors.Is(err, errGone):
			s.counts.Gone++
			continue
		case err != nil:
			return err
		}
		more, err := c.fill(s)
		if err != nil {
			c.close()
			return err
		}
		if more {
			s.open = append(s.open, c)
		} else {
			c.close()
		}
	}
	return nil
}

// meets says whether documents of these bounds can be asked for.
func (q *query) meets(b *bounds) bool {
	if b.Last < q.From || b.First > q.To {
		return false
	}
	for i, span := range q.spans {
		from, to := b.MinTime, b.MaxTime
		if q.Spans[i].Ingested {
			from, to = b.MinIngested, b.MaxIngested
		}
		if from <= span.to && to >= span.from {
			return true
		}
	}
	return len(q.spans) == 0
}

func (q *query) meetsIndices(s *segment) bool {
	switch {
	case q.Indices == nil && q.Fits == nil:
		return true
	case s.Index != "":
		return q.meetsIndex(s.Index)
	case s.Indices == nil:
		return true
	}
	for _, index := range s.Indices {
		if q.meetsIndex(index) {
			return true
		}
	}
	return false
}

func (q *query) meetsIndex(index string) bool {
	if q.Indices == nil && q.Fits == nil {
		return true
	}
	fits, known := q.fits[index]
	if !known {
		if len(q.fits) > 10_000 {
			clear(q.fits) // somebody makes up names
		}
		fits = (q.Indices == nil || q.Indices.Fit(index)) && (q.Fits == nil || q.Fits(index))
		q.fits[index] = fits
	}
	return fits
}

// meetsRow says whether a document is asked for; its index is not looked at.
func (q *query) meetsRow(r *row) bool {
	if r.arrival < q.From || r.arrival > q.To {
		return false
	}
	for _, span := range q.Spans {
		at := r.time
		if span.Ingested || !r.timed {
			at = instantOfMicros(r.ingested, 0)
		}
		if at.Compare(span.From) >= 0 && at.Compare(span.To) <= 0 {
			return true
		}
	}
	return len(q.Spans) == 0
}
