package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/source"
)

// taker is an Ingest that keeps what it gets.
type taker struct {
	mu       sync.Mutex
	got      []string // the documents, in order
	docs     []Doc
	err      error
	problems []string
	changed  chan struct{}
}

func newTaker() *taker { return &taker{changed: make(chan struct{}, 1)} }

func (k *taker) ingest(_ context.Context, docs []Doc) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err != nil {
		return k.err
	}
	for _, d := range docs {
		d.Raw = slices.Clone(d.Raw)
		k.got = append(k.got, string(d.Raw))
		k.docs = append(k.docs, d)
	}
	select {
	case k.changed <- struct{}{}:
	default:
	}
	return nil
}

func (k *taker) problem(p *source.Problem) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.problems = append(k.problems, filepath.Base(p.Place.Name)+p.Error()[len(p.Place.Name):])
}

// all returns what it got so far and forgets it.
func (k *taker) all() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	got := strings.Join(k.got, " ")
	k.got = nil
	return got
}

// bench is a folder and a Follow over it that moves when it is told to.
type bench struct {
	*testing.T
	*taker
	folder    string
	positions *Memory
	opts      FollowOptions
	f         *Follow
}

func newBench(t *testing.T, paths ...string) *bench {
	t.Helper()
	b := &bench{T: t, taker: newTaker(), folder: t.TempDir(), positions: &Memory{}}
	for _, path := range paths {
		b.opts.Paths = append(b.opts.Paths, filepath.Join(b.folder, path))
	}
	b.opts.Ingest, b.opts.Positions, b.opts.Problem = b.ingest, b.positions, b.problem
	b.opts.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	b.opts.First, b.opts.Longest, b.opts.Idle = time.Microsecond, time.Microsecond, time.Nanosecond
	b.start()
	return b
}

// start begins anew with the positions that were saved last.
func (b *bench) start() {
	b.Helper()
	f, err := NewFollow(b.opts)
	if err != nil {
		b.Fatal(err)
	}
	if err := f.load(b.Context()); err != nil {
		b.Fatal(err)
	}
	if b.f != nil {
		for _, t := range b.f.tails {
			t.close()
		}
	}
	b.f = f
	b.Cleanup(func() {
		for _, t := range f.tails {
			t.close()
		}
	})
}

