package randomcase

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// mostTries is how many smaller cases Shrink asks about.
const mostTries = 5000

// Shrink makes a case smaller as long as it still differs: with fewer documents,
// fewer fields and plainer values, a smaller query, fewer options. It asks differs
// only about cases that load.
func Shrink(c Case, differs func(Case) bool) Case {
	s := &shrinker{best: c, differs: differs, left: mostTries}
	for s.left > 0 {
		before := s.left
		smaller := s.documents()
		smaller = s.options() || smaller
		smaller = s.query() || smaller
		smaller = s.fields() || smaller
		if !smaller || s.left == before {
			break
		}
	}
	return s.best
}

type shrinker struct {
	best    Case
	differs func(Case) bool
	left    int
}

// try takes a smaller case if it loads and still differs.
func (s *shrinker) try(c Case) bool {
	if s.left == 0 {
		return false
	}
	s.left--
	if _, err := c.Load(); err != nil || !s.differs(c) {
		return false
	}
	s.best = c
	return true
}

// documents leaves out runs of documents, long ones first.
func (s *shrinker) documents() (smaller bool) {
	for size := len(s.best.Docs) / 2; size > 0; size /= 2 {
		for i := 0; i+size <= len(s.best.Docs); {
			c := s.best
			c.Docs = slices.Concat(c.Docs[:i], c.Docs[i+size:])
			if s.try(c) {
				smaller = true
			} else {
				i++
			}
		}
	}
	return smaller
}

func (s *shrinker) options() (smaller bool) {
	for _, change := range []func(*Case){
		func(c *Case) { c.Lateness = 0 },
		func(c *Case) { c.Timestamp = "" },
		func(c *Case) { c.Tiebreaker = "" },
		func(c *Case) { c.Category = "" },
		func(c *Case) { c.Mapping = "" },
		func(c *Case) { c.Accept = nil },
		func(c *Case) { c.Tolerant = false },
		func(c *Case) { c.Size = -1 },
		func(c *Case) { c.Head = false },
		func(c *Case) { c.PerKey = 0 },
	} {
		c := s.best
		if change(&c); c.String() != s.best.String() {
			smaller = s.try(c) || smaller
		}
	}
	for again := s.best.Mapping != ""; again; {
		again = slices.ContainsFunc(lesser([]byte(s.best.Mapping)), func(mapping []byte) bool {
			c := s.best
			c.Mapping = string(mapping)
			return s.try(c)
		})
		smaller = smaller || again
	}
	for i := 0; i < len(s.best.With); {
		c := s.best
		if c.With = slices.Concat(c.With[:i], c.With[i+1:]); s.try(c) {
			smaller = true
		} else {
			i++
		}
	}
	return smaller
}

// fields leaves out members of documents, and writes the others plainly.
func (s *shrinker) fields() (smaller bool) {
	for i := range s.best.Docs {
		for again := true; again; {
			again = false
			for _, d := range lesser(s.best.Docs[i]) {
				c := s.best
				c.Docs = slices.Clone(c.Docs)
				c.Docs[i] = d
				if s.try(c) {
					smaller, again = true, true
					break
				}
			}
		}
	}
	return smaller
}

// lesser returns documents that are a little smaller: written plainly, without
// one member, with one element less in an array.
func lesser(raw []byte) [][]byte {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var root any
	if decoder.Decode(&root) != nil {
		return nil
	}
	var out [][]byte
	keep := func() {
		if b, err := json.Marshal(root); err == nil && len(b) < len(raw) {
			out = append(out, b)
		}
	}
	keep()
	var walk func(node any, set func(any))
	walk = func(node any, set func(any)) {
		switch node := node.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(node)) {
				old := node[key]
				delete(node, key)
				keep()
				node[key] = old
				walk(old, func(v any) { node[key] = v })
			}
		case []any:
			for i := range node {
				set(slices.Concat(node[:i], node[i+1:]))
				keep()
				set(node)
				walk(node[i], func(v any) { node[i] = v })
			}
			if len(node) == 1 {
				set(node[0])
				keep()
				set(node)
			}
		}
	}
	walk(root, func(v any) { root = v })
	return out
}
