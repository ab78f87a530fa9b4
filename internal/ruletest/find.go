package ruletest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/internal/rule"
)

// Extension is that of test files.
const Extension = ".test"

var ruleExtensions = []string{".toml", ".json", ".ndjson"}

// builtinFolder is the folder in which the rules that are compiled in say that
// they stand.
const builtinFolder = "builtin/"

// Found is what Find found.
type Found struct {
	Tests    []string // test files, in order, each once
	Untested []string // TOML rules that have none beside them
	Problems Problems
}

// Find looks for test files: a .test file itself, the one beside a rule file,
// and all below a folder. "builtin" is the folder of the rules that are compiled
// in.
func Find(paths ...string) *Found {
	f := &Found{}
	seen := map[string]bool{}
	add := func(list *[]string, path string) {
		if key := filepath.Clean(path); !seen[key] {
			seen[key] = true
			*list = append(*list, path)
		}
	}
	met := 0 // tests, whether new or not
	take := func(path string) {
		switch ext := strings.ToLower(filepath.Ext(path)); {
		case ext == Extension:
			met++
			add(&f.Tests, path)
		case slices.Contains(ruleExtensions, ext):
			if beside := strings.TrimSuffix(path, filepath.Ext(path)) + Extension; exists(beside) {
				met++
				add(&f.Tests, beside)
			} else if ext == ".toml" {
				add(&f.Untested, path) // any other form may hold events
			}
		}
	}
	for _, path := range paths {
		before := met
		info, err := os.Stat(path)
		switch {
		case err != nil && path == "builtin":
			names, _ := fs.Glob(rule.BuiltinFiles(), "*")
			for _, name := range names {
				take(builtinFolder + name)
			}
			if met == before {
				f.Problems = append(f.Problems, &Problem{Path: path, Reason: "the rules that are compiled in have no tests"})
			}
		case err != nil:
			f.Problems = append(f.Problems, &Problem{Path: path, Reason: cause(err), Hint: "name test files, rule files, or folders of them"})
		case info.IsDir():
			f.walk(path, take)
			if met == before {
				f.Problems = append(f.Problems, &Problem{Path: path, Reason: "the folder holds no test file", Hint: "tests of rules/shell.toml stand in rules/shell.test"})
			}
		case slices.Contains(append(ruleExtensions, Extension), strings.ToLower(filepath.Ext(path))):
			take(path)
			if !slices.Contains(f.Tests, path) && !exists(strings.TrimSuffix(path, filepath.Ext(path))+Extension) {
				f.Problems = append(f.Problems, &Problem{
					Path: path, Reason: "no tests stand beside the rule",
					Hint: "write them in " + strings.TrimSuffix(path, filepath.Ext(path)) + Extension,
				})
			}
		default:
			f.Problems = append(f.Problems, &Problem{Path: path, Reason: "the name tells of neither a test nor a rule", Hint: "test files end in .test, rule files in .toml, .json or .ndjson"})
		}
	}
	return f
}

func (f *Found) walk(folder string, take func(string)) {
	_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			f.Problems = append(f.Problems, &Problem{Path: path, Reason: cause(err)})
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir():
			if strings.HasPrefix(d.Name(), ".") && path != folder {
				return fs.SkipDir
			}
		default:
			take(path)
		}
		return nil
	})
}

// exists reports whether there is a file, on disk or compiled in.
func exists(path string) bool {
	if _, err := os.Stat(path); err == nil {
		return true
	}
	_, err := readBuiltin(path)
	return err == nil
}

// readFile reads a file, on disk or compiled in.
func readFile(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		if builtin, builtinErr := readBuiltin(path); builtinErr == nil {
			return builtin, nil
		}
	}
	return data, err
}

func readBuiltin(path string) ([]byte, error) {
	name, ok := strings.CutPrefix(filepath.ToSlash(path), builtinFolder)
	if !ok {
		return nil, fs.ErrNotExist
	}
	return fs.ReadFile(rule.BuiltinFiles(), name)
}

// cause returns an error without the path that a Problem names already.
func cause(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return fmt.Sprintf("%s: %v", pe.Op, pe.Err)
	}
	return err.Error()
}
