package source

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

// peekN is a Peek whose time is the field n.
func peekN(raw []byte) (int64, bool) {
	var doc struct{ N *int64 }
	if json.Unmarshal(raw, &doc) != nil || doc.N == nil {
		return 0, false
	}
	return *doc.N, true
}

// taken is what was read of a merge.
type taken struct {
	n       []int64 // the times in the order of delivery
	arrival map[uint64]string
	stats   Stats
	bad     []string
	open    int // the most files of the folder that were open at once
}

func take(t *testing.T, r *Reader, dir string) taken {
	t.Helper()
	got := taken{arrival: map[uint64]string{}}
	for b := range r.Batches(context.Background()) {
		got.stats.Add(b.Each(func(raw []byte, _ event.Identity, at Ref) error {
			if !json.Valid(raw) {
				return &event.DecodeError{}
			}
			if n, ok := peekN(raw); ok {
				got.n = append(got.n, n)
			}
			if other, ok := got.arrival[at.Arrival()]; ok {
				t.Fatalf("%s and %s stand at the same place", raw, other)
			}
			got.arrival[at.Arrival()] = b.Place(at).String() + " " + string(raw)
			return nil
		}, func(p *Problem) { got.bad = append(got.bad, p.Error()) }))
		got.open = max(got.open, openFiles(dir))
		b.Release()
	}
	if r.feed.blocks.out != 0 || r.feed.blocks.held != 0 {
		t.Errorf("%d bytes of blocks are not released, %d held", r.feed.blocks.out, r.feed.blocks.held)
	}
	return got
}

// openFiles returns how many descriptors of this process lead into a folder; 0
// where the system does not tell. It goes from the lowest to the highest: what is
// opened meanwhile gets the number of what was closed, or a lower one, and so is not
// counted beside it.
func openFiles(dir string) (n int) {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int {
		return cmp.Or(cmp.Compare(len(a.Name()), len(b.Name())), cmp.Compare(a.Name(), b.Name()))
	})
	for _, entry := range entries {
		if to, err := os.Readlink("/proc/self/fd/" + entry.Name()); err == nil && strings.HasPrefix(to, dir) {
			n++
		}
	}
	return n
}

// inOrder holds that the merge gave what All gives, numbered in its order.
func inOrder(t *testing.T, got taken, r *Reader) {
	t.Helper()
	keys := slices.Sorted(func(yield func(uint64) bool) {
		for key := range got.arrival {
			if !yield(key) {
				return
			}
		}
	})
	var bad []string
	n := 0
	for item := range r.All() {
		if item.Problem != nil {
			bad = append(bad, item.Problem.Error())
			continue
		}
		if want := item.Place.String() + " " + string(item.Document.Raw); n >= len(keys) || got.arrival[keys[n]] != want {
			t.Fatalf("document %d of %d by arrival is not %s", n, len(keys), want)
		}
		n++
	}
	slices.Sort(bad)
	slices.Sort(got.bad)
	if n != len(keys) || !slices.Equal(bad, got.bad) || fmt.Sprint(got.stats) != fmt.Sprint(r.Stats()) {
		t.Errorf("%d documents, want %d; problems %q, want %q\n%+v\n%+v", len(keys), n, got.bad, bad, got.stats, r.Stats())
	}
}

// disorder is by how much the times go back at most.
func disorder(times []int64) (most int64) {
	latest := int64(0)
	for _, n := range times {
		latest = max(latest, n)
		most = max(most, latest-n)
	}
	return most
}

