package source

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// run reads paths and describes each item in a line: "place id index raw" for a
// document, "place class: reason" for a problem.
func run(t *testing.T, paths []string, stdin io.Reader, opts Options) (lines []string, stats Stats) {
	t.Helper()
	opts.TempDir = t.TempDir()
	rec := record(stdin)
	defer func() { agree(t, paths, rec, opts) }()
	r := Open(paths, rec.reader(), opts)
	arrival := uint64(0)
	for item := range r.All() {
		place := strings.TrimPrefix(item.Place.String(), dirOf(paths)+"/")
		if item.Problem != nil {
			if item.Document != nil || item.Problem.Place != item.Place {
				t.Errorf("item %v is not one thing", item)
			}
			lines = append(lines, fmt.Sprintf("%s %s: %s", place, item.Problem.Class, item.Problem.Reason))
			continue
		}
		if arrival++; item.Document.Arrival != arrival {
			t.Errorf("arrival %d, want %d", item.Document.Arrival, arrival)
		}
		id := item.Document.ID
		if len(id) == 64 {
			id = "-"
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s", place, id, item.Document.Index, item.Document.Raw))
	}
	if left, _ := os.ReadDir(opts.TempDir); len(left) > 0 {
		t.Errorf("%s is left behind", left[0].Name())
	}
	return lines, r.Stats()
}

func dirOf(paths []string) string {
	if info, err := os.Stat(paths[0]); err == nil && info.IsDir() {
		return paths[0]
	}
	return filepath.Dir(paths[0])
}

func runText(t *testing.T, text string) []string {
	t.Helper()
	lines, stats := run(t, []string{"-"}, strings.NewReader(text), Options{MaxDocument: 1000})
	if stats.Bytes != int64(len(text)) || stats.Unpacked != int64(len(text)) {
		t.Errorf("counted %d bytes, unpacked %d, want %d", stats.Bytes, stats.Unpacked, len(text))
	}
	return lines
}

// expect compares lines; a wanted line that ends in "…" may go on.
func expect(t *testing.T, got, want []string) {
	t.Helper()
	equal := func(g, w string) bool {
		begin, cut := strings.CutSuffix(w, "…")
		return g == w || cut && strings.HasPrefix(g, begin)
	}
	if !slices.EqualFunc(got, want, equal) {
		t.Errorf("got:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func gz(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text)
	_ = w.Close()
	return b.Bytes()
}

func zst(text []byte) []byte {
	var b bytes.Buffer
	w, _ := zstd.NewWriter(&b)
	_, _ = w.Write(text)
	_ = w.Close()
	return b.Bytes()
}

// archive makes a zip archive of name, content, name, content, ...
func archive(parts ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		m, _ := w.Create(parts[i])
		_, _ = m.Write([]byte(parts[i+1]))
	}
	_ = w.Close()
	return b.Bytes()
}

func write(t *testing.T, path string, content []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestText(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"empty", "", nil},
		{"only white space", " \n\r\n\t\n", nil},
		{"only a BOM", "\xEF\xBB\xBF", nil},
		{"lines", "{\"a\":1}\n{\"a\":2}\n", []string{`-:1 - file {"a":1}`, `-:2 - file {"a":2}`}},
		{"no newline at the end", "{\"a\":1}\n{\"a\":2}", []string{`-:1 - file {"a":1}`, `-:2 - file {"a":2}`}},
		{"CRLF, BOM, empty lines", "\xEF\xBB\xBF{\"a\":1}\r\n\r\n\n  {\"a\":2} \r\n", []string{`-:1 - file {"a":1}`, `-:4 - file {"a":2}`}},
		{"the empty object", "{}\n{ }", []string{`-:1 - file {}`, `-:2 - file { }`}},
		{"pretty-printed", "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n{\n \"c\":2}\n", []string{"-:1 - file {\n  \"a\": {\n    \"b\": 1\n  }\n}", "-:6 - file {\n \"c\":2}"}},
		{"concatenated", `{"a":1}{"a":2} {"a":3}[{"a":4}]`, []string{`-:1 - file {"a":1}`, `-:1 - file {"a":2}`, `-:1 - file {"a":3}`, `-:1 - file {"a":4}`}},
		{"brackets in strings", `{"a":"}{\"]["}` + "\n", []string{`-:1 - file {"a":"}{\"]["}`}},
		{"invalid UTF-8 stays", "{\"a\":\"\xff\"}\n", []string{"-:1 - file {\"a\":\"\xff\"}"}},

		{"array", `[{"a":1}, {"a":2}]`, []string{`-:1 - file {"a":1}`, `-:1 - file {"a":2}`}},
		{"array over lines", "[\n  {\"a\":1},\n  {\n   \"a\":2\n  }\n]\n", []string{`-:2 - file {"a":1}`, "-:3 - file {\n   \"a\":2\n  }"}},
		{"empty arrays", "[]\n[ ]", nil},
		{"wrappers in an array", `[{"_index":"i","_id":"x","_source":{"a":1}}]`, []string{`-:1 x i {"a":1}`}},

		{"wrapper", `{"_index":"i","_type":"_doc","_id":"x","_score":1,"sort":[1],"_source":{"a":1}}`, []string{`-:1 x i {"a":1}`}},
		{"bare wrapper", `{"_source": {"a": 1} }`, []string{`-:1 - file {"a": 1}`}},
		{"a document with _source", `{"_source":{"a":1},"b":2}`, []string{`-:1 - file {"_source":{"a":1},"b":2}`}},
		{"an empty name beside _source", `{"_source":{"a":1},"":2}`, []string{`-:1 - file {"_source":{"a":1},"":2}`}},
		{"_source that is no object", `{"_source":"syslog"}`, []string{`-:1 - file {"_source":"syslog"}`}},
		{"_source deeper down", `{"a":{"_source":{}}}`, []string{`-:1 - file {"a":{"_source":{}}}`}},
		{"_index that is no string", `{"_index":1,"_source":{"a":1}}`, []string{`-:1 - file {"a":1}`}},
		{"broken wrapper", `{"_source":{"a":x}}`, []string{"-:1 broken JSON: invalid character 'x'…"}},

		{
			"search", `{"took":5,"timed_out":false,"_shards":{"total":1},"hits":{"total":{"value":2,"relation":"eq"},"max_score":null,"hits":[` +
				`{"_index":"i","_id":"x","_score":1.0,"_source":{"a":1},"fields":{"b":[1]}},{"_index":"j","_id":"y","_source":{"a":2}}]},"aggregations":{"n":{"v":[1]}}}` + "\n{\"a\":3}",
			[]string{`-:1 x i {"a":1}`, `-:1 y j {"a":2}`, `-:2 - file {"a":3}`},
		},
		{"search, pretty", "{\n \"took\" : 5,\n \"hits\" : {\n  \"hits\" : [\n   {\n    \"_id\" : \"x\",\n    \"_source\" : {}\n   }\n  ]\n }\n}\n", []string{"-:5 x file {}"}},
		{"search by filter_path", `{"hits":{"hits":[{"_source":{"a":1}}]}}`, []string{`-:1 - file {"a":1}`}},
		{"search with no hit", `{"took":1,"hits":{"total":{"value":0},"hits":[]}}`, nil},
		{"eql events", `{"is_partial":false,"is_running":false,"took":5,"timed_out":false,"hits":{"total":{"value":1,"relation":"eq"},"events":[{"_index":"i","_id":"x","_source":{"a":1}}]}}`, []string{`-:1 x i {"a":1}`}},
		{
			"eql sequences", `{"hits":{"sequences":[{"join_keys":["k"],"events":[{"_index":"i","_id":"x","_source":{"a":1}},{"_index":"","_id":"","_source":{},"missing":true}]},` + "\n" +
				`{"events":[{"_index":"i","_id":"x","_source":{"a":1}},{"_index":"i","_id":"y","_source":{"a":2}},{"_index":"","_id":"","_source":{},"missing":true}]}]}}`,
			[]string{`-:1 x i {"a":1}`, `-:2 y i {"a":2}`},
		},
		{"hit without _source", `{"hits":{"hits":[{"_id":"x"},{"_id":"y","_source":{}}]}}`, []string{`-:1 broken envelope: a hit without _source`, `-:1 y file {}`}},
		{"sequence without events", `{"hits":{"sequences":[{"join_keys":[]},{"events":[1]},{"events":x}]}}`, []string{
			`-:1 broken envelope: a sequence without events`, `-:1 broken envelope: an event of a sequence…`, `-:1 broken JSON: invalid character 'x'…`,
		}},
		{"a document with took", `{"took":5,"a":1}`, []string{`-:1 - file {"took":5,"a":1}`}},
		{"a document with hits", `{"hits":3}` + `{"hits":{"count":1}}` + `{"hits":{"hits":7}}{"hits":{"total":1}}{"id":"x"}`, []string{
			`-:1 - file {"hits":3}`, `-:1 - file {"hits":{"count":1}}`, `-:1 - file {"hits":{"hits":7}}`, `-:1 - file {"hits":{"total":1}}`, `-:1 - file {"id":"x"}`,
		}},

		{
			"bulk", `{"index":{"_index":"i","_id":"x","routing":null}}` + "\n" + `{"a":1}` + "\n" + `{"create":{}}` + "\r\n" + `{"a":2}` + "\r\n\r\n" +
				`{"delete":{"_index":"i","_id":"x"}}` + "\n" + `{"update":{"_id":"x"}}` + "\n" + `{"doc":{"a":3}}` + "\n" + `{ "create" : null }` + "\n" + `{"a":4}` + "\n",
			[]string{`-:2 x i {"a":1}`, `-:4 - file {"a":2}`, `-:10 - file {"a":4}`},
		},
		{"bulk without a document at the end", `{"index":{}}` + "\n", []string{"-:1 broken envelope: bulk action index without its document on the next line"}},
		{"bulk with a blank line for a document", `{"index":{}}` + "\n\n" + `{"create":{}}` + "\n" + `{"a":1}`, []string{"-:1 broken envelope: bulk action index…", `-:4 - file {"a":1}`}},
		{"bulk with a document left out", `{"index":{}}` + "\n" + `{"create":{}}` + "\n" + `{"a":1}`, []string{"-:1 broken envelope: bulk action index…", `-:3 - file {"a":1}`}},
		{"bulk with a broken document", `{"index":{"_id":"x"}}` + "\n" + `{"a":` + "\n" + `{"index":{"_id":"y"}}` + "\n" + `{"a":2}`, []string{"-:2 broken JSON: unexpected end…", `-:4 y file {"a":2}`}},
		{"bulk document is no wrapper", `{"index":{}}` + "\n" + `{"_source":{"a":1}}`, []string{`-:2 - file {"_source":{"a":1}}`}},
		{"a document like an action", `{"index":{"name":"i"}}` + "\n" + `{"create":1}` + "\n" + `{"update":{},"a":1}` + "\n", []string{
			`-:1 - file {"index":{"name":"i"}}`, `-:2 - file {"create":1}`, `-:3 - file {"update":{},"a":1}`,
		}},
		{"an action like thing that is broken", `{"index":{x}}` + "\n", []string{"-:1 broken JSON: …"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, runText(t, tt.text), tt.want)
			// However the bytes come in, the result is the same.
			slow, _ := run(t, []string{"-"}, iotest.OneByteReader(strings.NewReader(tt.text)), Options{MaxDocument: 1000})
			expect(t, slow, tt.want)
		})
	}
}

