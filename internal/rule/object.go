package rule

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// reading is one rule being read: where its problems go.
type reading struct {
	tree     *tree
	path     string // the file
	rule     string // the rule's name, for the problems
	problems []*Problem
	failed   bool

	exception bool // what is read is an exception, and rule is its name
}

// report adds a problem at a path of the tree or, if nothing stands there, at
// the nearest object around it.
func (r *reading) report(kind Kind, path, field, reason, hint string) {
	r.failed = r.failed || kind == KindError
	if r.full() {
		return
	}
	line, col := r.lineCol(path, false)
	if len(field) > 200 {
		field = strings.ToValidUTF8(field[:200], "") + "…"
	}
	r.problems = append(r.problems, &Problem{
		Kind: kind, Path: r.path, Line: line, Col: col, Rule: r.rule, Field: field, Reason: reason, Hint: hint,
		Exception: r.exception,
	})
}

// maxProblems is how many problems of one rule are told.
const maxProblems = 100

func (r *reading) full() bool { return len(r.problems) >= maxProblems }

// lineCol returns the place of the value at a path, or of its key.
func (r *reading) lineCol(path string, key bool) (line, col int) {
	for {
		if p, ok := r.tree.places.at[path]; ok && key {
			return r.tree.lines.at(p.key)
		} else if ok {
			return r.tree.lines.at(p.value)
		}
		cut := max(strings.LastIndexByte(path, '.'), strings.LastIndexByte(path, '['))
		if cut < 0 {
			return r.tree.lines.at(r.tree.start)
		}
		path = path[:cut]
	}
}

// object reads the keys of one object. Each method takes a key, notes that it is
// known, and reports a value that is not as it should be.
type object struct {
	*reading
	path  string // within the tree
	label string // within the rule: what problems call it
	m     map[string]any
	known map[string]bool
}

func newObject(r *reading, path, label string, m map[string]any) object {
	return object{reading: r, path: path, label: label, m: m, known: map[string]bool{}}
}

func (o object) wrong(key, reason, hint string) {
	o.report(KindError, join(o.path, key), join(o.label, key), reason, hint)
}

func (o object) warn(key, reason, hint string) {
	o.report(KindWarning, join(o.path, key), join(o.label, key), reason, hint)
}

// get returns the value of a key. JSON's null counts as absent.
func (o object) get(key string) (any, bool) {
	o.known[key] = true
	v := o.m[key]
	return v, v != nil
}

func (o object) mistyped(key, want string, v any) {
	o.wrong(key, fmt.Sprintf("must be %s, not %s", want, describe(v)), "")
}

// text returns a string; "" when absent.
func (o object) text(key string) string {
	v, ok := o.get(key)
	s, isString := v.(string)
	if ok && !isString {
		o.mistyped(key, "a string", v)
	}
	return s
}

// required returns a string that must be there and not be blank.
func (o object) required(key, hint string) string {
	if v, ok := o.get(key); !ok {
		o.wrong(key, "is missing", hint)
		return ""
	} else if s, isString := v.(string); isString && strings.TrimSpace(s) == "" {
		o.wrong(key, "is empty", hint)
		return ""
	}
	return o.text(key)
}

// optional returns a string that may be absent but not blank.
func (o object) optional(key string) string {
	s := o.text(key)
	if v, ok := o.get(key); ok && v == any(s) && strings.TrimSpace(s) == "" {
		o.wrong(key, "is empty", "leave it out, or name a field")
	}
	return s
}

// oneOf returns a required string that must be one of a few.
func (o object) oneOf(key string, allowed []string) string {
	s := o.required(key, "write one of "+strings.Join(allowed, ", "))
	if s != "" && !slices.Contains(allowed, s) {
		o.wrong(key, fmt.Sprintf("%s is not one of %s", quote(s), strings.Join(allowed, ", ")), choice(s, allowed))
	}
	return s
}

