package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"github.com/tripline-sec/tripline/internal/disk"
)

// The manifest is lines, each the CRC-32C of the rest in eight hexadecimal digits,
// a blank and an edit as JSON. The edits in order give the state. The first line
// stands for all that was before it: the file is written anew (whole, or not at
// all) when it has grown, and after every failure. A line at the end that is not
// whole was never counted on.
const manifestFormat = 1

// edit is one change.
type edit struct {
	Format int        `json:"format"`
	Add    []*segment `json:"add,omitempty"`
	Remove []string   `json:"remove,omitempty"` // paths
	Sealed uint64     `json:"sealed,omitempty"` // the last arrival that is in segments
	Lost   []Loss     `json:"lost,omitempty"`   // in place of the list before
}

// manifest writes edits.
type manifest struct {
	fsys  disk.FS
	name  string
	state state
	end   int64 // of the file; 0: it has to be written anew
	lines int
}

// state is what the edits come to.
type state struct {
	segments []*segment
	sealed   uint64
	lost     []Loss
}

func (s *state) apply(e *edit) {
	s.segments = slices.DeleteFunc(slices.Clone(s.segments), func(old *segment) bool {
		return slices.Contains(e.Remove, old.Path)
	})
	s.segments = append(s.segments, e.Add...)
	sortSegments(s.segments)
	s.sealed = max(s.sealed, e.Sealed)
	if e.Lost != nil {
		s.lost = e.Lost
	}
}

func encodeEdit(e *edit) ([]byte, error) {
	e.Format = manifestFormat
	text, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%08x %s\n", castagnoli(text), text), nil
}

// readManifest reads what a manifest comes to. There is none at first.
func readManifest(fsys disk.FS, name string) (s state, end int64, lines int, err error) {
	data, err := disk.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return s, 0, 0, nil
	}
	if err != nil {
		return s, 0, 0, fmt.Errorf("read manifest: %w", err)
	}
	for len(data) > 0 {
		line, rest, whole := bytes.Cut(data, []byte{'\n'})
		e, err := decodeEdit(line)
		if !whole || err != nil {
			if lines == 0 || bytes.IndexByte(rest, '\n') >= 0 || errors.Is(err, errNewer) {
				return s, 0, 0, fmt.Errorf("read manifest: line %d: %w", lines+1, errors.Join(err, errDamaged))
			}
			break // the end of an edit that failed
		}
		s.apply(e)
		lines++
		end += int64(len(line)) + 1
		data = rest
	}
	return s, end, lines, nil
}

var errNewer = errors.New("written by a newer program")

func decodeEdit(line []byte) (*edit, error) {
	sumText, text, ok := bytes.Cut(line, []byte{' '})
	want, err := strconv.ParseUint(string(sumText), 16, 32)
	if !ok || err != nil || uint32(want) != castagnoli(text) {
		return nil, errDamaged
	}
	var e edit
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, err
	}
	if e.Format > manifestFormat {
		return nil, fmt.Errorf("format %d: %w", e.Format, errNewer)
	}
	return &e, nil
}

// rewriteLines is how many edits a manifest holds before it is written anew, but
// for large ones.
const rewriteLines = 256

// change makes an edit durable. After an error it is not in force, but a crash may
// bring it back: nothing that either state needs may be removed until a change has
// succeeded.
func (m *manifest) change(e edit) error {
	next := m.state
	next.apply(&e)
	if m.end == 0 || m.lines > rewriteLines+len(next.segments)/4 {
		return m.rewrite(next)
	}
	line, err := encodeEdit(&e)
	if err != nil {
		return err
	}
	end := m.end
	m.end = 0 // if it fails
	file, err := m.fsys.OpenFile(m.name, os.O_RDWR)
	if err != nil {
		return err
	}
	if _, err = file.WriteAt(line, end); err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	m.state, m.end, m.lines = next, end+int64(len(line)), m.lines+1
	return nil
}

func (m *manifest) rewrite(next state) error {
	line, err := encodeEdit(&edit{Add: next.segments, Sealed: next.sealed, Lost: next.lost})
	if err != nil {
		return err
	}
	m.end = 0
	if err := disk.Replace(m.fsys, m.name, line); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	m.state, m.end, m.lines = next, int64(len(line)), 1
	return nil
}
