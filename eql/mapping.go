package eql

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tripline-sec/tripline/internal/value"
)

// ParseMapping reads an Elasticsearch mapping: the `properties` of one index,
// the same inside `mappings`, or the answer of GET /INDEX/_mapping, which names
// each index. Aliases, multi-fields, date formats, `dynamic` and runtime fields
// are understood.
func ParseMapping(data []byte) (*Schema, error) {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(data, &top); err != nil {
		return nil, fmt.Errorf("read mapping: %w", err)
	}
	s := &Schema{}
	if isMapping(top) {
		return s, s.add("", data)
	}
	names := make([]string, 0, len(top))
	for n := range top {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		if err := s.add(n, top[n]); err != nil {
			return nil, fmt.Errorf("read mapping of index %s: %w", n, err)
		}
	}
	if len(s.indices) == 0 {
		return nil, fmt.Errorf("read mapping: no `properties` in it")
	}
	return s, nil
}

// isMapping tells a mapping from an answer that names indices.
func isMapping(top map[string]json.RawMessage) bool {
	for _, k := range []string{"properties", "mappings", "runtime", "dynamic"} {
		if _, ok := top[k]; ok {
			return true
		}
	}
	return false
}

type mappingJSON struct {
	Mappings   *mappingJSON             `json:"mappings"`
	Dynamic    any                      `json:"dynamic"`
	Properties map[string]*propertyJSON `json:"properties"`
	Runtime    map[string]*propertyJSON `json:"runtime"`
}

type propertyJSON struct {
	Type       string                   `json:"type"`
	Path       string                   `json:"path"`
	Format     string                   `json:"format"`
	Properties map[string]*propertyJSON `json:"properties"`
	Fields     map[string]*propertyJSON `json:"fields"`
}

func (s *Schema) add(index string, data []byte) error {
	var m mappingJSON
	if err := json.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("read mapping: %w", err)
	}
	if m.Mappings != nil {
		m = *m.Mappings
	}
	ix := &indexMapping{name: index, fields: map[string]mappedField{}, dynamic: true}
	switch m.Dynamic {
	case false, "false", "strict":
		ix.dynamic = false
	}
	aliases := map[string]string{}
	for _, group := range []map[string]*propertyJSON{m.Properties, m.Runtime} {
		for name, p := range group {
			ix.property(name, p, "", aliases)
		}
	}
	for name, target := range aliases {
		f, ok := ix.fields[target]
		if !ok {
			return fmt.Errorf("alias [%s] names the field [%s], which is not mapped", name, target)
		}
		ix.fields[name] = f
	}
	s.indices = append(s.indices, ix)
	return nil
}

// property adds one field and what lies beneath it. nested is the nested field
// that it lies in, if any.
func (ix *indexMapping) property(path string, p *propertyJSON, nested string, aliases map[string]string) {
	if p == nil {
		return
	}
	if p.Type == "alias" {
		aliases[path] = p.Path
		return
	}
	if p.Type == "nested" && nested == "" {
		nested = path
	}
	f := mappedField{typ: esType(p.Type), typeName: p.Type, format: p.Format, path: path, nested: nested}
	if p.Type == "" {
		f.typ, f.typeName = value.TypeObject, "object"
	}
	for name, sub := range p.Fields {
		if sub == nil {
			continue
		}
		t := esType(sub.Type)
		ix.fields[path+"."+name] = mappedField{typ: t, typeName: sub.Type, format: sub.Format, path: path, nested: nested}
		if f.typ == value.TypeText && t == value.TypeKeyword {
			f.typ = value.TypeKeyword // the exact sub-field is used silently
		}
	}
	ix.fields[path] = f
	for name, sub := range p.Properties {
		ix.property(path+"."+name, sub, nested, aliases)
	}
}

var esTypes = map[string]Type{
	"boolean": value.TypeBoolean,
	"byte":    value.TypeInteger, "short": value.TypeInteger, "integer": value.TypeInteger,
	"long": value.TypeLong, "unsigned_long": value.TypeUnsignedLong,
	"float": value.TypeDouble, "half_float": value.TypeDouble, "scaled_float": value.TypeDouble, "double": value.TypeDouble,
	"keyword": value.TypeKeyword, "constant_keyword": value.TypeKeyword, "wildcard": value.TypeKeyword,
	"text": value.TypeText, "match_only_text": value.TypeText,
	"date": value.TypeDate, "date_nanos": value.TypeDate,
	"ip": value.TypeIP, "version": value.TypeVersion,
	"object": value.TypeObject, "nested": value.TypeNested,
}

func esType(name string) Type {
	if t, ok := esTypes[name]; ok {
		return t
	}
	return value.TypeUnsupported
}
