package cli

import "github.com/tripline-sec/tripline/internal/event"

// lineage remembers who started whom, from all documents of the input, so that
// an alert can show a process's ancestors. It costs a small entry a process.
type lineage struct {
	processes map[string]process // by entity id
}

type process struct{ name, parentName, parent string }

// mostAncestors is how far up a line goes; it also ends circles.
const mostAncestors = 6

func newLineage() *lineage { return &lineage{processes: map[string]process{}} }

// see takes in what a document says of its process and of those above it.
func (l *lineage) see(doc *event.Document) {
	id := doc.Text("process.entity_id")
	if id == "" {
		return
	}
	p, known := l.processes[id]
	name, parentName, parent := doc.Text("process.name"), doc.Text("process.parent.name"), doc.Text("process.parent.entity_id")
	above := doc.Values("process.Ext.ancestry") // the parent's entity id, its parent's, ...
	if parent == "" && len(above) > 0 {
		parent = above[0].Text()
	}
	if known && (p.name == name || name == "") && p.parentName != "" && p.parent != "" {
		return
	}
	p.name, p.parentName, p.parent = either(name, p.name), either(parentName, p.parentName), either(parent, p.parent)
	l.processes[id] = p
	if parent == "" {
		return
	}
	if q := l.processes[parent]; q.name == "" || q.parent == "" {
		q.name = either(q.name, parentName)
		if len(above) > 1 {
			q.parent = either(q.parent, above[1].Text())
		}
		l.processes[parent] = q
	}
}

// of returns the names of a document's ancestors, its parent first.
func (l *lineage) of(doc *event.Document) []string {
	self := l.processes[doc.Text("process.entity_id")]
	name := either(doc.Text("process.parent.name"), self.parentName)
	parent := either(doc.Text("process.parent.entity_id"), self.parent)
	var names []string
	for len(names) < mostAncestors {
		p := l.processes[parent]
		if name = either(name, p.name); name == "" {
			break
		}
		names = append(names, name)
		name, parent = p.parentName, p.parent
	}
	return names
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
