package replay_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/replay"
	"github.com/tripline-sec/tripline/internal/source"
	"github.com/tripline-sec/tripline/internal/stream"
)

// orders are all orders of some names.
func orders(names []string) [][]string {
	if len(names) == 0 {
		return [][]string{nil}
	}
	var all [][]string
	for i, first := range names {
		rest := slices.Concat(names[:i], names[i+1:])
		for _, o := range orders(rest) {
			all = append(all, append([]string{first}, o...))
		}
	}
	return all
}

// Files that follow each other, that overlap, and that are out of order in
// themselves, in all orders of naming them, by any number of workers, in small
// batches and large: what is found is what the reference finds, and the order of
// output does not hang on the workers.
func TestReplayIsReference(t *testing.T) {
	questions := questions(t)
	mixed := events(t, stream.Options{Seed: 5, Events: 900, Hosts: 6, Ties: 0.25, Disorder: 8 * time.Second, Rate: 40})
	sorted := inOrder(t, mixed)
	third := len(sorted) / 3
	var overlapping [3][]string // each host in a file of its own
	for _, doc := range sorted {
		n := 0
		for _, c := range hostOf(doc) {
			n += int(c)
		}
		overlapping[n%3] = append(overlapping[n%3], doc)
	}
	for _, input := range []struct {
		name  string
		paths []string
	}{
		{"one after the other", []string{
			write(t, "a.ndjson", sorted[:third]...), write(t, "b.ndjson", sorted[third:2*third]...), write(t, "c.ndjson", sorted[2*third:]...),
		}},
		{"overlapping", []string{
			write(t, "a.ndjson", overlapping[0]...), write(t, "b.ndjson", overlapping[1]...), write(t, "c.ndjson", overlapping[2]...),
		}},
		{"out of order", []string{write(t, "a.ndjson", mixed[:third]...), write(t, "b.ndjson", mixed[third:]...)}},
	} {
		for n, paths := range orders(input.paths) {
			want := reading(t, questions, paths, nil)
			total := 0
			blocks := []int{700, 9_000, 0}
			if n > 0 {
				blocks = blocks[n%3 : n%3+1]
			}
			for _, block := range blocks {
				var first []string
				for _, workers := range []int{1, 2, 8} {
					what := fmt.Sprintf("%s, order %d, %d workers, block %d", input.name, n, workers, block)
					got := run(t, questions, paths, nil, setup{Options: replay.Options{Workers: workers}, Batching: source.Batching{Block: block}})
					total = same(t, what, questions, got, want)
					if first == nil {
						first = got.output
					} else if !slices.Equal(got.output, first) {
						t.Errorf("%s: the order of output differs:\n%s", what, firstOther(got.output, first))
					}
				}
			}
			if n == 0 {
				t.Logf("%s: %d matches", input.name, total)
			}
			if total < 400 {
				t.Errorf("%s: %d matches", input.name, total)
			}
		}
	}
}

func hostOf(doc string) string {
	_, text, _ := strings.Cut(doc, `"hostname":"`)
	host, _, _ := strings.Cut(text, `"`)
	return host
}

// Documents over several lines, lines that are none, and white space of all sorts,
// wherever blocks of the file end.
func TestReplayIsReferenceOnBrokenInput(t *testing.T) {
	questions := questions(t)
	docs := inOrder(t, events(t, stream.Options{Seed: 6, Events: 260, Hosts: 4, Ties: 0.2, Rate: 40}))
	broken := []string{"not JSON", `{"@timestamp":"2026`, `[1,2]`, `{"a":1}}`, "", "  \t", `"text"`, `{"a":1} {"b":2}`, `{"x":{"y":[}`, "\x00\xff", `{"@timestamp":"no time","event":{"action":"exec","category":"process"}}`}
	var lines []string
	for i, doc := range docs {
		switch {
		case i%19 == 7:
			doc = strings.ReplaceAll(doc, `,"`, ",\n \"") // in strings there is none of these
		case i%13 == 5:
			doc = " \t" + doc + " \r"
		}
		lines = append(lines, doc)
		if i%11 == 3 {
			lines = append(lines, broken[i/11%len(broken)])
		}
	}
	path := write(t, "broken.ndjson", lines...)
	want := reading(t, questions, []string{path}, nil)
	if want.stats.BadTotal() < 5 {
		t.Fatalf("%d problems", want.stats.BadTotal())
	}
	var problems []string
	for item := range source.Open([]string{path}, nil, source.Options{}).All() {
		if item.Problem != nil {
			problems = append(problems, item.Problem.Error())
		}
	}
	for _, block := range []int{300, 501, 1_000, 2_777, 9_000, 0} {
		for _, workers := range []int{1, 3} {
			var got []string
			opts := replay.Options{Workers: workers, Problem: func(p *source.Problem) { got = append(got, p.Error()) }}
			what := fmt.Sprintf("block %d, %d workers", block, workers)
			same(t, what, questions, run(t, questions, []string{path}, nil, setup{Options: opts, Batching: source.Batching{Block: block}}), want)
			if !slices.Equal(got, problems) {
				t.Errorf("%s: problems\n%s", what, firstOther(got, problems))
			}
		}
	}
}
