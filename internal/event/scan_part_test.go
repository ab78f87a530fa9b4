package event

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Reading a document in parts gives what reading it at once does, whatever the
// parts and however odd the document.
func TestPartsMakeTheWhole(t *testing.T) {
	paths := []string{"a", "a.b", "a.b.c", "b", "b.c", "c.a", "process.name", "process.args", "event.action"}
	schema := NewSchema(paths)
	whole, parts := NewScanner(schema), NewScanner(schema)
	want, got := NewRow(schema), NewRow(schema)
	anews, wholes := 0, 0
	for seed := range uint64(30_000) {
		r := rand.New(rand.NewPCG(seed, 3))
		doc := []byte(randomObject(r, 3))
		if r.IntN(10) == 0 {
			doc = doc[:r.IntN(len(doc))]
		}
		slots := r.Perm(len(paths))
		cut1 := r.IntN(len(slots))
		cut2 := cut1 + r.IntN(len(slots)-cut1)
		wantErr := whole.Scan(doc, want)
		all, err := parts.ScanPart(doc, got, schema.Part(slots[:cut1]))
		if fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Fatalf("%s: %v, want %v", doc, err, wantErr)
		}
		if err != nil {
			continue
		}
		if all {
			wholes++
		} else {
			if parts.More(got, schema.Part(slots[cut1:cut2])) {
				anews++
			}
			if parts.More(got, schema.Part(slots[cut2:])) {
				anews++
			}
		}
		for slot := range paths {
			if a, b := valuesOf(got, slot), valuesOf(want, slot); !slices.Equal(a, b) {
				t.Fatalf("%s: %s is %q in parts %v %v %v, %q at once", doc, paths[slot], a, slots[:cut1], slots[cut1:cut2], slots[cut2:], b)
			}
		}
	}
	t.Logf("%d documents whole from the start, %d in the middle", wholes, anews)
	if wholes < 100 || anews < 100 {
		t.Error("too few odd documents")
	}
}

func valuesOf(row *Row, slot int) []string {
	var out []string
	for i := row.Head(slot); i >= 0; i = row.At(i).Next {
		out = append(out, fmt.Sprint(row.At(i).Kind, row.At(i).Text))
	}
	return out
}

// randomObject writes an object of few names, with names twice, dotted names and
// escapes.
func randomObject(r *rand.Rand, depth int) string {
	names := []string{"a", "b", "c", "a.b", "b.c", "a.b.c", "process", "name", "args", "event", "action", "process.name", "x", `\u0061`}
	s := "{"
	for i := range r.IntN(5) {
		if i > 0 {
			s += ","
		}
		s += `"` + names[r.IntN(len(names))] + `":` + randomJSON(r, depth-1)
	}
	return s + "}"
}

func randomJSON(r *rand.Rand, depth int) string {
	scalars := []string{"1", "-2.5e3", "true", "false", "null", `"t"`, `"\n"`, `"é"`, `""`}
	switch n := r.IntN(10); {
	case n < 5 && depth > 0:
		return randomObject(r, depth)
	case n == 5 && depth > 0:
		return "[" + randomJSON(r, depth-1) + "," + randomJSON(r, depth-1) + "]"
	}
	return scalars[r.IntN(len(scalars))]
}
