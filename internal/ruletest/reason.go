package ruletest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/explain"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// mostReasons is how many reasons a failure gives.
const mostReasons = 4

// stage is a term of a query, `with runs` written out.
type stage struct {
	number int // from 1, missing events counted
	*eql.Term
	keys []*eql.Field
}

// stagesOf returns the terms of a query in order.
func stagesOf(q *eql.Query) (stages []stage, until *eql.Term, span *eql.Span) {
	add := func(keys []*eql.Field, terms []*eql.Term) {
		for _, t := range terms {
			for range max(t.Runs, 1) {
				stages = append(stages, stage{len(stages) + 1, t, slices.Concat(keys, t.Keys)})
			}
		}
	}
	switch b := q.Body.(type) {
	case *eql.Filter:
		add(nil, []*eql.Term{{At: b.At, Filter: b}})
	case *eql.Sequence:
		add(b.Keys, b.Terms)
		until, span = b.Until, b.MaxSpan
	case *eql.Sample:
		add(b.Keys, b.Terms)
	}
	return stages, until, span
}

// nearest says why there is no alert over the events of those names: first which
// of them its stage does not accept, then what is wrong between them.
func (r *Result) nearest(wanted []string, visible []arrival) []string {
	stages, until, span := stagesOf(r.ready.Query)
	if len(wanted) != len(stages) {
		return []string{fmt.Sprintf("the query has %s, and the expectation names %s (- stands for a missing event)",
			counted(len(stages), "stage"), counted(len(wanted), "event"))}
	}
	n := &nearness{ready: r.ready, visible: visible}
	for i, s := range stages {
		n.stage(s, wanted[i])
	}
	if len(n.reasons) == 0 && len(n.placed) > 1 {
		n.between(span, r.ready.Query)
	}
	if len(n.reasons) == 0 {
		n.rivals(stages, until)
	}
	return n.reasons[:min(len(n.reasons), mostReasons)]
}

type placed struct {
	stage
	arrival
}

type nearness struct {
	ready   *Ready
	visible []arrival
	placed  []placed
	reasons []string
}

func (n *nearness) say(format string, args ...any) {
	n.reasons = append(n.reasons, fmt.Sprintf(format, args...))
}

// stage asks whether an event is what a stage wants.
func (n *nearness) stage(s stage, name string) {
	switch {
	case s.Missing && name != "-":
		n.say("stage %d is a missing event: write - in place of %s", s.number, name)
		return
	case s.Missing:
		return
	case name == "-":
		n.say("stage %d is no missing event: name an event in place of -", s.number)
		return
	}
	i := slices.IndexFunc(n.visible, func(a arrival) bool { return a.name == name })
	if i < 0 {
		n.say("%s had not arrived", name)
		return
	}
	found := n.visible[i]
	n.placed = append(n.placed, placed{s, found})
	if !n.accepts(s.Filter, found.doc) {
		n.say("%s does not meet stage %d: %s", name, s.number, n.fault(s.Filter, found.doc))
	}
	for _, k := range s.keys {
		if len(found.doc.Values(k.Path)) == 0 && !k.Optional {
			n.say("%s lacks the join key %s", name, k.Name())
		}
	}
}

// accepts reports whether a filter accepts a document.
func (n *nearness) accepts(f *eql.Filter, doc *event.Document) bool {
	ok, err := holds(n.ready, f, doc)
	return ok && err == nil
}

func holds(ready *Ready, f *eql.Filter, doc *event.Document) (bool, error) {
	program, err := reference.Compile(&eql.Query{Body: f}, ready.options())
	if err != nil {
		return false, err
	}
	result, err := program.Run([]*event.Document{doc})
	return err == nil && len(result.Events) > 0, err
}

// condition is a filter of a condition alone.
func condition(e eql.Expr) *eql.Filter { return &eql.Filter{At: e.Pos(), Any: true, Condition: e} }

