package rule

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// placeOf returns line and column of the only occurrence of a mark.
func placeOf(t *testing.T, text, mark string) (line, col int) {
	t.Helper()
	if strings.Count(text, mark) != 1 {
		t.Fatalf("%q stands %d times in\n%s", mark, strings.Count(text, mark), text)
	}
	before := text[:strings.Index(text, mark)]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}

// The marks of a query in these tests are words that stand in it and in the
// file as they are; each must be found where the file has it.
var marks = []string{"ALPHA", "BETA", "GAMMA", "DELTA"}

func TestLocate(t *testing.T) {
	tests := []struct {
		name, toml string
		query      string
	}{
		{"''' newline after opening", "query = '''\nALPHA where\n  BETA == \"ö\\n\" and GAMMA\n\tDELTA'''\n", "ALPHA where\n  BETA == \"ö\\n\" and GAMMA\n\tDELTA"},
		{"''' without newline", "query = '''ALPHA where\n  BETA and 'é' GAMMA\nDELTA\n'''\n", "ALPHA where\n  BETA and 'é' GAMMA\nDELTA\n"},
		{"''' on one line", "query  =  '''ALPHA BETA GAMMA DELTA'''\n", "ALPHA BETA GAMMA DELTA"},
		{"''' two newlines", "query = '''\n\nALPHA BETA GAMMA DELTA'''\n", "\nALPHA BETA GAMMA DELTA"},
		{"''' CRLF", "query = '''\r\nALPHA\r\n BETA\r\nGAMMA DELTA\r\n'''\r\n", "ALPHA\r\n BETA\r\nGAMMA DELTA\r\n"},
		{"''' quotes at the end", "query = '''\nALPHA BETA\nGAMMA DELTA'x'''''\n", "ALPHA BETA\nGAMMA DELTA'x''"},
		{`""" newline after opening`, "query = \"\"\"\nALPHA \\\"x\\\" BETA\nfoo \\\\ GAMMA \\u00e9\\U0001F600\\x41\\e DELTA\n\"\"\"\n", "ALPHA \"x\" BETA\nfoo \\ GAMMA é😀A\x1b DELTA\n"},
		{`""" without newline`, "query = \"\"\"ALPHA \"quoted\" BETA\n\\tGAMMA 😀 DELTA\"\"\"\n", "ALPHA \"quoted\" BETA\n\tGAMMA 😀 DELTA"},
		{`""" escaped newline`, "query = \"\"\"ALPHA\\n BETA\\n\\nGAMMA\nDELTA\"\"\"\n", "ALPHA\n BETA\n\nGAMMA\nDELTA"},
		{`""" line continuation`, "query = \"\"\"\nALPHA \\\n\n    BETA \\  \n  GAMMA\n  DELTA \\\n  \"\"\"\n", "ALPHA BETA GAMMA\n  DELTA "},
		{`""" CRLF continuation`, "query = \"\"\"\r\nALPHA \\\r\n  BETA\r\nGAMMA DELTA\"\"\"\r\n", "ALPHA BETA\r\nGAMMA DELTA"},
		{"'", "query = 'ALPHA \\n \"ü\" BETA GAMMA DELTA'\n", "ALPHA \\n \"ü\" BETA GAMMA DELTA"},
		{`"`, "query = \"ALPHA \\\"\\\\ \\u0041 BETA\\n\\t GAMMA \\r\\b\\f DELTA\"\n", "ALPHA \"\\ A BETA\n\t GAMMA \r\b\f DELTA"},
		{"dotted, quoted key", "\"query\" = 'ALPHA BETA GAMMA DELTA'\n", "ALPHA BETA GAMMA DELTA"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := without("query")
			file = file[:strings.Index(file, "process where true")] // and drop the rest of the literal
			file += "# ünïcode before\n" + tt.toml + "version = 3\n"
			r := one(t, file)
			if r.Query != tt.query {
				t.Fatalf("query %q, want %q", r.Query, tt.query)
			}
			checkMarks(t, r, file)
		})
	}
}

func checkMarks(t *testing.T, r *Rule, file string) {
	t.Helper()
	for _, m := range marks {
		line, col := r.Locate(placeOf(t, r.Query, m))
		wantLine, wantCol := placeOf(t, file, m)
		if line != wantLine || col != wantCol {
			t.Errorf("%s: %d:%d, want %d:%d of\n%s", m, line, col, wantLine, wantCol, file)
		}
	}
}

func TestLocateInJSON(t *testing.T) {
	query := "ALPHA \"x\" \\ BETA\n\tGAMMA é 😀\u2028 \x01 DELTA"
	body := map[string]any{}
	if err := json.Unmarshal([]byte(baseJSON), &body); err != nil {
		t.Fatal(err)
	}
	body["query"] = query
	for _, indent := range []string{"", "  "} {
		data, err := json.MarshalIndent(body, "", indent)
		if err != nil {
			t.Fatal(err)
		}
		file := "\n" + string(data)
		s := ReadJSON("a.json", []byte(file))
		if len(s.Rules) != 1 || s.Rules[0].Query != query {
			t.Fatalf("problems %v", s.Problems)
		}
		checkMarks(t, s.Rules[0], file)
	}
	// Characters beyond 16 bits as two escapes, and a half that stands alone.
	file := strings.Replace(baseJSON, `process where true\n`, `ALPHA \ud83d\ude00 BETA \ud83d GAMMA \u00e9\/\n DELTA`, 1)
	for _, s := range []*Set{ReadJSON("a.json", []byte(file)), ReadNDJSON("a.ndjson", []byte(file))} {
		if len(s.Rules) != 1 || s.Rules[0].Query != "ALPHA 😀 BETA \ufffd GAMMA é/\n DELTA" {
			t.Fatalf("%+v %v", s.Rules, s.Problems)
		}
		checkMarks(t, s.Rules[0], file)
	}
	// In a list, in an export, and wrapped as prebuilt rules are.
	for _, file := range []string{
		"[\n" + file + "]", "{\"exported_count\": 1}\n" + file + "\n",
		`{"id": "x", "type": "security-rule", "attributes": ` + file + "}",
	} {
		s := ReadJSON("a.json", []byte(file))
		if len(s.Rules) != 1 {
			t.Fatalf("problems %v", s.Problems)
		}
		checkMarks(t, s.Rules[0], file)
	}
}

// TestLocateAtEdges: a place that the query does not have is that of the nearest
// thing after it.
func TestLocateAtEdges(t *testing.T) {
	r := one(t, base) // the query stands in lines 9 to 11
	tests := []struct{ line, col, wantLine, wantCol int }{
		{1, 1, 10, 1},
		{1, 18, 10, 18},
		{1, 19, 10, 19},  // the end of the line
		{1, 500, 10, 19}, // past it
		{2, 1, 11, 1},    // the end of the query
		{7, 3, 11, 1},
		{0, 0, 11, 1},
	}
	for _, tt := range tests {
		if line, col := r.Locate(tt.line, tt.col); line != tt.wantLine || col != tt.wantCol {
			t.Errorf("Locate(%d, %d) = %d, %d; want %d, %d", tt.line, tt.col, line, col, tt.wantLine, tt.wantCol)
		}
	}
	if line, col := (&Rule{Query: "process where true"}).Locate(3, 7); line != 3 || col != 7 {
		t.Errorf("a rule of no file: %d, %d", line, col)
	}
}
