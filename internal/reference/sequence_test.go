package reference

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

// stagesQuery spells "A B ![M] C*3 until U" as a sequence query over tags.
func stagesQuery(head, stages string) string {
	var b strings.Builder
	b.WriteString("sequence " + head)
	for _, s := range strings.Fields(stages) {
		switch tag := strings.TrimSuffix(strings.TrimPrefix(s, "!"), "*3"); {
		case s == "until":
			b.WriteString(" until")
		case strings.HasPrefix(s, "!"):
			b.WriteString(` ![any where tag == "` + tag + `"]`)
		default:
			b.WriteString(` [any where tag == "` + tag + `"]`)
		}
		if strings.HasSuffix(s, "*3") {
			b.WriteString(" with runs=3")
		}
	}
	return b.String()
}

// TestSequences is the table of streams and what is kept of them; the number of
// a token is its time.
func TestSequences(t *testing.T) {
	for _, c := range []struct{ head, stages, stream, want string }{
		{"", "A B", "A1 A2 B3", "A2 B3"},
		{"", "A B", "A1 B2 B3 B4", "A1 B2"},
		{"", "A B", "A1 A2 B3 B4 A5", "A2 B3"},
		{"", "A B C", "A1 B2 A3 B4 C5", "A3 B4 C5"},
		{"", "A B C", "A1 B2 A3 C4 B5 C6", "A1 B2 C4, A3 B5 C6"},
		{"", "A B C", "A1 B2 C3 B4", "A1 B2 C3"},
		{"", "X X", "X1 X2 X3 X4", "X1 X2, X2 X3, X3 X4"},
		{"", "X X X", "X1 X2 X3 X4", "X1 X2 X3, X2 X3 X4"},
		{"", "X*3", "X1 X2 X3 X4", "X1 X2 X3, X2 X3 X4"},
		{"", "A X*3", "A1 X2 X3 X4", "A1 X2 X3 X4"},
		{"with maxspan=5ms", "A B", "A1 A7 B8", "A7 B8"},
		{"with maxspan=5ms", "A B", "A1 B7 B8", ""},
		{"with maxspan=5ms", "A B", "A1 B6", "A1 B6"},
		{"with maxspan=5ms", "A B C", "A1 B6 C7", ""},
		{"", "A B", "B1 A2", ""},
		{"", "A B", "A1 B2 A3 B4", "A1 B2, A3 B4"},
		// Equal times stand by arrival.
		{"", "A B", "A1@5 B2@5", "A1 B2"},
		{"", "A B", "B1@5 A2@5", ""},
		// Documents come in any order; time decides.
		{"", "A B", "B2 A1", "A1 B2"},
		// Keys.
		{"by k", "A B", "u|A1 v|A2 u|B3", "A1 B3"},
		{"by k", "A B", "u|A1 v|A2 v|B3 u|B4", "A2 B3, A1 B4"},
		{"by k", "A B", "A1 B2", ""},
		{"by ?k", "A B", "A1 B2", "A1 B2"},
		{"by ?k", "A B", "u|A1 B2", ""},
		{"by k", "A B", "u|A1 U|B2", ""},
		// Until.
		{"by k", "A B until C", "u|A1 u|B2", "A1 B2"},
		{"by k", "A B until C", "u|A1 u|C2 u|B3", ""},
		{"by k", "A B until C", "u|A1 u|B2 u|C3", "A1 B2"},
		{"by k", "A B until C", "u|A1 v|C2 u|B3", "A1 B3"},
		{"by k", "A B until A", "u|A1 u|B2", ""},
		{"by k", "A B until B", "u|A1 u|B2", "A1 B2"},
		{"by k", "A B C until B", "u|A1 u|B2 u|C3", ""},
		{"", "A B until C", "A1 C2 A3 B4", "A3 B4"},
		{"by ?k", "A B until C", "A1 C2 B3", ""},
		{"by k", "A B until C", "u|A1 C2 u|B3", "A1 B3"},
	} {
		r := search(t, stagesQuery(c.head, c.stages), all, stream(t, c.stream))
		if got := ids(r, "id"); got != c.want {
			t.Errorf("%s %s over %s: got %q, want %q", c.head, c.stages, c.stream, got, c.want)
		}
	}
}

