package event

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/value"
)

func mustDecode(t *testing.T, raw string) *Document {
	t.Helper()
	d, err := Decode([]byte(raw), Identity{}, 1)
	if err != nil {
		t.Fatalf("Decode(%.80q): %v", raw, err)
	}
	return d
}

// nest returns a document in which levels objects lie within each other.
func nest(levels int) string {
	return strings.Repeat(`{"a":`, levels-1) + `{}` + strings.Repeat(`}`, levels-1)
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct {
		raw    string
		want   string
		is     error
		offset int64
	}{
		{raw: ``, want: "unexpected end of JSON input"},
		{raw: `null`, is: ErrNotObject, offset: 1},
		{raw: `[{"a":1}]`, is: ErrNotObject, offset: 1},
		{raw: `"text"`, is: ErrNotObject, offset: 1},
		{raw: `17`, is: ErrNotObject, offset: 1},
		{raw: `hello`, want: "invalid character 'h'", offset: 1},
		{raw: `{"a":1`, want: "unexpected end of JSON input", offset: 6},
		{raw: `{"a":1,}`, want: "invalid character '}'", offset: 8},
		{raw: `{"a":tru}`, want: "invalid character '}'", offset: 9},
		{raw: `{"a":01}`, want: "invalid character '1'", offset: 7},
		{raw: `{"a":1}{"b":2}`, want: "after top-level value", offset: 8},
		{raw: `{"a":1} x`, want: "after top-level value", offset: 9},
		{raw: "{\"a\":\"b\nc\"}", want: "in string literal", offset: 8},
		{raw: `{"a":"\x"}`, want: "in string escape", offset: 8},
		{raw: `{'a':1}`, want: "invalid character '\\''", offset: 2},
		{raw: "\xEF\xBB\xBF{}", want: "invalid character", offset: 1},
		{raw: nest(1001), is: ErrTooDeep, offset: 5001},
		{raw: `{"a":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`, is: ErrTooDeep, offset: 1005},
		{raw: nest(100_000), is: ErrTooDeep, offset: 5001},
	}
	for _, tt := range tests {
		_, err := Decode([]byte(tt.raw), Identity{}, 1)
		var decode *DecodeError
		if !errors.As(err, &decode) {
			t.Errorf("Decode(%.40q) = %v, want a DecodeError", tt.raw, err)
			continue
		}
		if tt.is != nil && !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.want) || decode.Offset != tt.offset {
			t.Errorf("Decode(%.40q) = %v, want %q %v at byte %d", tt.raw, err, tt.want, tt.is, tt.offset)
		}
	}
}

func TestDecodeDepth(t *testing.T) {
	if d := mustDecode(t, nest(MaxDepth)); d.Values("a") != nil {
		t.Error("an object is no value")
	}
	mustDecode(t, `{"a":`+strings.Repeat("[", MaxDepth-1)+strings.Repeat("]", MaxDepth-1)+`}`)
	// Brackets within strings are no levels.
	d := mustDecode(t, `{"a":"\"`+strings.Repeat("[{", 5000)+`"}`)
	if got := d.Text("a"); len(got) != 10_001 {
		t.Errorf("length %d", len(got))
	}
}

func TestDecodeTolerates(t *testing.T) {
	tests := []struct{ name, raw, path, want string }{
		{"last of equal keys", `{"a":1,"a":2}`, "a", "2"},
		{"last of equal objects, not merged", `{"a":{"b":1},"a":{"c":2}}`, "a.b", ""},
		{"last of equal objects", `{"a":{"b":1},"a":{"c":2}}`, "a.c", "2"},
		{"last is null", `{"a":1,"a":null}`, "a", ""},
		{"keys equal once escapes are read", `{"a":1,"\u0061":2}`, "a", "2"},
		{"lone high surrogate", `{"a":"x\ud800y"}`, "a", "x\uFFFDy"},
		{"lone low surrogate", `{"a":"\udc00"}`, "a", "\uFFFD"},
		{"a pair", `{"a":"\ud83d\ude00"}`, "a", "😀"},
		{"invalid UTF-8", "{\"a\":\"x\xffy\"}", "a", "x\uFFFDy"},
		{"invalid UTF-8 in a key", "{\"a\xff\":\"x\"}", "a\uFFFD", "x"},
		{"NUL", `{"a":"\u0000"}`, "a", "\x00"},
		{"empty string is a value", `{"a":"","b":1}`, "b", "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := mustDecode(t, tt.raw)
			if got := d.Text(tt.path); got != tt.want {
				t.Errorf("%q at %s, want %q", got, tt.path, tt.want)
			}
			if string(d.Raw) != tt.raw {
				t.Errorf("Raw = %q, want the bytes untouched", d.Raw)
			}
		})
	}
}

