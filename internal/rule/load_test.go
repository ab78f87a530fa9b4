package rule

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ruleNamed returns a TOML rule of another name and rule_id.
func ruleNamed(name string) string {
	return strings.NewReplacer("A name", name, "0b7b4b0c", fmt.Sprintf("%08x", len(name)*1000+int(name[0]))).Replace(base)
}

func namedJSON(name string) string {
	return strings.NewReplacer("A name", name, "0b7b4b0c", fmt.Sprintf("%08x", len(name)*1000+int(name[0]))).Replace(baseJSON)
}

func names(s *Set) string {
	var out []string
	for _, r := range s.Rules {
		out = append(out, r.Name)
	}
	return strings.Join(out, " ")
}

func TestLoadFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "b.toml"), ruleNamed("bb"))
	write(t, filepath.Join(dir, "a", "z.json"), namedJSON("zzz"))
	write(t, filepath.Join(dir, "a", "deep", "y.NDJSON"), namedJSON("yyyy")+"\n"+namedJSON("xxxxx")+"\n")
	write(t, filepath.Join(dir, "a", "README.md"), "not a rule")
	write(t, filepath.Join(dir, ".git", "c.toml"), "not TOML at all")
	write(t, filepath.Join(dir, "pyproject.toml"), "[project]\nname = 'x'\n")
	write(t, filepath.Join(dir, "version.lock.json"), `{"a": {"b": 1}}`)
	s := LoadAll(dir)
	if got := names(s); got != "yyyy xxxxx zzz bb" {
		t.Errorf("rules %s", got)
	}
	if s.Files != 5 || s.Count(KindSkipped) != 2 || len(s.Problems) != 2 {
		t.Errorf("%d files, problems %v", s.Files, s.Problems)
	}
	// The same file again, by another name of it, is read once.
	s = LoadAll(filepath.Join(dir, "b.toml"), dir+"/./b.toml", filepath.Join(dir, "a"), dir)
	if got := names(s); got != "bb yyyy xxxxx zzz" || s.Count(KindError) != 0 {
		t.Errorf("rules %s, problems %v", got, s.Problems)
	}
	// Named by itself, a file that holds no rule is an error.
	for _, name := range []string{"pyproject.toml", "version.lock.json", filepath.Join("a", "README.md"), "no-such.toml"} {
		rules, problems := Load(filepath.Join(dir, name))
		if len(rules) != 0 || len(problems) != 1 || problems[0].Kind != KindError || problems[0].Hint == "" ||
			problems[0].Path != filepath.Join(dir, name) {
			t.Errorf("%s: %d rules, problems %v", name, len(rules), problems)
		}
	}
	if _, problems := Load(t.TempDir()); len(problems) != 1 || !strings.Contains(problems[0].Reason, "holds no rule file") {
		t.Errorf("an empty folder: %v", problems)
	}
}

