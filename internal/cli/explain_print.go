package cli

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/explain"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/show"
)

// bestShown is how many matches or misses are shown if not all are asked for.
const bestShown = 3

// explainPrinter prints reports.
type explainPrinter struct {
	*teller
	flags  *explainFlags
	pretty bool
}

func (p *explainPrinter) print(q explained, r *explain.Report) error {
	if !p.pretty {
		return p.printJSON(q, r)
	}
	if q.name != "" {
		p.printf("%s\n", p.Palette.Bold(show.Escape(q.name)))
	}
	events := counted(r.Documents, "event", "events")
	switch misses := p.misses(r); {
	case len(r.Matches) > 0:
		p.printf("%s in %s\n", p.Palette.Good(counted(len(r.Matches), "match", "matches")), events)
		p.matches(q, r)
		if p.flags.all && misses > 0 {
			p.printf("\n%s\n", counted(misses, "miss", "misses"))
			p.nearest(q, r)
		}
	case misses > 0:
		p.printf("%s in %s, nearest misses first\n", p.Palette.Bad("no match"), events)
		p.nearest(q, r)
	default:
		p.printf("%s in %s, and none that comes near\n", p.Palette.Bad("no match"), events)
	}
	if len(r.Notes) > 0 {
		p.printf("\n")
	}
	for _, n := range r.Notes {
		p.printf("note: %s\n", show.Escape(n))
	}
	return nil
}

// misses counts them, alike ones each.
func (p *explainPrinter) misses(r *explain.Report) int {
	n := r.Untold
	for _, m := range r.Misses {
		n += 1 + m.Alike
	}
	return n
}

func (p *explainPrinter) most(n int) int {
	if p.flags.all {
		return n
	}
	return min(n, bestShown)
}

func (p *explainPrinter) matches(q explained, r *explain.Report) {
	for i, m := range r.Matches[:p.most(len(r.Matches))] {
		p.printf("\n%d  %s\n", i+1, p.Palette.Good("match"))
		p.keys(m.Keys)
		p.stages(q, r, m.Stages, "", p.flags.tree)
	}
	p.more(len(r.Matches)-p.most(len(r.Matches)), "match", "matches")
}

func (p *explainPrinter) nearest(q explained, r *explain.Report) {
	shown := p.most(len(r.Misses))
	rest := r.Untold
	for i, m := range r.Misses {
		if i >= shown {
			rest += 1 + m.Alike
			continue
		}
		alike := ""
		if m.Alike > 0 {
			alike = "  (and " + show.Number(m.Alike) + " more alike)"
		}
		p.printf("\n%d  %s%s\n", i+1, p.Palette.Bold(show.Escape(m.Text)), p.Palette.Dim(alike))
		p.keys(m.Keys)
		tree := p.flags.tree || r.Kind == reference.Events && i == 0
		p.stages(q, r, m.Stages, m.Text, tree)
	}
	p.more(rest, "miss", "misses")
}

func (p *explainPrinter) more(n int, one, many string) {
	switch {
	case n <= 0:
	case p.flags.all:
		p.printf("\n%s more\n", counted(n, one, many))
	default:
		p.printf("\n%s more; --all shows them\n", counted(n, one, many))
	}
}

func (p *explainPrinter) keys(keys []explain.Key) {
	if len(keys) == 0 {
		return
	}
	var all []string
	for _, k := range keys {
		text := "null"
		if !k.Value.IsNull() {
			text = k.Value.Text()
		}
		all = append(all, show.Escape(k.Field+" = "+text))
	}
	p.printf("   %s\n", p.Palette.Dim(show.Cut(strings.Join(all, ", "), p.Room()-3)))
}

// stages prints a line for each stage, and what there is to say of it that the
// headline has not said.
func (p *explainPrinter) stages(q explained, r *explain.Report, stages []explain.Stage, headline string, tree bool) {
	var first *show.Step
	for _, s := range stages {
		name := ""
		if r.Kind != reference.Events {
			name = fmt.Sprintf("stage %d", s.Number)
			if s.Run > 0 {
				name += fmt.Sprintf(" run %d", s.Run)
			}
			name += "  "
		}
		state := p.Palette.Good("holds ")
		switch {
		case s.Document == nil && s.Missing:
			state = p.Palette.Good("absent")
		case s.Document == nil:
			state = p.Palette.Bad("absent")
		case s.Late:
			state = p.Palette.Bad("late  ")
		case len(s.Faults) > 0 || s.NoEvent != "":
			state = p.Palette.Bad("fails ")
		}
		head := "   " + name + state + "  "
		if s.Document == nil {
			p.printf("%s%s\n", head, show.Escape(cmp.Or(s.NoEvent, "as it should be")))
			continue
		}
		p.printf("%s%s\n", head, p.event(s.Document, q, &first, show.Columns("   "+name+"holds   ")))
		p.clauses(s, headline)
		if tree {
			p.tree(s)
		}
	}
}

// event tells of an event in a line, with its time or how long after the first
// it came.
func (p *explainPrinter) event(doc *event.Document, q explained, first **show.Step, used int) string {
	s := show.NewStep(doc, p.Processes, cmp.Or(q.opts.TimestampField, show.TimestampField))
	at := "no time"
	switch {
	case *first == nil && s.HasTime:
		at = s.Happened.String()
		*first = &s
	case s.HasTime:
		at = "+" + explain.Span(s.Happened.Sub((*first).Happened))
	}
	return p.Palette.Dim(at) + "  " + s.Line(p.Room()-used-show.Columns(at)-2, true, p.Palette)
}

// clauses prints why a stage fails, or of a match why it holds.
func (p *explainPrinter) clauses(s explain.Stage, headline string) {
	const by = "      "
	if headline == "" {
		for _, h := range s.Held {
			p.printf("%s%s  %s\n", by, show.Escape(show.Cut(h.Expr, p.Room()/2)), p.Palette.Dim(show.Escape(h.Seen)))
		}
		return
	}
	told := !strings.HasPrefix(headline, "stage ") || strings.HasPrefix(headline, fmt.Sprintf("stage %d", s.Number))
	if s.NoEvent != "" && s.NoEvent != headline {
		p.printf("%s%s\n", by, show.Escape(s.NoEvent))
	}
	for _, f := range s.Faults {
		if text := f.String(); !told || !strings.Contains(headline, text) {
			p.printf("%s%s\n", by, show.Escape(text))
		}
	}
}

func (p *explainPrinter) tree(s explain.Stage) {
	for _, l := range explain.Tree(s.Truth) {
		text := fmt.Sprintf("      %-5s  %s%s", l.Result, strings.Repeat("  ", l.Depth), show.Escape(show.Cut(l.Text, p.Room()/2)))
		switch {
		case l.Seen != "":
			p.printf("%s  %s\n", text, p.Palette.Dim(show.Escape(l.Seen)))
		default:
			p.printf("%s\n", text)
		}
	}
}
