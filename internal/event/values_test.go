package event

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/value"
)

func texts(vs []value.Value) string {
	var out []string
	for _, v := range vs {
		out = append(out, v.Text())
	}
	return strings.Join(out, " ")
}

func TestValues(t *testing.T) {
	tests := []struct{ name, raw, path, want string }{
		{"nested", `{"a":{"b":{"c":1}}}`, "a.b.c", "1"},
		{"dotted", `{"a.b.c":1}`, "a.b.c", "1"},
		{"dotted above nested", `{"a.b":{"c":1}}`, "a.b.c", "1"},
		{"nested above dotted", `{"a":{"b.c":1}}`, "a.b.c", "1"},
		{"every spelling at once", `{"a.b.c":1,"a.b":{"c":2},"a":{"b.c":3,"b":{"c":4}}}`, "a.b.c", "4 3 2 1"},
		{"both spellings stay", `{"a":{"b":1},"a.b":2}`, "a.b", "1 2"},
		{"an array", `{"a":["x","y"]}`, "a", "x y"},
		{"arrays in arrays", `{"a":[[1,[2]],3,[]]}`, "a", "1 2 3"},
		{"nulls in arrays", `{"a":[null,1,null]}`, "a", "1"},
		{"objects in arrays", `{"a":[{"b":1},{"c":5},{"b":[2,3]}]}`, "a.b", "1 2 3"},
		{"objects in arrays in arrays", `{"a":[[{"b":1}],[[{"b":2}]]]}`, "a.b", "1 2"},
		{"dotted in arrays", `{"a":[{"b.c":1},{"b":[{"c":2}]}]}`, "a.b.c", "1 2"},
		{"mixed kinds", `{"a":[1,"x",true,1.5,{"b":2},[false]]}`, "a", "1 x true 1.5 false"},
		{"an empty string is a value", `{"a":["",""]}`, "a", " "},
		{"a scalar beside an object", `{"a":[1,{"b":2}]}`, "a.b", "2"},
		{"missing", `{"a":1}`, "b", ""},
		{"null", `{"a":null}`, "a", ""},
		{"empty array", `{"a":[]}`, "a", ""},
		{"array of nulls", `{"a":[null,[null]]}`, "a", ""},
		{"an object is no value", `{"a":{"b":1}}`, "a", ""},
		{"below a scalar", `{"a":1}`, "a.b", ""},
		{"case counts", `{"A":1}`, "a", ""},
		{"empty parts", `{"a":{"":1},"":{"a":2}}`, "a.", "1"},
		{"empty parts in front", `{"a":{"":1},"":{"a":2}}`, ".a", "2"},
		{"the empty name", `{"":3}`, "", "3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := mustDecode(t, tt.raw).Values(tt.path)
			if texts(got) != tt.want || tt.want == "" && got != nil {
				t.Errorf("Values(%q) = %q, want %q", tt.path, texts(got), tt.want)
			}
		})
	}
}

func TestValuesDoNotShare(t *testing.T) {
	d := mustDecode(t, `{"a":[1,2],"b":3}`)
	_ = append(d.Values("a"), value.OfInt(9))
	_ = append(d.Values("b"), value.OfInt(9))
	if got := texts(d.Values("a")) + " " + texts(d.Values("b")); got != "1 2 3" {
		t.Errorf("after appending to a result: %s", got)
	}
	if n := testing.AllocsPerRun(100, func() { d.Values("a") }); n != 0 {
		t.Errorf("%v allocations for a plain field", n)
	}
}

func TestFieldsSorted(t *testing.T) {
	d := mustDecode(t, `{"b":1,"a-b":2,"a":[3,{"c":4}],"a.c":5,"a":{"c":[6],"b":{"x":7},"n":null,"e":{}},"ab":8,"a.":9}`)
	var got []string
	for path, values := range d.Fields() {
		got = append(got, path+"="+texts(values))
	}
	want := []string{"a-b=2", "a.=9", "a.b.x=7", "a.c=6 5", "ab=8", "b=1"}
	if !slices.Equal(got, want) {
		t.Errorf("Fields:\n got %q\nwant %q", got, want)
	}
	for path := range d.Fields() {
		if path != "a-b" {
			t.Errorf("went on to %q after the loop was left", path)
		}
		break
	}
	for path := range d.Fields() {
		if path == "a.b.x" {
			break // within a nested name
		}
	}
}

func TestFieldsBounded(t *testing.T) {
	long := strings.Repeat("k", 2000)
	d := mustDecode(t, `{"a":1,"`+long+`":{"b":2},"c":{"`+long+`":3}}`)
	fields := maps.Collect(d.Fields())
	if len(fields) != 1 || fields["a"] == nil {
		t.Errorf("%d fields, want only a", len(fields))
	}
	if got := texts(d.Values(long + ".b")); got != "2" {
		t.Errorf("a long name is found as %q", got)
	}
	// One long key over many short ones: the names together would be 20 GB.
	var b strings.Builder
	b.WriteString(`{"` + strings.Repeat("k", 200_000) + `":{"a":0`)
	for i := range 100_000 {
		fmt.Fprintf(&b, `,"%x":1`, i)
	}
	b.WriteString("}}")
	for path := range mustDecode(t, b.String()).Fields() {
		t.Fatalf("lists a path of %d bytes", len(path))
	}
}

// TestValuesGenerated compares Values with the plainest reading: write out every
// leaf with its joined path, in order, and pick.
func TestValuesGenerated(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	keys := []string{"a", "b", "a.b", "b.a", "a.b.a", "", "a."}
	var build func(depth int) any
	build = func(depth int) any {
		switch n := rng.IntN(10); {
		case depth > 0 && n < 5:
			m := map[string]any{}
			for range rng.IntN(4) {
				m[keys[rng.IntN(len(keys))]] = build(depth - 1)
			}
			return m
		case depth > 0 && n < 7:
			var a []any
			for range rng.IntN(4) {
				a = append(a, build(depth-1))
			}
			return a
		case n == 9:
			return nil
		}
		return rng.IntN(1000)
	}
	for range 3000 {
		root := map[string]any{"a": build(4), "b": build(3), "a.b": build(2)}
		raw, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		var walk func(prefix string, v any)
		walk = func(prefix string, v any) {
			switch v := v.(type) {
			case map[string]any:
				for _, k := range slices.Sorted(maps.Keys(v)) {
					walk(prefix+"."+k, v[k])
				}
			case []any:
				for _, e := range v {
					walk(prefix, e)
				}
			case int:
				want[prefix[1:]] += fmt.Sprint(v, " ")
			}
		}
		walk("", root)
		d := mustDecode(t, string(raw))
		for path, text := range want {
			if got := texts(d.Values(path)) + " "; got != text {
				t.Fatalf("%s\n%q: got %s, want %s", raw, path, got, text)
			}
		}
		got := slices.Collect(maps.Keys(maps.Collect(d.Fields())))
		if len(got) != len(want) {
			t.Fatalf("%s\nFields lists %q, want %q", raw, got, slices.Collect(maps.Keys(want)))
		}
	}
}
