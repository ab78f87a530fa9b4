package source

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

// Documents longer than all blocks together come through, one at a time, merged
// or not.
func TestBatchesOfDocumentsBeyondTheBound(t *testing.T) {
	dir := t.TempDir()
	for f := range 6 {
		var text strings.Builder
		for i := range 20 {
			fmt.Fprintf(&text, "{\"n\":%d,\"pad\":\"%0*d\"}\n", 6*i+f+1, 100+700*(i%9), i)
		}
		write(t, fmt.Sprintf("%s/%d.json", dir, f), []byte(text.String()))
	}
	for _, peek := range []func([]byte) (int64, bool){nil, peekN} {
		r := Open([]string{dir}, nil, Options{Batching: Batching{Block: 16, Ahead: 2, MostOpen: 3, Peek: peek}})
		inOrder(t, take(t, r, dir), Open([]string{dir}, nil, Options{}))
	}
}

// Several workers take batches at once; put together by number, it is the same.
func TestBatchesInSeveralGoroutines(t *testing.T) {
	var text strings.Builder
	var want []string
	for i := range 20_000 {
		line := fmt.Sprintf(`{"n":%d,"pad":"%0*d"}`, i, i%70, 0)
		switch i % 500 {
		case 0:
			fmt.Fprintf(&text, "{\"create\":{\"_id\":\"x\"}}\n")
		case 1:
			text.WriteString("broken\n")
		}
		text.WriteString(line + "\n")
		want = append(want, line)
	}
	path := write(t, t.TempDir()+"/f", []byte(text.String()))
	r := Open([]string{path}, nil, Options{Batching: Batching{Block: 4 << 10, Ahead: 8}})
	var mu sync.Mutex
	var stats Stats
	got := map[uint64][]string{}
	batches := make(chan *Batch)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for b := range batches {
				var lines []string
				counted := b.Each(func(raw []byte, given event.Identity, _ Ref) error {
					_, err := event.Decode(bytes.Clone(raw), given, 0)
					if err == nil {
						lines = append(lines, string(raw))
					}
					return err
				}, func(*Problem) {})
				mu.Lock()
				got[b.Number] = lines
				stats.Add(counted)
				mu.Unlock()
				b.Release()
			}
		})
	}
	for b := range r.Batches(context.Background()) {
		batches <- b
	}
	close(batches)
	workers.Wait()
	var all []string
	for n := range uint64(len(got)) {
		all = append(all, got[n]...)
	}
	if !slices.Equal(all, want) || stats.Documents != len(want) || stats.Problems[BadJSON] != 40 {
		t.Errorf("%d documents, want %d; %+v", len(all), len(want), stats)
	}
	idle(t, r)
}

// Lines are found again in a source of which only some marks are kept.
func TestPlacesOfLongSources(t *testing.T) {
	var text strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&text, "{\"n\":%d}\n%s", i, strings.Repeat("\n", i%3))
	}
	path := write(t, t.TempDir()+"/f", []byte(text.String()))
	file, err := os.Open(path) // as if standard input came from a file
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := Open([]string{path, "-"}, file, Options{Batching: Batching{Block: 16}})
	read := readAll(t, r)
	if len(read) != 10_000 || r.Sources() != 2 {
		t.Fatalf("%d documents of %d sources", len(read), r.Sources())
	}
	if n := len(r.feed.source(0).marks.known); n > mostMarks || n < mostMarks/4 {
		t.Errorf("%d marks", n)
	}
	for i := 0; i < len(read); i += 321 {
		if got := r.Place(read[i].ref); got != read[i].place {
			t.Errorf("%v stands at %v, want %v", read[i].ref, got, read[i].place)
		}
		if got := RefOf(read[i].ref.Arrival(), len(read[i].raw)); got != read[i].ref {
			t.Errorf("%v, want %v", got, read[i].ref)
		}
	}
	if got := r.Place(Ref{Source: 9}); got != (Place{}) {
		t.Errorf("no source, but the place %v", got)
	}
}

func TestBatchSize(t *testing.T) {
	text := "{\"a\":1}\n{\"a\":2}\n[{\"a\":3}]\n"
	size := 0
	for b := range Open([]string{"-"}, strings.NewReader(text), Options{}).Batches(context.Background()) {
		size += b.Size()
		b.Release()
	}
	if size != len(text)-len("[]\n") {
		t.Errorf("%d bytes", size)
	}
}
