package event

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/valyala/fastjson"
)

// benchPaths are the fields of a sequence rule over processes and connections.
var benchPaths = []string{
	"@timestamp", "event.category", "event.type", "event.action", "host.os.type", "host.id", "process.entity_id", "process.name", "process.args",
	"process.args_count", "process.parent.name", "destination.ip",
}

// corpus returns varied documents: those of recorded hosts, and copies of them
// with other ids, numbers and arguments and with keys missing. One document
// again and again would teach the processor its branches.
var corpus = sync.OnceValue(func() [][]byte {
	files, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", "*-traces", "*.ndjson"))
	var docs [][]byte
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil
		}
		for line := range bytes.Lines(data) {
			docs = append(docs, bytes.Clone(bytes.TrimSpace(line)))
		}
	}
	if len(docs) == 0 {
		return nil
	}
	v := varier{rand.New(rand.NewPCG(7, 8))}
	for i := 0; len(docs) < 8192; i++ {
		var doc map[string]any
		d := json.NewDecoder(bytes.NewReader(docs[i]))
		d.UseNumber()
		if err := d.Decode(&doc); err != nil {
			panic(err)
		}
		v.vary(doc)
		var out bytes.Buffer
		e := json.NewEncoder(&out)
		e.SetEscapeHTML(false)
		if err := e.Encode(doc); err != nil {
			panic(err)
		}
		docs = append(docs, bytes.TrimSpace(out.Bytes()))
	}
	v.rng.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	return docs
})

// varier changes the values of documents.
type varier struct{ rng *rand.Rand }

func (v varier) vary(node any) any {
	switch node := node.(type) {
	case map[string]any:
		var keys []string
		for key := range node {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			if v.rng.IntN(25) == 0 {
				delete(node, key)
			} else {
				node[key] = v.vary(node[key])
			}
		}
	case []any:
		for i := range node {
			node[i] = v.vary(node[i])
		}
		switch v.rng.IntN(5) {
		case 0:
			return append(node, v.string("--an-option=of-some-length"))
		case 1:
			if v.rng.IntN(4) == 0 {
				return append(node, v.string(`echo "some text"`))
			}
		case 2:
			return node[:len(node)-len(node)/3]
		}
		return node
	case string:
		return v.string(node)
	case json.Number:
		if n, err := node.Int64(); err == nil && 0 <= n && n < 1<<60 {
			return json.Number(strconv.FormatInt(v.rng.Int64N(2*n+10), 10))
		}
	}
	return node
}

// string changes letters and digits, and now and then the length.
func (v varier) string(s string) string {
	out := []byte(s)
	for i, c := range out {
		switch {
		case c >= '0' && c <= '9' && v.rng.IntN(2) == 0:
			out[i] = '0' + byte(v.rng.IntN(10))
		case c >= 'a' && c <= 'z' && v.rng.IntN(4) == 0:
			out[i] = 'a' + byte(v.rng.IntN(26))
		}
	}
	if len(out) > 4 && v.rng.IntN(4) == 0 {
		out = out[v.rng.IntN(4):]
	}
	return string(out)
}

// documents returns the corpus and its mean size in bytes.
func documents(tb testing.TB) (docs [][]byte, mean int64) {
	tb.Helper()
	docs = corpus()
	if docs == nil {
		tb.Skip("no folder of test material beside the clone: ../shared/data is absent")
	}
	total := 0
	for _, doc := range docs {
		total += len(doc)
	}
	return docs, int64(total / len(docs))
}

// TestScanCorpus holds that recorded and varied events read as Decode reads them.
func TestScanCorpus(t *testing.T) {
	docs, mean := documents(t)
	s := newScanners(benchPaths...)
	for _, doc := range docs[:2000] {
		s.check(t, doc)
	}
	for name, sc := range s.all {
		if sc.decoded != 0 {
			t.Errorf("%s: %d of %d documents, of %d bytes in the mean, left to Decode", name, sc.decoded, len(docs), mean)
		}
	}
}

// dotted returns a document with the keys of nested objects joined.
func dotted(tb testing.TB, raw []byte) []byte {
	tb.Helper()
	var doc map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		tb.Fatal(err)
	}
	flat := map[string]any{}
	var walk func(prefix string, node map[string]any)
	walk = func(prefix string, node map[string]any) {
		for key, v := range node {
			if below, ok := v.(map[string]any); ok {
				walk(prefix+key+".", below)
			} else {
				flat[prefix+key] = v
			}
		}
	}
	walk("", doc)
	out, err := json.Marshal(flat)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// shapes returns the corpus as it is, with dotted keys, and with blanks.
func shapes(tb testing.TB) map[string][][]byte {
	tb.Helper()
	docs, _ := documents(tb)
	all := map[string][][]byte{"nested": docs}
	for _, doc := range docs {
		var spaced bytes.Buffer
		if err := json.Indent(&spaced, doc, "", " "); err != nil {
			tb.Fatal(err)
		}
		all["dotted"] = append(all["dotted"], dotted(tb, doc))
		all["spaced"] = append(all["spaced"], spaced.Bytes())
	}
	return all
}

// slab returns the documents in one piece of memory, as a reader has them, and
// their mean size.
func slab(docs [][]byte) ([][]byte, int64) {
	all := bytes.Join(docs, []byte{'\n'})
	return bytes.Split(all, []byte{'\n'}), int64(len(all) / len(docs))
}

func BenchmarkScan(b *testing.B) {
	schema := NewSchema(benchPaths)
	for shape, docs := range shapes(b) {
		var mean int64
		if shape != "spaced" { // which has lines of its own
			docs, mean = slab(docs)
		} else {
			_, mean = slab(docs)
		}
		for name, build := range stages() {
			b.Run(shape+"/"+name, func(b *testing.B) {
				sc, row := NewScanner(schema), NewRow(schema)
				b.SetBytes(mean)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if err := sc.scan(docs[i%len(docs)], row, build); err != nil {
						b.Fatal(err)
					}
				}
				if sc.decoded > 0 {
					b.Errorf("%d documents left to Decode", sc.decoded)
				}
			})
		}
		b.Run(shape+"/fastjson", func(b *testing.B) {
			var parser fastjson.Parser
			b.SetBytes(mean)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := parser.ParseBytes(docs[i%len(docs)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
