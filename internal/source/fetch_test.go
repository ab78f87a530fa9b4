package source

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

// stood is a document that was handed over.
type stood struct {
	ref   Ref
	raw   string
	given event.Identity
	place Place
}

func readAll(t *testing.T, r *Reader) (docs []stood) {
	t.Helper()
	for b := range r.Batches(context.Background()) {
		b.Each(func(raw []byte, given event.Identity, at Ref) error {
			if _, err := event.Decode(raw, given, 0); err != nil {
				return err
			}
			docs = append(docs, stood{at, string(raw), given, b.Place(at)})
			return nil
		}, func(p *Problem) { t.Error(p) })
		b.Release()
	}
	return docs
}

// fetch asks for documents in any order, and for one that never was.
func fetch(t *testing.T, r *Reader, docs []stood) (found map[Ref]string, missing int) {
	t.Helper()
	found = map[Ref]string{}
	var refs []Ref
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(len(docs)) {
		refs = append(refs, docs[i].ref)
	}
	var last uint64
	missing, _ = r.Fetch(append(refs, Ref{Source: 1000, Offset: 7, Length: 5}), func(at Ref, raw []byte, given event.Identity) {
		if at.Arrival() < last {
			t.Errorf("%v comes late", at)
		}
		last = at.Arrival()
		found[at] = fmt.Sprint(given, string(raw))
	})
	return found, missing - 1
}

func TestFetch(t *testing.T) {
	docs := make([]generated, 300)
	for i := range docs {
		docs[i] = generated{index: "x", id: fmt.Sprint(i), raw: fmt.Sprintf(`{"n":%d,"pad":%q}`, i, strings.Repeat("p", i%90))}
	}
	lines, bulk := join(docs, "\n", plainForm), join(docs, "\n", actionForm)+"\n"
	hits := `{"hits":{"hits":[` + join(docs, ",\n", hitForm) + `]}}`
	inner := string(archive("d.json", lines, "e.json", bulk))
	for name, content := range map[string][]byte{
		"plain": []byte(lines), "gzip": gz([]byte(lines)), "zstd": zst([]byte(bulk)), "bulk": []byte(bulk), "answer": []byte(hits),
		"wrapped": []byte(join(docs, "\n", hitForm)), "array": []byte("[" + join(docs, ",\n  ", plainForm) + "]"), "BOM": []byte(bom + lines),
		"pretty": []byte(strings.ReplaceAll(lines, `,"`, ",\n\"")),
		"zip":    archive("a.json", lines, "b/c.json.gz", string(gz([]byte(bulk))), "in.zip", inner, "z.json", hits),
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, filepath.Join(t.TempDir(), "f"), content)
			for from, r := range map[string]*Reader{
				"file":   Open([]string{path, path}, nil, Options{Batching: Batching{Block: 1 << 12}}),
				"stream": Open([]string{path, "-"}, bytes.NewReader(content), Options{Batching: Batching{Block: 1 << 12}}),
			} {
				read := readAll(t, r)
				if len(read) < 2*len(docs) {
					t.Fatalf("%s: %d documents were read", from, len(read))
				}
				found, missing := fetch(t, r, read)
				if missing != 0 {
					t.Errorf("%s: %d of %d are missing", from, missing, len(read))
				}
				for _, d := range read {
					if want := fmt.Sprint(d.given, d.raw); found[d.ref] != want {
						t.Fatalf("%s: %v is %s, want %s", from, d.ref, found[d.ref], want)
					}
				}
				for i := 0; i < len(read); i += 1 + len(read)/7 {
					if got := r.Place(read[i].ref); got != read[i].place {
						t.Errorf("%s: %v stands at %v, want %v", from, read[i].ref, got, read[i].place)
					}
				}
			}
		})
	}
}

func TestFetchOfWhatIsNotThereAnyMore(t *testing.T) {
	var text bytes.Buffer
	for i := range 1000 {
		fmt.Fprintf(&text, "{\"n\":%d}\n", i)
	}
	opts := Options{Batching: Batching{KeepStdin: 500}}
	r := Open([]string{"-"}, io.MultiReader(bytes.NewReader(text.Bytes())), opts)
	read := readAll(t, r)
	found, missing := fetch(t, r, read)
	// As much as lies whole in what was kept.
	if want := bytes.Count(text.Bytes()[:500], []byte{'\n'}); len(found) != want || missing != 1000-want {
		t.Errorf("%d are there and %d missing, want %d of 1000", len(found), missing, want)
	}

	dir := t.TempDir()
	for name, content := range map[string][]byte{"f": text.Bytes(), "f.gz": gz(text.Bytes())} {
		path := write(t, filepath.Join(dir, name), content)
		r = Open([]string{path}, nil, Options{})
		read = readAll(t, r)
		write(t, path+"2", content)
		if err := os.Rename(path+"2", path); err != nil {
			t.Fatal(err)
		}
		found, missing = fetch(t, r, read)
		_, err := r.Fetch([]Ref{read[0].ref}, func(Ref, []byte, event.Identity) {})
		if len(found) != 0 || missing != 1000 || err == nil || !strings.Contains(err.Error(), "another file") {
			t.Errorf("%s: %d are there and %d missing of another file: %v", name, len(found), missing, err)
		}
		if got := r.Place(read[5].ref); got.Name != path || got.Line != 0 {
			t.Errorf("place of another file: %v", got)
		}
	}
}
