package sink

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/tripline-sec/tripline/internal/event"
)

// bulkItem is what a _bulk answer says of one action. Some receivers give the error
// as text.
type bulkItem struct {
	Status int             `json:"status"`
	Error  json.RawMessage `json:"error"`
}

// read takes in an answer. One that does not fit what was sent, or breaks off, says
// nothing: all is sent again, and what is there already is answered 409.
func (f *Forward) read(body []byte, items []Item, actions []int, outcomes []Outcome) error {
	var parsed struct {
		Items []map[string]bulkItem `json:"items"`
	}
	if err := json.Unmarshal(body, &parsed); err != nil {
		return fmt.Errorf("the answer is no answer of _bulk: %w", err)
	}
	total := 0
	for _, n := range actions {
		total += n
	}
	if len(parsed.Items) != total {
		return fmt.Errorf("the answer is for %d documents, not for the %d that were sent", len(parsed.Items), total)
	}
	next := 0
	for i := range items {
		worst := Outcome{Verdict: Taken}
		for _, one := range parsed.Items[next : next+actions[i]] {
			if o := verdict(one); worse(o, worst) {
				worst = o
			}
		}
		outcomes[i] = worst
		next += actions[i]
	}
	return nil
}

// worse orders verdicts: an alert is refused if a part of it is, and sent again if a
// part of it must be.
func worse(a, b Outcome) bool {
	rank := func(v Verdict) int {
		switch v {
		case Refused:
			return 2
		case Again:
			return 1
		}
		return 0
	}
	return rank(a.Verdict) > rank(b.Verdict)
}

func verdict(one map[string]bulkItem) Outcome {
	for _, item := range one {
		if item.Status == http.StatusConflict || item.Status >= 200 && item.Status < 300 {
			return Outcome{Verdict: Taken}
		}
		reason := fmt.Sprintf("%d %s", item.Status, errorText(item.Error))
		if busy(item.Status) || barred(item.Status) {
			return Outcome{Again, reason}
		}
		return Outcome{Refused, reason}
	}
	return Outcome{Again, "the answer says nothing of it"}
}

func errorText(raw json.RawMessage) string {
	var e struct {
		Type   string `json:"type"`
		Reason string `json:"reason"`
	}
	if json.Unmarshal(raw, &e) == nil {
		return cutBytes(strings.TrimSpace(e.Type+": "+e.Reason), 500)
	}
	return cutBytes(string(raw), 500)
}

// blockID is a building block's id, from its document.
func blockID(doc []byte, shell string, n int) string {
	var b struct {
		ID string `json:"kibana.alert.uuid"`
	}
	if json.Unmarshal(doc, &b) == nil && b.ID != "" {
		return b.ID
	}
	return fmt.Sprintf("%s-%d", shell, n)
}

// madeOfBytes reports whether an item's id rests on a hash of a document's bytes
// alone: an event's own id, or for an alert that of an event that it is about.
func madeOfBytes(item *Item) bool {
	if item.Index != "" {
		if !isHash(item.ID) {
			return false
		}
		doc, err := event.Decode(item.Doc, event.Identity{ID: item.ID}, 0)
		return err == nil && doc.Text("event.id") != item.ID
	}
	var a struct {
		Ancestors []struct {
			ID   string `json:"id"`
			Type string `json:"type"`
		} `json:"kibana.alert.ancestors"`
		Events []struct {
			ID     string          `json:"_id"`
			Source json.RawMessage `json:"_source"`
		} `json:"tripline.events"`
	}
	if json.Unmarshal(item.Doc, &a) != nil {
		return false
	}
	own := map[string]bool{} // ids that an event carries itself
	for _, e := range a.Events {
		if source, err := event.Decode(e.Source, event.Identity{}, 0); err == nil && source.Text("event.id") == e.ID {
			own[e.ID] = true
		}
	}
	for _, ancestor := range a.Ancestors {
		if ancestor.Type == "event" && isHash(ancestor.ID) && !own[ancestor.ID] {
			return true
		}
	}
	return false
}

// isHash reports whether an id looks like a SHA-256 in hexadecimal, as event.Document
// makes them.
func isHash(id string) bool {
	return len(id) == 64 && strings.Trim(id, "0123456789abcdef") == ""
}
