package rule

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// buildFilters makes the condition of a rule's filters, which are ANDed; nil if
// there is none. A filter that can not be applied is an error: without it the
// rule would alert on what it rules out.
func buildFilters(o object) eql.Expr {
	var all []eql.Expr
	for i, f := range o.list("filters") {
		m, ok := f.(map[string]any)
		if !ok {
			continue // said elsewhere
		}
		at := "filters[" + strconv.Itoa(i) + "]"
		meta, _ := m["meta"].(map[string]any)
		if meta["disabled"] == true {
			continue
		}
		b := filterReader{}
		condition := b.filter(m)
		if b.reason != "" {
			key := at
			if b.key != "" {
				key += "." + b.key
			}
			o.wrong(key, b.reason+filterName(meta), filterHint)
			continue
		}
		if meta["negate"] == true {
			condition = not(condition)
		}
		all = append(all, condition)
	}
	if all == nil {
		return nil
	}
	return allOf(all...)
}

const filterHint = "filters are applied that test match_phrase, term, terms, exists, range, prefix, wildcard, and bool over these; write the test into the query instead, or set meta.disabled"

// filterName says which filter it is, as Kibana shows it.
func filterName(meta map[string]any) string {
	for _, key := range []string{"alias", "key"} {
		if name, ok := meta[key].(string); ok && name != "" {
			return " (the filter " + quote(name) + ")"
		}
	}
	return ""
}

// filterReader reads one filter. Its first fault is kept.
type filterReader struct {
	key, reason string // what is at fault, within the filter
}

func (b *filterReader) fail(key, format string, args ...any) eql.Expr {
	if b.reason == "" {
		b.key, b.reason = key, fmt.Sprintf(format, args...)
	}
	return &eql.Literal{Value: value.OfBool(false)}
}

// filter reads a filter of Kibana: its query or, as it was written before
// Kibana 8, the query's one clause at its top.
func (b *filterReader) filter(m map[string]any) eql.Expr {
	if q, ok := m["query"]; ok && q != nil {
		body, ok := q.(map[string]any)
		if !ok {
			return b.fail("query", "must be an object, not %s", describe(q))
		}
		return b.query("query", body)
	}
	body := map[string]any{}
	for key, v := range m {
		if key != "meta" && key != "$state" && key != "query" {
			body[key] = v
		}
	}
	return b.query("", body)
}

// query reads a query of Elasticsearch: an object of one clause.
func (b *filterReader) query(at string, q map[string]any) eql.Expr {
	if len(q) != 1 {
		return b.fail(at, "must have one clause, not %d", len(q))
	}
	for name, v := range q {
		path := join(at, name)
		body, ok := v.(map[string]any)
		if !ok {
			return b.fail(path, "must be an object, not %s", describe(v))
		}
		switch name {
		case "match_all":
			return &eql.Literal{Value: value.OfBool(true)}
		case "match_none":
			return &eql.Literal{Value: value.OfBool(false)}
		case "bool":
			return b.boolean(path, body)
		case "exists":
			field, ok := body["field"].(string)
			if !ok || field == "" {
				return b.fail(path, "names no field")
			}
			if isObject(field) {
				return b.fail(path, "asks for the object %s, which is not applied here: %s", quote(field), objectHint)
			}
			return newTarget(field).exists()
		case "match_phrase", "phrase", "match", "term", "terms", "phrases", "prefix", "wildcard", "range":
			return b.leaf(path, name, body)
		}
	}
	name := slices.Collect(maps.Keys(q))[0]
	return b.fail(join(at, name), "is a query that is not applied here")
}

