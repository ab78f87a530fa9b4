package show

import (
	"encoding/json"
	"fmt"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/value"
)

// stored is what Read needs of an alert's document.
type stored struct {
	Severity     rule.Severity      `json:"kibana.alert.severity"`
	Name         string             `json:"kibana.alert.rule.name"`
	OriginalTime string             `json:"kibana.alert.original_time"`
	Events       []alert.Matched    `json:"tripline.events"`
	Lineage      []proctree.Process `json:"tripline.lineage"`
	After        []alert.Deed       `json:"tripline.after"`
	AfterMore    int                `json:"tripline.after_more"`
	Parameters   struct {
		TimestampField string `json:"timestamp_field"`
	} `json:"kibana.alert.rule.parameters"`
}

// Read returns what is shown of an alert, from its document: of a group, its shell.
// A document without the matched events (one that another program wrote) is shown
// as an event itself.
func Read(document []byte) (*Block, error) {
	var s stored
	if err := json.Unmarshal(document, &s); err != nil {
		return nil, fmt.Errorf("read alert: %w", err)
	}
	b := &Block{
		Severity: s.Severity, Name: s.Name, TimestampField: TimestampField,
		After: s.After, AfterMore: s.AfterMore,
	}
	if s.Parameters.TimestampField != "" {
		b.TimestampField = s.Parameters.TimestampField
	}
	if v := value.Coerce(value.OfString(s.OriginalTime), value.TypeDate, ""); v.Kind() == value.Date {
		b.EventTime, b.HasEventTime = v.Instant(), true
	}
	for i, m := range s.Events {
		doc, err := event.Decode(m.Source, event.Identity{Index: m.Index, ID: m.ID}, uint64(i)+1)
		if err != nil {
			return nil, fmt.Errorf("read event %d of alert: %w", i+1, err)
		}
		b.Events = append(b.Events, doc)
	}
	if len(b.Events) == 0 {
		doc, err := event.Decode(document, event.Identity{}, 1)
		if err != nil {
			return nil, fmt.Errorf("read alert: %w", err)
		}
		b.Events = append(b.Events, doc)
	}
	known := &lineage{tree: proctree.New(), above: s.Lineage}
	for _, doc := range b.Events {
		known.tree.See(doc)
		if known.head == "" {
			known.head = doc.Text("process.entity_id")
		}
	}
	b.Lineage = known
	return b, nil
}

// lineage is what an alert's own events and the ancestors that it names tell of who
// started whom.
type lineage struct {
	tree  *proctree.Tree
	head  string             // whose ancestors they are: the process of the first event that has one
	above []proctree.Process // its parent first
}

// Ancestors returns what the events tell, carried on by what the alert names where
// the two meet in a process.
func (l *lineage) Ancestors(doc *event.Document) []proctree.Process {
	own := l.tree.Ancestors(doc)
	if id := doc.Text("process.entity_id"); id != "" && id == l.head && len(own) < len(l.above) {
		return l.above
	}
	for i := len(own) - 1; i >= 0; i-- {
		switch id := own[i].EntityID; id {
		case "":
			continue
		case l.head:
			return append(own[:i+1:i+1], l.above...)
		default:
			for j, p := range l.above {
				if p.EntityID == id {
					return append(own[:i+1:i+1], l.above[j+1:]...)
				}
			}
		}
	}
	return own
}