func TestBrokenText(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 1000) + `{}` + strings.Repeat(`}`, 1000)
	long := `{"a":"` + strings.Repeat("x", 1000) + `"}`
	tests := []struct {
		name, text string
		want       []string
	}{
		{"garbage", "{\"a\":1}\nhello {\n{\"a\":2}\n", []string{`-:1 - file {"a":1}`, "-:2 broken JSON: invalid character 'h' looking for beginning of value at byte 1", `-:3 - file {"a":2}`}},
		{"not objects", "1\n\"x\"\nnull\n[1,\"y\\\\\",[2],{\"a\":3}]\n{}", []string{
			"-:1 not a JSON object: …", "-:2 not a JSON object: …", "-:3 not a JSON object: …",
			"-:4 not a JSON object: …", "-:4 not a JSON object: …", "-:4 not a JSON object: …", `-:4 - file {"a":3}`, "-:5 - file {}",
		}},
		{"cut in a string", "{\"a\":\"x\n{\"a\":2}\n", []string{"-:1 broken JSON: unexpected end of JSON input at byte 7", `-:2 - file {"a":2}`}},
		{"cut after a value", "{\"a\":1\n{\"a\":2}\n{\"a\":3}\n", []string{"-:1 broken JSON: invalid character '{' after object key:value pair at byte 8", `-:2 - file {"a":2}`, `-:3 - file {"a":3}`}},
		{"cut after a comma", "{\"a\":1,\n{\"a\":2}\n{\"a\":3}\n", []string{"-:1 broken JSON: …", `-:2 - file {"a":2}`, `-:3 - file {"a":3}`}},
		{"nothing in an action", "{\"index\":{}}", []string{"-:1 broken envelope: …"}},
		{"an action of two", "{\"index\":{},\"create\":{}}", []string{`-:1 - file {"index":{},"create":{}}`}},
		{"array: a word at the end", "[{},tru", []string{"-:1 - file {}", "-:1 broken JSON: …"}},
		{"array: a string at the end of a line", "[\"x\n]\n{}", []string{"-:1 broken JSON: an element of the array is not JSON; the rest of what begins in line 1 is not read (lines 1 to 2 are left out)", "-:3 - file {}"}},
		{"cut where an object may follow", "{\"a\":[\n{\"a\":2}\n{\"a\":3}\n{\"a\":4}", []string{"-:1 broken JSON: …", `-:2 - file {"a":2}`, `-:3 - file {"a":3}`, `-:4 - file {"a":4}`}},
		{"many such", "{\"a\":[\n{\"a\":[\n{\"a\":[\n{\"a\":[]}\n", []string{"-:1 ends early: …", "-:2 broken JSON: …", "-:3 broken JSON: …", `-:4 - file {"a":[]}`}},
		{"a looked at array is a broken line", "{\"a\":\n[{\"b\":1}]\n{\"a\":3}\n", []string{"-:1 broken JSON: …", "-:2 not a JSON object: …", `-:3 - file {"a":3}`}},
		{"cut at the end", "{\"a\":1}\n{\"a\":", []string{`-:1 - file {"a":1}`, "-:2 ends early: unexpected end of JSON input at byte 5"}},
		{"a bad word", "{\"a\":tru}\n{\"a\":2}\n", []string{"-:1 broken JSON: invalid character '}' in literal true (expecting 'e') at byte 9", `-:2 - file {"a":2}`}},
		{"text after an object", "{\"a\":1} x\n{\"a\":2}\n", []string{"-:1 broken JSON: invalid character 'x' after top-level value at byte 9", `-:2 - file {"a":2}`}},
		{"one brace too many", "{\"a\":1}}\n{\"a\":2},\n{\"a\":3}", []string{"-:1 broken JSON: …", "-:2 broken JSON: …", `-:3 - file {"a":3}`}},
		{"wrong bracket", "{\"a\":1]\n{\"a\":2}", []string{"-:1 broken JSON: …", `-:2 - file {"a":2}`}},
		{"no key", "{1:2}\n{,}\n{\"a\" 1}\n{\"a\":1 2}\n{\"a\"::1}\n{\"a\":\"b\"\"c\"}\n{\"a\":{}[]}\n{\"a\":1;}", []string{
			"-:1 broken JSON: …", "-:2 broken JSON: …", "-:3 broken JSON: …", "-:4 broken JSON: …", "-:5 broken JSON: …", "-:6 broken JSON: …", "-:7 broken JSON: …", "-:8 broken JSON: …",
		}},
		{"broken pretty document", "{\n  \"a\": 1\n  \"b\": {\n  }\n}\n\n{\n  \"c\": 3\n}\n", []string{"-:1 broken JSON: invalid character '\"' after object key:value pair at byte 14 (lines 1 to 5 are left out)", "-:7 - file {\n  \"c\": 3\n}"}},
		{"pretty document without its end", "{\n  \"a\": {\n  \"b\": 1\n}\n{\n  \"c\": 3\n}\n", []string{"-:1 broken JSON: …", "-:5 - file {\n  \"c\": 3\n}"}},
		{"pretty document with text after it", "{\n \"a\":1\n} x\n{}", []string{"-:1 broken JSON: …", "-:4 - file {}"}},
		{"too deep", deep[:5] + deep + "}\n{\"a\":2}\n", []string{"-:1 too long…", `-:2 - file {"a":2}`}},
		{"too long", "{\"a\":1}\n" + long + "\n{\"a\":2}\n", []string{`-:1 - file {"a":1}`, "-:2 too long: longer than 1000 bytes…", `-:3 - file {"a":2}`}},
		{"too long, no JSON", strings.Repeat("x", 5000) + "\n{\"a\":2}\n", []string{"-:1 too long: …", `-:2 - file {"a":2}`}},
		{"too long, at the end", strings.Repeat("x", 5000), []string{"-:1 too long: …"}},
		{"too long over lines", "{\n" + strings.Repeat("  \"a\": 1,\n", 200) + "  \"b\": 2\n}\n{\"a\":2}\n", []string{"-:1 too long: longer than 1000 bytes, which is what one document may have (lines 1 to 203 are left out)", `-:204 - file {"a":2}`}},
		{"too long in bulk", "{\"index\":{}}\n" + long + "\n{\"a\":2}\n", []string{"-:2 too long: …", `-:3 - file {"a":2}`}},

		{"array: broken elements", "[{\"a\":tru},\n{\"a\":1 \"b\" 2},\n{\"a\" {,:} [::]},\n{\"a\":4},{\"a\"};{}]", []string{
			"-:1 broken JSON: …", "-:2 broken JSON: …", "-:3 broken JSON: …", `-:4 - file {"a":4}`, "-:4 broken JSON: …",
			"-:4 broken JSON: unexpected ';' between the elements of an array; the rest of what begins in line 1 is not read",
		}},
		{"array: a string goes over a line", "[{\"a\":\"x\ny\"},{}]\n{\"a\":3}", []string{
			"-:1 broken JSON: the element of line 1 is broken: a line ends within a string; …", "-:2 broken JSON: …", `-:3 - file {"a":3}`,
		}},
		{"array: wrong bracket", "[{\"a\":[}],{}\n]\n{\"a\":3}", []string{
			"-:1 broken JSON: the element of line 1 is broken: unexpected '}' where a value or ']' should stand; the rest of what begins in line 1 is not read (lines 1 to 2 are left out)", `-:3 - file {"a":3}`,
		}},
		{"array: a line ends in a string", "[{\"a\":\"x},\n{\"a\":2}]\n{\"a\":3}", []string{
			"-:1 broken JSON: the element of line 1 is broken…", "-:2 broken JSON: …", `-:3 - file {"a":3}`,
		}},
		{"array: too long an element", "[{\"a\":1}," + long + ",{\"a\":2}]", []string{`-:1 - file {"a":1}`, "-:1 too long: …", `-:1 - file {"a":2}`}},
		{"array: no end", "[{\"a\":1},", []string{`-:1 - file {"a":1}`, "-:1 ends early: the array ends early"}},
		{"array: no end after an element", "[{\"a\":1}", []string{`-:1 - file {"a":1}`, "-:1 ends early: the array ends early"}},
		{"array: no end of an element", "[{\"a\":1},\n{\"a\":", []string{`-:1 - file {"a":1}`, "-:2 ends early: the element of line 2 ends early"}},
		{"array: trailing comma", "[{\"a\":1},]\n{\"a\":2}", []string{`-:1 - file {"a":1}`, "-:1 broken JSON: an element of the array is not JSON…", `-:2 - file {"a":2}`}},
		{"array: no comma", "[{\"a\":1} {\"b\":2}]\n{\"a\":2}", []string{`-:1 - file {"a":1}`, "-:1 broken JSON: unexpected '{' between the elements of an array; the rest of what begins in line 1 is not read", `-:2 - file {"a":2}`}},
		{"array: a stray bracket", "[{\"a\":1}\n{\"a\":2}\n{\"a\":3}", []string{`-:1 - file {"a":1}`, "-:1 broken JSON: unexpected '{' between the elements of an array", `-:2 - file {"a":2}`, `-:3 - file {"a":3}`}},
		{"a log line that looks like an array", "[2026-01-01 10:00:00] INFO x\n{\"a\":2}", []string{"-:1 broken JSON: an element of the array is not JSON…", `-:2 - file {"a":2}`}},
		{"array: an endless string", "[\"" + strings.Repeat("x", 9000) + "\"]\n{\"a\":2}", []string{"-:1 too long: …", `-:2 - file {"a":2}`}},
		{"answer: no end", `{"hits":{"hits":[{"_id":"x","_source":{}}]`, []string{"-:1 x file {}", "-:1 ends early: the answer ends early"}},
		{"answer: broken behind the hits", `{"hits":{"hits":[{"_id":"x","_source":{}}]x}}` + "\n{\"a\":2}", []string{"-:1 x file {}", "-:1 broken JSON: unexpected 'x' where…", `-:2 - file {"a":2}`}},
		{"answer: broken before the hits", `{"took":1,,"hits":{"hits":[{"_id":"x","_source":{}}]}}` + "\n{\"a\":2}", []string{"-:1 broken JSON: …", `-:2 - file {"a":2}`}},
		{"answer: broken array", `{"hits":{"hits":[{"_id":"x","_source":{}}` + "\n" + `  }` + "\n{\"a\":2}", []string{"-:1 x file {}", "-:2 broken JSON: unexpected '}' between…", `-:3 - file {"a":2}`}},
		{"answer: cut before the hits", `{"took":1,"hits":{`, []string{"-:1 ends early: …"}},
		{"answer: a broken hit", `{"hits":{"hits":[{"_id":x},{"_id":"y","_source":{"a":01}},{"_id":"z","_source":{}}]}}`, []string{"-:1 broken JSON: …", "-:1 broken JSON: …", "-:1 z file {}"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, runText(t, tt.text), tt.want)
			slow, _ := run(t, []string{"-"}, iotest.OneByteReader(strings.NewReader(tt.text)), Options{MaxDocument: 1000})
			expect(t, slow, tt.want)
		})
	}
}

