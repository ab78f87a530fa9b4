package ruletest

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"a/one.toml", "a/one.test", "a/two.toml", "a/events.ndjson", "a/.git/x.test", "b/c/alone.test", "d/readme.md", "top.json", "top.test"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		paths, tests, untested []string
		problem                string
	}{
		{[]string{"a"}, []string{"a/one.test"}, []string{"a/two.toml"}, ""},
		{[]string{"."}, []string{"a/one.test", "b/c/alone.test", "top.test"}, []string{"a/two.toml"}, ""},
		{[]string{"a/one.toml", "a/one.test", "a"}, []string{"a/one.test"}, []string{"a/two.toml"}, ""},
		{[]string{"top.json"}, []string{"top.test"}, nil, ""},
		{[]string{"a/two.toml"}, nil, []string{"a/two.toml"}, "no tests stand beside the rule"},
		{[]string{"d"}, nil, nil, "the folder holds no test file"},
		{[]string{"d/readme.md"}, nil, nil, "neither a test nor a rule"},
		{[]string{"e"}, nil, nil, "no such file"},
	} {
		f := Find(c.paths...)
		slashed := func(paths []string) (all []string) {
			for _, p := range paths {
				all = append(all, filepath.ToSlash(p))
			}
			return all
		}
		if !reflect.DeepEqual(slashed(f.Tests), c.tests) || !reflect.DeepEqual(slashed(f.Untested), c.untested) ||
			(c.problem == "") != (len(f.Problems) == 0) || !strings.Contains(f.Problems.Error(), c.problem) {
			t.Errorf("%v: %v %v %v", c.paths, f.Tests, f.Untested, f.Problems)
		}
	}
}

// A runner reads a rule once, and again when it is told that it has changed.
func TestForget(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name string) {
		text := "[rule]\nname = \"r\"\ndescription = \"d\"\ntype = \"eql\"\nlanguage = \"eql\"\nseverity = \"low\"\nrisk_score = 1\nrule_id = \"r\"\nquery = 'any where a == " + name + "'\n"
		if err := os.WriteFile("r.toml", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	runner := &Runner{}
	passes := func() bool {
		return runner.Run("r.test", []byte("test t\n  +0s - - a=1\n  expect alert e1\n")).Passed()
	}
	write("1")
	first := passes()
	write("2")
	second := passes()
	runner.Forget("./r.toml")
	if third := passes(); !first || !second || third {
		t.Errorf("%v %v %v", first, second, third)
	}
}
