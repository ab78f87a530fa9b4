package alert

import (
	"encoding/json"
	"strings"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
)

// SchemaVersion is the version of the alert documents that are written: the
// whole number changes when a field goes or means something else.
const SchemaVersion = "1.1"

// Evidence is what an alert tells beyond what Kibana's does. All of it is
// optional.
type Evidence struct {
	// Clauses are, for each of the match's events (placeholders included), the
	// clauses of the query that held for it.
	Clauses [][]string
	// Processes are those of all events at hand.
	Processes *proctree.Tree
}

// Matched is one event of an alert, whole.
type Matched struct {
	Index   string          `json:"_index"`
	ID      string          `json:"_id"`
	Stage   int             `json:"stage"` // from 1
	Clauses []string        `json:"clauses,omitempty"`
	Source  json.RawMessage `json:"_source"`
}

// Deed is one thing that the matched processes, or processes they started, did
// after the last matched event.
type Deed struct {
	AfterMS float64          `json:"after_ms"` // since the last matched event
	EventID string           `json:"event_id"`
	Action  string           `json:"action"`
	Process proctree.Process `json:"process"`
	Detail  string           `json:"detail,omitempty"` // a command line, an address, a path, an exit code
}

// mostDeeds bounds what an alert tells of afterwards; the rest is counted.
const mostDeeds = 50

// Attach gives the alert its evidence. The documents then carry, in fields
// named tripline.*, each matched event whole, the clauses that held, the
// ancestors of the matched process, and what came after.
func (a *Alert) Attach(m Match, e Evidence) {
	for i, doc := range m.Events {
		if doc == nil {
			continue
		}
		found := Matched{Index: doc.Index, ID: doc.ID, Stage: i + 1, Source: json.RawMessage(doc.Raw)}
		if i < len(e.Clauses) {
			found.Clauses = e.Clauses[i]
		}
		a.Matched = append(a.Matched, found)
	}
	if e.Processes == nil {
		return
	}
	for _, doc := range a.Events {
		if a.Lineage = e.Processes.Ancestors(doc); len(a.Lineage) > 0 {
			break
		}
	}
	a.After, a.AfterMore = after(e.Processes, a.Events)
}

// after tells what the family of the matched processes did behind the last
// matched event, and how much more than is told.
func after(tree *proctree.Tree, matched []*event.Document) (deeds []Deed, more int) {
	last, ok := proctree.Time(matched[0])
	mine := map[*event.Document]bool{}
	for _, doc := range matched {
		mine[doc] = true
		if at, has := proctree.Time(doc); has && (!ok || at.Compare(last) > 0) {
			last, ok = at, true
		}
	}
	if !ok {
		return nil, 0
	}
	for _, doc := range tree.Family(matched) {
		at, _ := proctree.Time(doc)
		if mine[doc] || at.Compare(last) < 0 {
			continue
		}
		if len(deeds) == mostDeeds {
			more++
			continue
		}
		deeds = append(deeds, Deed{
			AfterMS: float64(at.Sub(last).Microseconds()) / 1000,
			EventID: doc.ID,
			Action:  action(doc),
			Process: proctree.Self(doc),
			Detail:  detail(doc),
		})
	}
	return deeds, more
}

func action(doc *event.Document) string {
	if s := joined(doc, "event.action"); s != "" {
		return s
	}
	return joined(doc, "event.type")
}

func joined(doc *event.Document, field string) string {
	var texts []string
	for _, v := range doc.Values(field) {
		texts = append(texts, v.Text())
	}
	return strings.Join(texts, "+")
}

// detail is what an event is about, by what it has.
func detail(doc *event.Document) string {
	switch {
	case doc.Text("destination.ip") != "":
		to := doc.Text("destination.ip")
		if strings.Contains(to, ":") {
			to = "[" + to + "]"
		}
		if port := doc.Text("destination.port"); port != "" {
			to += ":" + port
		}
		return to
	case doc.Text("file.path") != "":
		return doc.Text("file.path")
	case doc.Text("process.exit_code") != "":
		return "exit code " + doc.Text("process.exit_code")
	case doc.Text("process.command_line") != "":
		return doc.Text("process.command_line")
	}
	var args []string
	for _, v := range doc.Values("process.args") {
		args = append(args, v.Text())
	}
	return strings.Join(args, " ")
}

// evidence returns the fields of our own.
func (a *Alert) evidence() map[string]any {
	fields := map[string]any{"tripline.schema_version": SchemaVersion}
	if len(a.Matched) > 0 {
		fields["tripline.events"] = a.Matched
	}
	if len(a.Lineage) > 0 {
		fields["tripline.lineage"] = a.Lineage
	}
	if len(a.After) > 0 {
		fields["tripline.after"] = a.After
	}
	if a.AfterMore > 0 {
		fields["tripline.after_more"] = a.AfterMore
	}
	return fields
}
