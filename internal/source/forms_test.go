package source

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tripline-sec/tripline/internal/event"
)

// generated is a document with the identity that an envelope gives it.
type generated struct{ index, id, raw string }

// generate makes documents of one line each, with what is hard to split: all
// kinds of brackets and quotes in strings, escapes, white space, nesting.
func generate(rng *rand.Rand) []generated {
	pieces := []string{
		`"x"`, `"}{"`, `"]["`, `"\""`, `"\\"`, `"\\\""`, `"\u005c"`, "\"\xff\"", `"\ud800"`, `-1.5e3`, `0`, `true`, `null`,
		`[]`, `{}`, `[ [ ],{"a":[1 , 2]}]`, `{"_source":{"b":1}}`, `{"hits":{"hits":[]}}`, `"{\"index\":{}}"`, `18446744073709551616`, `""`, `":,"`,
	}
	docs := make([]generated, 1+rng.IntN(12))
	for i := range docs {
		var fields []string
		for f := range rng.IntN(6) {
			fields = append(fields, fmt.Sprintf("%q%s%s", fmt.Sprintf("f%d", f), []string{":", " : ", ":\t"}[rng.IntN(3)], pieces[rng.IntN(len(pieces))]))
		}
		docs[i] = generated{index: fmt.Sprintf("i%d", rng.IntN(3)), id: fmt.Sprintf("id%d", i), raw: "{" + strings.Join(fields, ",") + "}"}
	}
	return docs
}

func join(docs []generated, between string, form func(generated) string) string {
	parts := make([]string, len(docs))
	for i, d := range docs {
		parts[i] = form(d)
	}
	return strings.Join(parts, between)
}

func plainForm(d generated) string { return d.raw }
func hitForm(d generated) string {
	return fmt.Sprintf(`{"_index":%q,"_id":%q,"_score":null,"_source":%s,"sort":[1]}`, d.index, d.id, d.raw)
}

func actionForm(d generated) string {
	return fmt.Sprintf("{\"create\":{\"_index\":%q,\"_id\":%q}}\n%s", d.index, d.id, d.raw)
}

// TestForms holds that the same documents come out of every form, packed in every
// way, however the bytes arrive.
func TestForms(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	texts := func(docs []generated) map[string]string {
		hits := join(docs, ",", hitForm)
		return map[string]string{
			"lines":           join(docs, "\n", plainForm),
			"CRLF lines, BOM": bom + join(docs, "\r\n\r\n", plainForm) + "\r\n",
			"concatenated":    join(docs, "", plainForm),
			"array":           "[" + join(docs, ", ", plainForm) + "]",
			"array of lines":  "[\n" + join(docs, ",\n", plainForm) + "\n]\n",
			"one array each":  join(docs, "\n", func(d generated) string { return "[" + d.raw + "]" }),
			"wrappers":        join(docs, "\n", hitForm),
			"array of hits":   "[" + hits + "]",
			"bulk":            join(docs, "\n", actionForm) + "\n",
			"search":          `{"took":1,"_shards":{"total":1},"hits":{"total":{"value":9},"max_score":1.0,"hits":[` + hits + `]},"x":[{}]}`,
			"search, lines":   "{\"hits\":{\"hits\":[\n" + join(docs, ",\n", hitForm) + "\n]}}\n",
			"eql":             `{"is_partial":false,"took":1,"hits":{"events":[` + hits + `]}}`,
			"eql sequences":   `{"hits":{"total":{},"sequences":[{"join_keys":[1],"events":[` + hits + `]},{"events":[` + hitForm(docs[0]) + `]}]}}`,
			"answer each":     join(docs, "", func(d generated) string { return `{"hits":{"hits":[` + hitForm(d) + `]}}` }),
		}
	}
	packings := map[string]func(string) []byte{
		"plain": func(s string) []byte { return []byte(s) },
		"gzip":  func(s string) []byte { return gz([]byte(s)) },
		"zstd":  func(s string) []byte { return zst([]byte(s)) },
		"zip":   func(s string) []byte { return archive("a/b.json", s) },
		"both":  func(s string) []byte { return archive("a.gz", string(gz([]byte(s)))) },
	}
	dir := t.TempDir()
	for round := range 8 {
		docs := generate(rng)
		for form, text := range texts(docs) {
			for packing, pack := range packings {
				packed := pack(text)
				path := filepath.Join(dir, fmt.Sprint(round, form, packing)+".json")
				if err := os.WriteFile(path, packed, 0o644); err != nil {
					t.Fatal(err)
				}
				for from, r := range map[string]*Reader{
					"file":   Open([]string{path}, nil, Options{}),
					"stream": Open([]string{"-"}, iotest.HalfReader(bytes.NewReader(packed)), Options{}),
				} {
					compare(t, fmt.Sprintf("%s, %s, %s", form, packing, from), r, docs, !strings.Contains(text, "_id"))
				}
				if round < 2 {
					same(t, func(opts Options) *Reader { return Open([]string{path}, nil, opts) }, Options{}, 64, 1<<20)
				}
			}
		}
	}
}

