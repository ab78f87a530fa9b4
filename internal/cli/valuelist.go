package cli

import (
	"os"
	"strings"

	"github.com/spf13/pflag"
)

// valueListFlag is a flag that names files of value lists: ID=FILE.
type valueListFlag map[string]string

func (f valueListFlag) String() string { return "" }
func (f valueListFlag) Type() string   { return "ID=FILE" }

// Set takes one of them.
func (f *valueListFlag) Set(s string) error {
	id, path, ok := strings.Cut(s, "=")
	if !ok || id == "" || path == "" {
		return &badValue{reason: "must be ID=FILE", hint: "ID is the value list's, as the exception names it; FILE has a value a line"}
	}
	if _, err := os.Stat(path); err != nil {
		return &badValue{reason: "must name a file that is there", hint: "FILE has a value a line"}
	}
	if *f == nil {
		*f = valueListFlag{}
	}
	(*f)[id] = path
	return nil
}

// addValueLists gives a command that reads rules the flag for the value lists of
// their exceptions.
func (a *app) addValueLists(flags *pflag.FlagSet) {
	flags.Var(&a.valueLists, "value-list", "a file of values, one a line, for the value list ID of exceptions, again for more")
}
