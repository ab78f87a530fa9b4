package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/tripline-sec/tripline/internal/disk"
)

// call is the part of an Append that goes into the log as one record.
type call struct {
	batch  *batch
	sums   uint32
	data   []byte   // the record; its head is filled in last
	pages  [][]byte // as they were before they were compressed
	claims []claimed
	places []int // of each document: its place among the results

	done  chan struct{} // closed when the rest is known
	first uint64
	err   error
}

// Append keeps events. When it returns without an error, all of them are on the
// disk but those whose outcome says otherwise; events of one call, and of calls
// one after the other, arrive in that order. It may be called from many goroutines;
// those that wait at the same time share a sync.
//
// A context that has ended is heeded before anything is written, and not after: then
// Append returns when it knows what has become of the events.
func (s *Store) Append(ctx context.Context, events []Event) ([]Result, error) {
	if s.queue.isClosed() {
		return nil, ErrClosed
	}
	results := make([]Result, len(events))
	docs := make([]document, len(events))
	todo := make([]int, 0, len(events))
	x := s.identifiers.Get().(*identifier)
	for i := range events {
		var err error
		if docs[i], err = x.identify(&events[i]); err != nil {
			results[i] = Result{Index: events[i].Index, ID: events[i].ID, Outcome: Invalid, Err: err}
			continue
		}
		todo = append(todo, i)
	}
	s.identifiers.Put(x)
	for len(todo) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		again, err := s.appendSome(docs, results, todo)
		if err != nil {
			return nil, err
		}
		todo = again
	}
	for i := range results {
		s.counts.outcomes[results[i].Outcome].Add(1)
	}
	return results, nil
}

// await is a document whose id another call has pending.
type await struct {
	place int
	by    *call
}

// appendSome appends the documents of some places. It returns those to try again:
// they waited for another call, which failed.
func (s *Store) appendSome(docs []document, results []Result, todo []int) (again []int, err error) {
	now := s.now()
	c := &call{done: make(chan struct{})}
	var waits []await
	for _, i := range todo {
		if by := s.claim(c, &docs[i], &results[i], i, now); by != nil {
			waits = append(waits, await{i, by})
		}
	}
	if len(c.places) > 0 {
		if err := s.write(c, docs, now); err != nil {
			return nil, err
		}
		for at, i := range c.places {
			results[i].Arrival = c.first + uint64(at)
		}
	}
	for _, w := range waits {
		<-w.by.done
		if w.by.err != nil {
			again = append(again, w.place)
			continue
		}
		if found, ok := s.window.has(s.window.key(results[w.place].Index, results[w.place].ID), now); ok {
			results[w.place].Arrival = found.arrival
		}
	}
	return again, nil
}

// claim decides what becomes of a document. If that hangs on another call, or on a
// document before it in its own, it returns that call.
func (s *Store) claim(c *call, d *document, result *Result, place int, now time.Time) (by *call) {
	for other := 1; ; other++ {
		k := s.window.key(d.index, d.id)
		found, by, free := s.window.claim(k, d.sum, c, now)
		*result = Result{Index: d.index, ID: d.id, Arrival: found.arrival}
		switch {
		case free:
			c.claims = append(c.claims, claimed{k, known{d.sum, uint64(len(c.places))}})
			c.places = append(c.places, place)
			return nil
		case found.sum == d.sum && !(d.given && d.create):
			result.Outcome = Noop
			return by
		case d.given:
			result.Outcome = Conflict
			return by
		}
		// That another document has its event.id is no fault of the sender's.
		d.id = d.hash()
		if other > 1 {
			d.id += "-" + strconv.Itoa(other)
		}
	}
}

// write builds the record of a call and waits until it is on the disk.
func (s *Store) write(c *call, docs []document, now time.Time) error {
	s.build(c, docs, now)
	var err error
	if len(c.data) > maxRecord {
		err = fmt.Errorf("append: a call of %d bytes, compressed, is too large", len(c.data))
	} else {
		err = s.queue.put(c)
	}
	if err != nil {
		s.window.settle(c.claims, false, now)
		c.err = err
		close(c.done)
		return err
	}
	<-c.done
	return c.err
}

// opened is an index while its documents are laid out.
type opened struct {
	page int // that goes on; less than 0: none
	rest int // bytes to come, at most
}

// build lays out the pages, compresses them and makes the record.
func (s *Store) build(c *call, docs []document, now time.Time) {
	at := now.UTC().Truncate(time.Microsecond)
	b := &batch{ingested: at.UnixMicro(), docs: make([]meta, len(c.places))}
	c.batch = b
	open := map[string]*opened{} // by index: how its documents go on
	for _, i := range c.places {
		o := open[docs[i].index]
		if o == nil {
			o = &opened{page: -1}
			open[docs[i].index] = o
		}
		o.rest += len(docs[i].raw) + stampRoom
	}
	for n, i := range c.places {
		d := &docs[i]
		o := open[d.index]
		if o.page < 0 || len(c.pages[o.page]) >= pageSize {
			o.page = len(c.pages)
			b.pages = append(b.pages, pageRef{index: d.index})
			c.pages = append(c.pages, make([]byte, 0, min(o.rest, pageSize+pageSize/8))) // it seldom grows
		}
		number := o.page
		o.rest -= len(d.raw) + stampRoom
		b.docs[n] = meta{int32(number), d.source, d.id, d.time, d.hasTime, d.sum}
		if d.noTime {
			b.docs[n].time, b.docs[n].timed = instantOfMicros(b.ingested, 0), true
		}
		b.pages[number].docs++
		c.pages[number] = s.lay(c.pages[number], d, at)
	}
	ends := make([]int, len(c.pages)+1)
	total := 0
	for _, page := range c.pages {
		total += len(page)
	}
	packed := make([]byte, 0, total/5+256) // of most it is enough
	for i, page := range c.pages {
		packed = s.pack.pack(packed, page)
		ends[i+1] = len(packed)
	}
	for i := range b.pages {
		b.pages[i].size, b.pages[i].packed = len(c.pages[i]), packed[ends[i]:ends[i+1]]
	}
	c.data = b.encode(make([]byte, recordHead, len(packed)+100*len(c.places)+1024))
	c.sums = castagnoli(c.data[recordHead:])
}

// stampRoom is more than what stamping adds to a document, and its length.
const stampRoom = 112

// lay adds a document to a page.
func (s *Store) lay(page []byte, d *document, at time.Time) []byte {
	if d.stamp.there {
		s.counts.stamped.Add(1)
	}
	if d.noTime {
		s.counts.untimed.Add(1)
	}
	start := len(page)
	page = appendStamped(append(page, 0, 0, 0, 0), d.raw, at, d.stamp, d.noTime)
	binary.LittleEndian.PutUint32(page[start:], uint32(len(page)-start-4))
	return page
}

// failure gives an error of the disk the name that callers know it by.
func failure(doing string, err error) error {
	kind := ErrFailed
	switch {
	case disk.IsFull(err):
		kind = ErrFull
	case disk.IsReadOnly(err):
		kind = ErrReadOnly
	}
	return fmt.Errorf("%s: %w: %w", doing, kind, err)
}
