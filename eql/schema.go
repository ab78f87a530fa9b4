package eql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/internal/ecs"
	"github.com/tripline-sec/tripline/internal/value"
)

// Schema says which fields exist and of which type they are, for one or more
// indices. Without one (a nil *Schema) every field counts as mapped: fields
// that ECS or Elastic Defend name have the type given there, all others the
// JSON type of each value.
//
// A Schema may be read by many goroutines; ParseMapping and Observe build it.
type Schema struct {
	indices []*indexMapping
}

// indexMapping holds the fields of one index. Name "" stands for every index.
type indexMapping struct {
	name    string
	dynamic bool
	fields  map[string]mappedField
}

// mappedField is one mapped field. path is where its values stand in the
// documents: another field's path for an alias or a sub-field.
type mappedField struct {
	typ      Type
	typeName string // as the mapping writes it
	format   string // dates
	path     string
	nested   string // the nested field that it is or lies in
}

// resolved is what a name means over all indices.
type resolved struct {
	mappedField
	conflict string // the message, when the indices disagree
}

// lookup finds a field over all indices.
func (s *Schema) lookup(name string) (resolved, bool) {
	var r resolved
	found := false
	for _, ix := range s.indices {
		f, ok := ix.fields[name]
		if !ok {
			continue
		}
		if !found {
			r.mappedField, found = f, true
			continue
		}
		if f.typ != r.typ && !(f.typ.IsNumeric() && r.typ.IsNumeric()) {
			r.conflict = fmt.Sprintf("Cannot use field [%s] due to ambiguities being mapped as [2] incompatible types: [%s] and [%s]",
				name, r.typeName, f.typeName)
		}
	}
	return r, found
}

// Path returns where the values of a field stand in the documents: for an alias
// or a sub-field that is another field's path, else the name itself.
func (s *Schema) Path(name string) string {
	if s != nil {
		if r, ok := s.lookup(name); ok {
			return r.path
		}
	}
	return name
}

// names returns all field names, sorted.
func (s *Schema) names() []string {
	seen := map[string]bool{}
	for _, ix := range s.indices {
		for n := range ix.fields {
			seen[n] = true
		}
	}
	names := make([]string, 0, len(seen))
	for n := range seen {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// index returns the mapping that holds for a document of the named index: its
// own, the only one there is, or nil.
func (s *Schema) index(name string) *indexMapping {
	for _, ix := range s.indices {
		if ix.name == name {
			return ix
		}
	}
	if len(s.indices) == 1 {
		return s.indices[0]
	}
	return nil
}

// Coerce reads a JSON value of the document field at path as the field's type,
// as indexing it would: a number in a keyword field becomes its text, ISO text
// in a date field an instant. A value that does not fit is returned as it is.
func (s *Schema) Coerce(index, path string, v Value) Value {
	if s == nil {
		if f, ok := ecs.Lookup(path); ok {
			return value.Coerce(v, f.Type, "")
		}
		return v
	}
	if ix := s.index(index); ix != nil {
		if f, ok := ix.fields[path]; ok {
			return value.Coerce(v, f.typ, f.format)
		}
	}
	return v
}

// Observe adds a field the way Elasticsearch's dynamic mapping does when a
// document brings one that the index's mapping does not name: a whole number is
// long, a decimal one double, a date-like text date, other text keyword.
func (s *Schema) Observe(index, path string, v Value) {
	ix := s.index(index)
	if ix == nil || !ix.dynamic || v.IsNull() {
		return
	}
	if _, ok := ix.fields[path]; ok {
		return
	}
	f := mappedField{path: path}
	switch v.Kind() {
	case value.Bool:
		f.typ, f.typeName = value.TypeBoolean, "boolean"
	case value.Int, value.Uint, value.OutOfRange:
		f.typ, f.typeName = value.TypeLong, "long"
	case value.Float:
		f.typ, f.typeName = value.TypeDouble, "float"
	default:
		f.typ, f.typeName = value.TypeKeyword, "keyword"
		if _, ok := value.ParseDate(v.Str()); ok && strings.ContainsAny(v.Str(), "-/") {
			f.typ, f.typeName = value.TypeDate, "date"
		}
	}
	ix.fields[path] = f
}
