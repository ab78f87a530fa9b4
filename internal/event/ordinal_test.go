package event

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/value"
)

func at(sec int64, nsec int32) Ordinal {
	return Ordinal{HasTime: true, Time: value.Instant{Sec: sec, Nsec: nsec}}
}

func TestOrdinalCompare(t *testing.T) {
	with := func(o Ordinal, tie value.Value, arrival uint64) Ordinal {
		o.Tiebreaker, o.Arrival = tie, arrival
		return o
	}
	null := value.Value{}
	sorted := []Ordinal{
		with(Ordinal{}, value.OfInt(1), 9), // no time first, whatever the rest
		with(Ordinal{}, null, 1),
		with(Ordinal{}, null, 2),
		with(at(-5, 0), null, 99),
		with(at(0, 0), value.OfInt(-1), 8),
		with(at(0, 0), value.OfFloat(0.5), 9),
		with(at(0, 0), value.OfInt(2), 3),
		with(at(0, 0), value.OfInt(2), 4),
		with(at(0, 0), value.OfString("10"), 1),
		with(at(0, 0), value.OfString("9"), 1),
		with(at(0, 0), null, 0), // a missing tiebreaker last
		with(at(0, 1), value.OfInt(0), 0),
		with(at(1, 0), value.OfInt(0), 0),
	}
	for i, a := range sorted {
		for j, b := range sorted {
			if got, want := cmp.Compare(a.Compare(b), 0), cmp.Compare(i, j); got != want {
				t.Errorf("Compare(%v, %v) = %d, want %d", a, b, got, want)
			}
		}
	}
}

// entry makes a document of "time agent sequence id"; "-" leaves a part out.
func entry(t *testing.T, arrival int, spec string) Entry {
	t.Helper()
	part := strings.Fields(spec)
	fields := []string{fmt.Sprintf(`"event.id":%q`, part[3])}
	if part[1] != "-" {
		fields = append(fields, fmt.Sprintf(`"agent":{"id":%q}`, part[1]))
	}
	if part[2] != "-" {
		fields = append(fields, `"event":{"sequence":`+part[2]+`}`)
	}
	d, err := Decode([]byte("{"+strings.Join(fields, ",")+"}"), Identity{}, uint64(arrival))
	if err != nil {
		t.Fatal(err)
	}
	e := Entry{Doc: d, Ordinal: Ordinal{Arrival: uint64(arrival)}}
	if part[0] != "-" {
		e.Ordinal.HasTime = true
		fmt.Sscan(part[0], &e.Ordinal.Time.Sec)
	}
	return e
}

func TestSort(t *testing.T) {
	tests := []struct {
		name    string
		byAgent bool
		in      []string
		want    string
	}{
		{"by time, none first", false, []string{"2 - - a", "1 - - b", "- - - c"}, "c b a"},
		{"by arrival where equal", false, []string{"1 p 2 a", "1 p 1 b"}, "a b"},
		{"an agent's own order", true, []string{"1 p 2 a", "1 p 1 b"}, "b a"},
		{"within the agent's places", true, []string{"1 p 3 a", "1 q 9 b", "1 p 1 c", "1 q 8 d", "1 p 2 e"}, "c d e b a"},
		{"who has no number keeps the place", true, []string{"1 p 3 a", "1 p - b", "1 p 1 c"}, "c b a"},
		{"a number in a string is none", true, []string{`1 p 3 a`, `1 p "2" b`, "1 p 1 c"}, "c b a"},
		{"who has no agent keeps the place", true, []string{"1 p 3 a", "1 - 2 b", "1 p 1 c"}, "c b a"},
		{"only among equal timestamps", true, []string{"1 p 3 a", "2 p 1 b", "1 p 2 c"}, "c a b"},
		{"equal numbers stay", true, []string{"1 p 1 a", "1 p 1 b", "1 p 0 c"}, "c a b"},
		{"without a timestamp they stay", true, []string{"- p 3 a", "- p 1 b"}, "a b"},
		{"large numbers exactly", true, []string{"1 p 9007199254740993 a", "1 p 9007199254740992 b"}, "b a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var entries []Entry
			for i, spec := range tt.in {
				entries = append(entries, entry(t, i+1, spec))
			}
			Sort(entries, tt.byAgent)
			var got []string
			for _, e := range entries {
				got = append(got, e.Doc.ID)
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			checkOrdinals(t, entries)
		})
	}
}

// checkOrdinals holds that the slice is in the strict order of its ordinals.
func checkOrdinals(t *testing.T, entries []Entry) {
	t.Helper()
	for i := 1; i < len(entries); i++ {
		if entries[i-1].Ordinal.Compare(entries[i].Ordinal) >= 0 {
			t.Errorf("entry %d is not before entry %d", i-1, i)
		}
	}
}

// TestSortGenerated holds that the order does not depend on the order of the
// slice, only on the ordinals, and that nobody is lost.
func TestSortGenerated(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		var entries []Entry
		for i := range 20 {
			spec := fmt.Sprintf("%d %c %d id%d", rng.IntN(3), 'p'+rune(rng.IntN(3)), rng.IntN(5), i)
			entries = append(entries, entry(t, i, spec))
		}
		other := slices.Clone(entries)
		rng.Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
		Sort(entries, true)
		Sort(other, true)
		seen := map[string]bool{}
		for i := range entries {
			seen[entries[i].Doc.ID] = true
			if entries[i] != other[i] {
				t.Fatalf("place %d depends on the order given", i)
			}
		}
		if len(seen) != 20 {
			t.Fatalf("%d of 20 documents are left", len(seen))
		}
		checkOrdinals(t, entries)
	}
}