func TestDecodeNumbers(t *testing.T) {
	tests := []struct {
		raw  string
		kind value.Kind
	}{
		{"0", value.Int},
		{"-0", value.Int},
		{"9223372036854775807", value.Int},
		{"-9223372036854775808", value.Int},
		{"9223372036854775808", value.Uint},
		{"18446744073709551615", value.Uint},
		{"18446744073709551616", value.OutOfRange},
		{"-9223372036854775809", value.OutOfRange},
		{"1e400", value.OutOfRange},
		{"-1e400", value.OutOfRange},
		{"1.5", value.Float},
		{"1e3", value.Float},
		{strings.Repeat("9", 5000), value.OutOfRange},
	}
	for _, tt := range tests {
		got := mustDecode(t, `{"n":`+tt.raw+`}`).Values("n")
		if len(got) != 1 || got[0].Kind() != tt.kind {
			t.Errorf("%.30s: %v, want one value of kind %d", tt.raw, got, tt.kind)
		}
	}
	if got := mustDecode(t, `{"n":18446744073709551615}`).First("n").Uint(); got != 1<<64-1 {
		t.Errorf("got %d: integers are exact to 64 bits", got)
	}
	if got := mustDecode(t, `{"n":-9007199254740993}`).First("n").Int(); got != -9007199254740993 {
		t.Errorf("got %d: integers are exact to 64 bits", got)
	}
}

func TestDecodeTrims(t *testing.T) {
	d := mustDecode(t, " \t{\"a\" : 1}\r\n")
	if string(d.Raw) != `{"a" : 1}` {
		t.Errorf("Raw = %q", d.Raw)
	}
}

func TestIdentity(t *testing.T) {
	const stream = `"data_stream":{"type":"logs","dataset":"endpoint.events.process","namespace":"default"}`
	const sum = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862" // of {"a":1}
	tests := []struct {
		name      string
		raw       string
		given     Identity
		index, id string
	}{
		{"given", `{` + stream + `,"event":{"id":"e"}}`, Identity{Index: "i", ID: "x"}, "i", "x"},
		{"of the document", `{` + stream + `,"event":{"id":"e"}}`, Identity{}, "logs-endpoint.events.process-default", "e"},
		{"dotted", `{"data_stream.type":"a","data_stream.dataset":"b","data_stream":{"namespace":"c"},"event.id":"e"}`, Identity{}, "a-b-c", "e"},
		{"a part missing", `{"data_stream":{"type":"logs","dataset":"d"},"event":{"id":"e"}}`, Identity{}, "file", "e"},
		{"a part empty", `{"data_stream":{"type":"logs","dataset":"","namespace":"n"},"event":{"id":"e"}}`, Identity{}, "file", "e"},
		{"a part no string", `{"data_stream":{"type":"logs","dataset":1,"namespace":"n"},"event":{"id":"e"}}`, Identity{}, "file", "e"},
		{"a hash", `{"a":1}`, Identity{}, "file", sum},
		{"a hash, white space around", " {\"a\":1}\r\n", Identity{}, "file", sum},
		{"event.id is no string", `{"event":{"id":7}}`, Identity{ID: "x"}, "file", "x"},
		{"event.id is a list", `{"event":{"id":["p","q"]}}`, Identity{}, "file", "p"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Decode([]byte(tt.raw), tt.given, 7)
			if err != nil {
				t.Fatal(err)
			}
			if d.Index != tt.index || d.ID != tt.id || d.Arrival != 7 {
				t.Errorf("got %q %q %d, want %q %q 7", d.Index, d.ID, d.Arrival, tt.index, tt.id)
			}
		})
	}
	for _, raw := range []string{`{"event":{"id":7}}`, `{"event":{"id":""}}`, `{"event":{"id":null}}`} {
		if d := mustDecode(t, raw); len(d.ID) != 64 {
			t.Errorf("%s: id %q, want a hash", raw, d.ID)
		}
	}
}

// FuzzDecode holds that exactly the JSON objects within the depth limit are
// documents, and that every field listed is found with the same values.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":{"b":[1,null,{"c":"x"}]},"a.b":2}`, `{"a":1}x`, `[1]`, `null`, ``, `{"a":"\ud800"}`, "{\"\xff\":\"\xff\"}",
		`{"a.":1,".a":2,"":3,".":4,"a":{"":5,".":6}}`, `{"a":1e999,"b":18446744073709551616}`, nest(1000), nest(1001),
		`{"a":[[1,[2,{"b":3}]],[]],"a":{"b":1}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		original := string(raw)
		d, err := Decode(raw, Identity{}, 1)
		var object map[string]json.RawMessage
		isObject := json.Unmarshal(raw, &object) == nil && object != nil
		if want := isObject && depth(raw) <= MaxDepth; (err == nil) != want {
			t.Fatalf("Decode(%q) = %v, want accepted: %v", raw, err, want)
		}
		if string(raw) != original {
			t.Fatalf("Decode changed its input %q to %q", original, raw)
		}
		if err != nil {
			return
		}
		last := ""
		for path, values := range d.Fields() {
			if last != "" && path <= last {
				t.Fatalf("Fields yields %q after %q", path, last)
			}
			last = path
			same(t, path, d.Values(path), values)
		}
	})
}

// depth is the deepest nesting of valid JSON, counted by the token.
func depth(raw []byte) int {
	decoder, now, deepest := json.NewDecoder(strings.NewReader(string(raw))), 0, 0
	for {
		token, err := decoder.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			now++
			deepest = max(deepest, now)
		case json.Delim('}'), json.Delim(']'):
			now--
		}
	}
}

func same(t *testing.T, path string, got, want []value.Value) {
	t.Helper()
	if len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%q: Values has %d values, Fields %d", path, len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%q: Values has %v, Fields %v", path, got, want)
		}
	}
}
