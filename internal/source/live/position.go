package live

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
)

// How many bytes of a file tell it from others: its first ones, and the last ones
// before the position.
const (
	headBytes = 1024
	lastBytes = 256
)

// position is how far a file was read, and what tells that file from others.
type position struct {
	Path   string `json:"path"`
	Origin string `json:"origin"`           // its name when it was first followed: rotation adds to it
	Device uint64 `json:"device,omitempty"` // 0 where the system has no such number
	Inode  uint64 `json:"inode,omitempty"`
	Offset int64  `json:"offset"`
	Line   int    `json:"line"` // lines before it
	Head   mark   `json:"head"`
	Last   mark   `json:"last"`
}

// mark is some bytes of a file, by their hash.
type mark struct {
	Bytes int    `json:"bytes"`
	Hash  string `json:"hash,omitempty"`
}

func markOf(b []byte) mark {
	if len(b) == 0 {
		return mark{}
	}
	sum := sha256.Sum256(b)
	return mark{len(b), hex.EncodeToString(sum[:])}
}

// saved is what is kept of a source of files.
type saved struct {
	Version int        `json:"version"`
	Files   []position `json:"files"`
}

const savedVersion = 1

func encodePositions(files []position) ([]byte, error) {
	return json.Marshal(saved{savedVersion, files})
}

func decodePositions(data []byte) ([]position, error) {
	var s saved
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("read positions: %w", err)
	}
	if s.Version != savedVersion {
		return nil, fmt.Errorf("read positions: version %d is not one that is known here", s.Version)
	}
	return s.Files, nil
}

// known are the bytes of a file that tell it from others, up to where it was read.
type known struct {
	head []byte // the first ones
	last []byte // those before the position
}

// knownOf reads them; ok is false if the file does not go so far.
func knownOf(file io.ReaderAt, offset int64) (k known, ok bool) {
	k.head = make([]byte, min(offset, headBytes))
	k.last = make([]byte, min(offset, lastBytes))
	if _, err := file.ReadAt(k.head, 0); err != nil && len(k.head) > 0 {
		return known{}, false
	}
	if _, err := file.ReadAt(k.last, offset-int64(len(k.last))); err != nil && len(k.last) > 0 {
		return known{}, false
	}
	return k, true
}

// fits reports whether a file holds what was read of another, or of itself: whether
// reading may go on in it.
func (k known) fits(file io.ReaderAt, offset int64) bool {
	now, ok := knownOf(file, offset)
	return ok && bytes.Equal(now.head, k.head) && bytes.Equal(now.last, k.last)
}

// fits is known.fits for what was kept.
func (p *position) fits(file io.ReaderAt) bool {
	if p.Offset < 0 || int64(p.Head.Bytes) != min(p.Offset, headBytes) || int64(p.Last.Bytes) != min(p.Offset, lastBytes) {
		return false
	}
	now, ok := knownOf(file, p.Offset)
	return ok && markOf(now.head) == p.Head && markOf(now.last) == p.Last
}