// integer returns a whole number within bounds, or def when absent.
func (o object) integer(key string, least, most, def int64) int {
	v, ok := o.get(key)
	if !ok {
		return int(def)
	}
	i, isInt := v.(int64)
	switch {
	case !isInt:
		o.mistyped(key, "a whole number", v)
	case i < least || i > most:
		want := fmt.Sprintf("must be %d or more", least)
		if most < 1<<31 {
			want = fmt.Sprintf("must be from %d to %d", least, most)
		}
		o.wrong(key, fmt.Sprintf("%s, not %d", want, i), "")
	default:
		return int(i)
	}
	return int(def)
}

// boolean returns a boolean; false when absent.
func (o object) boolean(key string) bool {
	v, ok := o.get(key)
	b, isBool := v.(bool)
	if ok && !isBool {
		o.mistyped(key, "true or false", v)
	}
	return b
}

// list returns a list of anything; nil when absent or empty.
func (o object) list(key string) []any {
	v, ok := o.get(key)
	l, isList := v.([]any)
	if ok && !isList {
		o.mistyped(key, "a list", v)
	}
	if len(l) == 0 {
		return nil
	}
	return l
}

// texts returns a list of strings, none of them blank; nil when absent or empty.
func (o object) texts(key string) []string {
	if s, ok := o.m[key].(string); ok {
		o.known[key] = true
		o.wrong(key, "must be a list of strings, not a string", fmt.Sprintf("write [%s]", quote(s)))
		return nil
	}
	var out []string
	for i, v := range o.list(key) {
		at := fmt.Sprintf("%s[%d]", key, i)
		s, ok := v.(string)
		switch {
		case !ok:
			o.mistyped(at, "a string", v)
		case strings.TrimSpace(s) == "":
			o.wrong(at, "is empty", "leave it out")
		default:
			out = append(out, s)
		}
	}
	return out
}

// table returns an object with any keys; nil when absent.
func (o object) table(key string) map[string]any {
	v, ok := o.get(key)
	m, isMap := v.(map[string]any)
	if ok && !isMap {
		o.mistyped(key, "an object", v)
	}
	return m
}

// child hands over an object of known keys, if it is there.
func (o object) child(key string, read func(object)) {
	if m := o.table(key); m != nil {
		c := newObject(o.reading, join(o.path, key), join(o.label, key), m)
		read(c)
		c.rest("")
	}
}

// children hands over each object of a list of objects.
func (o object) children(key string, read func(object)) {
	for i, v := range o.list(key) {
		at := fmt.Sprintf("%s[%d]", key, i)
		m, ok := v.(map[string]any)
		if !ok {
			o.mistyped(at, "an object", v)
			continue
		}
		c := newObject(o.reading, join(o.path, at), join(o.label, at), m)
		read(c)
		c.rest("")
	}
}

// rest returns the keys that no method was asked for, and warns of them.
func (o object) rest(what string) map[string]any {
	var extra map[string]any
	known := slices.Sorted(maps.Keys(o.known))
	for _, k := range slices.Sorted(maps.Keys(o.m)) {
		if o.known[k] {
			continue
		}
		if extra == nil {
			extra = map[string]any{}
		}
		extra[k] = o.m[k]
		if what == "" {
			o.unknown(k, "is no key that this object has; it is left out", known)
		} else if !fromKibana(k) {
			o.unknown(k, "is no field of "+what+"; it has no effect", known)
		}
	}
	return extra
}

// unknown warns of a key, at the key.
func (o object) unknown(key, reason string, known []string) {
	if o.full() {
		return
	}
	o.warn(key, reason, didYouMean(key, known))
	last := o.problems[len(o.problems)-1]
	last.Line, last.Col = o.lineCol(join(o.path, key), true)
}

// quote quotes a string for a message, the first part of it when it is long.
func quote(s string) string {
	if r := []rune(s[:min(len(s), 200)]); len(r) > 50 {
		return strconv.Quote(string(r[:49]) + "…")
	}
	return strconv.Quote(s)
}

// describe names a value's type for a message, and a simple value.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "the string " + quote(v)
	case bool, int64, float64:
		return fmt.Sprint(v)
	case json.Number:
		return "the number " + quote(v.String())
	case []any:
		return "a list"
	}
	return "an object"
}