func TestLoadUnreadable(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "good.toml"), base)
	if err := os.Symlink(filepath.Join(dir, "gone"), filepath.Join(dir, "link.toml")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	if err := os.Symlink(dir, filepath.Join(dir, "loop.json")); err != nil {
		t.Fatal(err)
	}
	s := LoadAll(dir)
	if names(s) != "A name" || s.Count(KindError) != 2 {
		t.Fatalf("rules %s, problems %v", names(s), s.Problems)
	}
	if p := s.Problems[0]; p.Path != filepath.Join(dir, "link.toml") || strings.Contains(p.Reason, dir) {
		t.Errorf("%+v", p)
	}
	if p := s.Problems[1]; p.Reason != "not a regular file" {
		t.Errorf("%+v", p)
	}
	big, err := os.Create(filepath.Join(dir, "big.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer big.Close()
	if err := big.Truncate(maxJSON + 1); err != nil {
		t.Fatal(err)
	}
	if _, problems := Load(big.Name()); len(problems) != 1 || !strings.Contains(problems[0].Reason, "at most") {
		t.Errorf("a file too large: %v", problems)
	}
	if os.Getuid() == 0 {
		t.Log("root reads any folder: the closed folder is not tried")
		return
	}
	closed := filepath.Join(dir, "closed")
	if err := os.Mkdir(closed, 0); err != nil {
		t.Fatal(err)
	}
	if s := LoadAll(dir); s.Count(KindError) != 4 || names(s) != "A name" {
		t.Errorf("with a closed folder: %v", s.Problems)
	}
}

func TestSameIdentity(t *testing.T) {
	dir := t.TempDir()
	first := write(t, filepath.Join(dir, "a.toml"), base)
	write(t, filepath.Join(dir, "b.toml"), "\n"+strings.Replace(base, "A name", "B name", 1))
	s := LoadAll(dir)
	if names(s) != "A name" || len(s.Problems) != 1 {
		t.Fatalf("rules %s, problems %v", names(s), s.Problems)
	}
	p := s.Problems[0]
	if p.Field != "rule_id" || p.Line != 2 || !strings.Contains(p.Reason, `is taken by "A name" of `+first+":1") || p.Rule != "B name" {
		t.Errorf("%+v", p)
	}
	// Two rule_ids, one saved-object id.
	id := `{"id": "3f2b7c1e-8f5c-4f4e-9d6a-0d6a1c6f2a11", `
	s = ReadNDJSON("a.ndjson", []byte(strings.Replace(namedJSON("one"), "{", id, 1)+"\n"+strings.Replace(namedJSON("three"), "{", id, 1)))
	if names(s) != "one" || s.Count(KindError) != 1 {
		t.Errorf("rules %s, problems %v", names(s), s.Problems)
	}
}

func TestExport(t *testing.T) {
	export := strings.Join([]string{
		namedJSON("one"),
		`{"rule_id": "t", "name": "Threshold", "type": "threshold", "threshold": {"value": 1}}`,
		`{"rule_id": "q", "type": "query"}`,
		`{"name": "M", "type": "machine_learning"}`,
		`{not json}`,
		``,
		strings.Replace(namedJSON("bad"), `"low"`, `"lo"`, 1),
		`{"list_id": "l", "type": "detection", "name": "List", "namespace_type": "single"}`,
		`{"item_id": "i", "list_id": "l", "entries": [{"field": "process.name", "type": "exists", "operator": "included"}], "type": "simple", "name": "Item"}`,
		`{"id": "c", "type": "action", "attributes": {"name": "slack"}}`,
		namedJSON("three"),
		`{"exported_count": 9, "exported_rules_count": 6, "missing_rules": []}`,
	}, "\n")
	s := ReadNDJSON("x.ndjson", []byte(export))
	if names(s) != "one three" {
		t.Errorf("rules %s", names(s))
	}
	var got []string
	for _, p := range s.Problems {
		got = append(got, fmt.Sprintf("%d:%d %v %s %s", p.Line, p.Col, p.Kind, p.Rule, p.RuleType))
	}
	want := "2:47 skipped Threshold threshold|3:26 skipped q query|4:23 skipped M machine_learning|5:2 error  |7:149 error bad "
	if strings.Join(got, "|") != want {
		t.Errorf("problems\n got %s\nwant %s\n%v", strings.Join(got, "|"), want, s.Problems)
	}
	got = nil
	for _, o := range s.Others {
		got = append(got, fmt.Sprintf("%d %v", o.Line, o.Kind))
	}
	if strings.Join(got, "|") != "8 exception list|9 exception item|10 connector|12 export summary" {
		t.Errorf("others %v", got)
	}
	if s.Others[1].Body["item_id"] != "i" || s.Others[1].Path != "x.ndjson" {
		t.Errorf("an item was not kept: %+v", s.Others[1])
	}
	if s.Rules[1].Line != 11 {
		t.Errorf("the last rule is of line %d", s.Rules[1].Line)
	}

	// An export that was cut says more than it has.
	s = ReadNDJSON("x.ndjson", []byte(namedJSON("one")+"\n"+`{"exported_rules_count": 3}`))
	if len(s.Rules) != 1 || len(s.Problems) != 1 || s.Problems[0].Reason != "the export says 3 rules, 1 were found" || s.Problems[0].Line != 2 {
		t.Errorf("%v", s.Problems)
	}
}

func TestJSONProblems(t *testing.T) {
	tests := []struct{ text, place, want string }{
		{"", "a.json:1:1", "holds no rule"},
		{" \n\n", "a.json:1:1", "holds no rule"},
		{"{\n \"name\": \"é\", ]}", "a.json:2:15", "not valid JSON: invalid character ']'"},
		{"{\n \"name\": ", "a.json:2:10", "ends in the middle of a value"},
		{"7", "a.json:1:1", "must be an object, not 7"},
		{"[null]", "a.json:1:2", "must be an object, not null"},
		{"[{}, {}", "a.json:1:8", "ends in the middle"},
		{"\n{\"a\": 1}", "a.json:2:1", "neither a rule nor another part of an export"},
		{strings.Repeat("[", 300) + strings.Repeat("]", 300), "a.json:1:1", "deeper than 200 levels"},
		{strings.Repeat("[", 100_000), "a.json:1", "exceeded max depth"},
		{strings.Replace(baseJSON, `"low"`, `["low"]`, 1), "a.json:1:152", "severity: must be a string, not a list"},
		{strings.Replace(baseJSON, `"low"`, `{}`, 1), "a.json:1:152", "severity: must be a string, not an object"},
		{strings.Replace(baseJSON, `"low"`, `"`+strings.Repeat("x", 50)+`"`, 1), "a.json:1:152", "severity: \"xxx"},
		{strings.Replace(baseJSON, `21`, `"`+strings.Repeat("x", 50)+`"`, 1), "a.json:1:173", "risk_score: must be a whole number, not the string \"xxx"},
		{strings.Replace(baseJSON, `21`, `1e999`, 1), "a.json:1:173", "risk_score: must be a whole number, not the number \"1e999\""},
		{strings.Replace(baseJSON, `"eql", `, `"threat_mach", `, 1), "a.json:1:", `type: "threat_mach" is no type of rule`},
		{"[" + baseJSON + ",\n " + strings.Replace(baseJSON, `"low"`, `"lo"`, 1) + "]", "a.json:2:153", "severity"},
	}
	for _, tt := range tests {
		s := ReadJSON("a.json", []byte(tt.text))
		if s.Count(KindError) != 1 {
			t.Errorf("%.60q: problems %v", tt.text, s.Problems)
			continue
		}
		p := s.Problems[len(s.Problems)-1]
		if !strings.HasPrefix(p.Place(), tt.place) || !strings.Contains(p.Error(), tt.want) {
			t.Errorf("%.60q: %v\nwant %s: %s", tt.text, p, tt.place, tt.want)
		}
	}
	for _, s := range []*Set{ReadJSON("a.json", make([]byte, maxJSON+1)), ReadNDJSON("a.ndjson", make([]byte, maxJSON+1))} {
		if len(s.Problems) != 1 || !strings.Contains(s.Problems[0].Reason, "at most") {
			t.Errorf("a text too large: %v", s.Problems)
		}
	}
}

func TestByteOrderMark(t *testing.T) {
	for _, s := range []*Set{
		ReadTOML("a", []byte("\ufeff"+base)), ReadJSON("a", []byte("\ufeff"+baseJSON)), ReadNDJSON("a", []byte("\ufeff"+baseJSON+"\r\n")),
	} {
		if len(s.Rules) != 1 || len(s.Problems) != 0 {
			t.Errorf("%v", s.Problems)
		}
	}
}

// TestFlood: a file of nothing but faults is not told of without end.
func TestFlood(t *testing.T) {
	for _, s := range []*Set{
		ReadJSON("a", []byte(strings.Repeat("1 ", 100_000))), ReadJSON("a", []byte("["+strings.Repeat("1,", 100_000)+"1]")),
		ReadNDJSON("a", []byte(strings.Repeat("1\n", 100_000))),
	} {
		last := s.Problems[len(s.Problems)-1]
		if len(s.Problems) != maxFileProblems+1 || !strings.Contains(last.Reason, "too many problems") {
			t.Errorf("%d problems, last %v", len(s.Problems), last)
		}
	}
	s := ReadTOML("a", []byte(with("tags = ["+strings.Repeat("1, ", 100_000)+"]")))
	if len(s.Rules) != 0 || len(s.Problems) != maxProblems {
		t.Errorf("%d rules, %d problems", len(s.Rules), len(s.Problems))
	}
	// Nor is a long value repeated in full.
	long := strings.Repeat("x", 1<<20)
	for _, line := range []string{"severity = '", "type = '", "interval = '", "from = '", "max_signals = '", "to = 'now-1", "zzz." + long + " = '"} {
		s := ReadTOML("a", []byte(with(line+long+"'")))
		for _, p := range s.Problems {
			if len(p.Reason)+len(p.Hint) > 500 {
				t.Errorf("%.20s: a problem of %d bytes", line, len(p.Reason)+len(p.Hint))
			}
		}
		if len(s.Problems) == 0 {
			t.Errorf("%.20s: no problem", line)
		}
	}
}

// TestHostilePaths: a long key with many values below it, or deep nests, cost no
// multiple of the file.
func TestHostilePaths(t *testing.T) {
	long := strings.Repeat("k", 1<<20)
	text := strings.Replace(baseJSON, "{", `{"meta": {"`+long+`": [`+strings.Repeat("1,", 100_000)+`1]}, `, 1)
	s := ReadJSON("a.json", []byte(text))
	if len(s.Rules) != 1 || len(s.Problems) != 0 {
		t.Fatalf("problems %v", s.Problems)
	}
	toml := base + "[rule.meta." + long + "]\n"
	var b strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&b, "k%d = 1\n", i)
	}
	if r := one(t, toml+b.String()); len(r.Meta) != 1 {
		t.Errorf("meta has %d keys", len(r.Meta))
	}
	p := newPlaces()
	p.set(strings.Repeat("x", 5<<20), place{})
	if len(p.at) != 0 || p.key("a", "b") != "a" || p.element("a", 1) != "a" {
		t.Error("places keeps taking notes past its bound")
	}
}
