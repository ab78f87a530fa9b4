package alert

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

// encoded is what encoding/json makes of an alert's documents.
func encoded(tb testing.TB, a *Alert) []byte {
	tb.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	for _, doc := range a.Documents() {
		if err := encoder.Encode(doc); err != nil {
			tb.Fatal(err)
		}
	}
	return b.Bytes()
}

func FuzzEncoder(f *testing.F) {
	f.Add([]byte(`{"event":{"kind":"event","id":"1"},"kibana.x":1,"process":{"args":["<&>\u2028\u00e9\u007f",1.50,null,true]}}`))
	f.Add([]byte(`{"a\"\\":{"":[{},[]]},"~":"\ud800"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := event.Decode(raw, event.Identity{}, 0)
		if err != nil {
			return
		}
		other, _ := event.Decode([]byte(`{"event":{"kind":"event","id":"2"},"process":{"args":["a",1.50]}}`), event.Identity{}, 1)
		r := testRule()
		r.RuleNameOverride = "process.args"
		var e Encoder
		for _, m := range []Match{{Events: []*event.Document{doc}}, {Group: true, Events: []*event.Document{doc, other}}} {
			a := New(r, m, now)
			if a == nil {
				continue
			}
			a.Attach(m, Evidence{Clauses: [][]string{{"x"}, nil}})
			want := encoded(t, a)
			for range 2 { // the second finds what the first kept
				got, err := e.Append(nil, a)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Fatalf("%q\n got %s\nwant %s", raw, got, want)
				}
			}
		}
	})
}
