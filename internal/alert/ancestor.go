package alert

import (
	"encoding/json"

	"github.com/tripline-sec/tripline/internal/event"
)

// Ancestor is one of kibana.alert.ancestors: an event, or an alert (a signal)
// that was itself an event of this one.
type Ancestor struct {
	ID    string `json:"id"`
	Type  string `json:"type"` // event or signal
	Index string `json:"index"`
	Depth int    `json:"depth"`
	Rule  string `json:"rule,omitempty"` // the uuid of a signal's rule
}

// lineage returns the ancestors of an alert over one event: the event's own, if
// it is an alert, then the event.
func lineage(doc *event.Document) []Ancestor {
	self := Ancestor{ID: doc.ID, Type: "event", Index: doc.Index}
	uuid := doc.Text("kibana.alert.rule.uuid")
	if uuid == "" {
		return []Ancestor{self}
	}
	self.Type, self.Rule, self.Depth = "signal", uuid, 1
	source := sourceOf(doc)
	if n, ok := find(source, "kibana.alert.depth").(json.Number); ok {
		self.Depth = integer(n)
	}
	var above []Ancestor
	list, _ := find(source, "kibana.alert.ancestors").([]any)
	for _, element := range list {
		if o, ok := element.(map[string]any); ok {
			above = append(above, ancestorOf(o))
		}
	}
	return append(above, self)
}

func ancestorOf(o map[string]any) Ancestor {
	a := Ancestor{ID: text(o["id"]), Type: text(o["type"]), Index: text(o["index"]), Rule: text(o["rule"])}
	if n, ok := o["depth"].(json.Number); ok {
		a.Depth = integer(n)
	}
	return a
}

// integer reads a depth; what is none counts as 0.
func integer(n json.Number) int {
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return int(i)
}

// depth returns how far an alert over these ancestors stands from raw events.
func depth(ancestors []Ancestor) int {
	deepest := 0
	for _, a := range ancestors {
		deepest = max(deepest, a.Depth)
	}
	return deepest + 1
}
