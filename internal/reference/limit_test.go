package reference

import (
	"fmt"
	"strings"
	"testing"
)

func TestPipesAndSize(t *testing.T) {
	var lines strings.Builder
	for i := 1; i <= 9; i++ {
		fmt.Fprintf(&lines, `{"@timestamp":%d,"id":%d}`+"\n", i, i)
	}
	docs := decodeLines(t, lines.String())
	for _, c := range []struct {
		pipes string
		size  int
		head  bool
		want  string
	}{
		{"", -1, false, "1 2 3 4 5 6 7 8 9"},
		{"", 3, false, "7 8 9"},
		{"", 3, true, "1 2 3"},
		{"", 0, false, ""},
		{"", 50, true, "1 2 3 4 5 6 7 8 9"},
		{"| head 4", -1, false, "1 2 3 4"},
		{"| tail 4", -1, true, "6 7 8 9"},
		{"| head 0", -1, false, ""},
		{"| tail 0", -1, false, ""},
		{"| head 4 | tail 2", -1, false, "3 4"},
		{"| tail 8 | head 7", -1, false, "2 3 4 5 6 7 8"},
		{"| head 5 | tail 9", -1, false, "1 2 3 4 5"},
		{"| head 2+3", -1, false, "1 2 3 4 5"},
		// The size comes first, in the direction of the first pipe.
		{"| head 5", 3, false, "1 2 3"},
		{"| tail 5", 3, true, "7 8 9"},
		{"| head 4 | tail 2", 3, false, "2 3"},
		{"| tail 4 | head 2", 3, true, "7 8"},
		{"| head 50", 3, false, "1 2 3"},
	} {
		r := search(t, "any where true "+c.pipes, Options{Size: c.size, Head: c.head}, docs)
		if got := ids(r, "id"); got != c.want {
			t.Errorf("%q, size %d, head %v: got %s, want %s", c.pipes, c.size, c.head, got, c.want)
		}
	}
	r := search(t, "sequence [any where true] [any where true] | head 3 | tail 1", all, docs)
	if got := ids(r, "id"); got != "3 4" {
		t.Errorf("sequence with pipes: got %s", got)
	}
}

// TestEventOrder asserts timestamp, then tiebreaker, then arrival.
func TestEventOrder(t *testing.T) {
	docs := decodeLines(t, `
		{"id":"a","@timestamp":2}
		{"id":"b"}
		{"id":"c","@timestamp":1,"seq":2}
		{"id":"d","@timestamp":1,"seq":1}
		{"id":"e","@timestamp":1}
		{"id":"f","@timestamp":"no date"}
		{"id":"g","@timestamp":"1970-01-01T00:00:00.0015Z"}
		{"id":"h","@timestamp":1,"seq":1}`)
	if got := ids(search(t, "any where true", all, docs), "id"); got != "b f c d e h g a" {
		t.Errorf("no tiebreaker: got %s", got)
	}
	opts := Options{Size: -1, TiebreakerField: "seq"}
	if got := ids(search(t, "any where true", opts, docs), "id"); got != "b f d h c e g a" {
		t.Errorf("tiebreaker: got %s", got)
	}
	opts = Options{Size: -1, TimestampField: "seq"}
	if got := ids(search(t, "any where seq != null", opts, docs), "id"); got != "d h c" {
		t.Errorf("another timestamp: got %s", got)
	}
}

func TestAccept(t *testing.T) {
	docs := stream(t, "A1 B2 C3 B4")
	opts := Options{Size: -1, Accept: rejectTag("B")}
	if got := ids(search(t, "any where true", opts, docs), "id"); got != "A1 C3" {
		t.Errorf("events: got %s", got)
	}
	opts.Accept = rejectTag("C")
	if got := ids(search(t, stagesQuery("", "A B B until C"), opts, docs), "id"); got != "A1 B2 B4" {
		t.Errorf("until: got %s", got)
	}
	if got := ids(search(t, stagesQuery("", "A C"), opts, docs), "id"); got != "" {
		t.Errorf("sequence: got %s", got)
	}
}
