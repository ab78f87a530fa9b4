package source

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
)

const two = "{\"a\":1}\n{\"a\":2}\n"

func twoOf(name string) []string {
	return []string{name + `:1 - file {"a":1}`, name + `:2 - file {"a":2}`}
}

func TestUnpack(t *testing.T) {
	tests := []struct {
		name    string
		content []byte
		want    []string
	}{
		{"gzip", gz([]byte(two)), twoOf("f")},
		{"gzip of two members", append(gz([]byte(two[:10])), gz([]byte(two[10:]))...), twoOf("f")},
		{"zstd", zst([]byte(two)), twoOf("f")},
		{"zstd of two frames", append(zst([]byte(two[:10])), zst([]byte(two[10:]))...), twoOf("f")},
		{"zip", archive("x.json", two), twoOf("f!x.json")},
		{"zip of nothing", archive(), nil},
		{
			"zip in the order of a folder", archive("b/z.json", `{"n":3}`, "b.json", `{"n":4}`, "b/", "", "b/a.json", `{"n":2}`, "a.json", `{"n":1}`),
			[]string{`f!a.json:1 - file {"n":1}`, `f!b/a.json:1 - file {"n":2}`, `f!b/z.json:1 - file {"n":3}`, `f!b.json:1 - file {"n":4}`},
		},
		{
			"zip with other things", archive("README.md", "# Title\n[x]\n", ".hidden.json", "{}", "__MACOSX/a.json", "{}", "events", "{}", "x.ndjson", "x"),
			[]string{"f!events:1 - file {}", "f!x.ndjson:1 broken JSON: …"},
		},
		{"gzip in gzip", gz(gz([]byte(two))), twoOf("f")},
		{"zstd in gzip", gz(zst([]byte(two))), twoOf("f")},
		{"gzip in zip", archive("x.json.gz", string(gz([]byte(two)))), twoOf("f!x.json.gz")},
		{"zip in zip", archive("in.zip", string(archive("x.json", two))), twoOf("f!in.zip!x.json")},
		{"zip in zstd", zst(archive("x.json", two)), twoOf("f!x.json")},
		{"four layers", gz(gz(gz(gz([]byte(two))))), twoOf("f")},
		{"five layers", gz(gz(gz(gz(gz([]byte(two)))))), []string{"f unreadable: compressed more than 4 times over"}},
		{"gzip header only", gz(nil)[:5], []string{"f ends early: unpack gzip: ends early"}},
		{"gzip of a later kind", append([]byte{0x1F, 0x8B, 99}, make([]byte, 20)...), []string{"f unreadable: unpack gzip: …"}},
		{"zstd that is none", []byte("\x28\xB5\x2F\xFD\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), []string{"f:1 unreadable: read: unpack zstd: …"}},
		{"zip cut short", archive("x.json", two)[:60], []string{"f unreadable: unpack zip: not a valid zip file (cut short, or no zip archive)"}},
		{"text after gzip", append(gz([]byte(two)), "garbage garbage garbage"...), append(twoOf("f"), "f:3 unreadable: read: unpack gzip: …")},
		{"bzip2", []byte("BZh91AY"), []string{"f unreadable: bzip2 is not supported: …"}},
		{"xz", []byte("\xFD7zXZ\x00 "), []string{"f unreadable: xz is not supported: …"}},
		{"UTF-16", []byte("\xFF\xFE{\x00}\x00"), []string{"f unreadable: UTF-16 is not supported: …"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, filepath.Join(t.TempDir(), "f"), tt.content)
			got, stats := run(t, []string{path}, nil, Options{})
			expect(t, got, tt.want)
			if stats.Bytes != int64(len(tt.content)) && stats.BadTotal() == 0 {
				t.Errorf("counted %d bytes, want %d", stats.Bytes, len(tt.content))
			}
			// The same through a stream, where a zip archive is spooled.
			got, _ = run(t, []string{"-"}, iotest.HalfReader(bytes.NewReader(tt.content)), Options{})
			for i := range got {
				got[i] = "f" + strings.TrimPrefix(got[i], "-")
			}
			expect(t, got, tt.want)
		})
	}
}

func TestTruncatedStreams(t *testing.T) {
	var text strings.Builder
	for i := range 20_000 { // enough for several blocks
		fmt.Fprintf(&text, "{\"n\":%d,\"x\":\"%x\"}\n", i, i*i*7919)
	}
	for form, packed := range map[string][]byte{"gzip": gz([]byte(text.String())), "zstd": zst([]byte(text.String()))} {
		path := write(t, filepath.Join(t.TempDir(), "f"), packed[:len(packed)*2/3])
		got, stats := run(t, []string{path}, nil, Options{})
		if stats.Documents == 0 || stats.Documents > 19_000 || stats.Problems[Truncated] != 1 || stats.BadTotal() != 1 {
			t.Errorf("%s: %+v", form, stats)
			continue
		}
		want := strings.SplitAfter(text.String(), "\n")
		for i, line := range got[:len(got)-1] {
			if line != fmt.Sprintf("f:%d - file %s", i+1, strings.TrimSpace(want[i])) {
				t.Fatalf("%s: %s", form, line)
			}
		}
		if last := got[len(got)-1]; !strings.HasSuffix(last, "ends early: read: unpack "+form+": ends early") {
			t.Errorf("%s: %s", form, last)
		}
		// Only the checksum is missing: still a problem, and gzip, which has one
		// at its end only, has given every document.
		path = write(t, filepath.Join(t.TempDir(), "f"), packed[:len(packed)-2])
		if _, stats = run(t, []string{path}, nil, Options{}); stats.Problems[Truncated] != 1 || form == "gzip" && stats.Documents != 20_000 {
			t.Errorf("%s without its end: %+v", form, stats)
		}
	}
}

func TestCutContainers(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []string
	}{
		{`[{"a":1},{"a`, []string{`-:1 - file {"a":1}`}},
		{"{\"a\":1}\n{\"a\":\n", []string{`-:1 - file {"a":1}`, "-:2 ends early: unexpected end…"}},
		{`{"hits":{"hits":[{"_source":{"a":1}}`, []string{`-:1 - file {"a":1}`}},
		{"{\"index\":{}}\n{\"a\":1}\n{\"index\":{}}\n{\"a\":1}", []string{`-:2 - file {"a":1}`}},
		{"", nil},
	} {
		stream := io.MultiReader(strings.NewReader(tt.text), iotest.ErrReader(errors.New("cable pulled")))
		got, stats := run(t, []string{"-"}, stream, Options{})
		if n := len(got); n == 0 || !strings.HasSuffix(got[n-1], " unreadable: read: cable pulled") {
			t.Errorf("%q: %q does not tell of the cable", tt.text, got)
		} else if expect(t, got[:n-1], tt.want); stats.Problems[Unreadable] != 1 {
			t.Errorf("%q: %+v", tt.text, stats)
		}
	}
	got, _ := run(t, []string{"-"}, noProgress{}, Options{})
	expect(t, got, []string{"-:1 unreadable: read: multiple Read calls return no data or error"})
}

