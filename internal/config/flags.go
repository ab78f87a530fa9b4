package config

import (
	"reflect"
	"strings"

	"github.com/spf13/pflag"
)

// Flags are the flags of settings that have one, and --config.
type Flags struct {
	File string
	set  []*flagValue
}

// flagValue collects what a flag was given.
type flagValue struct {
	field  field
	name   string
	values []string
}

// AddFlags adds the flags to a set. Load takes them over all else.
func AddFlags(to *pflag.FlagSet) *Flags {
	f := &Flags{}
	to.StringVarP(&f.File, "config", "c", "", "a configuration `FILE` (default: $TRIPLINE_CONFIG, else ~/.config/tripline/tripline.yaml, else /etc/tripline/tripline.yaml)")
	var scratch Config // to try values on
	setDefaults(reflect.ValueOf(&scratch).Elem())
	for _, one := range fields(reflect.ValueOf(&scratch).Elem(), "", "") {
		name := one.tag.Get("flag")
		if name == "" {
			continue
		}
		v := &flagValue{field: one, name: name}
		help := one.tag.Get("help")
		if one.entries() {
			help = "a file, a pattern or a folder that grows, to be read, again for more"
		} else if one.list() {
			help += ", again for more"
		}
		if text := one.tag.Get("default"); text != "" && !(one.value.Kind() == reflect.Bool && text == "false") {
			help += " (default: " + text + ")"
		}
		flag := to.VarPF(v, name, one.tag.Get("short"), help)
		if one.value.Kind() == reflect.Bool {
			flag.NoOptDefVal = "true"
		}
		f.set = append(f.set, v)
	}
	return f
}

// String is empty: the help tells defaults.
func (v *flagValue) String() string { return "" }

// Type is what stands for the value in the help.
func (v *flagValue) Type() string {
	switch {
	case len(v.field.choice) > 0:
		return strings.Join(v.field.choice, "|")
	case v.field.value.Kind() == reflect.Bool:
		return "bool"
	case v.field.entries():
		return "PATH"
	case v.field.value.Type() == bytesType:
		return "SIZE"
	case v.field.value.Type() == durationType:
		return "TIME"
	case v.name == "listen":
		return "ADDR"
	case v.name == "rules":
		return "RULES"
	case v.name == "data":
		return "DIR"
	}
	return "FILE"
}

// Set takes a value.
func (v *flagValue) Set(text string) error {
	if err := v.field.set([]string{text}, ""); err != nil {
		return err
	}
	if v.field.list() || v.field.entries() {
		v.values = append(v.values, text)
	} else {
		v.values = []string{text}
	}
	return nil
}

// apply sets what flags were given.
func (f *Flags) apply(l *Loaded, here string) Problems {
	given := map[string]*flagValue{}
	for _, v := range f.set {
		if v.values != nil {
			given[v.field.path] = v
		}
	}
	var problems Problems
	for _, one := range fields(reflect.ValueOf(&l.Config).Elem(), "", "") {
		v := given[one.path]
		if v == nil {
			continue
		}
		at := Origin{Kind: Flag, Name: v.name}
		if err := one.set(v.values, here); err != nil {
			problems = append(problems, problemOf(at, one.path, err))
			continue
		}
		l.take(one.path, at)
	}
	return problems
}

// DataFrom is how commands that do not run the daemon find its data folder: the flag,
// else the environment, else what a configuration says, else the usual place.
func DataFrom(flag string, getenv func(string) string) (string, error) {
	if flag != "" {
		return flag, nil
	}
	l, err := Load(Source{Getenv: getenv})
	if l != nil && l.Data != "" {
		return l.Data, nil
	}
	return "", err
}
