package config

import (
	"reflect"
	"slices"
	"strings"
)

// field is a setting: a place in Config that has a key.
type field struct {
	path   string // listen.tls.cert; of a list's entries sinks.NAME.url
	value  reflect.Value
	tag    reflect.StructTag
	choice []string
}

// fields returns the settings below a struct, in order: leaves, maps, and lists of
// structs as a whole. kind leaves out those of other kinds of sinks.
func fields(of reflect.Value, prefix, kind string) []field {
	var all []field
	for i := range of.NumField() {
		tag := of.Type().Field(i).Tag
		if kinds := strings.Fields(tag.Get("kinds")); kind != "" && len(kinds) > 0 && !slices.Contains(kinds, kind) {
			continue
		}
		f := field{path: prefix + tag.Get("key"), value: of.Field(i), tag: tag, choice: strings.Fields(tag.Get("choice"))}
		if f.value.Kind() == reflect.Struct {
			all = append(all, fields(f.value, f.path+".", kind)...)
			continue
		}
		all = append(all, f)
	}
	return all
}

// entries reports whether it is a list of structs: sinks, follow.
func (f *field) entries() bool {
	return f.value.Kind() == reflect.Slice && f.value.Type().Elem().Kind() == reflect.Struct
}

// list reports whether it is a list of text.
func (f *field) list() bool {
	return f.value.Kind() == reflect.Slice && f.value.Type().Elem().Kind() == reflect.String
}

// env is its name in the environment; "" if it has none: maps and lists of structs
// are for the file, but for the one that a flag fills.
func (f *field) env() string {
	if f.value.Kind() == reflect.Map || f.entries() && f.tag.Get("flag") == "" {
		return ""
	}
	return "TRIPLINE_" + strings.ToUpper(strings.NewReplacer(".", "_").Replace(f.path))
}

// set gives it values: one, or for a list any number. Paths are made whole, from a
// folder.
func (f *field) set(values []string, from string) error {
	if f.entries() { // a flag's: one entry with these values
		entry := reflect.New(f.value.Type().Elem()).Elem()
		setDefaults(entry)
		for _, inner := range fields(entry, "", "") {
			if inner.path == f.tag.Get("item") {
				if err := inner.set(values, from); err != nil {
					return err
				}
			}
		}
		f.value.Set(reflect.Append(reflect.MakeSlice(f.value.Type(), 0, 1), entry))
		return nil
	}
	if f.list() {
		list := reflect.MakeSlice(f.value.Type(), 0, len(values))
		for _, one := range values {
			v := reflect.New(f.value.Type().Elem()).Elem()
			if err := parse(v, f.whole(one, from), f.choice); err != nil {
				return err
			}
			list = reflect.Append(list, v)
		}
		f.value.Set(list)
		return nil
	}
	return parse(f.value, f.whole(strings.Join(values, ","), from), f.choice)
}

// setDefaults gives the settings below a struct their defaults.
func setDefaults(of reflect.Value) {
	for _, f := range fields(of, "", "") {
		if text := f.tag.Get("default"); text != "" {
			if err := f.set([]string{text}, ""); err != nil {
				panic("config: default of " + f.path + ": " + err.Error()) // a test reads all of them
			}
		}
	}
}