type noProgress struct{}

func (noProgress) Read([]byte) (int, error) { return 0, nil }

func TestZipTrouble(t *testing.T) {
	packed := archive("x.json", strings.Repeat(two, 1000), "y.json", two)
	// A byte of the content of the first member is wrong.
	wrong := bytes.Clone(packed)
	wrong[60] ^= 0xFF
	path := write(t, filepath.Join(t.TempDir(), "f.zip"), wrong)
	got, stats := run(t, []string{path}, nil, Options{})
	if stats.Problems[Unreadable] == 0 || len(got) < 3 {
		t.Errorf("a wrong byte: %+v", stats)
	} else {
		expect(t, got[len(got)-2:], twoOf("f.zip!y.json"))
	}

	var b bytes.Buffer
	w := zip.NewWriter(&b)
	secret, _ := w.CreateHeader(&zip.FileHeader{Name: "s.json", Flags: 1, Method: zip.Store})
	_, _ = secret.Write([]byte("xxxx"))
	odd, _ := w.CreateRaw(&zip.FileHeader{Name: "t.json", Method: 99, CompressedSize64: 4, UncompressedSize64: 4})
	_, _ = odd.Write([]byte("xxxx"))
	outside, _ := w.Create("../u.json")
	_, _ = outside.Write([]byte("{}"))
	_ = w.Close()
	got, _ = run(t, []string{write(t, filepath.Join(t.TempDir(), "f"), b.Bytes())}, nil, Options{})
	expect(t, got, []string{"f!../u.json:1 - file {}", "f!s.json unreadable: unpack zip: encrypted", "f!t.json unreadable: unpack zip: unsupported compression algorithm"})

	got, _ = run(t, []string{"-"}, bytes.NewReader(packed), Options{MaxSpool: 10})
	expect(t, got, []string{"- unreadable: unpack zip: larger than 10 bytes, …"})
	got, _ = run(t, []string{"-"}, iotest.TimeoutReader(iotest.HalfReader(bytes.NewReader(packed))), Options{})
	expect(t, got, []string{"- unreadable: unpack zip: timeout"})
	r := Open([]string{"-"}, bytes.NewReader(packed), Options{TempDir: filepath.Join(t.TempDir(), "none")})
	for item := range r.All() {
		if item.Problem == nil || !strings.Contains(item.Problem.Reason, "create spool") {
			t.Errorf("got %v", item)
		}
	}
}

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/b/2.ndjson", []byte(`{"n":2}`))
	write(t, dir+"/b/1.ndjson.gz", gz([]byte(`{"n":1}`)))
	write(t, dir+"/b.json", []byte("\xEF\xBB\xBF {\n}"))
	write(t, dir+"/c.log", []byte(` [{"n":4}]`))
	write(t, dir+"/d.log", []byte("Nov 25 02:00:00 host sshd[1]: {}\n"))
	write(t, dir+"/e.json", []byte("oops"))
	write(t, dir+"/README.md", []byte("[![badge](x)]\n"))
	write(t, dir+"/empty", nil)
	write(t, dir+"/brace", []byte("{"))
	write(t, dir+"/photo.bz2", []byte("BZh91AY"))
	write(t, dir+"/set {a}", []byte("{a, b}"))
	write(t, dir+"/x.json.xz", []byte("\xFD7zXZ\x00 "))
	write(t, dir+"/.git/config.json", []byte("{}"))
	write(t, dir+"/.hidden.json", []byte("{}"))
	want := []string{
		`b/1.ndjson.gz:1 - file {"n":1}`, `b/2.ndjson:1 - file {"n":2}`, "b.json:1 - file {\n}", "brace:1 ends early: …",
		`c.log:1 - file {"n":4}`, "e.json:1 broken JSON: …", "x.json.xz unreadable: xz is not…",
	}
	skipped := 5
	if runtime.GOOS != "windows" {
		for link, target := range map[string]string{"/y.json": dir + "/b/2.ndjson", "/z": dir, "/gone.json": "nowhere"} {
			if err := os.Symlink(target, dir+link); err != nil {
				t.Fatal(err)
			}
		}
		want = append(want[:6:6], "gone.json unreadable: stat: no such file or directory", want[6], `y.json:1 - file {"n":2}`)
	}
	got, stats := run(t, []string{dir}, nil, Options{})
	expect(t, got, want)
	if stats.SkippedFiles != skipped {
		t.Errorf("%d files skipped, want %d", stats.SkippedFiles, skipped)
	}

	// What is named is read, whatever it is.
	got, _ = run(t, []string{dir + "/d.log"}, nil, Options{})
	expect(t, got, []string{"d.log:1 broken JSON: invalid character 'N'…"})
	got, _ = run(t, []string{filepath.Join(dir, "none.json")}, nil, Options{})
	expect(t, got, []string{"none.json unreadable: stat: …"})
	got, _ = run(t, []string{"-"}, nil, Options{})
	expect(t, got, []string{"- unreadable: no standard input"})
}

