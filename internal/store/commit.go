package store

import (
	"slices"
	"sync"
	"sync/atomic"
)

// queue is the calls that wait for the log.
type queue struct {
	mu     sync.Mutex
	calls  []*call
	closed bool
	wake   chan struct{} // holds one
}

func newQueue() *queue { return &queue{wake: make(chan struct{}, 1)} }

func (q *queue) put(c *call) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	q.calls = append(q.calls, c)
	q.signal()
	return nil
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take waits for calls; none: the queue is closed and empty.
func (q *queue) take() []*call {
	for {
		q.mu.Lock()
		calls, closed := q.calls, q.closed
		q.calls = nil
		q.mu.Unlock()
		if len(calls) > 0 || closed {
			return calls
		}
		<-q.wake
	}
}

func (q *queue) isClosed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

// commitLoop writes what is queued, all that has come meanwhile at once.
func (s *Store) commitLoop() {
	defer close(s.committed)
	for {
		calls := s.queue.take()
		if len(calls) == 0 {
			return
		}
		s.commit(calls)
	}
}

// joinBelow is how large a record may be to be written together with others, which
// copies it.
const joinBelow = 256 << 10

// commit writes some calls' records, syncs them and tells the callers.
func (s *Store) commit(calls []*call) {
	s.logMu.Lock()
	l, records, err := s.writeLog(calls)
	if err == nil {
		s.publish(l, records, calls)
	}
	s.logMu.Unlock()
	now := s.now()
	for _, c := range calls {
		for i := range c.claims {
			c.claims[i].arrival += c.first
		}
		s.window.settle(c.claims, err == nil, now)
	}
	for _, c := range calls {
		c.err = err
		close(c.done)
	}
	if err == nil && s.due(now) {
		s.wakeSealer()
	}
}

// writeLog makes the records durable. After an error the file is given up.
func (s *Store) writeLog(calls []*call) (*logFile, []*record, error) {
	if s.active == nil {
		if err := s.begin(); err != nil {
			s.counts.failures.Add(1)
			return nil, nil, failure("begin log file", err)
		}
	}
	l := s.active
	records := make([]*record, len(calls))
	at := l.end
	var joined []byte
	joinedAt := at
	flush := func() error {
		if len(joined) == 0 {
			return nil
		}
		_, err := l.file.WriteAt(joined, joinedAt)
		joined = joined[:0]
		return err
	}
	write := func(c *call) error {
		c.first = s.next
		s.next += uint64(len(c.batch.docs))
		sealRecord(c.data, kindBatch, c.first, c.sums)
		if len(calls) > 1 && len(c.data) < joinBelow {
			if len(joined) == 0 {
				joinedAt = at
			}
			joined = append(joined, c.data...)
			return nil
		}
		if err := flush(); err != nil {
			return err
		}
		_, err := l.file.WriteAt(c.data, at)
		return err
	}
	for i, c := range calls {
		if err := write(c); err != nil {
			s.giveUp()
			return nil, nil, failure("write log", err)
		}
		records[i] = &record{at: at, size: int64(len(c.data)), bounds: c.batch.bounds(c.first)}
		at += int64(len(c.data))
	}
	if err := flush(); err != nil {
		s.giveUp()
		return nil, nil, failure("write log", err)
	}
	if err := l.file.Sync(); err != nil {
		s.giveUp()
		return nil, nil, failure("sync log", err)
	}
	s.counts.syncs.Add(1)
	return l, records, nil
}

// begin makes the file that is appended to. Its head says what is to be read of
// the files before it; what it does not name is not to be read at all.
func (s *Store) begin() error {
	s.mu.Lock()
	ends := map[int64]int64{}
	for _, l := range s.logs {
		ends[l.number] = l.end
	}
	s.mu.Unlock()
	s.logNumber++
	l, err := createLog(s.fsys, s.logDir(), s.logNumber, ends, s.next)
	if err != nil {
		return err
	}
	s.active = l
	s.mu.Lock()
	s.logs = append(s.logs[:len(s.logs):len(s.logs)], l)
	s.mu.Unlock()
	return nil
}

// giveUp leaves the active file as it is, up to what was acknowledged. What is
// behind may be on the disk, and does not count. It is cut off as far as that can be
// known: so that a full disk gets its room back, and that a start which follows does
// not read what only the system's memory holds.
func (s *Store) giveUp() {
	s.counts.failures.Add(1)
	l := s.active
	s.active = nil
	if len(l.records) == 0 {
		s.mu.Lock()
		s.logs = slices.DeleteFunc(slices.Clone(s.logs), func(other *logFile) bool { return other == l })
		s.mu.Unlock()
		l.release()
		_ = s.fsys.Remove(l.name)
		return
	}
	_ = l.file.Truncate(l.end)
}

// publish lets readers see the records.
func (s *Store) publish(l *logFile, records []*record, calls []*call) {
	for i, c := range calls {
		s.keepRecent(records[i], c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, r := range records {
		l.add(r, calls[i].batch.pages)
		s.last = r.bounds.Last
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

// keepRecent keeps the content of a record in memory, and lets go of the oldest.
func (s *Store) keepRecent(r *record, c *call) {
	if s.opts.Recent < 0 {
		return
	}
	kept := &recent{batch: c.batch, pages: c.pages}
	for i := range c.pages {
		c.batch.pages[i].packed = nil
		kept.bytes += int64(cap(c.pages[i]))
	}
	r.recent.Store(kept)
	s.recent = append(s.recent, r)
	s.recentBytes += kept.bytes
	for s.recentBytes > s.opts.Recent {
		old := s.recent[0]
		s.recent[0] = nil
		s.recent = s.recent[1:]
		if gone := old.recent.Swap(nil); gone != nil {
			s.recentBytes -= gone.bytes
		}
	}
}

// counts is what happened since the store was opened.
type counts struct {
	outcomes                          [Invalid + 1]atomic.Int64
	untimed, stamped, syncs, failures atomic.Int64
}
