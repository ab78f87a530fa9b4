package store

import (
	"path/filepath"
	"slices"
	"sync"

	"github.com/tripline-sec/tripline/internal/disk"
)

// catalog is what there is to read: segments and, behind them in the order of
// arrival, log files. The store that writes changes it; a [Reader] of another
// process reads it anew.
type catalog struct {
	fsys disk.FS
	dir  string
	pack *packer

	mu       sync.Mutex
	segments []*segment    // in order of their first arrival; replaced, never changed
	logs     []*logFile    // likewise
	sealed   uint64        // the last arrival in segments, or dropped from them
	last     uint64        // the last arrival on the disk
	changed  chan struct{} // closed when last grows
	closed   bool
	lost     []Loss

	buffers sync.Pool // of pages
}

// segment is a sealed file.
type segment struct {
	Path    string   `json:"path"` // below the store's folder, with slashes
	Index   string   `json:"index,omitempty"`
	Indices []string `json:"indices,omitempty"` // of a file of several; none: there are too many to list
	Day     string   `json:"day"`
	Disk    int64    `json:"disk"` // bytes of the file
	// Tail is where the file's pages end, and Sum the CRC-32C of what is behind:
	// Parquet has no sum of that.
	Tail int64  `json:"tail"`
	Sum  uint32 `json:"sum"`
	bounds
}

func newCatalog(fsys disk.FS, dir string) *catalog {
	return &catalog{fsys: fsys, dir: dir, pack: newPacker(), changed: make(chan struct{})}
}

func (c *catalog) manifestName() string { return filepath.Join(c.dir, "manifest") }
func (c *catalog) logDir() string       { return filepath.Join(c.dir, "log") }
func (c *catalog) segmentDir() string   { return filepath.Join(c.dir, "segments") }

func (c *catalog) path(s *segment) string { return filepath.Join(c.dir, filepath.FromSlash(s.Path)) }

// sortSegments puts segments in the order of arrival.
func sortSegments(list []*segment) {
	slices.SortFunc(list, func(a, b *segment) int {
		switch {
		case a.First < b.First:
			return -1
		case a.First > b.First:
			return 1
		}
		return 0
	})
}

// buffer is room for a page; giveBack takes it again.
func (c *catalog) buffer(size int) []byte {
	if b, ok := c.buffers.Get().(*[]byte); ok && cap(*b) >= size {
		return (*b)[:0]
	}
	return make([]byte, 0, max(size, pageSize+pageSize/8))
}

func (c *catalog) giveBack(b []byte) {
	if cap(b) <= 4*pageSize {
		c.buffers.Put(&b)
	}
}

// view is what there was at one moment. Its log files stay open until it is given
// up; a segment may be gone when it is opened.
type view struct {
	segments []*segment
	logs     []logView
	sealed   uint64
	last     uint64
	closed   bool
}

type logView struct {
	*logFile
	records []*record
}

func (c *catalog) view() view {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := view{segments: c.segments, sealed: c.sealed, last: c.last, closed: c.closed}
	if c.closed {
		return v
	}
	for _, l := range c.logs {
		l.use()
		v.logs = append(v.logs, logView{l, l.records[:len(l.records):len(l.records)]})
	}
	return v
}

func (v *view) release() {
	for _, l := range v.logs {
		l.release()
	}
	v.logs = nil
}