// step looks and reads until there is nothing more.
func (b *bench) step() string {
	b.Helper()
	for again := true; again; {
		b.f.discover()
		more, err := b.f.round(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		again = more || b.f.rescan
	}
	b.f.save(b.Context(), true)
	return b.all()
}

func (b *bench) write(name, text string) {
	b.Helper()
	file, err := os.OpenFile(b.path(name), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(text); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) path(name string) string { return filepath.Join(b.folder, name) }

func (b *bench) do(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) want(got, want string) {
	b.Helper()
	if got != want {
		b.Errorf("got  %s\nwant %s", got, want)
	}
}

// Lines come as they are finished, from where reading was left.
func TestFollowGrowing(t *testing.T) {
	b := newBench(t, "a.json")
	b.want(b.step(), "")
	b.write("a.json", "{\"n\":1}\n{\"n\":2}\r\n\n  {\"n\":3} \n{\"n\"")
	b.want(b.step(), `{"n":1} {"n":2} {"n":3}`)
	b.want(b.step(), "")
	b.write("a.json", ":4}")
	b.want(b.step(), "")
	b.write("a.json", "\n{\"n\":5}\n")
	b.want(b.step(), `{"n":4} {"n":5}`)
	b.start()
	b.want(b.step(), "")
	b.write("a.json", "{\"n\":6}\n")
	b.start()
	b.want(b.step(), `{"n":6}`)
	if s := b.f.Stats(); s.Documents != 1 || s.Files != 1 || s.Behind != 0 {
		t.Errorf("%+v", s)
	}
	if d := b.docs[0]; d.Source != "follow:"+b.path("a.json") || d.Given != (event.Identity{}) {
		t.Errorf("%+v", d)
	}
}

// What can not be read is told with its place, and reading goes on.
func TestFollowProblems(t *testing.T) {
	b := newBench(t, "a.json")
	b.opts.MaxDocument = 600 << 10
	b.start()
	long := `{"n":"` + strings.Repeat("x", 700<<10) + `"}`
	fits := `{"n":"` + strings.Repeat("y", 500<<10) + `"}`
	b.write("a.json", "{\"n\":1}\n{\"n\":}\n[1]\ntext\n{\"n\":2} {\"n\":3}\n"+long+"\n"+fits+"\n"+`{"_index":"logs-x","_id":"7","_source":{"n":4}}`+"\n{\"n\":5}\n"+long)
	b.want(b.step(), `{"n":1} `+fits+` {"n":4} {"n":5}`)
	if d := b.docs[2]; d.Given != (event.Identity{Index: "logs-x", ID: "7"}) {
		t.Errorf("%+v", d.Given)
	}
	b.want(b.step(), "") // a line that is too long and has no end
	b.write("a.json", "\n{\"n\":6}\n")
	b.want(b.step(), `{"n":6}`)
	want := []string{"a.json:2: ", "a.json:3: ", "a.json:4: ", "a.json:5: ", "a.json:6: longer than 614400 bytes", "a.json:10: longer than 614400 bytes"}
	for i, p := range b.problems {
		if i >= len(want) || !strings.HasPrefix(p, want[i]) {
			t.Errorf("problem %d: %s", i, p)
		}
	}
	if s := b.f.Stats(); len(b.problems) != len(want) || s.Problems[source.TooLong] != 2 || s.Problems[source.NotObject] != 1 {
		t.Errorf("%d problems, %v", len(b.problems), s.Problems)
	}
}

// A file that is renamed is read to its end, and the new one from its start: while it
// is followed, and when it happened while nobody looked.
func TestFollowRenamed(t *testing.T) {
	for _, restart := range []bool{false, true} {
		for _, pattern := range []string{"a.json", "a.json*"} {
			b := newBench(t, pattern)
			b.opts.Idle = time.Hour
			b.start()
			b.write("a.json", "{\"n\":1}\n")
			b.want(b.step(), `{"n":1}`)
			b.write("a.json", "{\"n\":2}\n")
			b.do(os.Rename(b.path("a.json"), b.path("a.json.1")))
			b.write("a.json", "{\"n\":4}\n")
			b.write("a.json.1", "{\"n\":3}\n{\"n\":")
			if restart {
				b.start()
			}
			got := b.step()
			if got != `{"n":2} {"n":3} {"n":4}` && got != `{"n":4} {"n":2} {"n":3}` {
				t.Errorf("restart %v, %s: got %s", restart, pattern, got)
			}
			b.write("a.json.1", "5}\n") // its writer has not yet let go of it
			b.want(b.step(), `{"n":5}`)
			b.do(os.Rename(b.path("a.json.1"), b.path("a.json.2")))
			b.do(os.Rename(b.path("a.json"), b.path("a.json.1")))
			b.want(b.step(), "")
			b.start()
			b.want(b.step(), "")
		}
	}
}

// A file that is copied and emptied: the rest is read from the copy, nothing is read
// twice.
func TestFollowCopiedAndEmptied(t *testing.T) {
	for _, restart := range []bool{false, true} {
		for _, pattern := range []string{"a.json", "a.json*"} {
			b := newBench(t, pattern)
			b.write("a.json", "{\"n\":1}\n{\"pad\":\""+strings.Repeat("x", 2000)+"\"}\n")
			b.step()
			b.write("a.json", "{\"n\":2}\n")
			data, err := os.ReadFile(b.path("a.json"))
			b.do(err)
			b.write("a.json.1", string(data))
			b.do(os.Truncate(b.path("a.json"), 0))
			b.write("a.json", "{\"n\":3}\n")
			if restart {
				b.start()
			}
			got := b.step()
			if got != `{"n":2} {"n":3}` && got != `{"n":3} {"n":2}` {
				t.Errorf("restart %v, %s: got %s", restart, pattern, got)
			}
			// Again, grown beyond where it was before anybody looks.
			data, err = os.ReadFile(b.path("a.json"))
			b.do(err)
			b.do(os.Rename(b.path("a.json.1"), b.path("a.json.2")))
			b.write("a.json.1", string(data))
			b.do(os.Truncate(b.path("a.json"), 0))
			b.write("a.json", "{\"n\":4}\n{\"n\":5}\n{\"n\":6}\n")
			b.want(b.step(), `{"n":4} {"n":5} {"n":6}`)
			b.start()
			b.want(b.step(), "")
		}
	}
}

// A copy in the making is not read as a file of its own.
func TestFollowCopyInTheMaking(t *testing.T) {
	b := newBench(t, "a.json*")
	text := ""
	for i := range 100 {
		text += fmt.Sprintf("{\"n\":%d,\"pad\":\"%s\"}\n", i, strings.Repeat("x", 30))
	}
	b.write("a.json", text)
	b.step()
	b.write("a.json.1", text[:700])
	b.want(b.step(), "")
	b.write("a.json.1", text[700:2000])
	b.want(b.step(), "")
	b.write("a.json.1", text[2000:]+"{\"n\":100}\n")
	b.want(b.step(), `{"n":100}`)
	// One that does not go on is a file of its own.
	b.write("a.json.2", text[:700])
	for range mostStill {
		b.want(b.step(), "")
	}
	if got := b.step(); !strings.HasPrefix(got, `{"n":0,`) {
		t.Errorf("%s", got)
	}
}

// Folders are followed with what comes into them; what is no JSON is left out.
func TestFollowFolder(t *testing.T) {
	b := newBench(t, ".")
	b.do(os.MkdirAll(b.path("sub/deep"), 0o700))
	b.do(os.MkdirAll(b.path(".hidden"), 0o700))
	b.write("sub/deep/a", "{\"n\":1}\n")
	b.write(".hidden/b", "{\"n\":2}\n")
	b.write(".c", "{\"n\":3}\n")
	b.write("text.log", "text\n")
	b.write("z.gz", "\x1f\x8b\x08\x00")
	b.write("empty", "")
	b.want(b.step(), `{"n":1}`)
	b.write("empty", "{\"n\":4}\n")
	b.write("new", "\n{\"n\":5}\n")
	b.want(b.step(), `{"n":4} {"n":5}`)
	b.do(os.Remove(b.path("new")))
	b.step()
	b.step()
	if s := b.f.Stats(); s.Files != 2 || len(s.Problems) != 0 {
		t.Errorf("%+v", s)
	}
}

// What stands there when it is used first is left out if asked for, but for a line
// that has no end yet.
func TestFollowFromEnd(t *testing.T) {
	b := newBench(t, "a*")
	b.opts.FromEnd = true
	b.start()
	b.write("a", "{\"n\":1}\n{\"n\":")
	b.want(b.step(), "")
	b.write("a", "2}\n")
	b.write("ab", "{\"n\":3}\n")
	b.want(b.step(), `{"n":2} {"n":3}`)

	b = newBench(t, "a")
	b.opts.FromEnd = true
	b.start()
	b.want(b.step(), "")
	b.write("a", "{\"n\":1}\n")
	b.start()
	b.want(b.step(), `{"n":1}`)
}

// A last line without its end counts when nothing more can come, if it is whole.
func TestFollowLastLine(t *testing.T) {
	b := newBench(t, "a")
	b.write("a", "{\"n\":1}\n{\"n\":2}")
	b.want(b.step(), `{"n":1}`)
	b.do(os.Remove(b.path("a")))
	b.want(b.step()+b.step(), `{"n":2}`)
	if len(b.docs) != 2 || string(b.docs[1].Raw) != `{"n":2}` {
		t.Errorf("%d documents", len(b.docs))
	}
	b.write("a", "{\"n\":3}\n{\"n\":")
	b.want(b.step(), `{"n":3}`)
	b.do(os.Remove(b.path("a")))
	b.want(b.step()+b.step(), "")
	if len(b.problems) != 1 || !strings.HasPrefix(b.problems[0], "a:2: the file ends within a document") {
		t.Errorf("%q", b.problems)
	}
}

// Positions move only when the documents are safe.
func TestFollowNotTaken(t *testing.T) {
	b := newBench(t, "a")
	b.write("a", "{\"n\":1}\nbad\n{\"n\":2}\n")
	b.err = errors.New("disk is full")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	b.f.discover()
	if _, err := b.f.round(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%v", err)
	}
	if s := b.f.Stats(); !s.Waiting || s.LastError != "disk is full" || s.Documents != 0 {
		t.Errorf("%+v", s)
	}
	b.f.save(t.Context(), true)
	b.err = nil
	b.start()
	b.want(b.step(), `{"n":1} {"n":2}`)
	if s := b.f.Stats(); s.Waiting {
		t.Errorf("%+v", s)
	}
}

// Many files are held within few open ones, and none is forgotten.
func TestFollowManyFiles(t *testing.T) {
	b := newBench(t, "*.json")
	const many = mostOpen + 100
	for i := range many {
		b.write(fmt.Sprintf("%04d.json", i), fmt.Sprintf("{\"n\":%d}\n", i))
	}
	if got := strings.Count(b.step(), "{"); got != many {
		t.Fatalf("%d documents", got)
	}
	b.step()
	open := 0
	for _, tail := range b.f.tails {
		if tail.file != nil {
			open++
		}
	}
	if open > mostOpen {
		t.Errorf("%d files are open", open)
	}
	b.write("0000.json", "{\"more\":0}\n")
	b.write(fmt.Sprintf("%04d.json", many-1), "{\"more\":1}\n")
	b.want(b.step(), `{"more":0} {"more":1}`)
	b.do(os.Rename(b.path("0001.json"), b.path("0001.json.old"))) // one that is closed
	b.write("0001.json.old", "{\"more\":2}\n")
	b.want(b.step(), `{"more":2}`)
}

func TestFollowUnreadable(t *testing.T) {
	b := newBench(t, "a")
	if os.Geteuid() != 0 {
		b.write("a", "{\"n\":1}\n")
		b.do(os.Chmod(b.path("a"), 0))
		b.step()
		b.want(b.step(), "")
		b.do(os.Chmod(b.path("a"), 0o600))
		b.want(b.step(), `{"n":1}`)
	} else {
		t.Log("files that may not be read are not tried: root may read all")
	}
	b.do(os.Mkdir(b.path("none"), 0o700))
	if _, err := NewFollow(FollowOptions{}); err == nil {
		t.Error("nothing to follow, and nothing is said")
	}
	b.do(b.positions.Save(t.Context(), "follow", []byte(`{"version":99}`)))
	f, err := NewFollow(b.opts)
	b.do(err)
	if err := f.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("%v", err)
	}
}

// Run sees what happens without being told.
func TestFollowRun(t *testing.T) {
	b := newBench(t, "*.json")
	b.opts.Poll = 50 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	f, err := NewFollow(b.opts)
	b.do(err)
	ended := make(chan error)
	go func() { ended <- f.Run(ctx) }()
	got := func(want string) {
		t.Helper()
		for {
			select {
			case <-b.changed:
			case <-t.Context().Done():
				t.Fatal("nothing came in time")
			}
			b.mu.Lock()
			have := strings.Join(b.got, " ")
			b.mu.Unlock()
			if have == want {
				b.all()
				return
			}
			if len(have) > len(want) {
				t.Fatalf("got %s, want %s", have, want)
			}
		}
	}
	b.write("a.json", "{\"n\":1}\n")
	got(`{"n":1}`)
	b.write("a.json", "{\"n\":2}\n")
	got(`{"n":2}`)
	b.write("b.json", "{\"n\":3}\n")
	got(`{"n":3}`)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	b.start()
	b.want(b.step(), "")
}
