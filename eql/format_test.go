package eql

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestFormat(t *testing.T) {
	files, err := filepath.Glob("testdata/format/*.eql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			src, want, ok := strings.Cut(string(data), "\n=====\n")
			if !ok {
				t.Fatal("no line ===== between what is given and what is wanted")
			}
			got, err := Format(src)
			if err != nil {
				t.Fatal(err)
			}
			if want = strings.TrimSuffix(want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if again, err := Format(got); err != nil || again != got {
				t.Errorf("formatted again (%v)\n%s", err, again)
			}
		})
	}
}

func TestFormatRefusesWhatDoesNotParse(t *testing.T) {
	_, err := Format("process where\n  a = 1")
	if err == nil || !strings.HasPrefix(err.Error(), "line 2:5: ") {
		t.Errorf("error %v, want one at line 2:5", err)
	}
}

// A formatted query is the same tree, keeps every comment in its order, and is
// not changed by formatting it again.
func TestFormatKeepsTreeAndComments(t *testing.T) {
	for seed := range uint64(2_000) {
		g := newGenerator(seed)
		requireFormat(t, g.sprinkle(g.query().String()))
	}
}

func TestFormatOfRecordedRules(t *testing.T) {
	folder := filepath.Join("..", "..", "shared", "data", "elastic-rules")
	files, _ := filepath.Glob(filepath.Join(folder, "*", "*.toml"))
	if len(files) == 0 {
		t.Skip("the folder of rules is not here")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, query, _ := strings.Cut(string(data), "\nquery = '''")
		query, _, found := strings.Cut(query, "'''")
		if !found {
			t.Logf("%s: the query is written otherwise", filepath.Base(file))
			continue
		}
		requireFormat(t, query)
	}
}

func FuzzFormat(f *testing.F) {
	for seed := range uint64(100) {
		g := newGenerator(seed)
		f.Add(g.sprinkle(g.query().String()))
	}
	f.Fuzz(func(t *testing.T, src string) {
		if _, err := Parse(src); err == nil {
			requireFormat(t, src)
		}
	})
}

func requireFormat(t *testing.T, src string) {
	t.Helper()
	want := mustParse(t, src)
	text, err := Format(src)
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	got, err := Parse(text)
	if err != nil {
		t.Fatalf("the result does not parse: %v\nsource\n%s\nresult\n%s", err, src, text)
	}
	if !reflect.DeepEqual(plain(got), plain(want)) {
		t.Fatalf("another tree\nsource\n%s\nresult\n%s", src, text)
	}
	if a, b := remarks(t, src), remarks(t, text); !slices.Equal(a, b) {
		t.Fatalf("comments %q, were %q\nsource\n%s\nresult\n%s", b, a, src, text)
	}
	again, err := Format(text)
	if err != nil || again != text {
		t.Fatalf("not the same when formatted again (%v)\nsource\n%s\nonce\n%s\ntwice\n%s", err, src, text, again)
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); strings.TrimRight(line, " ") != line && !strings.Contains(text, "/*") {
			t.Fatalf("white space at the end of %q\nsource\n%s", line, src)
		}
	}
}

// remarks returns the comments of a query, sorted: one in the middle of a unit
// moves before it and so past others.
func remarks(t *testing.T, src string) []string {
	t.Helper()
	tokens, err := layoutTokens(src)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, tok := range tokens {
		for _, r := range append(tok.lead, tok.trail...) {
			all = append(all, r.text)
		}
	}
	slices.Sort(all)
	return all
}

// sprinkle writes a query with white space and comments between its tokens.
func (g generator) sprinkle(src string) string {
	tokens, err := layoutTokens(src)
	if err != nil {
		panic(err)
	}
	var b strings.Builder
	for _, t := range tokens {
		for range g.IntN(3) {
			b.WriteString(pick(g, " ", "\n", "\n\n", "\r\n", "\t", " ", "\n", "  ",
				" // note\n", "\n// own line\n", "/* in */", "\n\n/* own */\n", "/* two\n   lines */", "// a\n// b\n\n", "/* /* deep */ */"))
		}
		b.WriteString(" " + t.text + " ")
	}
	return b.String()
}
