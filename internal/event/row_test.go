package event

import (
	"slices"
	"testing"

	"github.com/tripline-sec/tripline/internal/value"
)

// TestRowWithoutJSON fills a row as a sensor does, twice.
func TestRowWithoutJSON(t *testing.T) {
	paths := make([]string, 130)
	for i := range paths {
		paths[i] = string(rune('a' + i))
	}
	r := NewRow(NewSchema(paths))
	for range 2 {
		r.Reset()
		r.Add(129, Scalar{Text: "x"})
		r.Add(0, Scalar{Text: "5", Kind: NumberScalar})
		r.Add(129, Scalar{Text: "true", Kind: TrueScalar})
		r.Add(129, Scalar{Text: "false", Kind: FalseScalar})
		want := []value.Value{value.OfString("x"), value.OfBool(true), value.OfBool(false)}
		if got := rowValues(r, 129); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if got := rowValues(r, 0); !slices.Equal(got, []value.Value{value.OfInt(5)}) {
			t.Errorf("%v, want 5", got)
		}
		if r.Count() != 4 || r.Head(1) != -1 || !slices.Equal(r.Present(), []uint64{1, 0, 2}) {
			t.Errorf("%d values, present %b", r.Count(), r.Present())
		}
	}
	if r.Reset(); r.Count() != 0 || r.Head(0) != -1 || r.Head(129) != -1 || !slices.Equal(r.Present(), []uint64{0, 0, 0}) {
		t.Error("Reset leaves something")
	}
}
