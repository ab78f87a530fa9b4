package stream

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/rule"
)

// Rule is a rule of which matches are planted.
type Rule struct {
	ID, Name string
	Query    *eql.Query        // checked, as it is run
	Options  reference.Options // the fields it reads, and which documents it is for
	Indices  []string          // its index patterns
}

// OfRule readies a rule: its query with its filters and the exceptions that apply
// at a time. Documents of an index that none of its patterns names are not for it.
func OfRule(r *rule.Rule, at time.Time) (Rule, error) {
	q, err := eql.Parse(r.Query)
	if err != nil {
		return Rule{}, fmt.Errorf("parse query: %w", err)
	}
	checked, _, err := eql.Check(r.Narrow(q, at), eql.CheckOptions{
		CategoryField: r.EventCategoryOverride, TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField,
	})
	if err != nil {
		return Rule{}, fmt.Errorf("check query: %w", err)
	}
	out := Rule{ID: r.RuleID, Name: r.Name, Query: checked, Indices: r.Patterns()}
	out.Options = reference.Options{
		CategoryField: r.EventCategoryOverride, TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField,
		Size: -1, Tolerant: true,
		Accept: func(d *event.Document) bool { return d.Index == event.UnknownIndex || out.names(d.Index) },
	}
	return out, nil
}

// names reports whether an index pattern names an index. It knows neither
// exclusions nor the indices behind data streams, which a stream has none of.
func (r *Rule) names(index string) bool {
	for _, p := range r.Indices {
		for one := range strings.SplitSeq(p, ",") {
			if ok, err := path.Match(strings.TrimSpace(one), index); ok && err == nil {
				return true
			}
		}
	}
	return len(r.Indices) == 0
}

// foreign are the beginnings of data sets of other systems and vendors, which
// events that are laid over those of a Linux host should not claim to be of.
var foreign = []string{"windows", "sentinel", "crowdstrike", "m365", "system.security", "winlog", "endpoint"}

// dataset returns the data set of the events of a category: Elastic Defend's if the
// rule reads that, else one that it reads; "" if none comes to mind.
func (r *Rule) dataset(category string) string {
	if own := "endpoint.events." + category; dressed(category) && r.accepts(own) {
		return own
	}
	for _, p := range r.Indices {
		name, ok := strings.CutPrefix(p, "logs-")
		name = strings.TrimSuffix(strings.TrimSuffix(name, "*"), "-")
		isForeign := false
		for _, f := range foreign {
			isForeign = isForeign || strings.HasPrefix(name, f)
		}
		if strings.HasSuffix(name, ".") {
			name += "log"
		}
		if ok && !isForeign && !strings.ContainsAny(name, "*,") && r.accepts(name) {
			return name
		}
	}
	return ""
}

// accepts reports whether the rule is for documents of a data set.
func (r *Rule) accepts(dataset string) bool {
	if r.Options.Accept == nil {
		return r.names("logs-" + dataset + "-default")
	}
	d, err := event.Decode([]byte("{}"), event.Identity{Index: "logs-" + dataset + "-default"}, 0)
	return err == nil && r.Options.Accept(d)
}

// dressed reports whether Elastic Defend's documents of a category are made here.
func dressed(category string) bool {
	return category == "process" || category == "network" || category == "file"
}
