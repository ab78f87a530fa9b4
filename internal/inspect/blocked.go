package inspect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Cause is the kind of a reason.
type Cause string

// The causes, in the order in which they are looked for.
const (
	NoIndex    Cause = "index"    // no document is of an index that the rule reads
	NoCategory Cause = "category" // no event of that category
	NoField    Cause = "field"    // a field that is needed is in no event of the category
	NoValue    Cause = "value"    // no event of the category has a value that is needed
	Never      Cause = "never"    // the condition is false by itself
)

// Reason is why a rule can not match; zero when it may.
type Reason struct {
	Cause Cause `json:"cause"`
	// What is the category, the field, or the clause that the values of a field
	// do not meet.
	What string `json:"what,omitempty"`
	// Text is the reason in words.
	Text string `json:"text"`
}

// Blocked is a rule that can not match.
type Blocked struct {
	Name   string `json:"name"`
	ID     string `json:"rule_id,omitempty"`
	Rule   int    `json:"-"`     // its number among the rules, from 0
	Stage  int    `json:"stage"` // from 1, of the terms that need an event; 0 = the whole rule
	Reason Reason `json:"reason"`
}

// Blocked returns the rules that can not match what was seen, in the order of
// the rules. A rule that is not among them may match or not. There are none as
// long as nothing was seen.
func (i *Inspector) Blocked() []Blocked {
	all := []Blocked{}
	if i.documents == 0 || i.overflow {
		return all
	}
	for n, r := range i.rules {
		if stage, reason := i.judge(r); reason.Cause != "" {
			all = append(all, Blocked{Name: r.Name, ID: r.ID, Rule: n, Stage: stage, Reason: reason})
		}
	}
	return all
}

func (i *Inspector) judge(r *Rule) (stage int, why Reason) {
	var readable []*group
	fits, elsewhere := map[string]bool{}, map[string]bool{}
	for key, g := range i.groups {
		if key.categoryField != r.category {
			continue
		}
		ok, known := fits[key.index]
		if !known {
			ok = r.Fits(key.index)
			fits[key.index] = ok
		}
		if ok {
			readable = append(readable, g)
		} else {
			elsewhere[g.name] = true
		}
	}
	if len(readable) == 0 {
		return 0, Reason{Cause: NoIndex, Text: "no document is of an index that it reads"}
	}
	slices.SortFunc(readable, func(a, b *group) int { return cmp.Or(cmp.Compare(b.count, a.count), strings.Compare(a.name, b.name)) })
	for n, s := range r.stages {
		if why := s.blocked(readable); why.Cause != "" {
			if why.Cause == NoCategory && elsewhere[s.category] {
				why.Text += " in its indices"
			}
			return n + 1, why
		}
	}
	return 0, Reason{}
}

// blocked returns why no event of the groups can be one of the stage. What is
// told is what holds of all groups together, if anything does, else of the
// largest.
func (s stage) blocked(groups []*group) Reason {
	var mine []*group
	for _, g := range groups {
		if s.any || g.name == s.category {
			mine = append(mine, g)
		}
	}
	if len(mine) == 0 {
		return Reason{Cause: NoCategory, What: s.category, Text: "no " + s.category + " events"}
	}
	var first Reason
	for _, g := range mine {
		why := s.wants.blocked(g)
		if why.Cause == "" {
			return Reason{}
		}
		if first.Cause == "" {
			first = why
		}
	}
	together := newGroup(s.category)
	for _, g := range mine {
		together.merge(g)
	}
	if why := s.wants.blocked(together); why.Cause != "" {
		return why
	}
	return first
}

func (c allOf) blocked(g *group) Reason {
	var found Reason
	for _, one := range c {
		// An absent field says more than a value that does not come, as the one
		// tends to come of the other.
		if why := one.blocked(g); why.Cause != "" && (found.Cause == "" || found.Cause == NoValue && why.Cause == NoField) {
			found = why
		}
	}
	return found
}

func (c anyOf) blocked(g *group) Reason {
	var all []Reason
	for _, one := range c {
		why := one.blocked(g)
		if why.Cause == "" {
			return Reason{}
		}
		if !slices.Contains(all, why) {
			all = append(all, why)
		}
	}
	if len(all) == 0 {
		return Reason{Cause: Never, Text: "the condition is never true"}
	}
	if len(all) > 1 {
		texts := make([]string, len(all))
		for i, why := range all {
			texts[i] = why.Text
		}
		const most = 3
		if more := len(texts) - most; more > 0 {
			texts = append(texts[:most], fmt.Sprintf("%d more", more))
		}
		all[0].Text = strings.Join(texts, "; ")
	}
	return all[0]
}

func (open) blocked(*group) Reason { return Reason{} }

func (never) blocked(*group) Reason {
	return Reason{Cause: Never, Text: "the condition is never true"}
}

func (l *leaf) blocked(g *group) Reason {
	for _, f := range l.fields {
		if g.fields[f] > 0 {
			if l.allows(g) {
				return Reason{}
			}
			return Reason{Cause: NoValue, What: l.text, Text: "no value for " + shorten(l.text)}
		}
	}
	what := strings.Join(l.fields, ", ")
	return Reason{Cause: NoField, What: what, Text: what + " absent"}
}

// shorten keeps a long list of values from filling the screen.
func shorten(text string) string {
	const most = 100
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-3]) + "..."
}

// Summary says in one line how many of the rules can not match and why, the
// most frequent reasons first; "" if every rule may.
func Summary(blocked []Blocked, rules int) string {
	if len(blocked) == 0 {
		return ""
	}
	const most = 4
	var reasons tally
	for _, b := range blocked {
		reasons.add(b.Reason.Text)
	}
	list := reasons.list()
	slices.SortStableFunc(list, func(a, b Count) int { return cmp.Compare(b.Count, a.Count) })
	var texts []string
	left := len(blocked)
	for _, c := range list[:min(most, len(list))] {
		texts = append(texts, fmt.Sprintf("%s (%d)", c.Name, c.Count))
		left -= c.Count
	}
	if left > 0 {
		texts = append(texts, fmt.Sprintf("other reasons (%d)", left))
	}
	noun := "rules"
	if rules == 1 {
		noun = "rule"
	}
	return fmt.Sprintf("%d of %d %s cannot match here: %s", len(blocked), rules, noun, strings.Join(texts, ", "))
}
