package inspect

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

// classes counts documents as the engine does.
func classes(docs []*event.Document, categoryFields []string, rules []*Rule) []Class {
	var order []string
	counted := map[string]*Class{}
	present := map[string]map[string]bool{}
	by := append(slices.Clone(valueFields), categoryFields...)
	for _, doc := range docs {
		values := map[string][]string{}
		for _, field := range by {
			for _, v := range doc.Values(field) {
				values[field] = append(values[field], v.Text())
			}
			slices.Sort(values[field])
			values[field] = slices.Compact(values[field])
		}
		key := fmt.Sprintf("%q %q", doc.Index, values)
		c := counted[key]
		if c == nil {
			has := map[string]bool{}
			c = &Class{Index: doc.Index, Values: values, Fields: func(path string) bool { return has[path] }}
			counted[key], present[key] = c, has
			order = append(order, key)
		}
		c.Count++
		for _, r := range rules {
			for _, field := range fieldsOf(r) {
				present[key][field] = present[key][field] || len(doc.Values(field)) > 0
			}
		}
	}
	var all []Class
	for _, key := range order {
		all = append(all, *counted[key])
	}
	return all
}

// What is said of documents is said of their classes.
func TestClassesBlockWhatDocumentsBlock(t *testing.T) {
	fim := func(index string) bool { return strings.Contains(index, "fim") }
	var rules []*Rule
	for query := range cases {
		rules = append(rules, NewRule(query, checked(t, query), "", everywhere))
	}
	rules = append(
		rules,
		NewRule("fim", checked(t, `file where file.path != null`), "", fim),
		NewRule("not in fim", checked(t, `process where true`), "", fim),
		NewRule("by action", checked(t, `exec where process.name != null and event.type == "start"`), "event.action", everywhere),
		NewRule("by os", checked(t, `windows where true`), "host.os.type", everywhere),
	)
	blocked := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		byDocument, byClass := New(rules, Options{RulesOnly: true}), New(rules, Options{RulesOnly: true})
		var docs []*event.Document
		for n := range r.IntN(12) {
			docs = append(docs, decode(t, documents[r.IntN(len(documents))], n))
		}
		for _, doc := range docs {
			byDocument.Take(doc)
		}
		for _, c := range classes(docs, slices.Sorted(maps.Keys(byClass.needs)), rules) {
			byClass.TakeClass(c)
		}
		got, want := byClass.Blocked(), byDocument.Blocked()
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d:\n got %+v\nwant %+v", seed, got, want)
		}
		if got, want := byClass.Report().Documents, len(docs); got != want {
			t.Fatalf("seed %d: %d documents, want %d", seed, got, want)
		}
		blocked += len(got)
	}
	if blocked < 300 {
		t.Errorf("only %d rules were blocked in all", blocked)
	}
}

// Where not all was counted nothing, or less, is claimed.
func TestClassesThatWereNotAllCounted(t *testing.T) {
	rules := []*Rule{
		NewRule("value", checked(t, `process where event.action == "fork"`), "", everywhere),
		NewRule("category", checked(t, `registry where true`), "", everywhere),
	}
	class := Class{
		Index: "x", Count: 2, Fields: func(path string) bool { return path == "event.action" },
		Values: map[string][]string{"event.category": {"process", "process"}, "event.action": {"exec"}},
	}
	names := func(i *Inspector) (all []string) {
		for _, b := range i.Blocked() {
			all = append(all, b.Name)
		}
		return all
	}
	i := New(rules, Options{RulesOnly: true})
	i.TakeClass(Class{})
	if got := names(i); got != nil {
		t.Errorf("of nothing: %v", got)
	}
	i.TakeClass(class)
	if got := fmt.Sprint(names(i)); got != "[value category]" {
		t.Errorf("of one class: %v", got)
	}
	class.Unknown = []string{"event.action"}
	i.TakeClass(class)
	if got := fmt.Sprint(names(i)); got != "[category]" {
		t.Errorf("with unknown values: %v", got)
	}
	i.Overflow()
	if got := names(i); got != nil {
		t.Errorf("with unknown classes: %v", got)
	}
}

func TestFieldsOfARule(t *testing.T) {
	for query, want := range map[string]string{
		`process where process.name == "x" and not user.id == "y"`:                             "[event.category process.name]",
		`sequence by host.id [process where true] by process.pid [file where true] by user.id`: "[event.category host.id process.pid user.id]",
		`any where true`: "[event.category]",
	} {
		if got := fmt.Sprint(fieldsOf(NewRule("", checked(t, query), "", everywhere))); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	if got := fieldsOf(NewRule("", checked(t, `any where true`), "kind", everywhere)); !reflect.DeepEqual(got, []string{"kind"}) {
		t.Errorf("with a category field of its own: %v", got)
	}
}

// fieldsOf returns the fields of which it must be known whether events have them
// for Blocked to judge the rule, sorted. The field of categories is one.
func fieldsOf(r *Rule) []string {
	all := needsOf([]*Rule{r})[r.category]
	all[r.category] = true
	return slices.Sorted(maps.Keys(all))
}
