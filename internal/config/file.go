package config

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// file is a YAML file being read into a Config.
type file struct {
	name     string
	folder   string
	problems Problems
	origins  map[string]Origin
}

// read reads the file's text into a struct.
func (r *file) read(text []byte, to reflect.Value) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		r.syntax(err)
		return
	}
	if len(root.Content) == 0 {
		return // empty, or comments only
	}
	r.object(root.Content[0], to, "", "")
}

// syntax tells of YAML that is none. The library says where in its text: "yaml: line
// 3: did not find expected key".
func (r *file) syntax(err error) {
	reason := strings.TrimPrefix(err.Error(), "yaml: ")
	at := Origin{Kind: File, Name: r.name}
	var line int
	if n, scanErr := fmt.Sscanf(reason, "line %d:", &line); scanErr == nil && n == 1 {
		_, reason, _ = strings.Cut(reason, ": ")
		at.Line, at.Column = line, 1
	}
	r.problems = append(r.problems, &Problem{Origin: at, Reason: "not YAML: " + reason})
}

func (r *file) origin(n *yaml.Node) Origin {
	return Origin{Kind: File, Name: r.name, Line: n.Line, Column: n.Column}
}

func (r *file) problem(n *yaml.Node, hint, format string, args ...any) {
	r.problems = append(r.problems, &Problem{Origin: r.origin(n), Reason: fmt.Sprintf(format, args...), Hint: hint})
}

// object reads a mapping into a struct. name is its path for messages, path the one
// for origins.
func (r *file) object(n *yaml.Node, to reflect.Value, path, kind string) {
	n = resolved(n)
	if n.Kind != yaml.MappingNode {
		what := "the file"
		if path != "" {
			what = path
		}
		r.problem(n, "", "%s must hold settings, one a line: `key: value`", what)
		return
	}
	known := map[string]reflect.Value{}
	tags := map[string]reflect.StructTag{}
	for i := range to.NumField() {
		tag := to.Type().Field(i).Tag
		known[tag.Get("key")], tags[tag.Get("key")] = to.Field(i), tag
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, v := n.Content[i], n.Content[i+1]
		inner, ok := known[key.Value]
		if !ok {
			r.unknown(key, path, kind, known, tags)
			continue
		}
		if seen[key.Value] {
			r.problem(key, "", "%s stands here twice", join(path, key.Value))
			continue
		}
		seen[key.Value] = true
		if kinds := strings.Fields(tags[key.Value].Get("kinds")); kind != "" && len(kinds) > 0 && !slices.Contains(kinds, kind) {
			r.problem(key, "it is for "+orList(kinds), "a sink of kind %s has no setting %s", kind, key.Value)
			continue
		}
		f := field{path: join(path, key.Value), value: inner, tag: tags[key.Value], choice: strings.Fields(tags[key.Value].Get("choice"))}
		r.setting(key, v, &f, kind)
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// resolved is what an alias stands for.
func resolved(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func (r *file) unknown(key *yaml.Node, path, kind string, known map[string]reflect.Value, tags map[string]reflect.StructTag) {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if kinds := strings.Fields(tags[name].Get("kinds")); kind == "" || len(kinds) == 0 || slices.Contains(kinds, kind) {
			names = append(names, name)
		}
	}
	hint := didYouMean(key.Value, names)
	if hint == "" {
		hint = "known here are " + strings.Join(names, ", ")
	}
	r.problem(key, hint, "unknown setting %s", join(path, key.Value))
}

// setting reads one value.
func (r *file) setting(key, n *yaml.Node, f *field, kind string) {
	n = resolved(n)
	if n.Tag == "!!null" {
		r.problem(key, "leave the line out for the default", "%s has no value", f.path)
		return
	}
	switch {
	case f.value.Kind() == reflect.Struct:
		r.origins[f.path] = r.origin(key)
		r.object(n, f.value, f.path, kind)
		return
	case f.entries():
		r.entries(n, f)
		return
	case f.value.Kind() == reflect.Map:
		r.words(n, f)
		return
	}
	values, at, err := scalars(n, f.list())
	if err != nil {
		r.problem(n, "", "%s %v", f.path, err)
		return
	}
	if err := f.set(values, r.folder); err != nil {
		var bad *badValue
		hint := ""
		if errors.As(err, &bad) {
			hint = didYouMean(bad.word, bad.known)
		}
		r.problem(at, hint, "%s %v", f.path, err)
		return
	}
	r.origins[f.path] = r.origin(key)
}

// scalars returns the values of a node: one, or those of a list.
func scalars(n *yaml.Node, list bool) (values []string, at *yaml.Node, err error) {
	switch {
	case n.Kind == yaml.ScalarNode:
		return []string{n.Value}, n, nil
	case n.Kind == yaml.SequenceNode && list:
		for _, one := range n.Content {
			one = resolved(one)
			if one.Kind != yaml.ScalarNode || one.Tag == "!!null" {
				return nil, one, errors.New("must be a list of words")
			}
			values = append(values, one.Value)
		}
		return values, n, nil
	case list:
		return nil, n, errors.New("must be a word or a list of words")
	}
	return nil, n, errors.New("must be one value")
}

// words reads a mapping of words.
func (r *file) words(n *yaml.Node, f *field) {
	if n.Kind != yaml.MappingNode {
		r.problem(n, "", "%s must hold names and values: `name: value`", f.path)
		return
	}
	words := map[string]string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		v := resolved(n.Content[i+1])
		if v.Kind != yaml.ScalarNode {
			r.problem(v, "", "%s.%s must be one value", f.path, n.Content[i].Value)
			continue
		}
		words[n.Content[i].Value] = f.whole(v.Value, r.folder)
		r.origins[f.path+"."+n.Content[i].Value] = r.origin(n.Content[i])
	}
	f.value.Set(reflect.ValueOf(words))
	r.origins[f.path] = r.origin(n)
}

// entries reads a list of structs. Their origins go by name.
func (r *file) entries(n *yaml.Node, f *field) {
	if n.Kind != yaml.SequenceNode {
		r.problem(n, "begin each with `- `", "%s must be a list", f.path)
		return
	}
	list := reflect.MakeSlice(f.value.Type(), 0, len(n.Content))
	for i, one := range n.Content {
		one = resolved(one)
		entry := reflect.New(f.value.Type().Elem()).Elem()
		setDefaults(entry)
		path := fmt.Sprintf("%s.%d", f.path, i)
		r.origins[path] = r.origin(one)
		kind := scalarOf(one, "kind")
		if !slices.Contains(sinkKinds(), kind) {
			kind = "" // that is told where it stands
		}
		r.object(one, entry, path, kind)
		list = reflect.Append(list, entry)
	}
	f.value.Set(list)
	r.origins[f.path] = r.origin(n)
}

// scalarOf is the value of a mapping's key.
func scalarOf(n *yaml.Node, key string) string {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return resolved(n.Content[i+1]).Value
		}
	}
	return ""
}

// folderOf is the folder that paths in a file are relative to.
func folderOf(name string) string {
	whole, err := filepath.Abs(name)
	if err != nil {
		return ""
	}
	return filepath.Dir(whole)
}