func TestMergeOfOverlappingFiles(t *testing.T) {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	const files, events = 20, 400
	for f := range files {
		var text bytes.Buffer
		n := 1 + rng.Int64N(1000) // all overlap
		for range events {
			fmt.Fprintf(&text, "{\"n\":%d,\"pad\":\"%060d\"}\n", n, f)
			n += 1 + rng.Int64N(20)
		}
		name, content := fmt.Sprintf("/%02d.ndjson", f), text.Bytes()
		switch f % 5 {
		case 1:
			content = gz(content)
		case 2:
			content = zst(content)
		case 3:
			content = []byte("[" + strings.ReplaceAll(strings.TrimSpace(text.String()), "\n", ",\n") + "]")
		}
		write(t, dir+name, content)
	}
	write(t, dir+"/03.zip", archive("a.json", two, "b/c.json", two, "in.zip", string(archive("d.json", two, "e.json", two))))
	write(t, dir+"/04.json", []byte("{\"a\":1}\nbroken\n{\"n\":500}\n"))
	write(t, dir+"/05.json", []byte("oops"))
	write(t, dir+"/06.log", []byte("no JSON"))
	write(t, dir+"/07.json", nil)
	write(t, dir+"/08.json", []byte("BZh91AY"))
	for _, most := range []int{64, 8, 3} {
		opts := Options{Batching: Batching{Block: 1 << 10, Peek: peekN, MostOpen: most}}
		got := take(t, Open([]string{dir}, nil, opts), dir)
		inOrder(t, got, Open([]string{dir}, nil, Options{}))
		// A block has about a dozen events, less than 250 apart.
		if d := disorder(got.n); d > 400 && most == 64 {
			t.Errorf("%d open: times go back by %d", most, d)
		} else {
			t.Logf("%d open at most: %d were, times go back by %d", most, got.open, d)
		}
		if got.open > most {
			t.Errorf("%d files are open, want %d at most", got.open, most)
		}
	}
}

// Plain files take turns if there are more of them than may be open.
func TestMergeOfMoreFilesThanMayBeOpen(t *testing.T) {
	dir := t.TempDir()
	for f := range 40 {
		var text bytes.Buffer
		for i := range 300 {
			fmt.Fprintf(&text, "{\"n\":%d,\"pad\":\"%040d\"}\n", 40*i+f+1, f)
		}
		write(t, fmt.Sprintf("%s/%02d.ndjson", dir, f), text.Bytes())
	}
	r := Open([]string{dir}, nil, Options{Batching: Batching{Block: 1 << 10, Peek: peekN, MostOpen: 4}})
	got := take(t, r, dir)
	inOrder(t, got, Open([]string{dir}, nil, Options{}))
	if d := disorder(got.n); d > 2*40*20 || got.open > 4 {
		t.Errorf("times go back by %d, %d files were open", d, got.open)
	}
	if read, total := r.Progress(); read != total || total != got.stats.Bytes {
		t.Errorf("read %d of %d, counted %d", read, total, got.stats.Bytes)
	}
}

// Logs that follow each other are read one after the other, whatever their names,
// and one is open at a time.
func TestMergeOfRotatedLogs(t *testing.T) {
	dir := t.TempDir()
	n := 1
	for _, name := range []string{"x.log.3", "x.log.2.gz", "x.log.1", "x.log"} {
		var text bytes.Buffer
		for range 100 {
			fmt.Fprintf(&text, "{\"n\":%d,\"pad\":\"%050d\"}\n", n, n)
			n++
		}
		content := text.Bytes()
		if filepath.Ext(name) == ".gz" {
			content = gz(content)
		}
		write(t, dir+"/"+name, content)
	}
	got := take(t, Open([]string{dir}, nil, Options{Batching: Batching{Block: 1 << 10, Peek: peekN}}), dir)
	if len(got.n) != 400 || !slices.IsSorted(got.n) {
		t.Errorf("%d times are out of order", len(got.n))
	}
	if runtime.GOOS == "linux" && got.open != 1 {
		t.Errorf("%d files were open at once", got.open)
	}
}

func TestMergeWithStandardInput(t *testing.T) {
	dir := t.TempDir()
	var even, odd bytes.Buffer
	for i := range 500 {
		fmt.Fprintf(&even, "{\"n\":%d,\"pad\":\"%050d\"}\n", 2*i+2, i)
		fmt.Fprintf(&odd, "{\"_source\":{\"n\":%d,\"pad\":\"%050d\"}}\n", 2*i+1, i)
	}
	path := write(t, dir+"/f.ndjson", even.Bytes())
	r := Open([]string{path, "-"}, bytes.NewReader(odd.Bytes()), Options{Batching: Batching{Block: 8 << 10, Peek: peekN}})
	got := take(t, r, dir)
	if d := disorder(got.n); len(got.n) != 1000 || d > 400 {
		t.Errorf("%d times go back by %d", len(got.n), d)
	}
	if r.Source(0) != path || r.Source(1) != "-" || r.Sources() != 2 || r.Source(2) != "" {
		t.Errorf("sources %q and %q of %d", r.Source(0), r.Source(1), r.Sources())
	}
}
