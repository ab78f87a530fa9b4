package source

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// feed is what all parts of the reading of batches share, and what stays of it
// for Fetch and Place.
type feed struct {
	pool  *pool
	ahead int
	held  int // the bytes of the blocks that readers hold; theirs alone

	read, total atomic.Int64

	mu      sync.Mutex
	sources []*source
	kept    *keptStream // of standard input
}

// origin is an input that sources come from, so that it can be read again.
type origin struct {
	path  string // "-" is standard input
	found bool
	info  os.FileInfo // nil for a stream
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
	if b.Block <= 0 {
		b.Block = DefaultBlock
	}
	if b.Ahead <= 0 {
		b.Ahead = DefaultAhead
	}
	if b.KeepStdin == 0 {
		b.KeepStdin = DefaultKeepStdin
	}
	f := &feed{pool: newPool(b.Block, b.Block*max(b.Ahead, 2)), ahead: b.Ahead, kept: &keptStream{limit: b.KeepStdin}}
	f.total.Store(-1)
	return f
}

// reserve numbers n sources.
func (f *feed) reserve(n int, o origin) uint32 {
	f.mu.Lock()
	defer f.mu.Unlock()
	first := len(f.sources)
	for range n {
		f.sources = append(f.sources, &source{origin: o})
	}
	return uint32(first)
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
		s.count = max(n, 1)
		s.first = r.feed.reserve(s.count, r.origin)
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

// Progress returns how many bytes of the inputs have been read, as they are
// stored, and how many there are; total is -1 while that is not known, which with
// standard input is always. It may be called from any goroutine.
func (r *Reader) Progress() (read, total int64) { return r.feed.read.Load(), r.feed.total.Load() }

// measure sums up the sizes of the files.
func (f *feed) measure(paths []string) {
	var total int64
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case path == "-" || err == nil && !info.IsDir() && !info.Mode().IsRegular():
			return
		case err != nil:
		case info.IsDir():
			_ = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
				if err != nil || name == path {
					return nil
				}
				if entry.Name()[0] == '.' && entry.IsDir() {
					return fs.SkipDir
				}
				if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && entry.Name()[0] != '.' {
					total += info.Size()
				}
				return nil
			})
		default:
			total += info.Size()
		}
	}
	f.total.Store(total)
}

// keptStream is the beginning of standard input.
type keptStream struct {
	limit int64

	mu    sync.Mutex
	parts [][]byte
	size  int64
}

// keep returns a reader whose bytes are kept, up to the limit.
func (f *feed) keep(below io.Reader) io.Reader { return &keeper{below: below, kept: f.kept} }

type keeper struct {
	below io.Reader
	kept  *keptStream
}

func (k *keeper) Read(p []byte) (int, error) {
	n, err := k.below.Read(p)
	k.kept.add(p[:n])
	return n, err
}

const keptPart = 1 << 20

func (k *keptStream) add(b []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	b = b[:max(min(int64(len(b)), k.limit-k.size), 0)]
	k.size += int64(len(b))
	for len(b) > 0 {
		last := len(k.parts) - 1
		if last < 0 || len(k.parts[last]) == keptPart {
			k.parts = append(k.parts, make([]byte, 0, keptPart))
			last++
		}
		part := k.parts[last]
		n := min(len(b), keptPart-len(part))
		k.parts[last] = append(part, b[:n]...)
		b = b[n:]
	}
}

// reader reads what has been kept so far.
func (k *keptStream) reader() io.Reader {
	k.mu.Lock()
	defer k.mu.Unlock()
	readers := make([]io.Reader, len(k.parts))
	for i, part := range k.parts {
		readers[i] = bytes.NewReader(part)
	}
	return io.MultiReader(readers...)
}