func compare(t *testing.T, what string, r *Reader, docs []generated, bare bool) {
	t.Helper()
	n := 0
	for item := range r.All() {
		if item.Problem != nil {
			t.Fatalf("%s: %v", what, item.Problem)
		}
		if n == len(docs) {
			t.Fatalf("%s: more than %d documents", what, n)
		}
		want := docs[n]
		if bare {
			d, err := event.Decode([]byte(want.raw), event.Identity{}, 1)
			if err != nil {
				t.Fatal(err)
			}
			want.index, want.id = d.Index, d.ID
		}
		got := item.Document
		if got.Index != want.index || got.ID != want.id || string(got.Raw) != want.raw {
			t.Fatalf("%s: document %d is %s %s %s, want %v", what, n, got.Index, got.ID, got.Raw, want)
		}
		n++
	}
	if n != len(docs) {
		t.Fatalf("%s: %d of %d documents", what, n, len(docs))
	}
}

// TestPrettyForm holds the same of pretty-printed documents, whose bytes differ.
func TestPrettyForm(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 100 {
		docs := generate(rng)
		for i := range docs {
			var b bytes.Buffer
			if err := json.Indent(&b, []byte(docs[i].raw), "", "  "); err != nil {
				t.Fatal(err)
			}
			docs[i].raw = b.String()
		}
		compare(t, "pretty", Open([]string{"-"}, strings.NewReader(join(docs, "\n", plainForm)), Options{}), docs, true)
		compare(t, "pretty array", Open([]string{"-"}, strings.NewReader("["+join(docs, ",\n", plainForm)+"]"), Options{}), docs, true)
	}
}

// TestDamagedLines breaks lines in ways that stay on the line: the others come
// out untouched, the broken ones are named.
func TestDamagedLines(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 2000 {
		var text strings.Builder
		var want []string
		for i, d := range generate(rng) {
			line := d.raw
			if rng.IntN(3) == 0 {
				cut := rng.IntN(len(line))
				switch rng.IntN(3) {
				case 0:
					line = line[:cut] // may be empty, which is no line at all
				case 1:
					line = line[:cut] + line[cut+1:]
				case 2:
					line = line[:cut] + string("}]{[,:\"x\\"[rng.IntN(9)]) + line[cut:]
				}
			}
			text.WriteString(line + "\n")
			switch _, err := event.Decode([]byte(line), event.Identity{}, 1); {
			case strings.TrimSpace(line) == "":
			case err != nil:
				want = append(want, fmt.Sprintf("%d broken", i+1))
			default:
				want = append(want, fmt.Sprintf("%d %s", i+1, line))
			}
		}
		sameText(t, text.String(), Options{}, 1<<10)
		found, broken := map[string]bool{}, 0
		for item := range Open([]string{"-"}, strings.NewReader(text.String()), Options{}).All() {
			if item.Problem != nil {
				broken++
				found[fmt.Sprintf("%d broken", item.Place.Line)] = true
			} else {
				found[fmt.Sprintf("%d %s", item.Place.Line, item.Document.Raw)] = true
			}
		}
		for _, line := range want {
			// Two broken lines can make a document together, or be one problem.
			if !found[line] && !strings.HasSuffix(line, "broken") {
				t.Fatalf("lost %s of\n%s", line, text.String())
			}
		}
	}
}

