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

// BuiltinName is the path by which LoadAll knows the rules that are compiled in.
const BuiltinName = "builtin"

// SeedFile is the file of Seed.
const SeedFile = "potential_reverse_shell_via_suspicious_child_process.toml"

// Seed returns the one of the compiled-in rules that is run when no rules are
// named.
func Seed() (*Rule, error) {
	rules, err := Builtin()
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		if r.Path == BuiltinName+"/"+SeedFile {
			return r, nil
		}
	}
	return nil, fmt.Errorf("there is no built-in rule %s", SeedFile)
}

// Builtin returns the rules that are compiled in. They are read once; the rules
// are shared and must not be changed.
func Builtin() ([]*Rule, error) { return builtin() }

var builtin = sync.OnceValues(func() ([]*Rule, error) {
	s := &Set{}
	s.readBuiltin()
	for _, p := range s.Problems {
		if p.Kind != KindWarning {
			return nil, fmt.Errorf("read built-in rule: %w", p)
		}
	}
	s.link(true)
	return s.Rules, nil
})

// readBuiltin reads the rules that are compiled in.
func (s *Set) readBuiltin() {
	names, err := fs.Glob(BuiltinFiles(), "*.toml")
	if err != nil {
		panic(fmt.Sprintf("rule: list embedded files: %v", err)) // the pattern is a constant and legal
	}
	for _, name := range names {
		path := BuiltinName + "/" + name
		data, err := fs.ReadFile(BuiltinFiles(), name)
		if err != nil {
			s.add(path, &Problem{Reason: cause(err)})
			continue
		}
		s.Files++
		s.readTOML(path, data)
	}
}
