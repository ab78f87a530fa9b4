package source

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

// benchFile writes about size bytes of events of 1 to 3 KB as NDJSON.
func benchFile(b *testing.B, size int64, wrap bool) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "events.ndjson")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	for n, i := int64(0), 0; n < size; i++ {
		doc := fmt.Sprintf(`{"@timestamp":"2026-01-02T03:04:05.%06dZ","agent":{"id":"a-%d"},"process":{"entity_id":"e%d","args":[`, i%1e6, i%50, i)
		for j := range 20 + i%40 {
			doc += fmt.Sprintf(`"--option-%d=%x",`, j, i*j*7919)
		}
		doc += fmt.Sprintf(`"x"],"name":"p%d","parent":{"entity_id":"e%d","name":"sh"}},"event":{"id":"%d","action":"exec","category":["process"]}}`, i%100, i-1, i)
		if wrap {
			doc = fmt.Sprintf(`{"_index":"logs","_id":"%d","_score":1,"_source":%s}`, i, doc)
		}
		m, _ := w.WriteString(doc + "\n")
		n += int64(m)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return path
}

func benchBatches(b *testing.B, path string, text int64, batching Batching) {
	b.Helper()
	b.SetBytes(text)
	b.ReportAllocs()
	for b.Loop() {
		var stats Stats
		for batch := range Open([]string{path}, nil, Options{Batching: batching}).Batches(context.Background()) {
			stats.Add(batch.Each(func([]byte, event.Identity, Ref) error { return nil }, func(p *Problem) { b.Fatal(p) }))
			batch.Release()
		}
		if stats.Unpacked != text {
			b.Fatalf("read %d of %d bytes", stats.Unpacked, text)
		}
	}
}

func BenchmarkBatches(b *testing.B) {
	path := benchFile(b, 200<<20, false)
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("copy alone", func(b *testing.B) { // what the page cache takes: the bound
		b.SetBytes(info.Size())
		buf := make([]byte, DefaultBlock)
		for b.Loop() {
			f, err := os.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			for {
				if n, err := f.Read(buf); n == 0 || err != nil {
					break
				}
			}
			f.Close()
		}
	})
	for _, block := range []int{128 << 10, 256 << 10, 512 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("plain/%dK", block>>10), func(b *testing.B) { benchBatches(b, path, info.Size(), Batching{Block: block}) })
	}
}

func BenchmarkBatchesOtherForms(b *testing.B) {
	path := benchFile(b, 32<<20, false)
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	dir, size := b.TempDir(), int64(len(text))
	put := func(name string, packed []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, packed, 0o600); err != nil {
			b.Fatal(err)
		}
		return path
	}
	zipped, squeezed := put("a.gz", gz(text)), put("a.zst", zst(text))
	b.Run("gzip", func(b *testing.B) { benchBatches(b, zipped, size, Batching{}) })
	b.Run("zstd", func(b *testing.B) { benchBatches(b, squeezed, size, Batching{}) })
	array := put("array.json", append(append([]byte{'['}, bytesJoinLines(text)...), ']'))
	b.Run("array", func(b *testing.B) { benchBatches(b, array, size+1, Batching{}) })
	wrapped := benchFile(b, 32<<20, true)
	info, _ := os.Stat(wrapped)
	b.Run("wrapped lines", func(b *testing.B) { benchBatches(b, wrapped, info.Size(), Batching{}) })
}

// bytesJoinLines puts commas behind all lines but the last, in place.
func bytesJoinLines(text []byte) []byte {
	out := append([]byte{}, text[:len(text)-1]...)
	for i, c := range out {
		if c == '\n' {
			out[i] = ','
		}
	}
	return out
}
