// Package ecs names the fields of the Elastic Common Schema and of Elastic
// Defend's data streams and says their types. The checks of the eql package use
// it to warn of a name that is not known and to suggest the one that was meant.
//
// The names are facts in one embedded text of some 200 KB, made by the
// generator in gen. It is read once, at the first call of any function here (a
// few milliseconds, about half a megabyte kept); then a Lookup is a map access.
// Safe for concurrent use.
package ecs

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/tripline-sec/tripline/internal/value"
)

//go:generate go run ./gen -from $ECS_FIELDS -to fields.txt

// Field is one known field.
type Field struct {
	Name   string
	Type   value.Type
	Array  bool   // the schema says that the field holds an array
	Source string // "ecs" (the common schema) or "endpoint" (Elastic Defend)
}

// Lookup returns the field of that exact name. Where both sources name a field,
// the common schema's facts are given.
func Lookup(name string) (Field, bool) {
	f, ok := table().byName[name]
	return f, ok
}

// Names returns the names of all fields, sorted. The slice is the caller's own.
func Names() []string { return slices.Clone(table().names) }

//go:embed fields.txt
var fieldsText string

type index struct {
	byName map[string]Field
	names  []string
}

var table = sync.OnceValue(func() index { return parse(fieldsText) })

// parse reads lines of `name type source`, which the generator keeps well formed
// and sorted.
func parse(text string) index {
	n := strings.Count(text, "\n")
	t := index{byName: make(map[string]Field, n), names: make([]string, 0, n)}
	for line := range strings.Lines(text) {
		parts := strings.Fields(line)
		typ, array := strings.CutSuffix(parts[1], "[]")
		t.byName[parts[0]] = Field{Name: parts[0], Type: typeOf(typ), Array: array, Source: parts[2]}
		t.names = append(t.names, parts[0])
	}
	return t
}

// typeOf returns the type that a query sees for a field mapped so.
// Elasticsearch EQL: the keyword family is one type, as are the types of
// doubles; match_only_text is text; what has no scalar value is unsupported.
func typeOf(mapped string) value.Type {
	switch mapped {
	case "keyword", "constant_keyword", "wildcard":
		return value.TypeKeyword
	case "text", "match_only_text":
		return value.TypeText
	case "boolean":
		return value.TypeBoolean
	case "byte", "short", "integer":
		return value.TypeInteger
	case "long":
		return value.TypeLong
	case "unsigned_long":
		return value.TypeUnsignedLong
	case "half_float", "float", "double", "scaled_float":
		return value.TypeDouble
	case "date", "date_nanos":
		return value.TypeDate
	case "ip":
		return value.TypeIP
	case "version":
		return value.TypeVersion
	case "object":
		return value.TypeObject
	case "nested":
		return value.TypeNested
	}
	return value.TypeUnsupported
}

// Below returns the names of the fields beneath the object of a name, sorted. The
// slice must not be changed.
func Below(name string) []string {
	t := table()
	prefix := name + "."
	from, _ := slices.BinarySearch(t.names, prefix)
	to := from
	for to < len(t.names) && strings.HasPrefix(t.names[to], prefix) {
		to++
	}
	return t.names[from:to:to]
}