// leaf reads a clause of the form {FIELD: WHAT}.
func (b *filterReader) leaf(at, name string, body map[string]any) eql.Expr {
	var fields []string
	for key := range body {
		if key != "boost" && key != "_name" {
			fields = append(fields, key)
		}
	}
	if len(fields) != 1 {
		return b.fail(at, "must name one field, not %d", len(fields))
	}
	t, what, at := newTarget(fields[0]), body[fields[0]], join(at, fields[0])
	if name == "range" {
		return b.between(at, t, what)
	}
	if name == "terms" || name == "phrases" {
		list, ok := what.([]any)
		if !ok {
			return b.fail(at, "must be a list, not %s", describe(what))
		}
		var texts []string
		for _, v := range list {
			texts = append(texts, b.scalar(at, v))
		}
		return t.equalAny(texts)
	}
	if options, ok := what.(map[string]any); ok {
		if name == "match" && options["type"] != "phrase" {
			return b.fail(at, "is a match of words, which needs an analyser")
		}
		if options["case_insensitive"] == true {
			t.fold = true
		}
		for _, key := range []string{"query", "value", "wildcard"} {
			if v, ok := options[key]; ok {
				what = v
				break
			}
		}
	} else if name == "match" && t.text {
		return b.fail(at, "is a match of words, which needs an analyser")
	}
	text := b.scalar(at, what)
	switch name {
	case "wildcard":
		return t.like(text)
	case "prefix":
		return t.like(strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(text) + "*")
	}
	return t.equal(text)
}

// scalar returns the text of a value.
func (b *filterReader) scalar(at string, v any) string {
	switch v.(type) {
	case string, bool, int64, float64:
		return fmt.Sprint(v)
	}
	b.fail(at, "must be a value, not %s", describe(v))
	return ""
}

var rangeOps = map[string]eql.Op{"gt": eql.Gt, "gte": eql.Ge, "lt": eql.Lt, "lte": eql.Le}

// between reads the bounds of a range.
func (b *filterReader) between(at string, t target, what any) eql.Expr {
	bounds, ok := what.(map[string]any)
	if !ok {
		return b.fail(at, "must be an object, not %s", describe(what))
	}
	var all []eql.Expr
	for _, key := range slices.Sorted(maps.Keys(bounds)) {
		op, ok := rangeOps[key]
		v := bounds[key]
		switch {
		case v == nil || key == "boost" || key == "_name":
			continue
		case key == "format" && (v == "date_time" || strings.HasPrefix(fmt.Sprint(v), "strict_date_optional_time")):
			continue
		case !ok:
			return b.fail(join(at, key), "is no bound that is applied here")
		}
		bound := value.OfString(b.scalar(join(at, key), v))
		switch n := v.(type) {
		case int64:
			bound = value.OfInt(n)
		case float64:
			bound = value.OfFloat(n)
		case string:
			if _, isDate := value.ParseDate(n); t.typ == value.TypeDate && !isDate {
				return b.fail(join(at, key), "%s is no point in time that stands still; date math is not applied here", quote(n))
			}
		}
		all = append(all, &eql.Binary{Op: op, L: t.field, R: &eql.Literal{Value: bound}})
	}
	if all == nil {
		return t.exists()
	}
	return allOf(all...)
}

// boolean reads a bool query.
func (b *filterReader) boolean(at string, body map[string]any) eql.Expr {
	var parts, should []eql.Expr
	positive := 0 // with none, one of should has to hold
	for _, key := range slices.Sorted(maps.Keys(body)) {
		switch key {
		case "must", "filter":
			clauses := b.clauses(join(at, key), body[key])
			parts, positive = append(parts, clauses...), positive+len(clauses)
		case "must_not":
			for _, e := range b.clauses(join(at, key), body[key]) {
				parts = append(parts, not(e))
			}
		case "should":
			should = b.clauses(join(at, key), body[key])
		case "minimum_should_match", "boost", "_name":
		default:
			return b.fail(join(at, key), "is no part of a bool query")
		}
	}
	least := 0
	if positive == 0 && len(should) > 0 {
		least = 1
	}
	if v, ok := body["minimum_should_match"]; ok {
		n, err := strconv.Atoi(fmt.Sprint(v))
		if err != nil || n < 0 || n > 1 && n != len(should) {
			return b.fail(join(at, "minimum_should_match"), "of %v is not applied here; 0, 1 and all are", v)
		}
		least = n
	}
	switch {
	case least == 0:
	case least == len(should):
		parts = append(parts, should...)
	default:
		parts = append(parts, anyOf(should...))
	}
	return allOf(parts...)
}

// clauses reads one query or a list of them.
func (b *filterReader) clauses(at string, v any) []eql.Expr {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var out []eql.Expr
	for i, e := range list {
		path := at
		if ok {
			path += "[" + strconv.Itoa(i) + "]"
		}
		q, isObject := e.(map[string]any)
		if !isObject {
			b.fail(path, "must be an object, not %s", describe(e))
			continue
		}
		out = append(out, b.query(path, q))
	}
	return out
}