// TestUntilTakesNull asserts that a key which an until event lacks is null,
// though its field is not marked optional.
func TestUntilTakesNull(t *testing.T) {
	query := `sequence [any where tag == "A"] by ?k [any where tag == "B"] by ?k until [any where tag == "U"] by k`
	for tokens, want := range map[string]string{"A1 U2 B3": "", "A1 u|U2 B3": "A1 B3", "u|A1 U2 u|B3": "A1 B3"} {
		if got := ids(search(t, query, all, stream(t, tokens)), "id"); got != want {
			t.Errorf("%s: got %q, want %q", tokens, got, want)
		}
	}
}

// TestNanoseconds asserts that maxspan and order see nanoseconds.
func TestNanoseconds(t *testing.T) {
	lines := func(a, b string) []*event.Document {
		return decodeLines(t, `{"id":"b","tag":"B","@timestamp":"`+b+`"}
			{"id":"a","tag":"A","@timestamp":"`+a+`"}`)
	}
	for _, c := range []struct{ a, b, want string }{
		{"2024-01-01T00:00:00.000000001Z", "2024-01-01T00:00:00.000000002Z", "a b"},
		{"2024-01-01T00:00:00.000000002Z", "2024-01-01T00:00:00.000000001Z", ""},
		{"2024-01-01T00:00:00.000000001Z", "2024-01-01T00:00:01.000000001Z", "a b"},
		{"2024-01-01T00:00:00.000000001Z", "2024-01-01T00:00:01.000000002Z", ""},
	} {
		r := search(t, stagesQuery("with maxspan=1s", "A B"), all, lines(c.a, c.b))
		if got := ids(r, "id"); got != c.want {
			t.Errorf("A at %s, B at %s: got %q, want %q", c.a, c.b, got, c.want)
		}
	}
}

func TestTiebreaker(t *testing.T) {
	opts := Options{Size: -1, TiebreakerField: "seq"}
	query := stagesQuery("", "A B")
	for doc, want := range map[string]string{
		`{"@timestamp":1,"id":"b","tag":"B","seq":2}
		 {"@timestamp":1,"id":"a","tag":"A","seq":1}`: "a b",
		`{"@timestamp":1,"id":"a","tag":"A","seq":2}
		 {"@timestamp":1,"id":"b","tag":"B","seq":1}`: "",
		`{"@timestamp":1,"id":"a","tag":"A"}
		 {"@timestamp":1,"id":"b","tag":"B","seq":1}`: "", // missing comes last
		`{"@timestamp":1,"id":"b","tag":"B"}
		 {"@timestamp":1,"id":"a","tag":"A","seq":1}`: "a b",
		`{"@timestamp":1,"id":"a","tag":"A"}
		 {"@timestamp":1,"id":"b","tag":"B"}`: "a b",
		`{"@timestamp":2,"id":"b","tag":"B","seq":1}
		 {"@timestamp":1,"id":"a","tag":"A","seq":2}`: "a b", // the timestamp comes first
	} {
		if got := ids(search(t, query, opts, decodeLines(t, doc)), "id"); got != want {
			t.Errorf("%s: got %q, want %q", doc, got, want)
		}
	}
	// With no tiebreaker named, one agent's events stand by event.sequence.
	agent := decodeLines(t, `
		{"@timestamp":1,"id":"b","tag":"B","agent":{"id":"x"},"event":{"sequence":2}}
		{"@timestamp":1,"id":"a","tag":"A","agent":{"id":"x"},"event":{"sequence":1}}`)
	if got := ids(search(t, query, all, agent), "id"); got != "a b" {
		t.Errorf("events of one agent: got %q", got)
	}

	// Several tiebreakers are an error, of a hit only.
	several := decodeLines(t, `
		{"@timestamp":1,"id":"x","tag":"X","seq":[1,2]}
		{"@timestamp":2,"id":"a","tag":"A","seq":1}
		{"@timestamp":3,"id":"c","tag":"B","seq":[1,2]}
		{"@timestamp":4,"id":"b","tag":"B","seq":1}`)
	if _, err := compile(t, query, opts).Run(several); !errors.Is(err, errTiebreakerArray) {
		t.Errorf("array tiebreaker: got error %v", err)
	}
	opts.Tolerant = true
	r := search(t, query, opts, several)
	if got := ids(r, "id"); got != "a b" || r.ValueErrors != 1 {
		t.Errorf("array tiebreaker, tolerant: got %q and %d errors", got, r.ValueErrors)
	}
}

