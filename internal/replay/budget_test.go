package replay_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/order"
	"github.com/tripline-sec/tripline/internal/replay"
	"github.com/tripline-sec/tripline/internal/source"
	"github.com/tripline-sec/tripline/internal/stream"
)

// tight is a budget that a few dozen events use up.
const tight = 24_000

// released is how many events were given before the end of the input, and spilled
// how many went to disk.
func released(r *replay.Report) (released, spilled int) {
	for _, o := range r.Order {
		released += o.Released
		spilled += o.Spilled
	}
	return released, spilled
}

// Whatever the budget makes of the order - given early, read again from the start,
// sorted on disk - what is found is the same.
func TestReplayIsReferenceInTightBudgets(t *testing.T) {
	questions := questions(t)
	mixed := events(t, stream.Options{Seed: 8, Events: 1500, Hosts: 5, Ties: 0.2, Disorder: 4 * time.Second, Rate: 40})
	sorted := inOrder(t, mixed)
	late := slices.Concat(sorted[1:1200], sorted[:1], sorted[1200:])
	reversed := slices.Clone(sorted)
	slices.Reverse(reversed)
	for _, tt := range []struct {
		name                    string
		docs                    []string
		released, spills, asked bool
		restarts                int // because events are out of order where a sequence begins, or too far
	}{
		{"in order", sorted, true, false, false, 0},
		{"nearly in order", mixed, false, true, false, 1},
		{"one very late", late, false, true, true, 2},
		{"backwards", reversed, false, true, false, 1},
	} {
		folder := t.TempDir()
		path := write(t, "events.ndjson", tt.docs...)
		want := reading(t, questions, []string{path}, nil)
		for _, workers := range []int{1, 4} {
			restarts := 0
			var told []order.Report
			got := run(t, questions, []string{path}, nil, setup{Batching: source.Batching{Block: 8_000}, Options: replay.Options{
				Workers: workers, OrderBudget: tight, TempDir: folder,
				Restart: func(bool) { restarts++ }, Spilled: func(r order.Report) { told = append(told, r) },
			}})
			if total := same(t, tt.name, questions, got, want); total < 500 {
				t.Errorf("%s: %d matches", tt.name, total)
			}
			early, spilled := released(got.report)
			if early > 0 != tt.released || spilled > 0 != tt.spills || len(told) > 0 != tt.spills || restarts != tt.restarts {
				t.Errorf("%s: %d given early, %d spilled, told %+v, %d restarts", tt.name, early, spilled, told, restarts)
			}
			for _, r := range told {
				if r.Folder != folder || r.Asked != tt.asked {
					t.Errorf("%s: told %+v", tt.name, r)
				}
			}
			empty(t, folder)
		}
	}
}

func empty(tb testing.TB, folder string) {
	tb.Helper()
	if left, err := filepath.Glob(filepath.Join(folder, "*")); err != nil || len(left) > 0 {
		tb.Errorf("left behind: %v, %v", left, err)
	}
}

// What can not be read again has its late hits counted, and everything else found.
func TestLateHitsAreCounted(t *testing.T) {
	questions := questions(t)
	sorted := inOrder(t, events(t, stream.Options{Seed: 8, Events: 1500, Hosts: 5, Ties: 0.2, Rate: 40}))
	const first = 40
	late := slices.Concat(sorted[first:1200], sorted[:first], sorted[1200:])
	kept := slices.Concat(sorted[first:])
	want := reading(t, questions, []string{"-"}, strings.NewReader(strings.Join(kept, "\n")))
	got := run(t, questions, []string{"-"}, strings.NewReader(strings.Join(late, "\n")), setup{
		once: true, Batching: source.Batching{Block: 8_000},
		Options: replay.Options{Workers: 2, OrderBudget: tight, Restart: func(bool) { t.Error("read again") }},
	})
	hits := 0
	for i := range questions {
		q := &got.report.Queries[i]
		hits += q.Late
		q.Late = 0
		if q.Bad+q.NoTime > 0 { // of late ones too
			want.bad[i], want.noTime[i] = q.Bad, q.NoTime
		}
	}
	if hits < first/2 {
		t.Errorf("%d late hits", hits)
	}
	// Singles that are not put in order are found however late; samples know no late.
	all := reading(t, questions, []string{"-"}, strings.NewReader(strings.Join(late, "\n")))
	for i, q := range questions {
		if got.report.Stats.Documents = all.stats.Documents; isSingle(q) {
			want.matches[i] = all.matches[i]
		}
	}
	want.stats = got.report.Stats
	same(t, "without the late", questions, got, want)
}

// What sequences remember is bounded, and what is lost by that is counted.
func TestLostPartialsAreCounted(t *testing.T) {
	questions := questions(t)
	path := write(t, "events.ndjson", inOrder(t, events(t, stream.Options{Seed: 9, Events: 1500, Hosts: 5, Rate: 40}))...)
	want := reading(t, questions, []string{path}, nil)
	got := run(t, questions, []string{path}, nil, setup{Options: replay.Options{Workers: 1, StateBudget: 30_000}})
	lost, left := 0, int64(0)
	for i, q := range questions {
		left += got.report.Queries[i].Bytes
		evicted := got.report.Queries[i].Evicted
		lost += evicted
		if extra := len(got.matches[i]) - len(want.matches[i]); evicted == 0 && extra != 0 {
			t.Errorf("%s: %d matches more than the reference, and nothing lost", q.Name, extra)
		}
	}
	if lost == 0 {
		t.Error("nothing lost")
	}
	if left <= 0 || left > 30_000 {
		t.Errorf("%d bytes waited at the end", left)
	}
}

// A folder that is not there is told when it is needed, and only then.
func TestNoPlaceToSortOn(t *testing.T) {
	questions := questions(t)
	docs := inOrder(t, events(t, stream.Options{Seed: 9, Events: 300, Hosts: 5, Rate: 40}))
	slices.Reverse(docs)
	path := write(t, "events.ndjson", docs...)
	absent := filepath.Join(t.TempDir(), "absent")
	got := run(t, questions, []string{path}, nil, setup{Options: replay.Options{TempDir: absent}})
	same(t, "in memory", questions, got, reading(t, questions, []string{path}, nil))
	for _, workers := range []int{1, 4} {
		err := attempt(t, questions, path, replay.Options{Workers: workers, TempDir: absent, OrderBudget: tight})
		if !os.IsNotExist(unwrapped(err)) {
			t.Errorf("%d workers: %v", workers, err)
		}
	}
}
