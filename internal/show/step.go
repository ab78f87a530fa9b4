package show

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// Step is an event told in one line: what happened, to or by which process, and
// where that process comes from.
type Step struct {
	Verb     string
	What     string   // an address, a file, a process: never cut
	Command  string   // a command line: cut where room is short
	Lineage  []string // the process's ancestors
	Actor    string   // the process that did it, or to which it happened
	IsActor  bool     // what is the process itself
	Happened value.Instant
	HasTime  bool
}

// NewStep reads a document. Names of Elastic Defend are told in fewer words; the
// actions of other senders stand as they are.
func NewStep(doc *event.Document, processes Ancestry, timestampField string) Step {
	s := Step{Verb: verb(doc), Actor: processName(doc)}
	if at := value.Coerce(doc.First(timestampField), value.TypeDate, ""); at.Kind() == value.Date {
		s.Happened, s.HasTime = at.Instant(), true
	}
	categories := Texts(doc, "event.category")
	switch {
	case slices.Contains(categories, "network") && address(doc, "destination") != "":
		s.What = address(doc, "destination")
		if from := address(doc, "source"); from != "" && s.Verb == "accept" {
			s.What += " from " + from
		}
	case slices.Contains(categories, "network") && doc.Text("dns.question.name") != "":
		s.What = doc.Text("dns.question.name")
	case slices.Contains(categories, "file") && doc.Text("file.path") != "":
		s.What = doc.Text("file.path")
		if from := doc.Text("file.Ext.original.path"); from != "" {
			s.What = from + " to " + s.What
		}
	case s.Actor != "":
		s.What, s.IsActor = s.Actor, true
		s.Command = commandLine(doc)
		s.Lineage = Ancestors(processes, doc)
	default:
		s.What = cmp.Or(doc.Text("message"), doc.ID)
	}
	return s
}

// MostAncestors is how far up a line goes; documents have all of them.
const MostAncestors = 6

// Ancestors returns the names of the processes above the one of an event, its
// parent first.
func Ancestors(processes Ancestry, doc *event.Document) []string {
	above := processes.Ancestors(doc)
	var names []string
	for _, p := range above[:min(len(above), MostAncestors)] {
		names = append(names, p.Name)
	}
	return names
}

// verb is what happened.
func verb(doc *event.Document) string {
	actions := Texts(doc, "event.action")
	for i, action := range actions {
		actions[i] = verbOf(action)
	}
	if len(actions) == 0 {
		actions = append(Texts(doc, "event.category"), Texts(doc, "event.type")...)
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
	name := cmp.Or(doc.Text("process.name"), doc.Text("process.executable"))
	if pid := doc.Text("process.pid"); pid != "" {
		name = strings.TrimSpace(name + " [" + pid + "]")
	}
	return name
}

func commandLine(doc *event.Document) string {
	if args := Texts(doc, "process.args"); len(args) > 0 {
		return ShellWords(args)
	}
	return Escape(doc.Text("process.command_line"))
}

// address is `ip:port`, or what of it is known.
func address(doc *event.Document, end string) string {
	ip, port := cmp.Or(doc.Text(end+".ip"), doc.Text(end+".address")), doc.Text(end+".port")
	switch {
	case ip == "" || port == "":
		return ip
	case strings.Contains(ip, ":"):
		return "[" + ip + "]:" + port
	}
	return ip + ":" + port
}

// Texts returns the texts of all values at a path.
func Texts(doc *event.Document, path string) []string {
	var all []string
	for _, v := range doc.Values(path) {
		all = append(all, v.Text())
	}
	return all
}

// Line returns the step in at most so many columns, if its fixed parts allow
// that. by says whether the process is to be named.
func (s Step) Line(room int, by bool, p Palette) string {
	head := p.Bold(Escape(s.Verb)) + " " + Escape(s.What)
	used := Columns(s.Verb) + 1 + Columns(Escape(s.What))
	tail, shown := "", ""
	for _, name := range s.Lineage {
		tail += " <- " + Escape(name)
	}
	if tail != "" {
		shown = " " + p.Dim(tail)
		used += 1 + Columns(tail)
	}
	if by && s.Actor != "" && !s.IsActor {
		text := "  by " + Escape(s.Actor)
		shown += p.Dim(text)
		used += Columns(text)
	}
	if s.Command != "" {
		head += " " + Cut(s.Command, max(room-used-1, 20))
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
