package source

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

func ignore(b *Batch) Stats {
	return b.Each(func([]byte, event.Identity, Ref) error { return nil }, func(*Problem) {})
}

// idle holds that a reading has ended: its goroutine has closed what the iteration
// drains, and no buffer is out.
func idle(t *testing.T, r *Reader) {
	t.Helper()
	if r.feed.blocks.out != 0 || r.feed.blocks.held != 0 {
		t.Errorf("%d bytes of blocks are out, %d held", r.feed.blocks.out, r.feed.blocks.held)
	}
}

func TestBatchesEndWhenTheIterationDoes(t *testing.T) {
	dir := t.TempDir()
	lines := strings.Repeat("{\"n\":1}\n", 10_000)
	for i, content := range []string{lines, "[" + strings.ReplaceAll(strings.TrimSpace(lines), "\n", ",") + "]", string(gz([]byte(lines))), string(archive("a.json", lines, "b.json", lines))} {
		write(t, fmt.Sprintf("%s/%d.json", dir, i), []byte(content))
	}
	for _, peek := range []func([]byte) (int64, bool){nil, peekN} {
		for _, stop := range []int{1, 2, 30, 100, 200} {
			r := Open([]string{dir}, nil, Options{Batching: Batching{Block: 1 << 10, Ahead: 2, Peek: peek}})
			n := 0
			for b := range r.Batches(context.Background()) {
				ignore(b)
				b.Release()
				if n++; n == stop {
					break
				}
			}
			idle(t, r)

			ctx, cancel := context.WithCancel(context.Background())
			r = Open([]string{dir}, nil, Options{Batching: Batching{Block: 1 << 10, Ahead: 2, Peek: peek}})
			n = 0
			for b := range r.Batches(ctx) {
				if n++; n == stop {
					cancel()
				}
				b.Release()
			}
			if n != stop {
				t.Errorf("%d batches after the end of the context at %d", n, stop)
			}
			cancel()
			idle(t, r)
		}
	}
}

func TestBatchesEndWhileStandardInputWaits(t *testing.T) {
	in, out := io.Pipe()
	defer out.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, documents := Open([]string{"-"}, in, Options{}), 0
	go func() { _, _ = out.Write([]byte("{\"n\":1}\n")) }()
	for b := range r.Batches(ctx) {
		// The document is here while more may come: nothing holds it back.
		documents += ignore(b).Documents
		b.Release()
		cancel()
	}
	if documents != 1 {
		t.Errorf("%d documents", documents)
	}
	idle(t, r)
}

func TestInterruptLeavesNothingRunning(t *testing.T) {
	in, out := io.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	i := interruptible(ctx, in)
	go func() { _, _ = out.Write([]byte("abc")) }()
	buf := make([]byte, 2)
	for _, want := range []string{"ab", "c"} {
		if n, err := i.Read(buf); string(buf[:n]) != want || err != nil {
			t.Errorf("read %q, %v", buf[:n], err)
		}
	}
	cancel()
	if n, err := i.Read(buf); n != 0 || err == nil {
		t.Errorf("read %d bytes, %v", n, err)
	}
	in.Close() // what waited below comes back
	<-i.done
}

func TestBatchesWaitForWhoHoldsThem(t *testing.T) {
	text := strings.Repeat("{\"n\":1}\n", 20_000)
	path := write(t, t.TempDir()+"/f", []byte(text))
	r := Open([]string{path}, nil, Options{Batching: Batching{Block: 1 << 10, Ahead: 8}})
	var held []*Batch
	most := 0
	for b := range r.Batches(context.Background()) {
		if held = append(held, b); len(held) > 4 {
			held[0].Release()
			held = held[1:]
		}
		r.feed.blocks.mu.Lock()
		most = max(most, r.feed.blocks.out)
		r.feed.blocks.mu.Unlock()
	}
	for _, b := range held {
		b.Release()
	}
	if most > 8<<10 {
		t.Errorf("%d bytes of blocks were out", most)
	}
	idle(t, r)
}

func TestProgress(t *testing.T) {
	dir := t.TempDir()
	lines := strings.Repeat("{\"n\":1}\n", 5000)
	write(t, dir+"/a.json", []byte(lines))
	write(t, dir+"/b.json.gz", gz([]byte(lines)))
	write(t, dir+"/c.zip", archive("a.json", lines, "b.json", lines))
	write(t, dir+"/d.log", []byte(strings.Repeat("no JSON\n", 5000)))
	write(t, dir+"/.hidden", []byte(lines))
	write(t, dir+"/.git/e.json", []byte(lines))
	for _, peek := range []func([]byte) (int64, bool){nil, peekN} {
		r := Open([]string{dir}, nil, Options{Batching: Batching{Peek: peek, Block: 1 << 12}})
		if read, total := r.Progress(); read != 0 || total != -1 {
			t.Errorf("read %d of %d before the beginning", read, total)
		}
		for b := range r.Batches(context.Background()) {
			if _, total := r.Progress(); total <= 0 {
				t.Fatalf("the total is %d", total)
			}
			b.Release()
		}
		if read, total := r.Progress(); read != total || total < int64(2*len(lines)) {
			t.Errorf("read %d of %d in the end", read, total)
		}
	}
	r := Open([]string{dir, "-"}, strings.NewReader(lines), Options{})
	for b := range r.Batches(context.Background()) {
		b.Release()
	}
	if read, total := r.Progress(); read == 0 || total != -1 {
		t.Errorf("read %d of %d with standard input", read, total)
	}
}
