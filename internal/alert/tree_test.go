package alert

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

// standard is what encoding/json makes of a document.
func standard(raw []byte) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var source map[string]any
	_ = decoder.Decode(&source)
	return source
}

func TestTreeIsStandardDecoding(t *testing.T) {
	for _, text := range []string{
		`{}`, ` { } `, `{"a":1}`, "{\n\t\"a\" : [ ] ,\r\n \"b\" : { } }",
		`{"a":[1, -2.50e+3 ,"x",null,true,false,[[],{}],{"b":[{}]}]}`,
		`{"a":{"x":1},"a":{"y":2},"b":1,"b":null}`,
		`{"a\u0062":"\ud83d\ude00 \ud800 \udc00 \n\"\\","\\":"\\\\","q\"":"\""}`,
		"{\"a\":\"\xff\xfe\",\"\xc3\":\"\xc3\xa9\"}",
		`{"a":12345678901234567890123,"b":1.0,"c":-0}`,
		`{"a":"{[,:]}","b":{"c":"]}"}}`,
	} {
		checkTree(t, []byte(text))
	}
}

func FuzzTree(f *testing.F) {
	f.Add([]byte(`{"event":{"kind":"x"},"process":{"args":["a\u00e9",1,null]},"d":-1.5e3}`))
	f.Fuzz(checkTree)
}

func checkTree(t *testing.T, raw []byte) {
	t.Helper()
	doc, err := event.Decode(raw, event.Identity{}, 0)
	if err != nil {
		return
	}
	want := standard(doc.Raw)
	if got := sourceOf(doc); !reflect.DeepEqual(got, want) {
		t.Errorf("%q\n got %#v\nwant %#v", raw, got, want)
	}
	odd := func(key string) bool { return len(key)%2 == 1 || strings.Contains(key, "e") }
	for key := range want {
		if !odd(key) {
			delete(want, key)
		}
	}
	if got := partOf(doc, odd); !reflect.DeepEqual(got, want) {
		t.Errorf("part of %q\n got %#v\nwant %#v", raw, got, want)
	}
}
