package inspect

import (
	"cmp"
	"slices"
	"strings"
)

// Report is what an Inspector has found.
type Report struct {
	Documents   int        `json:"documents"`
	NoTimestamp int        `json:"no_timestamp"` // documents without @timestamp
	First       string     `json:"first,omitempty"`
	Last        string     `json:"last,omitempty"`
	Sources     []Count    `json:"sources"`      // agent.type and agent.version
	Datasets    []Count    `json:"datasets"`     // event.dataset, else event.module
	Streams     []Count    `json:"data_streams"` // data streams and indices
	ECS         []Count    `json:"ecs_versions"`
	Hosts       []Count    `json:"hosts"`
	Categories  []Category `json:"categories"`
	Fields      []Field    `json:"fields"` // the most frequent first
	// Unlisted says that there was more than could be kept: some counts above
	// leave out rare names.
	Unlisted bool `json:"unlisted,omitempty"`
	Rules    int  `json:"rules"`
	// Blocked are the rules that can not match, in the order of the rules.
	Blocked []Blocked `json:"cannot_match"`
}

// Category is a category of events and what was done. A document of several
// categories counts in each.
type Category struct {
	Count
	Actions []Count `json:"actions"`
}

// Field is a field and how many documents have a value for it.
type Field struct {
	Name  string  `json:"name"`
	Count int     `json:"count"`
	Share float64 `json:"share"` // of all documents
}

// Report returns what was found so far.
func (i *Inspector) Report() Report {
	r := Report{
		Documents: i.documents, NoTimestamp: i.noTime,
		Sources: i.sources.list(), Datasets: i.datasets.list(), Streams: i.streams.list(), ECS: i.ecs.list(), Hosts: i.hosts.list(),
		Categories: []Category{}, Fields: []Field{}, Rules: len(i.rules), Blocked: i.Blocked(),
		Unlisted: i.unlisted || i.overflow,
	}
	if i.timed {
		r.First, r.Last = i.first.String(), i.last.String()
	}
	for _, c := range i.categories.list() {
		one := Category{Count: c, Actions: []Count{}}
		if t := i.actions[c.Name]; t != nil {
			one.Actions = t.list()
			r.Unlisted = r.Unlisted || t.more > 0
		}
		r.Categories = append(r.Categories, one)
	}
	for _, t := range []*tally{&i.sources, &i.datasets, &i.streams, &i.ecs, &i.hosts, &i.categories} {
		r.Unlisted = r.Unlisted || t.more > 0
	}
	for name, n := range i.fields {
		r.Fields = append(r.Fields, Field{Name: name, Count: n, Share: float64(n) / float64(i.documents)})
	}
	slices.SortFunc(r.Fields, func(a, b Field) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name))
	})
	return r
}
