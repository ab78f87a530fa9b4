package live

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// seeds is how many random courses are tried.
const seeds = 40

// Whatever rotation, crashes and a store that refuses do: each whole line that was
// written is taken, bad ones are told, and without a crash nothing comes twice.
func TestFollowRandom(t *testing.T) {
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { followRandom(t, rand.New(rand.NewPCG(seed, 7))) }) //nolint:gosec // a test
	}
}

func followRandom(t *testing.T, dice *rand.Rand) {
	t.Helper()
	pattern := []string{"app.json", "app.json*", "."}[dice.IntN(3)]
	b := newBench(t, pattern)
	// What rotation made is then looked for by the time of its last change, which is
	// the same for much that a test does: rather twice than never.
	alone := pattern == "app.json"
	b.opts.BatchDocs, b.opts.Idle = 1+dice.IntN(20), time.Hour
	b.start()
	var (
		written []string
		bad     int
		n       int
		crashed bool
		partial string // what the last line of app.json still lacks
		got     = map[string]int{}
	)
	take := func(text string) {
		for one := range strings.FieldsSeq(text) {
			got[one]++
		}
	}
	begun := false // the file has a line: in a folder the first one must be JSON
	line := func() string {
		n++
		first := !begun
		begun = true
		if dice.IntN(15) == 0 && !first {
			bad++
			return fmt.Sprintf("bad%d\n", n)
		}
		text := fmt.Sprintf(`{"n":%d,"pad":"%s"}`, n, strings.Repeat("x", dice.IntN(120)))
		written = append(written, text)
		return text + "\n"
	}
	finish := func() {
		b.write("app.json", partial)
		partial = ""
	}
	shift := func() {
		for i := 6; i >= 1; i-- {
			err := os.Rename(b.path(fmt.Sprintf("app.json.%d", i)), b.path(fmt.Sprintf("app.json.%d", i+1)))
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
	}
	b.write("app.json", line())
	take(b.step())
	for range 60 {
		op := dice.IntN(12)
		t.Logf("%s, then %d lines", [...]string{"write", "write", "write", "write", "half a line", "rename", "copy and empty", "crash", "end"}[min(op, 8)], n)
		switch op {
		case 0, 1, 2, 3:
			finish()
			for range 1 + dice.IntN(10) {
				b.write("app.json", line())
			}
		case 4:
			finish()
			text := line()
			at := dice.IntN(len(text))
			b.write("app.json", text[:at])
			partial = text[at:]
		case 5: // rename
			finish()
			shift()
			b.do(os.Rename(b.path("app.json"), b.path("app.json.1")))
			begun = false
			b.write("app.json", line())
		case 6: // copy and empty
			finish()
			b.write("app.json", line())
			take(b.step()) // of a file of which nothing was read nobody can tell that it was emptied
			b.write("app.json", line())
			shift()
			data, err := os.ReadFile(b.path("app.json"))
			b.do(err)
			b.do(os.WriteFile(b.path("app.json.1"), data, 0o600))
			b.do(os.Truncate(b.path("app.json"), 0))
			begun = false
			if dice.IntN(2) == 0 {
				b.write("app.json", line())
			}
			take(b.step())
		case 7: // a crash after documents were taken, before that was noted
			b.f.discover()
			if _, err := b.f.round(t.Context()); err != nil {
				t.Fatal(err)
			}
			take(b.all())
			crashed = true
			b.start()
		case 8: // an orderly end
			b.f.save(t.Context(), true)
			b.start()
		default:
			take(b.step())
		}
	}
	finish()
	for range 5 {
		take(b.step())
	}
	files, _ := filepath.Glob(b.path("*"))
	for _, one := range written {
		switch count := got[strings.ReplaceAll(one, " ", "")]; {
		case count == 0:
			t.Errorf("%.60s was never taken; files %q", one, files)
		case count > 1 && !crashed && !alone:
			t.Errorf("%.60s was taken %d times", one, count)
		}
	}
	if len(got) != len(written) {
		t.Errorf("%d taken, %d written, %q", len(got), len(written), b.opts.Paths)
	}
	if told := len(b.problems); told < bad || told > bad && !crashed && !alone {
		t.Errorf("%d problems of %d: %q", told, bad, slices.Compact(b.problems))
	}
}
