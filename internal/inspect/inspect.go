// Package inspect tells what a pile of events is: who sent them, of which kinds
// and fields, and which rules can not match there, and why.
//
// An Inspector takes one document at a time and keeps none: it keeps counts,
// bounded by the limits below whatever the input, so that memory is a few
// megabytes at most. Where a limit is reached the count goes on under no name,
// and nothing that follows from not having seen something is claimed any more.
// It is not safe for concurrent use.
package inspect

import (
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// The bounds of what is kept.
const (
	mostNames  = 1000  // different senders, hosts, datasets, indices; actions of a category
	mostFields = 10000 // fields that are listed
	mostGroups = 2000  // pairs of an index and a category
	mostValues = 500   // values of a field in such a group
	mostLength = 256   // bytes of a value that is kept; a longer one is as good as unknown
)

// Options says what to keep.
type Options struct {
	// RulesOnly leaves out everything but what Blocked needs, which is faster.
	RulesOnly bool
}

// Inspector counts what documents hold.
type Inspector struct {
	opts  Options
	rules []*Rule
	needs needs

	documents int
	noTime    int
	first     value.Instant
	last      value.Instant
	timed     bool

	sources    tally
	datasets   tally
	streams    tally
	ecs        tally
	hosts      tally
	categories tally
	actions    map[string]*tally
	fields     map[string]int
	unlisted   bool // there are more fields than are listed

	groups   map[groupKey]*group
	overflow bool // there are more groups than are kept
}

// New returns an Inspector that also finds out which of the rules can not match.
func New(rules []*Rule, opts Options) *Inspector {
	return &Inspector{
		opts: opts, rules: rules, needs: needsOf(rules),
		actions: map[string]*tally{}, fields: map[string]int{}, groups: map[groupKey]*group{},
	}
}

// Take counts a document.
func (i *Inspector) Take(doc *event.Document) {
	i.documents++
	i.group(doc)
	if i.opts.RulesOnly {
		return
	}
	if at := value.Coerce(doc.First("@timestamp"), value.TypeDate, ""); at.Kind() == value.Date {
		instant := at.Instant()
		if !i.timed || instant.Compare(i.first) < 0 {
			i.first = instant
		}
		if !i.timed || instant.Compare(i.last) > 0 {
			i.last = instant
		}
		i.timed = true
	} else {
		i.noTime++
	}
	i.sources.add(joined(" ", doc.Text("agent.type"), doc.Text("agent.version")))
	dataset := doc.Text("event.dataset")
	if dataset == "" {
		dataset = doc.Text("event.module")
	}
	i.datasets.add(dataset)
	i.ecs.add(doc.Text("ecs.version"))
	i.streams.add(doc.Index)
	host := doc.Text("host.name")
	if host == "" {
		host = doc.Text("host.id")
	}
	i.hosts.add(host)
	i.kinds(doc)
	for name := range doc.Fields() {
		if n, ok := i.fields[name]; ok || len(i.fields) < mostFields {
			i.fields[name] = n + 1
		} else {
			i.unlisted = true
		}
	}
}

// kinds counts a document's categories and what was done in each.
func (i *Inspector) kinds(doc *event.Document) {
	categories := doc.Values("event.category")
	if len(categories) == 0 {
		categories = []value.Value{value.OfString("")}
	}
	for _, c := range categories {
		category := c.Text()
		i.categories.add(category)
		t := i.actions[category]
		if t == nil {
			if len(i.actions) == mostNames {
				continue
			}
			t = &tally{}
			i.actions[category] = t
		}
		actions := ""
		for _, a := range doc.Values("event.action") {
			actions = joined("+", actions, a.Text())
		}
		t.add(actions)
	}
}

func joined(separator, a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + separator + b
}
