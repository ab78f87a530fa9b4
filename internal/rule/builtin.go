package rule

import (
	"embed"
	"fmt"
	"io/fs"
	"sync"
)

//go:embed builtin
var builtinFiles embed.FS

// BuiltinFiles returns the files of the rules that are compiled in: each rule,
// the licence they are under, and the notice that says so.
func BuiltinFiles() fs.FS {
	sub, err := fs.Sub(builtinFiles, "builtin")
	if err != nil {
		panic(fmt.Sprintf("rule: embedded files: %v", err)) // the name is a constant and legal
	}
	return sub
}

// Builtin returns the rules that are compiled in. They are read once; the rules
// are shared and must not be changed.
func Builtin() ([]*Rule, error) { return builtin() }

var builtin = sync.OnceValues(func() ([]*Rule, error) {
	s := &Set{}
	names, err := fs.Glob(BuiltinFiles(), "*.toml")
	if err != nil {
		return nil, fmt.Errorf("list built-in rules: %w", err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(BuiltinFiles(), name)
		if err != nil {
			return nil, fmt.Errorf("read built-in rule: %w", err)
		}
		s.readTOML("builtin/"+name, data)
	}
	if len(s.Problems) > 0 {
		return nil, fmt.Errorf("read built-in rule: %w", s.Problems[0])
	}
	return s.Rules, nil
})
