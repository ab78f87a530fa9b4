package explain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/reference"
)

// mostCategories is how many categories a note lists.
const mostCategories = 6

func (x *explaining) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(x.report.Notes, text) {
		x.report.Notes = append(x.report.Notes, text)
	}
}

// noCategory tells of terms whose category no document is of.
func (x *explaining) noCategory(terms []*term) {
	for _, t := range terms {
		if len(t.docs) > 0 || len(x.placed) == 0 {
			continue
		}
		x.note("no %s among %d: %s", t.category(), len(x.placed), x.categories())
	}
}

// categories lists those that there are, the most frequent first.
func (x *explaining) categories() string {
	name := cmp.Or(x.opts.CategoryField, eql.DefaultCategoryField)
	field := &eql.Field{Segments: strings.Split(name, "."), Path: x.opts.Schema.Path(name)}
	counts := map[string]int{}
	for _, p := range x.placed {
		values := x.program.Values(field, p.Document)
		if len(values) == 0 {
			counts["none"]++
		}
		for _, v := range values {
			counts[one(v)]++
		}
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	var all []string
	for i, n := range names {
		if i == mostCategories {
			all = append(all, fmt.Sprintf("%d more", len(names)-i))
			break
		}
		all = append(all, fmt.Sprintf("%s %d", n, counts[n]))
	}
	return name + " is " + strings.Join(all, ", ")
}

// keyless tells of events that meet a stage and can not take part.
func (x *explaining) keyless(stages []*term) {
	for _, t := range stages {
		if t.keyless == 0 || t.run > 1 {
			continue
		}
		var names []string
		for _, k := range t.keys {
			names = append(names, k.Name())
		}
		x.note("%d of the events that meet stage %d lack a join key (%s)", t.keyless, t.number, strings.Join(names, ", "))
	}
}

// absent tells of fields that the nearest misses fail on and that no event of
// the category has, and of join keys like that.
func (x *explaining) absent(terms []*term) {
	for _, t := range terms {
		for _, k := range t.keys {
			if !k.Optional {
				x.absentField(t, k)
			}
		}
	}
	for _, m := range x.report.Misses {
		for _, s := range m.Stages {
			if s.Truth == nil || s.Truth.Holds() {
				continue
			}
			i := slices.IndexFunc(terms, func(t *term) bool { return t.filter == s.Filter })
			for _, f := range absentIn(s.Truth, true, nil) {
				x.absentField(terms[i], f)
			}
		}
	}
}

func (x *explaining) absentField(t *term, f *eql.Field) {
	if t.absent == nil {
		t.absent = map[string]bool{}
	}
	if t.absent[f.Path] || len(t.docs) == 0 {
		return
	}
	t.absent[f.Path] = true
	if !slices.ContainsFunc(t.docs, func(p reference.Placed) bool { return len(x.program.Values(f, p.Document)) > 0 }) {
		x.note("%s absent in 100 %% of %ss", f.Name(), t.category())
	}
}

// absentIn lists the missing fields of the leaves that are not as wanted.
func absentIn(t *reference.Truth, want bool, found []*eql.Field) []*eql.Field {
	if near(t, want).cost == 0 {
		return found
	}
	for _, s := range t.Seen {
		if len(s.Values) == 0 {
			found = append(found, s.Field)
		}
	}
	if _, not := t.Expr.(*eql.Unary); not {
		want = !want
	}
	switch {
	case len(t.Children) == 0:
	case len(t.Children) == 1 || needsAll(t, want):
		for _, child := range t.Children {
			found = absentIn(child, want, found)
		}
	default:
		n, _ := nearest(t, want)
		found = absentIn(t.Children[n], want, found)
	}
	return found
}

// indexNote tells of documents that the rule does not search, if it might have
// found something in them.
func (x *explaining) indexNote() {
	counts, wanted := map[string]int{}, len(x.placed) == 0
	for _, d := range x.docs {
		if x.opts.Accept != nil && !x.opts.Accept(d) {
			counts[d.Index]++
			wanted = wanted || slices.ContainsFunc(x.filters, func(j *judged) bool { return j.inCategory(j.explainer.Explain(d)) })
		}
	}
	if len(counts) == 0 || !wanted {
		return
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	text := fmt.Sprintf("%d of %d events are in no index that the rule searches, most of them in %q", x.report.Outside, len(x.docs), names[0])
	x.note("%s", text)
	if len(x.report.Matches) > 0 {
		return
	}
	opts := x.opts
	opts.Accept = nil
	result, err := x.result(x.body, opts)
	if err != nil || len(result.Events)+len(result.Sequences) == 0 {
		return
	}
	times := "once"
	if n := len(result.Events) + len(result.Sequences); n > 1 {
		times = itoa(n) + " times"
	}
	m := &Miss{Cause: CauseIndex, Text: fmt.Sprintf("the index patterns leave out %q; without them the query matches %s", names[0], times)}
	x.report.Misses = append([]*Miss{m}, x.report.Misses...)
}
