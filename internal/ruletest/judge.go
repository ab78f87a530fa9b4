package ruletest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// group is all that is expected of one moment.
type group struct {
	expect []*Expectation
	alerts [][]string // what happened: the names of each alert's events
	err    error
}

// groupsOf returns the expectations by moment, in their order. A test without
// any has one of the end.
func groupsOf(t *Test) []group {
	var groups []group
	for _, x := range t.Expect {
		i := slices.IndexFunc(groups, func(g group) bool { return g.expect[0].together(x) })
		if i < 0 {
			groups = append(groups, group{expect: []*Expectation{x}})
		} else {
			groups[i].expect = append(groups[i].expect, x)
		}
	}
	if len(groups) == 0 {
		groups = []group{{}}
	}
	return groups
}

// judge runs the program over what has arrived, and compares.
func (g *group) judge(r *Result) {
	visible := r.arrived
	if len(g.expect) > 0 && g.expect[0].HasUntil {
		visible = slices.DeleteFunc(slices.Clone(visible), func(a arrival) bool { return a.at > g.expect[0].Until })
	}
	docs := make([]*event.Document, len(visible))
	for i, a := range visible {
		docs[i] = a.doc
	}
	result, err := r.ready.Program.Run(docs)
	if err != nil {
		g.err = err
	} else {
		g.alerts = r.named(result)
	}
	before := len(r.Failures)
	for _, x := range g.expect {
		g.compare(r, x, visible)
	}
	// A failure names all that happened, so that one is enough.
	if len(r.Failures) == before && len(g.expect) > 0 && g.expect[0].Kind == ExpectAlert && g.err == nil {
		if extra := without(g.alerts, names(g.expect)); len(extra) > 0 {
			last := g.expect[len(g.expect)-1]
			r.fail(last.At, "no other alert"+g.until(), alertsOver(extra), nil)
		}
	}
}

func (g *group) compare(r *Result, x *Expectation, visible []arrival) {
	happened := alertsOver(g.alerts)
	if g.err != nil {
		happened = "the error " + quote(g.err.Error())
	}
	switch x.Kind {
	case ExpectError:
		if g.err == nil || !strings.Contains(g.err.Error(), x.Error) {
			r.fail(x.At, "an error with "+quote(x.Error), happened, nil)
		}
	case ExpectSilence:
		if g.err != nil || len(g.alerts) > 0 {
			r.fail(x.At, "silence"+g.until(), happened, nil)
		}
	case ExpectCount:
		if g.err != nil || len(g.alerts) != x.Count {
			r.fail(x.At, counted(x.Count, "alert")+g.until(), counted(len(g.alerts), "alert")+": "+happened, nil)
		}
	case ExpectAlert:
		mine := namesOf(x)
		wanted := 0
		for _, y := range g.expect {
			if slices.Equal(namesOf(y), mine) {
				wanted++
			}
			if y == x {
				break
			}
		}
		got := 0
		for _, a := range g.alerts {
			if slices.Equal(a, mine) {
				got++
			}
		}
		if got < wanted {
			var reasons []string
			if g.err == nil {
				reasons = r.nearest(mine, visible)
			}
			r.fail(x.At, "an alert over "+strings.Join(mine, " ")+g.until(), happened, reasons)
		}
	}
}

func (g *group) until() string {
	if g.expect[0].HasUntil {
		return " until " + formatOffset(g.expect[0].Until)
	}
	return ""
}

// named returns the alerts of a result by the names of their events. Matches of
// a rule that are the same alert, over the same events, count once, as in scan.
func (r *Result) named(result *reference.Result) [][]string {
	name := map[*event.Document]string{}
	for _, a := range r.arrived {
		name[a.doc] = a.name
	}
	seen := map[string]bool{}
	var all [][]string
	for _, m := range alert.Matches(result) {
		if !r.ready.inline {
			one := alert.New(r.ready.Rule, m, start)
			if one == nil || seen[one.ID] || alert.Recurs(r.ready.Rule, m) || r.dropped(one) {
				continue
			}
			seen[one.ID] = true
		}
		var over []string
		for _, doc := range m.Events {
			if doc == nil {
				over = append(over, "-")
			} else {
				over = append(over, name[doc])
			}
		}
		all = append(all, over)
	}
	return all
}

// dropped reports whether an exception of the rule is on the whole match.
func (r *Result) dropped(one *alert.Alert) bool {
	if r.ready.Dropped == nil {
		return false
	}
	result, err := r.ready.Dropped.Run(one.Events)
	return err == nil && len(result.Events) > 0
}

func namesOf(x *Expectation) []string {
	var list []string
	for _, n := range x.Names {
		list = append(list, n.Text)
	}
	return list
}

func names(expect []*Expectation) [][]string {
	var all [][]string
	for _, x := range expect {
		all = append(all, namesOf(x))
	}
	return all
}

// without returns the lists of a that b has not, each as often as it is left over.
func without(a, b [][]string) [][]string {
	left := slices.Clone(b)
	var extra [][]string
	for _, list := range a {
		i := slices.IndexFunc(left, func(other []string) bool { return slices.Equal(list, other) })
		if i < 0 {
			extra = append(extra, list)
		} else {
			left = slices.Delete(left, i, i+1)
		}
	}
	return extra
}

// mostTold is how many alerts a failure names.
const mostTold = 10

func alertsOver(all [][]string) string {
	if len(all) == 0 {
		return "no alert"
	}
	var texts []string
	for _, list := range all[:min(len(all), mostTold)] {
		texts = append(texts, "an alert over "+strings.Join(list, " "))
	}
	if more := len(all) - mostTold; more > 0 {
		texts = append(texts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(texts, ", ")
}

func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func quote(s string) string { return fmt.Sprintf("%q", s) }
