// Package proctree puts together, from the events at hand, which process
// started which and what each of them did: the ancestors that an alert shows,
// and what came after it.
//
// A Tree costs a few hundred bytes a process and a word an event, and keeps
// every document alive that it has seen with a process in it. See all documents
// first, in any order; then a Tree that is only read may be shared between
// goroutines.
package proctree

import (
	"slices"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// Process is what is known of one process life.
type Process struct {
	EntityID string `json:"entity_id,omitempty"`
	Name     string `json:"name,omitempty"`
	PID      int64  `json:"pid,omitempty"` // 0 = not known
}

// node is a process with its place in the tree.
type node struct {
	Process
	parent     string // entity id
	parentName string
	children   []string // entity ids, in the order of their first event
	docs       []*event.Document
}

// Tree holds processes by host and entity id.
type Tree struct {
	nodes map[string]*node
}

// New returns an empty tree.
func New() *Tree { return &Tree{nodes: map[string]*node{}} }

// MostAncestors is how far up Ancestors goes; it also ends circles.
const MostAncestors = 16

// key tells processes of different hosts apart, whatever their agents make of
// entity ids.
func key(doc *event.Document, entity string) string { return doc.Text("host.id") + "\x00" + entity }

// See takes in what a document says of its process and of those above it.
func (t *Tree) See(doc *event.Document) {
	id := doc.Text("process.entity_id")
	if id == "" {
		return
	}
	n := t.node(key(doc, id))
	n.EntityID = id
	n.docs = append(n.docs, doc)
	if name := doc.Text("process.name"); name != "" {
		n.Name = name // an exec renames; the last seen stands
	}
	n.PID = either(pid(doc, "process.pid"), n.PID)
	n.parentName = either(doc.Text("process.parent.name"), n.parentName)

	above := doc.Values("process.Ext.ancestry") // the parent's entity id, its parent's, ...
	parent := doc.Text("process.parent.entity_id")
	if parent == "" && len(above) > 0 {
		parent = above[0].Text()
	}
	if parent == "" || parent == id {
		return
	}
	p := t.node(key(doc, parent))
	p.EntityID = parent
	if len(p.docs) == 0 {
		p.Name = either(doc.Text("process.parent.name"), p.Name)
	}
	p.PID = either(pid(doc, "process.parent.pid"), p.PID)
	if n.parent == "" {
		n.parent = key(doc, parent)
		p.children = append(p.children, key(doc, id))
	}
	if len(above) > 1 && p.parent == "" && above[1].Text() != parent {
		p.parent = key(doc, above[1].Text())
		g := t.node(p.parent)
		g.EntityID = above[1].Text()
		g.children = append(g.children, key(doc, parent)) // n may have been given another parent before
	}
}

func (t *Tree) node(k string) *node {
	n := t.nodes[k]
	if n == nil {
		n = &node{}
		t.nodes[k] = n
	}
	return n
}

func pid(doc *event.Document, field string) int64 {
	return value.Coerce(doc.First(field), value.TypeLong, "").Int()
}

func either[T comparable](a, b T) T {
	var zero T
	if a != zero {
		return a
	}
	return b
}

// Self returns the process that a document is about.
func Self(doc *event.Document) Process {
	return Process{EntityID: doc.Text("process.entity_id"), Name: doc.Text("process.name"), PID: pid(doc, "process.pid")}
}

// Ancestors returns the processes above the one of an event, its parent first.
// Those of which the events say no more than a name have only that.
func (t *Tree) Ancestors(doc *event.Document) []Process {
	self := t.nodes[key(doc, doc.Text("process.entity_id"))]
	if self == nil {
		self = &node{}
	}
	name := either(doc.Text("process.parent.name"), self.parentName)
	up := self.parent
	if parent := doc.Text("process.parent.entity_id"); parent != "" {
		up = key(doc, parent)
	}
	var above []Process
	for len(above) < MostAncestors {
		n := t.nodes[up]
		if n == nil {
			n = &node{Process: Process{PID: 0}}
		}
		p := n.Process
		if len(above) == 0 {
			// At the event's own time the parent may have had another name than
			// the one it was last seen with.
			p.Name = either(name, p.Name)
			p.PID = either(pid(doc, "process.parent.pid"), p.PID)
		} else {
			p.Name = either(p.Name, name)
		}
		if p.Name == "" {
			break
		}
		above = append(above, p)
		name, up = n.parentName, n.parent
	}
	return above
}

// Family returns the documents of the processes that the given events belong
// to, and of all that these started, in the order of time.
func (t *Tree) Family(docs []*event.Document) []*event.Document {
	var (
		todo []string
		seen = map[string]bool{}
		all  []event.Entry
	)
	for _, d := range docs {
		if id := d.Text("process.entity_id"); id != "" {
			todo = append(todo, key(d, id))
		}
	}
	for len(todo) > 0 {
		k := todo[0]
		todo = todo[1:]
		n := t.nodes[k]
		if n == nil || seen[k] {
			continue
		}
		seen[k] = true
		todo = append(todo, n.children...)
		for _, d := range n.docs {
			if at, ok := Time(d); ok {
				all = append(all, event.Entry{Doc: d, Ordinal: event.Ordinal{Time: at, HasTime: true, Arrival: d.Arrival}})
			}
		}
	}
	event.Sort(all, true)
	family := make([]*event.Document, len(all))
	for i, e := range all {
		family[i] = e.Doc
	}
	return slices.Clip(family)
}

// Time returns the @timestamp of a document.
func Time(doc *event.Document) (value.Instant, bool) {
	v := value.Coerce(doc.First("@timestamp"), value.TypeDate, "")
	return v.Instant(), v.Kind() == value.Date
}
