package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/value"
)

// step is an event told in one line: what happened, to or by which process, and
// where that process comes from.
type step struct {
	verb     string
	what     string   // an address, a file, a process: never cut
	command  string   // a command line: cut where room is short
	lineage  []string // the process's ancestors
	actor    string   // the process that did it, or to which it happened
	isActor  bool     // what is the process itself
	happened value.Instant
	hasTime  bool
}

// newStep reads a document. Names of Elastic Defend are told in fewer words; the
// actions of other senders stand as they are.
func newStep(doc *event.Document, processes *proctree.Tree, timestampField string) step {
	s := step{verb: verb(doc), actor: processName(doc)}
	if at := value.Coerce(doc.First(timestampField), value.TypeDate, ""); at.Kind() == value.Date {
		s.happened, s.hasTime = at.Instant(), true
	}
	categories := texts(doc, "event.category")
	switch {
	case slices.Contains(categories, "network") && address(doc, "destination") != "":
		s.what = address(doc, "destination")
		if from := address(doc, "source"); from != "" && s.verb == "accept" {
			s.what += " from " + from
		}
	case slices.Contains(categories, "network") && doc.Text("dns.question.name") != "":
		s.what = doc.Text("dns.question.name")
	case slices.Contains(categories, "file") && doc.Text("file.path") != "":
		s.what = doc.Text("file.path")
		if from := doc.Text("file.Ext.original.path"); from != "" {
			s.what = from + " to " + s.what
		}
	case s.actor != "":
		s.what, s.isActor = s.actor, true
		s.command = commandLine(doc)
		s.lineage = ancestors(processes, doc)
	default:
		s.what = either(doc.Text("message"), doc.ID)
	}
	return s
}

// mostAncestors is how far up a line goes; documents have all of them.
const mostAncestors = 6

// ancestors returns the names of the processes above the one of an event, its
// parent first.
func ancestors(processes *proctree.Tree, doc *event.Document) []string {
	above := processes.Ancestors(doc)
	var names []string
	for _, p := range above[:min(len(above), mostAncestors)] {
		names = append(names, p.Name)
	}
	return names
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// verb is what happened.
func verb(doc *event.Document) string {
	actions := texts(doc, "event.action")
	for i, action := range actions {
		actions[i] = verbOf(action)
	}
	if len(actions) == 0 {
		actions = append(texts(doc, "event.category"), texts(doc, "event.type")...)
	}
	if len(actions) == 0 {
		return "event"
	}
	return strings.Join(slices.Compact(actions), "+")
}

// verbOf is an action of Elastic Defend in fewer words, another as it is.
func verbOf(action string) string {
	switch action {
	case "connection_attempted":
		return "connect"
	case "connection_accepted":
		return "accept"
	case "disconnect_received":
		return "disconnect"
	case "lookup_requested", "lookup_result":
		return "lookup"
	}
	return action
}

// processName is `name [pid]`.
func processName(doc *event.Document) string {
	name := either(doc.Text("process.name"), doc.Text("process.executable"))
	if pid := doc.Text("process.pid"); pid != "" {
		name = strings.TrimSpace(name + " [" + pid + "]")
	}
	return name
}

func commandLine(doc *event.Document) string {
	if args := texts(doc, "process.args"); len(args) > 0 {
		return shellWords(args)
	}
	return escape(doc.Text("process.command_line"))
}

// address is `ip:port`, or what of it is known.
func address(doc *event.Document, end string) string {
	ip, port := either(doc.Text(end+".ip"), doc.Text(end+".address")), doc.Text(end+".port")
	switch {
	case ip == "" || port == "":
		return ip
	case strings.Contains(ip, ":"):
		return "[" + ip + "]:" + port
	}
	return ip + ":" + port
}

func texts(doc *event.Document, path string) []string {
	var all []string
	for _, v := range doc.Values(path) {
		all = append(all, v.Text())
	}
	return all
}

// line returns the step in at most so many columns, if its fixed parts allow
// that. by says whether the process is to be named.
func (s step) line(room int, by bool, p palette) string {
	head := p.bold(escape(s.verb)) + " " + escape(s.what)
	used := columns(s.verb) + 1 + columns(escape(s.what))
	tail, shown := "", ""
	for _, name := range s.lineage {
		tail += " <- " + escape(name)
	}
	if tail != "" {
		shown = " " + p.dim(tail)
		used += 1 + columns(tail)
	}
	if by && s.actor != "" && !s.isActor {
		text := "  by " + escape(s.actor)
		shown += p.dim(text)
		used += columns(text)
	}
	if s.command != "" {
		head += " " + cut(s.command, max(room-used-1, 20))
	}
	return head + shown
}

// since tells how long after the first step another one was.
func since(d time.Duration) string {
	sign := "+"
	if d < 0 {
		sign, d = "-", -d
	}
	switch {
	case d == 0:
		return "0 ms"
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%s%.1f ms", sign, float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%s%d ms", sign, d/time.Millisecond)
	case d < time.Minute:
		return fmt.Sprintf("%s%.2f s", sign, float64(d/(10*time.Millisecond))/100)
	case d < time.Hour:
		return fmt.Sprintf("%s%dm%02ds", sign, d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%s%dh%02dm", sign, d/time.Hour, d%time.Hour/time.Minute)
}
