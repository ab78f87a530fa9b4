package event

import (
	"fmt"
	"testing"
)

// Objects gives each object of a path alone, however the path is spelt.
func TestObjects(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                        "[]",
		`{"a":1}`:                   "[]",
		`{"a":{"b":7}}`:             "[]",
		`{"a":{"b":{"c":1}}}`:       "[1]",
		`{"a.b":[{"c":1},{"c":2}]}`: "[1 2]",
		`{"a":[{"b":{"c":1}},{"b":[{"c":[2]}]}],"d":1}`: "[1 2]",
		`{"a":{"b":[[{"c":1}],null,3,{"x":1}]}}`:        "[1 null]",
	} {
		d, err := Decode([]byte(text), Identity{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		found := []string{}
		for _, one := range d.Objects("a.b") {
			found = append(found, one.First("a.b.c").Text())
			if len(one.Values("d")) > 0 {
				t.Errorf("%s: what is beside the path is seen", text)
			}
		}
		for i := range found {
			if found[i] == "" {
				found[i] = "null"
			}
		}
		if got := fmt.Sprint(found); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
