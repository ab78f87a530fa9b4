package stream

import "strings"

// cast are the processes that the events of a plant are laid over.
type cast struct {
	shell, actor, child, sibling process
	socket                       socket
}

// newCast starts processes on a host: a shell, and what was started from it.
func newCast(s *scene, h *host) *cast {
	c := new(cast)
	tools := s.catalog.groups["tool"]
	grow := func(p, parent *process, g group) {
		p.fork(s, parent)
		if parent.parent == nil || parent.program.name == "sshd" || parent.program.name == "cron" {
			p.user = h.humans[s.below(len(h.humans))]
			p.lead()
		}
		p.load(s, g[s.skewed(len(g))])
	}
	grow(&c.shell, h.daemons[0], s.catalog.groups["shell"])
	grow(&c.actor, &c.shell, tools)
	grow(&c.child, &c.actor, tools)
	grow(&c.sibling, &c.shell, tools)
	return c
}

// kin is what the process of an event is to that of the first.
type kin uint8

const (
	kinSame kin = iota
	kinChild
	kinSibling
	kinParent
)

func (c *cast) of(k kin) *process {
	return [...]*process{kinSame: &c.actor, kinChild: &c.child, kinSibling: &c.sibling, kinParent: &c.shell}[k]
}

// base returns a document of the host as Elastic Defend would send it of an event
// like the one wanted, and its event.id.
func (s *scene) base(c *cast, w *wanted) (tree, string) {
	p := c.of(w.kin)
	sequence := p.host.sequence
	var doc []byte
	switch a := w.action; w.category {
	case "network":
		if a == actAccepted {
			s.visit(&c.socket, p.host, 8080)
		} else {
			s.dial(&c.socket, p.host, 443)
		}
		doc = s.network(nil, p, a, &c.socket)
	case "file":
		doc = s.file(nil, p, s.deed(a))
	default:
		doc = s.process(nil, p, a)
	}
	p.host.sequence = sequence // it gets its own when it is written
	t := readTree(doc)
	t.disguise(w)
	return t, string(s.lastID)
}

// deed returns something that some program does to a file. None changes one, as
// Elastic Defend tells of no changes on Linux: that is made of a creation.
func (s *scene) deed(a action) *deed {
	like := a
	if a == actModification {
		like = actCreation
	}
	g := s.catalog.groups["tool"]
	for {
		p := g[s.below(len(g))]
		for i := range p.deeds {
			if p.deeds[i].action == like {
				d := p.deeds[i]
				d.action = a
				return &d
			}
		}
	}
}

// disguise makes the document one of another data set, or of none, and takes away
// what only Elastic Defend says.
func (t tree) disguise(w *wanted) {
	if !dressed(w.category) {
		for _, field := range []string{"process", "message", "group", "user", "event.action", "event.category", "event.type"} {
			t.drop(field)
		}
	}
	switch {
	case strings.HasPrefix(w.dataset, "endpoint."):
		return
	case w.dataset == "":
		delete(t, "data_stream")
		t.drop("event.dataset")
		t.drop("event.module")
	default:
		module, _, _ := strings.Cut(w.dataset, ".")
		t.set("data_stream.dataset", w.dataset)
		t.set("event.dataset", w.dataset)
		t.set("event.module", module)
	}
	delete(t, "elastic")
	delete(t, "message")
	agent := "filebeat"
	if strings.HasPrefix(w.dataset, "auditd") || w.dataset == "" {
		agent = "auditbeat"
	}
	t.set("agent.type", agent)
}
