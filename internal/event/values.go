package event

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/internal/value"
)

// Values returns the values of the field at a dotted path: every non-null leaf,
// in document order; nil if there is none (Elasticsearch EQL: [], [null], null
// and absence are the same, a missing field).
//
// Nested and dotted spellings of a name, and mixtures of them, are one field;
// where they meet in a document their keys stand in sorted order. Arrays at any
// level add to the set, those of objects too. The caller must not change the
// slice.
func (d *Document) Values(path string) []value.Value {
	return collect(nil, d.root, path)
}

// collect adds to found what lies at path beneath an object.
func collect(found []value.Value, in object, path string) []value.Value {
	for i := 0; i < len(path); i++ {
		if path[i] != '.' {
			continue
		}
		if node, ok := in[path[:i]]; ok {
			found = descend(found, node, path[i+1:])
		}
	}
	if node, ok := in[path]; ok {
		found = gather(found, node)
	}
	return found
}

// descend goes through arrays to the objects that may hold the rest of a path.
func descend(found []value.Value, node any, path string) []value.Value {
	switch node := node.(type) {
	case object:
		return collect(found, node, path)
	case array:
		for _, element := range node {
			found = descend(found, element, path)
		}
	}
	return found
}

// gather adds the leaves of a node at the end of a path. Objects there are
// fields of their own.
func gather(found []value.Value, node any) []value.Value {
	switch node := node.(type) {
	case leaves:
		if found == nil {
			return slices.Clip(node) // no copy; clipped, so that appending makes one
		}
		return append(found, node...)
	case array:
		for _, element := range node {
			found = gather(found, element)
		}
	}
	return found
}

// Objects returns a document for each object at a dotted path, in document
// order. In it the values below the path are those of that object alone, and
// there are no others.
func (d *Document) Objects(path string) []*Document {
	var found []*Document
	var enter func(node any)
	enter = func(node any) {
		switch node := node.(type) {
		case object:
			found = append(found, &Document{Index: d.Index, ID: d.ID, Arrival: d.Arrival, root: object{path: node}})
		case array:
			for _, element := range node {
				enter(element)
			}
		}
	}
	var search func(node any, path string)
	search = func(node any, path string) {
		switch node := node.(type) {
		case object:
			for i := range len(path) {
				if path[i] == '.' {
					search(node[path[:i]], path[i+1:])
				}
			}
			enter(node[path])
		case array:
			for _, element := range node {
				search(element, path)
			}
		}
	}
	search(d.root, path)
	return found
}

// maxListedPath bounds the length of the names that Fields lists, in bytes: a
// hostile document of one very long key above very many short ones would
// otherwise take the square of its size. Values finds such fields all the same.
const maxListedPath = 1024

// Fields yields every field that has a value, sorted by path, with what Values
// returns for it. Paths longer than 1,024 bytes are left out.
func (d *Document) Fields() iter.Seq2[string, []value.Value] {
	return func(yield func(string, []value.Value) bool) {
		top := &branch{}
		top.addObject(d.root, 0)
		top.list(make([]byte, 0, maxListedPath), yield)
	}
}

// branch is a node of the tree of name parts, in which all spellings are one.
type branch struct {
	parts  map[string]*branch
	values []value.Value
}

// addObject enters what lies beneath an object at a path of the given length.
func (b *branch) addObject(in object, length int) {
	for _, key := range slices.Sorted(maps.Keys(in)) {
		if length+len(key) > maxListedPath {
			continue
		}
		at := b
		for part := range strings.SplitSeq(key, ".") {
			at = at.part(part)
		}
		at.add(in[key], length+len(key)+1)
	}
}

func (b *branch) add(node any, length int) {
	switch node := node.(type) {
	case object:
		b.addObject(node, length)
	case array:
		for _, element := range node {
			b.add(element, length)
		}
	case leaves:
		b.values = append(b.values, node...)
	}
}

func (b *branch) part(name string) *branch {
	next, ok := b.parts[name]
	if !ok {
		next = &branch{}
		if b.parts == nil {
			b.parts = make(map[string]*branch)
		}
		b.parts[name] = next
	}
	return next
}

// list yields the fields beneath b, whose own path with a dot after it is
// prefix. It reports whether to go on.
func (b *branch) list(prefix []byte, yield func(string, []value.Value) bool) bool {
	// What is below "a" begins with "a.", and "a-b" sorts between "a" and that.
	order := make([]string, 0, len(b.parts))
	for name, next := range b.parts {
		if len(next.values) > 0 {
			order = append(order, name)
		}
		if len(next.parts) > 0 {
			order = append(order, name+".")
		}
	}
	slices.Sort(order)
	for _, name := range order {
		path := append(prefix, name...)
		if below, ok := strings.CutSuffix(name, "."); ok {
			if !b.parts[below].list(path, yield) {
				return false
			}
		} else if !yield(string(path), b.parts[name].values) {
			return false
		}
	}
	return true
}
