package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tripline-sec/tripline/internal/event"
)

// described are lines as of run, but with the numbers of documents left to the
// reader.
func allLines(r *Reader) (lines []string, stats Stats) {
	for item := range r.All() {
		if item.Problem != nil {
			lines = append(lines, fmt.Sprintf("%s %s: %s", item.Place, item.Problem.Class, item.Problem.Reason))
			continue
		}
		d := item.Document
		lines = append(lines, fmt.Sprintf("%s %s %s %s", item.Place, d.ID, d.Index, d.Raw))
	}
	return lines, r.Stats()
}

// batchLines are the same lines, made of batches.
func batchLines(tb testing.TB, r *Reader) (lines []string, stats Stats) {
	tb.Helper()
	var number uint64
	arrival := map[uint64]bool{}
	for b := range r.Batches(context.Background()) {
		if b.Number != number {
			tb.Fatalf("batch %d is numbered %d", number, b.Number)
		}
		number++
		var last uint64
		stats.Add(b.Each(func(raw []byte, given event.Identity, at Ref) error {
			d, err := event.Decode(bytes.Clone(raw), given, 0)
			if err != nil {
				return err
			}
			if at.Source != b.Source || int(at.Length) != len(raw) || arrival[at.Arrival()] || at.Arrival() < last {
				tb.Fatalf("document %s has the place %+v", raw, at)
			}
			last = at.Arrival()
			arrival[last] = true
			lines = append(lines, fmt.Sprintf("%s %s %s %s", b.Place(at), d.ID, d.Index, d.Raw))
			return nil
		}, func(p *Problem) {
			lines = append(lines, fmt.Sprintf("%s %s: %s", p.Place, p.Class, p.Reason))
		}))
		b.Release()
	}
	return lines, stats
}

// same holds that batches give what All gives, for blocks of several sizes.
func same(tb testing.TB, open func(Options) *Reader, opts Options, blocks ...int) {
	tb.Helper()
	want, wantStats := allLines(open(opts))
	for _, block := range blocks {
		opts.Batching.Block = block
		r := open(opts)
		got, stats := batchLines(tb, r)
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				tb.Fatalf("blocks of %d, item %d of %d is\n  %s\nwant of %d\n  %s", block, i, len(got), at(got, i), len(want), at(want, i))
			}
		}
		if fmt.Sprint(stats) != fmt.Sprint(wantStats) {
			tb.Fatalf("blocks of %d: counted\n%+v, want\n%+v", block, stats, wantStats)
		}
		if r.feed.blocks.out != 0 || r.feed.blocks.held != 0 {
			tb.Fatalf("%d bytes of blocks are not released, %d held", r.feed.blocks.out, r.feed.blocks.held)
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "nothing"
}

func sameText(tb testing.TB, text string, opts Options, blocks ...int) {
	tb.Helper()
	stdin := func(wrap func(io.Reader) io.Reader) func(Options) *Reader {
		return func(opts Options) *Reader { return Open([]string{"-"}, wrap(strings.NewReader(text)), opts) }
	}
	same(tb, stdin(func(r io.Reader) io.Reader { return r }), opts, blocks...)
	same(tb, stdin(iotest.OneByteReader), opts, blocks...)
	path := tb.TempDir() + "/f"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	same(tb, func(opts Options) *Reader { return Open([]string{path}, nil, opts) }, opts, blocks...)
}

// recorder remembers what a stream gave, so that it can be given again.
type recorder struct {
	stream io.Reader
	given  bytes.Buffer
	err    error
}

func record(stream io.Reader) *recorder { return &recorder{stream: stream} }

func (r *recorder) reader() io.Reader {
	if r.stream == nil {
		return nil
	}
	return r
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.stream.Read(p)
	r.given.Write(p[:n])
	r.err = err
	return n, err
}

func (r *recorder) again() io.Reader {
	if r.stream == nil {
		return nil
	}
	text := bytes.NewReader(r.given.Bytes())
	if r.err == nil || errors.Is(r.err, io.EOF) {
		return text
	}
	return io.MultiReader(text, iotest.ErrReader(r.err))
}

// agree holds the same of what a test has just read. Every fixture of this room
// comes through here.
func agree(t *testing.T, paths []string, rec *recorder, opts Options) {
	t.Helper()
	blocks := []int{1 << 16}
	if rec.given.Len() < 1<<16 {
		blocks = append(blocks, 16, 100)
	}
	same(t, func(opts Options) *Reader { return Open(paths, rec.again(), opts) }, opts, blocks...)
}

func TestSpecialKeysAreTold(t *testing.T) {
	for key := range besideHits {
		if !special([]byte(key)) {
			t.Errorf("%s may begin an answer", key)
		}
	}
	for _, key := range []string{"hits", "index", "create", "update", "delete"} {
		if !special([]byte(key)) {
			t.Errorf("%s is special", key)
		}
	}
	for _, key := range []string{"@timestamp", "agent", "", "x", "_index", "hit"} {
		if special([]byte(key)) {
			t.Errorf("%s is not special", key)
		}
	}
}

