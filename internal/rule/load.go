package rule

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

// Load reads the rules of a file or, recursively and in the order of their
// names, of a folder.
func Load(path string) ([]*Rule, []*Problem) {
	s := LoadAll(path)
	return s.Rules, s.Problems
}

// LoadAll reads files and folders of rules. In a folder it reads what is named
// *.toml, *.json or *.ndjson, passes over the rest, and does not mind a file that
// holds no rule; hidden folders are not entered. A file that is named twice is
// read once. Each rule gets the exceptions of the lists that it names, wherever
// among the paths they stand. The path BuiltinName means the rules that are
// compiled in. Files of folders called ValueListFolder are value lists.
//
// In a folder, rules of maturity deprecated or development are skipped.
func LoadAll(paths ...string) *Set { return LoadWith(nil, paths...) }

// LoadWith is LoadAll with files of value lists, by the lists' ids.
func LoadWith(valueLists map[string]string, paths ...string) *Set {
	s := &Set{}
	maps.Copy(s.lists().files, valueLists)
	seen := map[string]bool{}
	read := func(path string, stray bool) {
		if key := filepath.Clean(path); !seen[key] {
			seen[key] = true
			s.stray = stray
			s.readFile(path)
		}
	}
	for _, path := range paths {
		if path == BuiltinName {
			if !seen[BuiltinName] {
				seen[BuiltinName] = true
				s.stray = false
				s.readBuiltin()
			}
			continue
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			s.add(path, &Problem{Reason: cause(err), Hint: "name a rule file or a folder of rule files"})
		case info.IsDir():
			before := s.Files
			s.walk(path, func(file string) { read(file, true) })
			if s.Files == before && s.Count(KindError) == 0 {
				s.add(path, &Problem{Reason: "the folder holds no rule file", Hint: "rule files end in .toml, .json or .ndjson"})
			}
		default:
			read(path, false)
			if beside := ExceptionsBeside(path); isFile(beside) {
				read(beside, true)
			}
		}
	}
	s.link(true)
	return s
}

// ExceptionsBeside is the file in which exceptions of a rule stand beside the rule's
// own. It is read with the folder, and also when the rule's file is named by itself.
func ExceptionsBeside(path string) string {
	return strings.TrimSuffix(path, filepath.Ext(path)) + ".exceptions.toml"
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// walk hands over the rule files below a folder.
func (s *Set) walk(folder string, read func(file string)) {
	_ = fs.WalkDir(os.DirFS(folder), ".", func(name string, d fs.DirEntry, err error) error {
		file := filepath.Join(folder, filepath.FromSlash(name))
		switch {
		case err != nil:
			s.add(file, &Problem{Reason: cause(err)})
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir():
			if strings.HasPrefix(d.Name(), ".") && name != "." {
				return fs.SkipDir
			}
		case filepath.Base(filepath.Dir(file)) == ValueListFolder:
			s.lists().found(file)
		case formOf(file) != nil:
			read(file)
		}
		return nil
	})
}

// formOf returns how a file of that name is read; nil when it is no rule file.
func formOf(path string) func(s *Set, path string, data []byte) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".toml":
		return (*Set).readTOML
	case ".json":
		return (*Set).readJSON
	case ".ndjson":
		return (*Set).readNDJSON
	}
	return nil
}

func (s *Set) readFile(path string) {
	form := formOf(path)
	if form == nil {
		s.add(path, &Problem{Reason: "the name tells of no form that rules are written in", Hint: "rule files end in .toml, .json or .ndjson"})
		return
	}
	s.Files++
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err == nil && info.Size() > maxJSON {
		err = fmt.Errorf("the file has %d bytes; at most %d are read", info.Size(), maxJSON)
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		s.add(path, &Problem{Reason: cause(err)})
		return
	}
	form(s, path, data)
}

// cause returns an error without the path that a Problem names already.
func cause(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Op + ": " + pe.Err.Error()
	}
	return err.Error()
}