func TestDeep(t *testing.T) {
	nest := func(n int) string { return strings.Repeat(`{"a":`, n-1) + "{}" + strings.Repeat("}", n-1) }
	text := nest(1000) + "\n" + nest(1001) + "\n" + nest(50_000) + "\n" + `[` + nest(1000) + `,` + nest(20_000) + "]\n" +
		`{"hits":{"hits":[{"_source":` + nest(1000) + `},{"_source":` + nest(1001) + `},{"_source":` + nest(20_000) + `}]}}`
	got, _ := run(t, []string{"-"}, strings.NewReader(text), Options{})
	const deep = " nested too deep: nested more than 1,000 levels deep at byte 5001"
	expect(t, got, []string{"-:1 - file …", "-:2" + deep, "-:3" + deep, "-:4 - file …", "-:4" + deep, "-:5 - file …", "-:5" + deep, "-:5 nested too deep: …"})
}

func TestStats(t *testing.T) {
	text := `{"index":{}}` + "\n{}\n" + `{"delete":{}}` + "\n" + `{"update":{}}` + "\n{}\nx\ny\n1\n" +
		`{"hits":{"sequences":[{"events":[{"_source":{}},{"_source":{}},{"_source":{},"missing":true}]}]}}`
	_, stats := run(t, []string{"-"}, strings.NewReader(text), Options{})
	if stats.Documents != 2 || stats.SkippedWrites != 2 || stats.Placeholders != 1 || stats.Repeats != 1 || stats.Files != 1 ||
		stats.Problems[BadJSON] != 2 || stats.Problems[NotObject] != 1 || stats.BadTotal() != 3 {
		t.Errorf("got %+v", stats)
	}
}

