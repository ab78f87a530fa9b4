package rule

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFormatTOMLKeepsEverythingElse(t *testing.T) {
	long := strings.Repeat("a", 90)
	tests := []struct{ name, query, want string }{
		{"three apostrophes", "'''\nprocess where a==1\n'''", "'''\nprocess where a == 1\n'''"},
		{"no line of its own", "'''process where a==1\n and b'''", "'''\nprocess where a == 1 and b\n'''"},
		{"one line of three", "'''any where a==1'''", "'''any where a == 1'''"},
		{"one apostrophe", "'any where a==\"x\\\\\"'", "'any where a == \"x\\\\\"'"},
		{"one quote", `"any where a==\"x\\\\\""`, `"any where a == \"x\\\\\""`},
		{"three quotes", "\"\"\"\nany where a==\"x\\\\\\\\\" and b == \"\\u00e9\"\"\"\"", "\"\"\"\nany where a == \"x\\\\\\\\\" and b == \"é\"\n\"\"\""},
		{"empty strings in quotes", "\"\"\"any where a==\"\"\"\"\"", "\"\"\"any where a == \"\\\"\"\"\""},
		{"raw strings in quotes", "\"\"\"\nany where a == \"\"\\\"x\"\"\\\"\n\"\"\"", "\"\"\"\nany where a == \"\"\\\"x\"\"\\\"\n\"\"\""},
		{"too long for a line", `'any where a=="` + long + `" and b'`, "'''\nany where\n  a == \"" + long + "\" and\n  b\n'''"},
		{"another line break", "'''\r\nany where a==1 // x\r\n and b\r\n'''", "'''\r\nany where\r\n  a == 1 and // x\r\n  b\r\n'''"},
	}
	before := "\ufeff# a remark\n[metadata]\nx   =  1\n\n[rule]\ntype=\"eql\"   # here\nquery  =   "
	after := "   # after\nname = 'x'\r\n\n\n[[rule.threat]]\nframework = \"\"\n"
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, problem := FormatTOML("a.toml", []byte(before+tt.query+after))
			if problem != nil {
				t.Fatal(problem, problem.Hint)
			}
			if want := before + tt.want + after; string(got) != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			again, problem := FormatTOML("a.toml", got)
			if problem != nil || string(again) != string(got) {
				t.Errorf("again (%v) %q", problem, again)
			}
		})
	}
}

func TestFormatTOMLProblems(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"[rule]\ntype = 'eql'\nquery = '''\nany where\n  a = 1'''\n", "a.toml:5:5: query: unexpected '=', expected"},
		{"[rule]\ntype = \n", "a.toml:2:8: not valid TOML"},
		{"[rule]\ntype = 'threshold'\nquery = 'a:1'\n", ""},
		{"[rule]\ntype = 'eql'\n", ""},
		{"[other]\n", ""},
		{strings.Repeat("#", maxTOML+1), "a.toml: the file has"},
	} {
		out, problem := FormatTOML("a.toml", []byte(tt.text))
		if out != nil {
			t.Errorf("%.40q: a result %.40q", tt.text, out)
		}
		switch {
		case tt.want == "" && problem != nil:
			t.Errorf("%.40q: %v", tt.text, problem)
		case tt.want != "" && (problem == nil || !strings.HasPrefix(problem.Error(), tt.want)):
			t.Errorf("%.40q: %v, want %s", tt.text, problem, tt.want)
		}
	}
}

// Every recorded rule keeps what it says: its query is the same tree, and all
// other bytes are the same.
func TestFormatTOMLOfRecordedRules(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", "elastic-rules", "*", "*.toml"))
	if len(files) == 0 {
		t.Skip("the folder of rules is not here")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out, problem := FormatTOML(file, data)
		if problem != nil || out == nil {
			t.Fatalf("%s: %v", file, problem)
		}
		was, is := ReadTOML(file, data).Rules[0], ReadTOML(file, out).Rules[0]
		if a, b := was.query, is.query; strings.Replace(string(data), a.raw, "", 1) != strings.Replace(string(out), b.raw, "", 1) {
			t.Errorf("%s: something beside the query has changed", file)
		}
		if again, _ := FormatTOML(file, out); string(again) != string(out) {
			t.Errorf("%s: not the same when formatted again", file)
		}
	}
}
