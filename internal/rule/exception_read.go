package rule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/eql"
)

var (
	namespaces     = []string{"single", "agnostic"}
	entryOperators = []string{"included", "excluded"}
	entryTypes     = []string{"match", "match_any", "exists", "wildcard", "list", "nested"}
	nestedTypes    = []string{"match", "match_any", "exists"}
	osTypes        = []string{"linux", "macos", "windows"}
)

// fromExport are keys of lists and items that Kibana fills and that say nothing
// of what is excepted.
var fromExport = []string{"id", "_version", "tie_breaker_id", "version", "immutable", "meta", "comments"}

func (o object) tolerate(keys []string) {
	for _, key := range keys {
		o.known[key] = true
	}
}

func (o object) namespace() string {
	if _, ok := o.get("namespace_type"); !ok {
		return namespaces[0]
	}
	return o.oneOf("namespace_type", namespaces)
}

// exceptions takes a TOML file of exception lists: [[exceptions]], each with a
// container and items.
func (s *Set) exceptions(rd *reading, top object) {
	top.known["metadata"] = true
	top.children("exceptions", func(o object) {
		listID, namespace := "", namespaces[0]
		o.child("container", func(c object) {
			list := s.container(c)
			listID, namespace = list.ListID, list.Namespace
		})
		o.children("items", func(c object) { s.item(c, listID, namespace) })
	})
	top.rest("a file of exceptions")
	s.Problems = append(s.Problems, rd.problems...)
}

// container takes an exception list.
func (s *Set) container(o object) *ExceptionContainer {
	o.tolerate(fromExport)
	o.tolerate([]string{"os_types", "description"})
	list := &ExceptionContainer{
		ListID: o.required("list_id", "rules name the list by it"), Namespace: o.namespace(),
		Name: o.text("name"), Type: o.required("type", `such as "detection"`), Path: o.reading.path,
	}
	for _, tag := range o.texts("tags") {
		if name, ok := strings.CutPrefix(tag, RuleTag); ok {
			list.Rules = append(list.Rules, name)
		}
	}
	list.Line, _ = o.lineCol(o.path, false)
	s.Lists = append(s.Lists, list)
	return list
}

// item takes an item of an exception list, if it has no error.
func (s *Set) item(o object, listID, namespace string) {
	o.tolerate(fromExport)
	before := o.errors()
	o.exception = true
	o.rule, _ = o.m["name"].(string)
	e := &Exception{
		ItemID: o.required("item_id", "give the item an identity of its own"), Name: o.required("name", "say what is excepted"),
		Description: o.text("description"), Tags: o.texts("tags"), OSTypes: o.texts("os_types"),
		ListID: listID, Namespace: namespace, Path: o.reading.path,
	}
	e.Line, _ = o.lineCol(o.path, false)
	if _, ok := o.get("list_id"); ok || listID == "" {
		e.ListID = o.required("list_id", "name the list that the item belongs to")
	}
	if _, ok := o.get("namespace_type"); ok {
		e.Namespace = o.namespace()
	}
	if _, ok := o.get("type"); ok {
		o.oneOf("type", []string{"simple"})
	}
	for i, system := range e.OSTypes {
		if !slices.Contains(osTypes, system) {
			o.wrong("os_types["+strconv.Itoa(i)+"]", quote(system)+" is no operating system", choice(system, osTypes))
		}
	}
	if text := o.text("expire_time"); text != "" {
		var err error
		if e.Expires, err = time.Parse(time.RFC3339Nano, text); err != nil {
			o.wrong("expire_time", quote(text)+" is no time", "write it as 2026-01-31T00:00:00Z")
		}
	}
	var at int
	var ok bool
	if e.Scope, at, ok = scopeOf(e.Tags); !ok {
		o.wrong("tags["+strconv.Itoa(at)+"]", quote(e.Tags[at])+" is no scope of an exception", scopeHint)
	}
	o.children("entries", func(c object) { e.Entries = append(e.Entries, entry(c, entryTypes)) })
	if len(o.list("entries")) == 0 {
		o.wrong("entries", "has no entry: the item would except everything or nothing", "write at least one entry")
	}
	if o.errors() > before {
		return
	}
	key := listKey{e.ItemID, e.Namespace}
	if other := s.takenItems[key]; other != nil {
		o.wrong("item_id", fmt.Sprintf("%s is taken by %s of %s:%d", quote(e.ItemID), quote(other.Name), other.Path, other.Line),
			"give each item an identity of its own")
		return
	}
	if s.takenItems == nil {
		s.takenItems = map[listKey]*Exception{}
	}
	s.takenItems[key] = e
	s.Items = append(s.Items, e)
}

// errors counts the errors so far.
func (r *reading) errors() int {
	n := 0
	for _, p := range r.problems {
		if p.Kind == KindError {
			n++
		}
	}
	return n
}

// entry reads one test. Of what may stand in it types tells.
func entry(o object, types []string) Entry {
	e := Entry{Field: o.required("field", "name the field to test"), Type: o.oneOf("type", types)}
	if strings.HasPrefix(e.Field, ".") || strings.HasSuffix(e.Field, ".") || strings.Contains(e.Field, "..") {
		o.wrong("field", quote(e.Field)+" is no name of a field", "")
	}
	if e.Type != "nested" {
		e.Excluded = o.oneOf("operator", entryOperators) == "excluded"
	}
	switch e.Type {
	case "match", "wildcard":
		// An empty value is a value.
		if _, ok := o.get("value"); !ok {
			o.wrong("value", "is missing", "write the value to test for")
		}
		e.Values = []string{o.text("value")}
	case "match_any":
		if e.Values = o.texts("value"); len(e.Values) == 0 && !o.failed {
			o.wrong("value", "is an empty list", "write the values to test for")
		}
	case "list":
		if _, ok := o.get("list"); !ok {
			o.wrong("list", "is missing", `write list = {id = "NAME", type = "keyword"}`)
		}
		o.child("list", func(c object) {
			e.List = ValueListRef{ID: c.required("id", "name the value list"), Type: c.required("type", "such as keyword, ip or ip_range")}
		})
	case "exists":
		if isObject(e.Field) {
			o.wrong("field", quote(e.Field)+" is an object and not a field: it would never hold", objectHint)
		}
	case "nested":
		o.children("entries", func(c object) { e.Entries = append(e.Entries, entry(c, nestedTypes)) })
		if len(o.list("entries")) == 0 {
			o.wrong("entries", "has no entry", "write at least one entry")
		}
	}
	e.warn(o)
	return e
}

// warn tells what the checks of EQL say of an entry: names that look like a
// slip, values that the field can never have.
func (e *Entry) warn(o object) {
	if e.Type == "list" || e.Type == "nested" || e.Field == "" || len(e.Values) == 0 {
		return
	}
	condition := e.test(newTarget(e.Field))
	_, warnings, err := eql.Check(&eql.Query{Body: &eql.Filter{Any: true, Condition: condition}}, eql.CheckOptions{})
	for _, w := range warnings {
		o.warn("field", w.Message, w.Hint)
	}
	if err != nil {
		o.wrong("value", err.Error(), "")
	}
}
