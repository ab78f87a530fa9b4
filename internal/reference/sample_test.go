package reference

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

func rejectTag(tag string) func(*event.Document) bool {
	return func(d *event.Document) bool { return d.Text("tag") != tag }
}

func TestSamples(t *testing.T) {
	docs := decodeLines(t, `
		{"id":1,"host":"b","tag":["A","B"],"n":1}
		{"id":2,"host":"b","tag":"A","n":1.0}
		{"id":3,"host":"a","tag":"A","o":true}
		{"id":4,"host":"a","tag":"B","o":true}
		{"id":5,"host":"b","tag":"B","@timestamp":1}
		{"id":6,"tag":"A"}
		{"id":7,"tag":"B"}
		{"id":8,"host":"c","tag":["A","B"]}
		{"id":9,"host":["d","e"],"tag":"A","o":false}
		{"id":10,"host":["e","d"],"tag":"B","o":false}
		{"id":11,"host":"a","tag":"B"}`)
	for _, c := range []struct {
		query, want, keys string
		size, max         int
	}{
		// Ascending by key; 8 can not fill both terms alone; 9 and 10 share two keys.
		{`sample by host [any where tag == "A"] [any where tag == "B"]`, "3 4, 1 5, 9 10, 9 10", `"a" "b" "d" "e"`, -1, 1},
		{`sample by host [any where tag == "B"] [any where tag == "A"]`, "4 3, 1 2, 10 9, 10 9", `"a" "b" "d" "e"`, -1, 1},
		{`sample by ?host [any where tag == "A"] [any where tag == "B"]`, "6 7, 3 4, 1 5, 9 10, 9 10", `null "a" "b" "d" "e"`, -1, 1},
		{`sample by o [any where tag == "A"] [any where tag == "B"]`, "9 10, 3 4", `false true`, -1, 1},
		{`sample by host, ?o [any where tag == "A"] [any where tag == "B"]`, "3 4, 1 5, 9 10, 9 10", `"a",true "b",null "d",false "e",false`, -1, 1},
		{`sample [any where tag == "A"] by host [any where tag == "B"] by host`, "3 4, 1 5, 9 10, 9 10", `"a" "b" "d" "e"`, -1, 1},
		// The size ends it, a pipe can not; the position does not matter.
		{`sample by host [any where tag == "A"] [any where tag == "B"]`, "3 4, 1 5", `"a" "b"`, 2, 1},
		{`sample by host [any where tag == "A"] [any where tag == "B"]`, "", ``, 0, 1},
		// More of one key: backtracking, the first found first, a document may come again.
		{`sample by host [any where tag == "A"] [any where tag == "B"]`, "3 4, 3 11, 1 5, 2 1, 9 10, 9 10", `"a" "a" "b" "b" "d" "e"`, -1, 2},
		{`sample by host [any where tag == "A"] [any where tag == "B"]`, "3 4, 3 11, 1 5, 2 1, 2 5, 9 10, 9 10", `"a" "a" "b" "b" "b" "d" "e"`, -1, 9},
		{`sample by host [any where tag == "A"] [any where tag == "B"] [any where tag == "B"]`, "3 4 11, 2 1 5", `"a" "b"`, -1, 1},
		{`sample by host [any where tag == "A"] [any where tag == "A"] [any where tag == "A"]`, "", ``, -1, 1},
	} {
		r := search(t, c.query, Options{Size: c.size, MaxSamplesPerKey: c.max}, docs)
		var keys []string
		for _, s := range r.Sequences {
			keys = append(keys, keyText(s.Keys))
		}
		if got, by := ids(r, "id"), strings.Join(keys, " "); r.Kind != Samples || got != c.want || by != c.keys {
			t.Errorf("%s, size %d, max %d: got %q by %s, want %q by %s", c.query, c.size, c.max, got, by, c.want, c.keys)
		}
	}
}

// TestSampleFirstFound pins the case in which the first document of the first
// term serves the second term only if another takes its place.
func TestSampleFirstFound(t *testing.T) {
	docs := decodeLines(t, `
		{"id":1,"h":1,"tag":["A","B"]}
		{"id":2,"h":1,"tag":"A"}`)
	r := search(t, `sample by h [any where tag == "A"] [any where tag == "B"]`, all, docs)
	if got := ids(r, "id"); got != "2 1" {
		t.Errorf("got %q", got)
	}
}

func TestSampleKeys(t *testing.T) {
	opts := Options{Size: -1, Schema: schemaOf(t, `{
		"one":{"mappings":{"properties":{"day":{"type":"date","format":"dd-MM-yyyy"},"tag":{"type":"keyword"},"n":{"type":"long"}}}},
		"two":{"mappings":{"properties":{"day":{"type":"date","format":"yyyy-MM-dd"},"tag":{"type":"keyword"},"n":{"type":"double"}}}}}`)}
	one, err := event.Decode([]byte(`{"id":1,"day":"17-12-2022","tag":"A","n":5}`), event.Identity{Index: "one"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	two, err := event.Decode([]byte(`{"id":2,"day":"2022-12-17","tag":"B","n":5}`), event.Identity{Index: "two"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for by, want := range map[string]string{"day": "1671235200000", "n": "5"} {
		r := search(t, `sample by `+by+` [any where tag == "A"] [any where tag == "B"]`, opts, []*event.Document{one, two})
		if got := ids(r, "id"); got != "1 2" || keyText(r.Sequences[0].Keys) != want {
			t.Errorf("by %s: got %q by %v", by, got, r.Sequences)
		}
	}
}

// TestSampleSearchIsShort asserts that early terms with many documents do not
// multiply when the late terms can never be filled.
func TestSampleSearchIsShort(t *testing.T) {
	var lines strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&lines, `{"id":%d,"h":1,"tag":["A","B","C"]}`+"\n", i)
	}
	lines.WriteString(`{"id":"last","h":1,"tag":["D","E"]}`)
	docs := decodeLines(t, lines.String())
	term := func(tag string) string { return ` [any where tag == "` + tag + `"]` }
	query := `sample by h` + term("A") + term("B") + term("C") + term("D") + term("E")
	// Without the look-ahead this would take centuries and end in the test's timeout.
	r := search(t, query, Options{Size: -1, MaxSamplesPerKey: 3000}, docs)
	if len(r.Sequences) != 0 {
		t.Errorf("got %d samples, want none", len(r.Sequences))
	}
}
