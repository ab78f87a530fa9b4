package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Loss is documents that retention dropped.
type Loss struct {
	Index     string    `json:"index"` // "": of several indices, see segment.Indices
	Documents int64     `json:"documents"`
	Bytes     int64     `json:"bytes"`
	From      time.Time `json:"from"` // of event time
	To        time.Time `json:"to"`
	First     uint64    `json:"first"` // of arrival
	Last      uint64    `json:"last"`
}

// lostIndices is how many indices losses are kept of; of further ones the sum.
const lostIndices = 512

// Retain lets go of what is older than KeepAge and, the oldest first, of what is
// beyond KeepBytes. What is dropped is whole segments.
func (s *Store) Retain(ctx context.Context) error {
	s.sealMu.Lock()
	defer s.sealMu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	gone := s.excess(s.now())
	if len(gone) == 0 {
		return nil
	}
	var paths []string
	var told []Loss
	for _, segment := range gone {
		paths = append(paths, segment.Path)
		told = addLoss(told, segment)
	}
	lost := slices.Clone(s.manifest.state.lost)
	for _, segment := range gone {
		lost = addLoss(lost, segment)
	}
	if err := s.change(edit{Remove: paths, Lost: lost}); err != nil {
		return failure("drop what is old", err)
	}
	s.mu.Lock()
	s.segments, s.lost = s.manifest.state.segments, lost
	s.mu.Unlock()
	for _, segment := range gone {
		_ = s.fsys.Remove(s.path(segment)) // else at the next start
	}
	s.opts.Told(Notice{Kind: Dropped, Text: describe(told), Lost: told})
	return nil
}

// excess is the segments that are not to be kept.
func (s *Store) excess(now time.Time) []*segment {
	s.mu.Lock()
	defer s.mu.Unlock()
	var total int64
	oldest := slices.Clone(s.segments)
	slices.SortStableFunc(oldest, func(a, b *segment) int { return cmp.Compare(a.MaxIngested, b.MaxIngested) })
	for _, l := range s.logs {
		total += l.end
	}
	for _, segment := range oldest {
		total += segment.Disk
	}
	var gone []*segment
	for _, segment := range oldest {
		old := s.opts.KeepAge > 0 && now.UnixMicro()-segment.MaxIngested > s.opts.KeepAge.Microseconds()
		large := s.opts.KeepBytes > 0 && total > s.opts.KeepBytes
		if !old && !large {
			break
		}
		total -= segment.Disk
		gone = append(gone, segment)
	}
	return gone
}

// addLoss adds a segment to what was lost of its index.
func addLoss(list []Loss, s *segment) []Loss {
	add := Loss{
		Index: s.Index, Documents: s.Documents, Bytes: s.Bytes,
		From: timeOfMicros(s.MinTime), To: timeOfMicros(s.MaxTime), First: s.First, Last: s.Last,
	}
	at := slices.IndexFunc(list, func(l Loss) bool { return l.Index == add.Index })
	if at < 0 && len(list) >= lostIndices {
		add.Index = ""
		at = slices.IndexFunc(list, func(l Loss) bool { return l.Index == "" })
	}
	if at < 0 {
		return append(list, add)
	}
	l := &list[at]
	l.Documents += add.Documents
	l.Bytes += add.Bytes
	if add.From.Before(l.From) {
		l.From = add.From
	}
	if add.To.After(l.To) {
		l.To = add.To
	}
	l.First, l.Last = min(l.First, add.First), max(l.Last, add.Last)
	return list
}

// describe puts losses into words.
func describe(lost []Loss) string {
	var parts []string
	for _, l := range lost {
		index := l.Index
		if index == "" {
			index = "several indices"
		}
		parts = append(parts, fmt.Sprintf("%d of %s from %s to %s", l.Documents, index,
			l.From.Format(time.RFC3339), l.To.Format(time.RFC3339)))
	}
	return "retention dropped documents: " + strings.Join(parts, "; ")
}
