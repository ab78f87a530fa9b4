package source

import (
	"os"
	"sync"
	"sync/atomic"
)

// feed is what all parts of the reading of batches share, and what stays of it
// for Fetch and Place.
type feed struct {
	blocks blocks
	ahead  int

	read, total atomic.Int64

	mu      sync.Mutex
	sources []*source
	kept    *keptStream // of standard input
}

// origin is an input that sources come from, so that it can be read again.
type origin struct {
	path  string // "-" is standard input
	found bool
	info  os.FileInfo // nil for what is no plain file
	slots slots       // once its sources have numbers
}

// source is a numbered source: a file, a stream, or a member of an archive with
// all that lies within it.
type source struct {
	origin  origin
	texts   []sourceText
	size    int64       // of all texts so far
	wrapped atomic.Bool // envelopes gave documents an identity, or may have
	marks   marks
}

// sourceText is a text of a source; as a rule there is one.
type sourceText struct {
	name   string
	number int   // among the texts of the origin
	base   int64 // where it begins in the source
	plain  bool  // stored as it is in a file
}

func newFeed(opts Options) *feed {
	b := opts.Batching
	open := 0
	if b.Peek != nil {
		if open = b.MostOpen; open <= 0 {
			open = DefaultMostOpen
		}
	}
	if b.Block <= 0 {
		if b.Block = DefaultBlock; b.Peek != nil {
			b.Block = DefaultMergeBlock
		}
	}
	if b.Ahead <= 0 {
		b.Ahead = DefaultAhead
	}
	if b.KeepStdin == 0 {
		b.KeepStdin = DefaultKeepStdin
	}
	f := &feed{ahead: b.Ahead, kept: &keptStream{limit: b.KeepStdin}}
	f.blocks.pool = newPool(b.Block, b.Block*(max(b.Ahead, 2)+open))
	f.total.Store(-1)
	return f
}

// reserve numbers n sources of an input.
func (f *feed) reserve(n int, o origin) slots {
	f.mu.Lock()
	defer f.mu.Unlock()
	o.slots = slots{first: uint32(len(f.sources)), count: n}
	for range n {
		f.sources = append(f.sources, &source{origin: o})
	}
	return o.slots
}

func (f *feed) source(n uint32) *source {
	f.mu.Lock()
	defer f.mu.Unlock()
	if int(n) >= len(f.sources) {
		return nil
	}
	return f.sources[n]
}

// begin notes that a text of a source begins and returns where in the source.
func (f *feed) begin(s *source, t sourceText) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, known := range s.texts {
		if known.number == t.number { // read again from its beginning
			return known.base
		}
	}
	t.base = s.size
	s.texts = append(s.texts, t)
	return t.base
}

// end notes how far a source has been read.
func (f *feed) end(s *source, offset int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s.size = max(s.size, offset)
}

// Source returns the name of a source, "" if it has none: nothing that was read.
// Numbers are given from 0 in the order of All.
func (r *Reader) Source(n uint32) string {
	s := r.feed.source(n)
	r.feed.mu.Lock()
	defer r.feed.mu.Unlock()
	if s == nil || len(s.texts) == 0 {
		return ""
	}
	return s.texts[0].name
}

// Sources returns how many numbers of sources have been given.
func (r *Reader) Sources() int {
	r.feed.mu.Lock()
	defer r.feed.mu.Unlock()
	return len(r.feed.sources)
}

// slots are the numbers that belong to one input. A zip archive has one for each
// member, all others have one.
type slots struct {
	first uint32
	count int // 0 = not numbered yet
	at    int
	inner bool // within a member
}

func (s *slots) now() uint32 { return s.first + uint32(s.at) }

// members numbers the members of an archive, unless it is one in another, and
// returns what is to be done behind it.
func (r *batcher) members(n int) func() {
	s := &r.slots
	if s.inner {
		return func() {}
	}
	if s.count == 0 {
		*s = r.feed.reserve(max(n, 1), r.origin)
	}
	s.inner = true
	return func() { s.inner = false }
}

// nextMember goes on to the number of the next member.
func (r *batcher) nextMember() {
	if s := &r.slots; s.at < s.count-1 {
		s.at++
	}
}
