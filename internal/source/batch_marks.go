package source

import "sync"

// mostMarks is how many places of a source are remembered with their lines.
const mostMarks = 1024

// marks remembers which line stands at which offset, here and there.
type marks struct {
	mu    sync.Mutex
	known []lineMark
	every int64 // the least distance
}

type lineMark struct {
	offset int64
	line   int
}

// note remembers where a batch begins.
func (m *marks) note(b *Batch) {
	if len(b.parts) == 0 {
		return
	}
	mark := lineMark{offset: b.parts[0].at.offset, line: b.parts[0].at.Line}
	if p := &b.parts[0]; p.to > p.from {
		mark = lineMark{offset: b.base + int64(p.from), line: p.line}
	}
	if mark.line == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := len(m.known); n > 0 && mark.offset < m.known[n-1].offset+max(m.every, 1) {
		return
	}
	m.known = append(m.known, mark)
	if len(m.known) < mostMarks {
		return
	}
	for i := range mostMarks / 2 {
		m.known[i] = m.known[2*i]
	}
	m.known = m.known[:mostMarks/2]
	m.every = max(2*m.every, 2*(mark.offset/mostMarks))
}

// before returns the last mark that is not behind offset.
func (m *marks) before(offset int64) (lineMark, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := len(m.known) - 1; i >= 0; i-- {
		if m.known[i].offset <= offset {
			return m.known[i], true
		}
	}
	return lineMark{}, false
}