func TestStop(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/a.zip", archive("x.json", "{}{}", "y.json", "{}"))
	write(t, dir+"/b.json", []byte(`{"hits":{"sequences":[{"events":[{"_source":{}},{"_source":{"a":1}}]}]}}[{},{}]`))
	for stop := 1; stop <= 7; stop++ {
		r, n := Open([]string{dir, dir}, nil, Options{}), 0
		for range r.All() {
			if n++; n == stop {
				break
			}
		}
		if n != stop || r.Stats().Documents != stop {
			t.Errorf("stopped after %d of %d", n, stop)
		}
	}
}

func TestProblemText(t *testing.T) {
	p := &Problem{Place: Place{Name: "a.zip!b", Line: 3}, Class: BadJSON, Reason: "why"}
	if p.Error() != "a.zip!b:3: why" || BadJSON.Incomplete() || !Truncated.Incomplete() {
		t.Error(p.Error())
	}
}

// TestHostileLines reads lines that each look like the beginning of a longer
// document. Looking ahead anew from each would take hours.
func TestHostileLines(t *testing.T) {
	const lines = 200_000
	for _, line := range []string{"{\"a\":[\n", "{\"took\":[\n", "{\n\n", "[{\"\n", "{\"a\":1,\n", "[\"\\\n", "{\"hits\":{\"hits\":[}\n"} {
		r, problems := Open([]string{"-"}, strings.NewReader(strings.Repeat(line, lines)), Options{}), 0
		for item := range r.All() {
			if item.Problem == nil {
				t.Fatalf("%q: a document at %s", line, item.Place)
			}
			problems++
		}
		if problems != lines {
			t.Errorf("%q: %d problems, want %d", line, problems, lines)
		}
	}
}