// fault names the clauses of a filter that do not hold for an event, and what it
// has in their place.
func (n *nearness) fault(f *eql.Filter, doc *event.Document) string {
	field := or(n.ready.Rule.EventCategoryOverride, eql.DefaultCategoryField)
	if has := doc.Values(field); !f.Any && !slices.ContainsFunc(has, func(v value.Value) bool { return v.Text() == f.Category }) {
		return fmt.Sprintf("%s is %s, wants %q", field, shown(has), f.Category)
	}
	report, err := explain.Run(&eql.Query{Body: f}, n.ready.options(), []*event.Document{doc})
	if err != nil || len(report.Misses) == 0 || len(report.Misses[0].Stages) == 0 {
		return "its condition does not hold"
	}
	var texts []string
	for _, fault := range report.Misses[0].Stages[0].Faults {
		texts = append(texts, fault.String())
	}
	if len(texts) == 0 {
		return report.Misses[0].Text
	}
	return strings.Join(texts, "; ")
}

// shown writes the values of a field.
func shown(values []value.Value) string {
	if len(values) == 0 {
		return "absent"
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = v.Text()
		if v.Kind() == value.String {
			texts[i] = fmt.Sprintf("%q", v.Text())
		}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// between looks at the order, the keys and the span of the placed events.
func (n *nearness) between(span *eql.Span, q *eql.Query) {
	first := n.placed[0]
	for i, p := range n.placed[1:] {
		before := n.placed[i]
		for k := range min(len(p.keys), len(first.keys)) {
			a, b := first.doc.Values(first.keys[k].Path), p.doc.Values(p.keys[k].Path)
			if len(a)+len(b) > 0 && !meet(a, b) {
				n.say("%s of %s is %s, and %s of %s is %s: they must be equal", p.keys[k].Name(), p.name, shown(b), first.keys[k].Name(), first.name, shown(a))
			}
		}
		if _, sample := q.Body.(*eql.Sample); sample {
			continue
		}
		at, ok := timeOf(p.doc, n.ready.Rule.TimestampField)
		earlier, also := timeOf(before.doc, n.ready.Rule.TimestampField)
		begin, _ := timeOf(first.doc, n.ready.Rule.TimestampField)
		switch {
		case !ok || !also:
			n.say("%s or %s has no time", before.name, p.name)
		case at.Before(earlier):
			n.say("%s is %s before %s, and must be after it", p.name, earlier.Sub(at), before.name)
		case span != nil && at.Sub(begin) > span.Duration():
			n.say("%s came %s after %s, and maxspan is %s", p.name, at.Sub(begin), first.name, spanText(span))
		}
	}
}

func spanText(s *eql.Span) string { return fmt.Sprintf("%d%s", s.Count, s.Unit) }

func meet(a, b []value.Value) bool {
	return slices.ContainsFunc(a, func(v value.Value) bool {
		return slices.ContainsFunc(b, func(w value.Value) bool { return value.KeyOf(v) == value.KeyOf(w) })
	})
}

// rivals looks for other events that took part: until, missing terms, and newer
// events of a stage.
func (n *nearness) rivals(stages []stage, until *eql.Term) {
	within := func(a arrival) bool {
		at, ok := timeOf(a.doc, n.ready.Rule.TimestampField)
		from, _ := timeOf(n.placed[0].doc, n.ready.Rule.TimestampField)
		to, _ := timeOf(n.placed[len(n.placed)-1].doc, n.ready.Rule.TimestampField)
		return ok && !at.Before(from) && !at.After(to)
	}
	isPlaced := func(a arrival) bool {
		return slices.ContainsFunc(n.placed, func(p placed) bool { return p.doc == a.doc })
	}
	if len(n.placed) == 0 {
		return
	}
	for _, a := range n.visible {
		if until != nil && within(a) && n.accepts(until.Filter, a.doc) {
			n.say("%s meets the until condition, which ends what was begun", a.name)
		}
		for _, s := range stages {
			switch {
			case s.Missing && n.accepts(s.Filter, a.doc):
				n.say("stage %d must be missing, and %s meets it", s.number, a.name)
			case !s.Missing && !isPlaced(a) && within(a) && n.accepts(s.Filter, a.doc):
				n.say("%s, between them, meets stage %d too and may have taken the place of %s", a.name, s.number, nameAt(n.placed, s.number))
			}
		}
	}
}

func nameAt(all []placed, number int) string {
	for _, p := range all {
		if p.number == number {
			return p.name
		}
	}
	return "another"
}
