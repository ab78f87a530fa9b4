// Package source reads events from files and streams, in every form in which
// they are passed around: NDJSON, JSON arrays, single, pretty-printed and
// concatenated JSON, the answers of _search and _eql/search, bulk bodies, and
// documents wrapped in _source; plain or in gzip, zstd and zip, which are known
// by their first bytes and may lie within each other; folders; standard input.
//
// What can not be read becomes a Problem with its place and reason, and reading
// goes on where that is possible; nothing is passed over in silence. Reading is
// streaming: memory is bounded by the largest document, which Options bounds. A
// zip archive that is not a plain file is spooled to a temporary file, which is
// removed again. Everything opened is closed when the iteration ends, however it
// ends.
//
// There are two ways to read. Reader.All decodes each document with the reference
// decoder and yields it as a copy that lives by itself. Reader.Batches reads
// ahead and hands out the bytes as they were read, in shared buffers that are
// given back, for decoders of their own in several goroutines: of plain NDJSON it
// gives several GB/s, since it does no more than look at both ends of each line.
// Both give the same documents, identities, problems and counts.
package source

import (
	"bytes"
	"fmt"
	"io"
	"iter"

	"github.com/tripline-sec/tripline/internal/event"
)

// The bounds that a zero Options has.
const (
	DefaultMaxDocument = 16 << 20
	DefaultMaxSpool    = 4 << 30
)

// Options bound what reading may cost. The zero Options is good.
type Options struct {
	MaxDocument int   // the bytes of one document; 0 = DefaultMaxDocument
	MaxSpool    int64 // the bytes of a zip archive within a stream; 0 = DefaultMaxSpool
	TempDir     string
	Batching    Batching
}

// Place is where a document begins: the line within a file, or within a member
// of an archive ("events.zip!day1/a.ndjson:17").
type Place struct {
	Name string
	Line int // 0 = the whole file
}

// String returns "name:line".
func (p Place) String() string {
	if p.Line == 0 {
		return p.Name
	}
	return fmt.Sprintf("%s:%d", p.Name, p.Line)
}

// Item is one thing read: a document, or what is wrong in its place.
type Item struct {
	Place    Place
	Document *event.Document // nil if there is a problem
	Problem  *Problem        // nil if there is a document
}

// Reader reads a list of inputs, once: it serves one iteration, of All or of
// Batches. But for what says so it is not safe for concurrent use.
type Reader struct {
	paths   []string
	stdin   io.Reader
	opts    Options
	stats   Stats
	yield   func(Item) bool
	stopped bool // yield has said that nobody wants more

	// raw takes documents as they stand in the text, undecoded, and text reads a
	// text in place of readText: both nil but where batches are read.
	raw  func(raw []byte, at spot, given event.Identity)
	text func(in input)
	run  *batcher // nil but where batches are read
	feed *feed
}

// Open returns a reader of the named files and folders; "-" is stdin. Nothing is
// opened before the iteration comes to it.
func Open(paths []string, stdin io.Reader, opts Options) *Reader {
	if opts.MaxDocument <= 0 {
		opts.MaxDocument = DefaultMaxDocument
	}
	if opts.MaxSpool <= 0 {
		opts.MaxSpool = DefaultMaxSpool
	}
	return &Reader{paths: paths, stdin: stdin, opts: opts, stats: Stats{Problems: map[Class]int{}}, feed: newFeed(opts)}
}

// All yields what the inputs hold, in order. Documents are numbered from 1 in
// that order: that is their Arrival.
func (r *Reader) All() iter.Seq[Item] {
	return func(yield func(Item) bool) {
		r.yield = yield
		for _, path := range r.paths {
			if r.stopped {
				return
			}
			r.readPath(path)
		}
	}
}

// Stats returns the counts so far. They may be asked for at any time between two
// items and after the iteration.
func (r *Reader) Stats() Stats { return r.stats.clone() }

// spot is a Place and its offset in the text.
type spot struct {
	Place
	offset int64
}

// within is the spot of what stands n bytes further on and is told of under the
// same line.
func (s spot) within(n int) spot {
	s.offset += int64(n)
	return s
}

// own returns bytes that stay as they are when reading goes on: a copy, or in
// batches the very bytes, whose buffer lives as long as the batch.
func (r *Reader) own(b []byte) []byte {
	if r.raw != nil {
		return b
	}
	return bytes.Clone(b)
}

// document decodes raw, which it keeps, and yields it, or why it can not.
func (r *Reader) document(raw []byte, at spot, given event.Identity) {
	if r.stopped {
		return
	}
	if r.raw != nil {
		r.raw(raw, at, given)
		return
	}
	doc, err := event.Decode(raw, given, uint64(r.stats.Documents)+1)
	if err != nil {
		r.problem(at.Place, classOf(err), refusal(raw, at, err))
		return
	}
	r.stats.Documents++
	r.stopped = !r.yield(Item{Place: at.Place, Document: doc})
}

// refusal is the reason why a document was not decoded.
func refusal(raw []byte, at spot, err error) string {
	return reasonOf(err) + leftOut(at.Line, at.Line+bytes.Count(raw, []byte{'\n'}))
}

// problem yields a problem.
func (r *Reader) problem(place Place, class Class, reason string) {
	if r.stopped {
		return
	}
	r.stats.Problems[class]++
	r.stopped = !r.yield(Item{Place: place, Problem: &Problem{Place: place, Class: class, Reason: reason}})
}