// FuzzRead holds that any bytes are read to their end, and that nothing is passed
// over in silence.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"", two, "{\"a\":[\n{}\n{}", "[{\"a\":1},{x}]", `{"hits":{"hits":[{"_source":{}}]}}`, `{"took":1,"hits":{"sequences":[{"events":[{}]}]}}`,
		"{\"index\":{}}\n{}\n{\"delete\":{}}\n", "\xEF\xBB\xBF{}\r\n", "{\n \"a\":1\n}\n", `{"_source":{"a":1}}`, "[\"x\\\"\",1,null,{}]",
		string(gz([]byte(two))), string(zst([]byte(two))), string(archive("a.json", two)), string(gz([]byte(two))[:20]), "BZh9", "{\n \"p\":L\n}",
	} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		read := func(stdin io.Reader) (items []Item, stats Stats) {
			r := Open([]string{"-"}, stdin, Options{MaxDocument: 256, TempDir: dir, MaxSpool: 1 << 20})
			for item := range r.All() {
				if (item.Document == nil) == (item.Problem == nil) {
					t.Fatalf("item %v is not one thing", item)
				}
				if len(items) > 100_000 {
					return items, r.Stats() // a bomb: memory is what matters
				}
				items = append(items, item)
			}
			return items, r.Stats()
		}
		items, stats := read(bytes.NewReader(data))
		packed := bytes.HasPrefix(data, gz(nil)[:2]) || bytes.HasPrefix(data, zst(nil)[:4]) || bytes.HasPrefix(data, []byte("PK"))
		if stats.Files == 1 && !packed && stats.Unpacked == int64(len(data)) { // plain text
			if stats.Bytes != int64(len(data)) {
				t.Fatalf("read %d of %d bytes", stats.Bytes, len(data))
			}
			account(t, string(data), items, stats)
		}
		slow, _ := read(iotest.OneByteReader(bytes.NewReader(data)))
		if len(slow) != len(items) {
			t.Fatalf("%d items of %q, %d by the byte", len(items), data, len(slow))
		}
		for i := range items {
			if items[i].Place != slow[i].Place || (items[i].Document == nil) != (slow[i].Document == nil) {
				t.Fatalf("item %d of %q: %v, by the byte %v", i, data, items[i], slow[i])
			}
		}
	})
}

// account holds that every line of a text that is no container is told of: as a
// document, as a problem, within the span of one, or as a counted write.
func account(t *testing.T, data string, items []Item, stats Stats) {
	t.Helper()
	data = strings.TrimPrefix(data, bom)
	if strings.ContainsRune(data, '[') || strings.Contains(data, "hits") || stats.SkippedWrites > 0 {
		return
	}
	told := map[int]bool{}
	for _, item := range items {
		span := 0
		if item.Document != nil {
			span = bytes.Count(item.Document.Raw, []byte{'\n'})
			if !strings.Contains(data, string(item.Document.Raw)) {
				t.Fatalf("%q is not in %q", item.Document.Raw, data)
			}
		} else {
			var from, to int
			_, left, _ := strings.Cut(item.Problem.Reason, "(lines ")
			if n, _ := fmt.Sscanf(left, "%d to %d", &from, &to); n == 2 {
				span = to - from
			}
		}
		for line := item.Place.Line; line <= item.Place.Line+span; line++ {
			told[line] = true
		}
	}
	for i, line := range strings.Split(data, "\n") {
		blank := strings.Trim(line, blanks) == ""
		// An action is told of with its document; an object may end or be
		// wrapped on lines of its own.
		if !blank && !told[i+1] && !strings.Contains(data, `_source`) && !strings.Contains(data, `index`) && !strings.Contains(data, `create`) {
			t.Fatalf("line %d of %q is passed over: %v", i+1, data, items)
		}
	}
}

// TestTraces reads the recorded traces and holds that nothing is lost.
func TestTraces(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "data", "reverse-shell-traces")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("the recorded traces are not beside the clone: %v", err)
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*.ndjson"))
	lines := 0
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines += bytes.Count(content, []byte{'\n'})
		m, _ := w.Create(filepath.Base(file))
		_, _ = m.Write(content)
	}
	_ = w.Close()
	var ids [2][]string
	for i, r := range []*Reader{Open(files, nil, Options{}), Open([]string{"-"}, &b, Options{})} {
		for item := range r.All() {
			if item.Problem != nil {
				t.Fatal(item.Problem)
			}
			if d := item.Document; !strings.HasPrefix(d.Index, "logs-endpoint.events.") || d.ID != d.Text("event.id") {
				t.Fatalf("%s: identity %s %s", item.Place, d.Index, d.ID)
			}
			ids[i] = append(ids[i], item.Document.ID)
		}
	}
	if len(ids[0]) != lines || strings.Join(ids[0], " ") != strings.Join(ids[1], " ") {
		t.Errorf("%d lines, %d documents of the files, %d of an archive of them", lines, len(ids[0]), len(ids[1]))
	}
}
