package proctree

import (
	"hash/maphash"
	"math/bits"
	"sync"

	"github.com/tripline-sec/tripline/internal/event"
)

// Ref says where a document can be read again: at an offset of an input, as the
// reader counts both. Arrival is its number in the order of arrival.
type Ref struct {
	Source  uint32
	Offset  int64
	Length  int32
	Arrival uint64
}

// Record is what an Index keeps of a document: whose it is, whom it names above
// that, and where it can be read again. It is 32 bytes, without pointers.
type Record struct {
	self    uint32 // hashes of host and entity id; 0 = none
	parent  uint32
	grand   uint32
	source  uint32 // and whom it names, in the upper bits
	place   uint64 // offset and length
	arrival uint64
}

// How the bits of a place are shared out: half a tebibyte of input, and documents
// of up to 32 MiB.
const (
	lengthBits = 25
	offsetBits = 64 - lengthBits
)

// What a record says beside its source.
const (
	namesSelf   = 1 << 31 >> iota // the document gives the name of its process,
	namesParent                   // and that of the parent
	sourceBits  = namesParent - 1
)

// Index remembers of each document of a long input where it stands and which
// processes it tells of, so that the few that matter for an alert can be read
// again and given to a Tree, which then says of these processes what a Tree of
// all documents would.
//
// It costs 32 bytes a document that names a process, within a bound; beyond that
// the oldest are forgotten, and counted. Its methods may be called concurrently;
// a batch of records costs one lock.
type Index struct {
	seed maphash.Seed

	mu      sync.Mutex
	pages   [][]Record // the oldest first; all but the last are full
	most    int        // pages
	dropped int
}

const pageRecords = 4096

// DefaultIndexBytes is the bound of an Index where none is given: about two
// million documents.
const DefaultIndexBytes = 64 << 20

// NewIndex returns an empty Index that takes so many bytes at most; 0 =
// DefaultIndexBytes. A page of 128 KiB is the least.
func NewIndex(maxBytes int64) *Index {
	if maxBytes <= 0 {
		maxBytes = DefaultIndexBytes
	}
	return &Index{seed: maphash.MakeSeed(), most: int(max(maxBytes/(32*pageRecords), 1))}
}

// Hash returns a hash of a process of a host. It differs from Index to Index.
func (x *Index) Hash(host, entity string) uint64 {
	return mix(maphash.String(x.seed, host), maphash.String(x.seed, entity))
}

func mix(host, entity uint64) uint64 { return entity ^ bits.RotateLeft64(host, 29)*0x9E3779B97F4A7C15 }

// short is the part of a hash that a Record holds; never 0. That two processes
// share it adds documents to what is selected, and takes none away.
func short(hash uint64) uint32 {
	return max(uint32(hash^hash>>32), 1) //nolint:gosec // the lower half
}

// Lineage is what a document says of its process and of those above it: the
// first values of the fields, "" for those that are missing.
type Lineage struct {
	Host   string    // host.id
	Entity string    // process.entity_id
	Parent string    // process.parent.entity_id
	Above  [2]string // process.Ext.ancestry

	Named       bool // there is a process.name,
	ParentNamed bool // and a process.parent.name
}

// LineageOf reads the lineage from a document.
func LineageOf(doc *event.Document) Lineage {
	l := Lineage{
		Host: doc.Text("host.id"), Entity: doc.Text("process.entity_id"), Parent: doc.Text("process.parent.entity_id"),
		Named: doc.Text("process.name") != "", ParentNamed: doc.Text("process.parent.name") != "",
	}
	for i, v := range doc.Values("process.Ext.ancestry") {
		if i == len(l.Above) {
			break
		}
		l.Above[i] = v.Text()
	}
	return l
}

// parents returns what Tree.See makes of a lineage: the entity ids of the parent
// and of its parent, as far as they are told.
func (l Lineage) parents() (parent, grand string) {
	parent = either(l.Parent, l.Above[0])
	if parent == "" || parent == l.Entity {
		return "", ""
	}
	if l.Above[1] != parent {
		grand = l.Above[1]
	}
	return parent, grand
}

// Record returns the record of a document; false if there is nothing to
// remember, as the document is of no process, or stands too far behind the start
// of its input for it. It allocates nothing.
func (x *Index) Record(l Lineage, at Ref) (Record, bool) {
	if l.Entity == "" || at.Offset < 0 || at.Offset >= 1<<offsetBits || at.Length < 0 || at.Length >= 1<<lengthBits || at.Source > sourceBits {
		return Record{}, false
	}
	host := maphash.String(x.seed, l.Host)
	hash := func(entity string) uint32 {
		if entity == "" {
			return 0
		}
		return short(mix(host, maphash.String(x.seed, entity)))
	}
	parent, grand := l.parents()
	source := at.Source
	if l.Named {
		source |= namesSelf
	}
	if l.ParentNamed {
		source |= namesParent
	}
	return Record{
		self: hash(l.Entity), parent: hash(parent), grand: hash(grand), source: source,
		place: uint64(at.Offset)<<lengthBits | uint64(at.Length), arrival: at.Arrival, //nolint:gosec // not negative
	}, true
}

func (r *Record) says(what uint32) bool { return r.source&what != 0 }

func (r *Record) ref() Ref {
	return Ref{
		Source: r.source & sourceBits, Offset: int64(r.place >> lengthBits), Length: int32(r.place & (1<<lengthBits - 1)), //nolint:gosec // as they were
		Arrival: r.arrival,
	}
}

// Append adds the records of a batch of documents, in the order of the input.
func (x *Index) Append(records []Record) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for len(records) > 0 {
		last := len(x.pages) - 1
		if last < 0 || len(x.pages[last]) == pageRecords {
			x.pages = append(x.pages, x.page())
			last = len(x.pages) - 1
		}
		n := min(len(records), pageRecords-len(x.pages[last]))
		x.pages[last] = append(x.pages[last], records[:n]...)
		records = records[n:]
	}
}

// Reset forgets all documents, for an input that is read again from its start.
func (x *Index) Reset() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.pages, x.dropped = nil, 0
}

// page returns room for more records: that of the oldest if there is no other.
func (x *Index) page() []Record {
	if len(x.pages) < x.most {
		return make([]Record, 0, pageRecords)
	}
	oldest := x.pages[0]
	x.dropped += len(oldest)
	x.pages = append(x.pages[:0], x.pages[1:]...)
	return oldest[:0]
}

// Dropped returns how many documents were forgotten to stay within the bound.
func (x *Index) Dropped() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.dropped
}
