package replay_test

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/order"
	"github.com/tripline-sec/tripline/internal/replay"
	"github.com/tripline-sec/tripline/internal/source"
	"github.com/tripline-sec/tripline/internal/stream"
)

func isSingle(q question) bool {
	_, single := q.Checked.Body.(*eql.Filter)
	return single && !q.Ordered
}

func unwrapped(err error) error {
	for next := err; next != nil; next = errors.Unwrap(next) {
		err = next
	}
	return err
}

func compiled(tb testing.TB, questions []question) *engine.Program {
	tb.Helper()
	queries := make([]engine.Query, len(questions))
	for i, q := range questions {
		queries[i] = q.Query
	}
	p, err := engine.Compile(queries, replay.LineagePaths...)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// attempt judges a file and returns the error.
func attempt(tb testing.TB, questions []question, path string, opts replay.Options) error {
	tb.Helper()
	opts.Match = func(engine.Match) {}
	_, err := replay.New(compiled(tb, questions), opts).Run(context.Background(), func() *source.Reader {
		return source.Open([]string{path}, nil, source.Options{Batching: source.Batching{Block: 8_000, Peek: engine.PeekTime}})
	}, true)
	return err
}

// leftovers counts what a run must not leave: goroutines, and open files where the
// system tells of them.
type leftovers struct{ goroutines, files int }

func counted() leftovers {
	files, _ := os.ReadDir("/proc/self/fd") // none elsewhere
	return leftovers{runtime.NumGoroutine(), len(files)}
}

// settled waits for goroutines that have said that they are done to be gone.
func settled(tb testing.TB, what string, before leftovers) {
	tb.Helper()
	for range 100_000 {
		if runtime.NumGoroutine() <= before.goroutines {
			break
		}
		runtime.Gosched()
	}
	if now := counted(); now.goroutines > before.goroutines || now.files > before.files {
		tb.Errorf("%s: %+v, before %+v", what, now, before)
	}
}

// A run that ends in the middle, wherever that is, leaves nothing behind.
func TestCancelledReplayLeavesNothing(t *testing.T) {
	questions := questions(t)
	sorted := inOrder(t, events(t, stream.Options{Seed: 10, Events: 1500, Hosts: 5, Rate: 40}))
	late := slices.Concat(sorted[1:1200], sorted[:1], sorted[1200:])
	reversed := slices.Clone(sorted)
	slices.Reverse(reversed)
	files := map[string]string{
		"sorted": write(t, "a.ndjson", sorted...), "late": write(t, "b.ndjson", late...), "backwards": write(t, "c.ndjson", reversed...),
	}
	p := compiled(t, questions)
	for _, workers := range []int{1, 2, 8} {
		for _, tt := range []struct {
			name, file string
			arm        func(*replay.Options, context.CancelFunc)
		}{
			{"at once", "sorted", func(_ *replay.Options, stop context.CancelFunc) { stop() }},
			{"at a match", "sorted", func(o *replay.Options, stop context.CancelFunc) { o.Match = after(5, stop) }},
			{"at a match in the middle", "sorted", func(o *replay.Options, stop context.CancelFunc) { o.Match = after(150, stop) }},
			{"when it spills", "backwards", func(o *replay.Options, stop context.CancelFunc) { o.Spilled = func(order.Report) { stop() } }},
			{"while it spills", "backwards", func(o *replay.Options, stop context.CancelFunc) {
				spilled := false
				o.Spilled = func(order.Report) { spilled = true }
				o.Match = func(engine.Match) {
					if spilled {
						stop()
					}
				}
			}},
			{"when it starts over", "late", func(o *replay.Options, stop context.CancelFunc) { o.Restart = func(bool) { stop() } }},
		} {
			what := tt.name
			folder := t.TempDir()
			before := counted()
			ctx, stop := context.WithCancel(context.Background())
			opts := replay.Options{Workers: workers, OrderBudget: tight, TempDir: folder, Match: func(engine.Match) {}}
			tt.arm(&opts, stop)
			_, err := replay.New(p, opts).Run(ctx, func() *source.Reader {
				return source.Open([]string{files[tt.file]}, nil, source.Options{Batching: source.Batching{Block: 4_000, Ahead: 4, Peek: engine.PeekTime}})
			}, true)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s, %d workers: %v", what, workers, err)
			}
			stop()
			settled(t, what, before)
			empty(t, folder)
		}
	}
}

// after calls stop at the nth match.
func after(n int, stop context.CancelFunc) func(engine.Match) {
	return func(engine.Match) {
		if n--; n == 0 {
			stop()
		}
	}
}

// A run ends though standard input says nothing more.
func TestCancelledReplayOfSilentInput(t *testing.T) {
	questions := questions(t)
	docs := inOrder(t, events(t, stream.Options{Seed: 10, Events: 400, Hosts: 5, Rate: 40}))
	for _, workers := range []int{1, 4} {
		before := counted()
		in, out := io.Pipe()
		ctx, stop := context.WithCancel(context.Background())
		written := make(chan error, 1)
		go func() {
			_, err := io.Copy(out, strings.NewReader(strings.Join(docs, "\n")+"\n"))
			written <- err // and then silence
		}()
		_, err := replay.New(compiled(t, questions), replay.Options{Workers: workers, Match: after(3, stop)}).Run(ctx, func() *source.Reader {
			return source.Open([]string{"-"}, in, source.Options{Batching: source.Batching{Block: 4_000, Peek: engine.PeekTime}})
		}, false)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%d workers: %v", workers, err)
		}
		in.Close()
		<-written
		out.Close()
		settled(t, "silent input", before)
	}
}
