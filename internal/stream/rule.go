package stream

import (
	"fmt"
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
// at a time, and which documents it is for by its index patterns.
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
	fits := event.NewPatterns(r.Patterns())
	out.Options = reference.Options{
		CategoryField: r.EventCategoryOverride, TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField,
		Size: -1, Tolerant: true,
		Accept: func(d *event.Document) bool { return fits.Fit(d.Index) },
	}
	return out, nil
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
	index := "logs-" + dataset + "-default"
	if r.Options.Accept == nil {
		return len(r.Indices) == 0 || event.NewPatterns(r.Indices).Fit(index)
	}
	d, err := event.Decode([]byte("{}"), event.Identity{Index: index}, 0)
	return err == nil && r.Options.Accept(d)
}

// dressed reports whether Elastic Defend's documents of a category are made here.
func dressed(category string) bool {
	return category == "process" || category == "network" || category == "file"
}