func TestKeys(t *testing.T) {
	docs := decodeLines(t, `
		{"@timestamp":1,"id":1,"tag":"A","n":1,"s":"1","d":1000,"ip":"10.0.0.1"}
		{"@timestamp":2,"id":2,"tag":"B","n":1.0,"s":"1","d":"1970-01-01T00:00:01Z","ip":"::ffff:10.0.0.1","o":true}
		{"@timestamp":3,"id":3,"tag":"C","n":"1","s":1,"o":null}`)
	opts := Options{Size: -1, Schema: schemaOf(t, `{"properties":{"@timestamp":{"type":"date"},"tag":{"type":"keyword"},
		"n":{"type":"double"},"s":{"type":"keyword"},"d":{"type":"date"},"ip":{"type":"ip"},"o":{"type":"boolean"}}}`)}
	for _, c := range []struct {
		query, want, keys string
		opts              Options
	}{
		{`sequence by n [any where tag == "A"] [any where tag == "B"]`, "1 2", "1", all},
		{`sequence by n [any where tag == "B"] [any where tag == "C"]`, "", "", all},
		{`sequence by s [any where tag == "B"] [any where tag == "C"]`, "", "", all},
		{`sequence by s [any where tag == "B"] [any where tag == "C"]`, "2 3", `"1"`, opts},
		{`sequence by d [any where tag == "A"] [any where tag == "B"]`, "1 2", `"1970-01-01T00:00:01.000Z"`, opts},
		{`sequence by ip [any where tag == "A"] [any where tag == "B"]`, "1 2", `10.0.0.1`, opts},
		{`sequence by ?o, s [any where tag == "A"] [any where tag == "C"]`, "1 3", `null,"1"`, opts},
		{`sequence by ?o [any where tag == "A"] [any where tag == "B"]`, "", "", all},
		{`sequence by ?nowhere [any where tag == "A"] [any where tag == "B"]`, "1 2", "null", opts},
		{`sequence by s [any where tag == "A"] by n [any where tag == "B"] by s`, "", "", all},
		{`sequence by s [any where tag == "A"] by s [any where tag == "B"] by s`, "1 2", `"1","1"`, all},
		{`sequence [any where tag == "A"] [any where tag == "B"]`, "1 2", "", all},
	} {
		r := search(t, c.query, c.opts, docs)
		keys := ""
		if len(r.Sequences) > 0 {
			keys = keyText(r.Sequences[0].Keys)
		}
		if got := ids(r, "id"); r.Kind != Sequences || got != c.want || keys != c.keys {
			t.Errorf("%s: got %q by %s, want %q by %s", c.query, got, keys, c.want, c.keys)
		}
	}
}

// TestMultiValueKeys asserts that an event enters once for each of its keys.
func TestMultiValueKeys(t *testing.T) {
	docs := decodeLines(t, `
		{"@timestamp":1,"id":1,"tag":"A","k":["t2","t1","t1"],"j":[1,2]}
		{"@timestamp":2,"id":2,"tag":"B","k":["t1","t2","t3"],"j":[2,3]}
		{"@timestamp":3,"id":3,"tag":"B","k":["t1"],"j":1}`)
	for _, c := range []struct{ by, want, keys string }{
		{"k", "1 2, 1 2", `"t1" "t2"`},
		{"j", "1 2, 1 3", `2 1`},
		{"k, j", "1 2, 1 2, 1 3", `"t1",2 "t2",2 "t1",1`},
		{"?gone, k", "1 2, 1 2", `null,"t1" null,"t2"`},
		{"k, gone", "", ""},
	} {
		r := search(t, stagesQuery("by "+c.by, "A B"), all, docs)
		var keys []string
		for _, s := range r.Sequences {
			keys = append(keys, keyText(s.Keys))
		}
		if got, by := ids(r, "id"), strings.Join(keys, " "); got != c.want || by != c.keys {
			t.Errorf("by %s: got %q by %s, want %q by %s", c.by, got, by, c.want, c.keys)
		}
	}
}

