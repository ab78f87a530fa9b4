package randomcase

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
)

// TestWindowsAndShuffles asserts of the reference what an evaluator of streams may
// count on: a window yields the matches inside it, and the order of arrival within
// the lateness makes no difference.
func TestWindowsAndShuffles(t *testing.T) {
	windows, inWindows, skewed := 0, 0, 0
	r := rand.New(rand.NewPCG(3, 4))
	draw(t, 3500, func(l *Loaded) {
		if _, ok := l.Checked.Body.(*eql.Sequence); !ok {
			return
		}
		l.Tolerant = true
		if w, ok := l.Window(r); ok {
			windows++
			inWindows += len(w.Matches)
			assertFinds(t, l, w.Docs, w.Matches)
		}
		want, err := l.Everything()
		if err != nil {
			t.Fatal(err)
		}
		assertFindsInOrder(t, l, l.Shuffled(r), want)
		if order, ok := l.Skewed(r); ok {
			skewed++
			assertFindsInOrder(t, l, order, want)
		}
	})
	if windows < 600 || inWindows < 120 || skewed < 50 {
		t.Errorf("%d windows with %d matches in them, %d skewed streams test too little", windows, inWindows, skewed)
	}
}

// assertFindsInOrder lets the documents arrive in another order.
func assertFindsInOrder(t *testing.T, l *Loaded, order []int, want *Outcome) {
	t.Helper()
	var docs []*event.Document
	for i, place := range order {
		d := *l.Docs[place]
		d.Arrival = uint64(i) //nolint:gosec // a place in a short list
		docs = append(docs, &d)
	}
	got, err := l.Over(docs)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range got.Matches {
		for i, d := range m.Docs {
			if d >= 0 {
				m.Docs[i] = order[d]
			}
		}
	}
	if !slices.Equal(got.Set(), want.Set()) {
		t.Fatalf("in the order %v: %v, want %v\n%s", order, got.Set(), want.Set(), l.Case)
	}
}

func assertFinds(t *testing.T, l *Loaded, docs []*event.Document, want []Match) {
	t.Helper()
	got, err := l.Over(docs)
	if err != nil {
		t.Fatal(err)
	}
	if w := (&Outcome{Matches: want}); !slices.Equal(got.Set(), w.Set()) {
		t.Fatalf("in a window: %v, want %v\n%s", got.Set(), w.Set(), l.Case)
	}
}