// FuzzBatches holds that any text gives the same in batches. A small block puts
// borders everywhere; what several things on a line may do there, see batchText,
// is left out.
func FuzzBatches(f *testing.F) {
	for _, seed := range []string{
		"", two, "{\"a\":[\n{}\n{}", "[{\"a\":1},{x}]", `{"hits":{"hits":[{"_source":{}}]}}`, `{"took":1,"hits":{"sequences":[{"events":[{}]}]}}`,
		"{\"index\":{}}\n{}\n{\"delete\":{}}\n", "\xEF\xBB\xBF{}\r\n", "{\n \"a\":1\n}\n", `{"_source":{"a":1}}`, "[\"x\\\"\",1,null,{}]",
		"{}[{}\n{}\n]\n{}", "{\"a\":{}\n,\"b\":[\n{\"c\":1}\n]}\n{}", "{\"a\":{}\n {}\n,{}\n{}\n", "{\"_source\":{\"a\":1}}{}\n{}\n{\"id\":1}\n{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, magic := range []string{"\x1F\x8B", "\x28\xB5\x2F\xFD", "PK"} {
			if bytes.HasPrefix(data, []byte(magic)) {
				t.Skip("compressed")
			}
		}
		blocks := []int{1 << 16}
		if !joined(data) {
			blocks = append(blocks, 16)
		}
		path := t.TempDir() + "/f"
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		opts := Options{MaxDocument: 256}
		same(t, func(opts Options) *Reader { return Open([]string{path}, nil, opts) }, opts, blocks...)
		same(t, func(opts Options) *Reader {
			return Open([]string{"-"}, iotest.OneByteReader(bytes.NewReader(data)), opts)
		}, opts, 16)
	})
}

// TestBatchesOfOddTexts puts pieces together at random, in which something new
// begins, goes on or breaks at nearly every line.
func TestBatchesOfOddTexts(t *testing.T) {
	pieces := []string{
		"\n", "\n", "\n", "\n", "\r\n", " ", "\n ", ",", "}", "]", "{", "[", `"`, `{}`, `{"a":1}`, `{"a":{}`, `{"a":[`, `,"b":[{}]}`, `{"a":"\`, "{\"a\":\"x\n",
		`{"a":x}`, `{"index":{}}`, `{"create":{"_id":"x","_index":"y"}}`, `{"delete":{}}`, `{"hits":{"hits":[`, `{"_id":"z","_source":{"a":2},"sort":[1]}`,
		`{"_source":{"a":1}}`, `{"_source":{"a":1},"b":2}`, `]}}`, `{"id":7}`, `{"took":1,"hits":{"sequences":[{"events":[`, `{"_source":{},"missing":true}`,
		`{"_id":"é","_source":{"a":1}}`, `{"_source":{"a":1},"fields":{"x":[1]},"_id":"q"}`, `{"_source":{"a":1},"_source":{"b":2}}`,
		`{"_source":{"a":1},"_id":1}`, `{"_id":"r","_source":{"a":1},}`, `{"_id":"s","_source":{"a":x}}`, `{"_index":"t","_id":"u"","_source":{}}`,
		`{"_id":"v","_source":{},"x":1}`, `{"_id":"w","_score":01,"_source":{}}`, `{"_source":{"a":"}"},"sort":["}"]}`, `{"_source":{}}}`, `{"_id":"_source","a":1}`,
		`x`, `1`, `[{},{"a":1}]`, `{"c":"` + strings.Repeat("y", 90) + `"}`, `{ "a" : [ ] }`, `{"_\u0073ource":{"a":1}}`, `{"a":"}{"}`, `{"_source":{"a":3},"_\u0073ource":{"a":4}}`,
	}
	rng := rand.New(rand.NewPCG(11, 12))
	dir := t.TempDir()
	cases := 1500
	if testing.Short() {
		cases = 300
	}
	crossing := 0
	for range cases {
		var text strings.Builder
		for range 1 + rng.IntN(24) {
			text.WriteString(pieces[rng.IntN(len(pieces))])
			if rng.IntN(3) > 0 {
				text.WriteByte('\n')
			}
		}
		data := text.String()
		path := write(t, dir+"/f", []byte(data))
		opts := Options{MaxDocument: 80}
		blocks := []int{1 << 12}
		if !joined([]byte(data)) {
			blocks = append(blocks, 16, 64)
			crossing++
		}
		same(t, func(opts Options) *Reader {
			r := Open([]string{path}, nil, opts)
			return r
		}, opts, blocks...)
		same(t, func(opts Options) *Reader {
			return Open([]string{"-"}, iotest.HalfReader(strings.NewReader(data)), opts)
		}, opts, 16, 1<<12)
	}
	t.Logf("%d cases, %d of them in blocks of a few bytes too", cases, crossing)
}