// TestResultOrder asserts the order of sequences that end in one event: by key.
func TestResultOrder(t *testing.T) {
	docs := decodeLines(t, `
		{"@timestamp":1,"id":1,"tag":"A","k":["b","B",10,9.5,true,false,"10"]}
		{"@timestamp":2,"id":2,"tag":"B","k":["10","b","B",true,false,9.5,10]}`)
	r := search(t, stagesQuery("by k", "A B"), all, docs)
	var keys []string
	for _, s := range r.Sequences {
		keys = append(keys, keyText(s.Keys))
	}
	if got, want := strings.Join(keys, " "), `false true 9.5 10 "10" "B" "b"`; got != want {
		t.Errorf("got the keys %s, want %s", got, want)
	}
}

// TestTooManyKeys asserts that the product of an event's keys is bounded.
func TestTooManyKeys(t *testing.T) {
	var many []string
	for i := range 101 {
		many = append(many, strconv.Itoa(i))
	}
	values := "[" + strings.Join(many, ",") + "]"
	docs := decodeLines(t, `{"@timestamp":1,"id":1,"tag":"A","j":`+values+`,"k":`+values+`}`)
	for _, query := range []string{
		stagesQuery("by j, k", "A B"),
		stagesQuery("by j, k", "B C until A"),
		stagesQuery("by j, k with maxspan=1s", "B !A"),
		`sample by j, k [any where tag == "A"] [any where tag == "B"]`,
	} {
		if _, err := compile(t, query, all).Run(docs); !errors.Is(err, ErrTooManyCombinations) {
			t.Errorf("%s: got error %v", query, err)
		}
		r := search(t, query, Options{Size: -1, Tolerant: true}, docs)
		if r.ValueErrors != 1 || len(r.Sequences) != 0 {
			t.Errorf("%s, tolerant: %d errors, %d sequences", query, r.ValueErrors, len(r.Sequences))
		}
	}
}

// TestNoTimestamp asserts that a sequence can not use an event without time.
func TestNoTimestamp(t *testing.T) {
	for _, lines := range []string{
		`{"id":"x","tag":"A"}`,
		`{"id":"x","tag":"B","@timestamp":"no date"}`,
		`{"id":"x","tag":"U"}`,
	} {
		docs := decodeLines(t, lines+`
			{"@timestamp":1,"id":"a","tag":"A"}
			{"@timestamp":2,"id":"b","tag":"B"}`)
		query := stagesQuery("", "A B until U")
		_, err := compile(t, query, all).Run(docs)
		var missing *NoTimestampError
		if !errors.As(err, &missing) || missing.Document != docs[0] ||
			!strings.Contains(err.Error(), "Expected timestamp field [@timestamp] to have a value but got none") {
			t.Errorf("%s: got error %v", lines, err)
		}
		r := search(t, query, Options{Size: -1, Tolerant: true}, docs)
		if got := ids(r, "id"); got != "a b" || r.NoTimestamp != 1 || r.ValueErrors != 0 {
			t.Errorf("%s, tolerant: got %q with %d without timestamp", lines, got, r.NoTimestamp)
		}
	}
	// What is no hit does not matter, and neither does one whose key is missing.
	docs := decodeLines(t, `{"id":"x","tag":"X"}
		{"id":"y","tag":"A"}
		{"@timestamp":1,"id":"a","tag":"A","k":1}
		{"@timestamp":2,"id":"b","tag":"B","k":1}`)
	if got := ids(search(t, stagesQuery("by k", "A B"), all, docs), "id"); got != "a b" {
		t.Errorf("got %q", got)
	}
}

func TestSequenceFailures(t *testing.T) {
	docs := decodeLines(t, `{"@timestamp":1,"x":0}
		{"@timestamp":2,"x":1}`)
	for _, query := range []string{
		`sequence [any where x == 0] [any where 1 / x == 1]`,
		`sequence [any where x == 0] [any where x == 1] until [any where 1 / x == 2]`,
		`sequence with maxspan=1s [any where x == 0] ![any where 1 / x == 2] [any where x == 1]`,
		`sample by x [any where x == 0] [any where 1 / x == 1]`,
	} {
		if _, err := compile(t, query, all).Run(docs); err == nil || !strings.Contains(err.Error(), "/ by zero") {
			t.Errorf("%s: got error %v", query, err)
		}
		r := search(t, query, Options{Size: -1, Tolerant: true}, docs)
		if r.ValueErrors != 1 {
			t.Errorf("%s, tolerant: %d errors", query, r.ValueErrors)
		}
	}
}
