package cli

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// required are the lines of go.mod that name a module.
var required = regexp.MustCompile(`(?m)^\t([^\s]+) (v[^\s]+)`)

// The list of `tripline licenses` is that of go.mod.
func TestComponentsAreThoseOfGoMod(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, m := range required.FindAllStringSubmatch(string(mod), -1) {
		want = append(want, m[1])
	}
	for _, c := range components {
		got = append(got, c.module)
	}
	slices.Sort(want)
	if !slices.IsSorted(got) {
		t.Error("the list is not sorted")
	}
	for _, module := range want {
		if !slices.Contains(got, module) {
			t.Errorf("%s is not in the list: add it, and its licence to licenses/", module)
		}
	}
	for _, module := range got {
		if !slices.Contains(want, module) {
			t.Errorf("%s is in the list, but not in go.mod", module)
		}
	}
}

// The texts are those that the modules came with.
func TestLicenseTexts(t *testing.T) {
	own, err := os.ReadFile("../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := licenseTexts.ReadFile("licenses/tripline.txt"); !bytes.Equal(text, own) {
		t.Error("licenses/tripline.txt is not LICENSE")
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	cache := moduleCache(t)
	for _, m := range required.FindAllStringSubmatch(string(mod), -1) {
		at := slices.IndexFunc(components, func(c component) bool { return c.module == m[1] })
		if at < 0 || components[at].use == testsOnly {
			continue
		}
		text, err := fs.ReadFile(licenseTexts, "licenses/"+components[at].texts+".txt")
		if err != nil {
			t.Error(err)
			continue
		}
		files, _ := filepath.Glob(filepath.Join(cache, filepath.FromSlash(m[1]+"@"+m[2]), "LICENSE*"))
		if len(files) == 0 {
			t.Logf("%s is not in the module cache", m[1])
			continue
		}
		if there, err := os.ReadFile(files[0]); err != nil || !bytes.Equal(there, text) {
			t.Errorf("%s: its licence has changed (%v)", m[1], err)
		}
	}
}

func moduleCache(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("GOMODCACHE"); dir != "" {
		return dir
	}
	path, _, _ := strings.Cut(os.Getenv("GOPATH"), string(filepath.ListSeparator))
	if path == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			t.Skip("no home directory, so no module cache to compare with")
		}
		path = filepath.Join(home, "go")
	}
	return filepath.Join(path, "pkg", "mod")
}
