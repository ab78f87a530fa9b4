package rule

import (
	"sort"
	"strconv"
	"unicode/utf8"
)

// place is where a key and its value stand in a file, as byte offsets.
type place struct {
	key, value int
	raw        string // a TOML or JSON string as written, quotes included
}

// lines turns byte offsets into lines and columns.
type lines struct {
	data   []byte
	starts []int // offset of each line's first byte
}

func newLines(data []byte) *lines {
	l := &lines{data: data, starts: []int{0}}
	for i, c := range data {
		if c == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// at returns the line and column of an offset, both from 1, the column in
// Unicode code points.
func (l *lines) at(offset int) (line, col int) {
	offset = min(max(offset, 0), len(l.data))
	line = sort.Search(len(l.starts), func(i int) bool { return l.starts[i] > offset })
	return line, utf8.RuneCount(l.data[l.starts[line-1]:offset]) + 1
}

// offset returns the offset of a line and a column that counts bytes.
func (l *lines) offset(line, col int) int {
	line = min(max(line, 1), len(l.starts))
	return l.starts[line-1] + max(col, 1) - 1
}

// tree is one object of a file, a TOML document or a JSON value: its values and
// where each of them stands.
type tree struct {
	root   any
	places *places
	start  int // offset of the value itself
	lines  *lines
	json   bool // how its strings are written
}

// places notes where the values of a tree stand, by path (a.b[0].c). It stops
// taking notes when its paths have grown past any real rule's, so that a hostile
// file costs no more than its own size.
type places struct {
	at   map[string]place
	left int // bytes of paths that may still be noted
}

func newPlaces() *places { return &places{at: map[string]place{}, left: 4 << 20} }

// set notes a place; a path that is already noted is replaced.
func (p *places) set(path string, at place) {
	if p.left -= len(path); p.left > 0 {
		p.at[path] = at
	}
}

// add is set, but the first place of a path stands.
func (p *places) add(path string, at place) {
	if _, known := p.at[path]; !known {
		p.set(path, at)
	}
}

// key and element return the path of a part of the value at path.
func (p *places) key(path, key string) string {
	if p.left <= 0 {
		return path
	}
	return join(path, key)
}

func (p *places) element(path string, i int) string {
	if p.left <= 0 {
		return path
	}
	return path + "[" + strconv.Itoa(i) + "]"
}

// join appends a key to a path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
