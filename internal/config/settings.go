package config

import (
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Setting is a setting's value and where it comes from.
type Setting struct {
	Key    string `json:"key"`
	Value  any    `json:"value"` // text, a bool, a whole number, or a list of text
	Origin string `json:"origin"`
}

// all returns the leaves of the configuration, those of lists by number; what is of
// another kind of sink is left out.
func (l *Loaded) all() []field {
	var leaves []field
	var walk func(of []field)
	walk = func(of []field) {
		for _, f := range of {
			if !f.entries() {
				leaves = append(leaves, f)
				continue
			}
			for i := range f.value.Len() {
				entry := f.value.Index(i)
				kind := ""
				if s, ok := entry.Interface().(Sink); ok {
					kind = s.Kind
				}
				walk(fields(entry, fmt.Sprintf("%s.%d.", f.path, i), kind))
			}
		}
	}
	walk(fields(reflect.ValueOf(&l.Config).Elem(), "", ""))
	return leaves
}

// Settings returns all settings, in the order of the documentation. Maps are told
// entry by entry.
func (l *Loaded) Settings() []Setting {
	var all []Setting
	for _, f := range l.all() {
		if f.value.Kind() == reflect.Map {
			words := f.value.Interface().(map[string]string)
			for _, name := range sortedKeys(words) {
				all = append(all, Setting{f.path + "." + name, words[name], l.at(f.path + "." + name).String()})
			}
			continue
		}
		all = append(all, Setting{f.path, plain(f.value), l.leafOrigin(f.path).String()})
	}
	return all
}

// leafOrigin is the origin of a setting. One that a list's entry does not name is a
// default, wherever the entry stands, unless the whole list came from a flag or the
// environment.
func (l *Loaded) leafOrigin(path string) Origin {
	if o, ok := l.origins[path]; ok {
		return o
	}
	if o := l.at(path); o.Kind == Flag || o.Kind == Environment {
		return o
	}
	return Origin{}
}

// plain is a value as JSON has it.
func plain(v reflect.Value) any {
	switch {
	case v.Type() == durationType, v.Type() == bytesType:
		return text(v)
	case v.Kind() == reflect.Slice:
		if v.Len() == 0 {
			return []string{}
		}
		return v.Interface()
	}
	return v.Interface()
}

// Text is a value in a line.
func (s Setting) Text() string {
	if list, ok := s.Value.([]string); ok {
		return strings.Join(list, ", ")
	}
	return fmt.Sprint(s.Value)
}

// YAML returns a file that gives the same settings, with the origin of each beside
// it.
func (l *Loaded) YAML() ([]byte, error) {
	root, err := l.node(reflect.ValueOf(&l.Config).Elem(), "", "")
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return []byte(b.String()), e.Close()
}

func (l *Loaded) node(of reflect.Value, path, kind string) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := range of.NumField() {
		tag, v := of.Type().Field(i).Tag, of.Field(i)
		if kinds := strings.Fields(tag.Get("kinds")); kind != "" && len(kinds) > 0 && !contains(kinds, kind) {
			continue
		}
		name := join(path, tag.Get("key"))
		var (
			inner *yaml.Node
			err   error
		)
		switch f := (field{value: v}); {
		case v.Kind() == reflect.Struct:
			inner, err = l.node(v, name, kind)
		case f.entries():
			inner = &yaml.Node{Kind: yaml.SequenceNode}
			for j := range v.Len() {
				entryKind := ""
				if s, ok := v.Index(j).Interface().(Sink); ok {
					entryKind = s.Kind
				}
				entry, entryErr := l.node(v.Index(j), fmt.Sprintf("%s.%d", name, j), entryKind)
				if entryErr != nil {
					return nil, entryErr
				}
				inner.Content = append(inner.Content, entry)
			}
		case v.Kind() == reflect.Map:
			inner = &yaml.Node{}
			if v.IsNil() {
				err = inner.Encode(map[string]string{})
			} else {
				err = inner.Encode(v.Interface())
			}
		default:
			inner = &yaml.Node{}
			err = inner.Encode(plain(v))
			inner.LineComment = l.leafOrigin(name).String()
			if inner.Kind == yaml.SequenceNode {
				inner.Style, inner.LineComment = yaml.FlowStyle, l.leafOrigin(name).String()
			}
		}
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", name, err)
		}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: tag.Get("key")}, inner)
	}
	return n, nil
}

func contains(words []string, word string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}