func TestForbidden(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/a.json", []byte("{}"))
	if err := os.Chmod(dir+"/a.json", 0); err != nil {
		t.Fatal(err)
	}
	if f, err := os.Open(dir + "/a.json"); err == nil {
		f.Close()
		t.Skip("this user may read everything")
	}
	got, _ := run(t, []string{dir}, nil, Options{})
	expect(t, got, []string{"a.json unreadable: open: permission denied"})
}

// TestBombs holds that memory does not follow what a small file unpacks to.
func TestBombs(t *testing.T) {
	zeros := func(w io.Writer, fill byte) {
		block := bytes.Repeat([]byte{fill}, 1<<20)
		for range 200 {
			_, _ = w.Write(block)
		}
	}
	var line, array bytes.Buffer
	w := gzip.NewWriter(&line)
	zeros(w, 'x')
	_, _ = w.Write([]byte("\n{\"a\":1}\n"))
	_ = w.Close()
	w = gzip.NewWriter(&array)
	_, _ = w.Write([]byte(`[{"a":"`))
	zeros(w, 'x')
	_, _ = w.Write([]byte(`"},{"a":1}]`))
	_ = w.Close()
	for name, bomb := range map[string][]byte{"line": line.Bytes(), "array": array.Bytes()} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, stats := run(t, []string{"-"}, bytes.NewReader(bomb), Options{MaxDocument: 1 << 20})
		runtime.ReadMemStats(&after)
		if len(got) != 2 || stats.Documents != 1 || stats.Problems[TooLong] != 1 || stats.Unpacked < 200<<20 {
			t.Errorf("%s: %+v", name, stats)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 30<<20 {
			t.Errorf("%s: %d MiB allocated", name, grown>>20)
		}
	}
}
