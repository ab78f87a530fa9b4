package rule

import (
	"reflect"
	"testing"
	"unicode/utf8"
)

// checkSet holds for whatever text: every problem and rule has a place within
// the text, and a rule that was read can be written and read again.
func checkSet(t *testing.T, s *Set) {
	t.Helper()
	for _, p := range s.Problems {
		if p.Reason == "" || p.Line < 0 || p.Col < 0 || p.Line > 0 && p.Col < 1 || !utf8.ValidString(p.Place()) {
			t.Errorf("problem %+v", p)
		}
	}
	for _, e := range s.Items {
		if e.Line < 1 || e.String() == "" && e.Unprocessed == "" {
			t.Errorf("exception %+v", e)
		}
	}
	for _, r := range s.Rules {
		if r.Line < 1 || r.UUID() == "" {
			t.Errorf("rule %+v", r)
		}
		if line, col := r.Locate(1, 1); line < 1 || col < 1 {
			t.Errorf("query at %d:%d", line, col)
		}
		r.Locate(1<<30, 1<<30)
		data, err := r.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		again := ReadNDJSON("again", data)
		if len(again.Rules) != 1 {
			t.Fatalf("read again: %v of\n%s", again.Problems, data)
		}
		if got, want := contentOf(again.Rules[0]), contentOf(r); !reflect.DeepEqual(got, want) {
			t.Errorf("not the same again:\n got %+v\nwant %+v", got, want)
		}
	}
}

// checkDecoding: the query read character by character from its literal is the
// query as the TOML or JSON library read it, line by line.
func checkDecoding(t *testing.T, s *Set) {
	t.Helper()
	for _, r := range s.Rules {
		var want, got []int // the length of each line
		n := 0
		for _, c := range r.Query + "\n" {
			if n++; c == '\n' {
				want, n = append(want, n), 0
			}
		}
		n = 0
		for _, c := range r.query.runes() {
			if n++; c == '\n' {
				got, n = append(got, n), 0
			}
		}
		if got = append(got, n+1); !reflect.DeepEqual(got, want) {
			t.Errorf("the literal %q has lines of %v, the query %q of %v", r.query.raw, got, r.Query, want)
		}
	}
}

func FuzzTOML(f *testing.F) {
	f.Add([]byte(base))
	f.Add([]byte(with(`threat = [{framework = "F", tactic = {id = "T", name = "N", reference = "R"}}]`)))
	f.Add([]byte(with("meta = {a.b = [1, 2.5, 1979-05-27], c = \"\\u00e9\"}")))
	f.Add([]byte(exceptionTOML))
	f.Add([]byte(base + usesKnown + "[[rule.filters]]\nquery.bool.should = [{range.a = {gt = 1, lt = '2'}}, {wildcard.b = 'c\\*?*'}]\n"))
	f.Add([]byte("[metadata]\nmaturity = 'deprecated'\n" + base + "[[rule.threat]]\nframework = 'x'\n[rule.threat.tactic]\nid='a'\nname='b'\nreference='c'\n"))
	f.Add([]byte(without("query")[:60] + "query = \"\"\"\nprocess \\\n  where \\\"true\"\"\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := ReadTOML("a.toml", data)
		checkSet(t, s)
		checkDecoding(t, s)
	})
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(baseJSON))
	f.Add([]byte(everything))
	f.Add([]byte("[" + baseJSON + `, {"exported_count": 1}]`))
	f.Add([]byte(baseJSON + "\n" + `{"list_id": "l", "type": "detection"}` + "\n{"))
	f.Add([]byte(`{"type": "security-rule", "attributes": {"name": "\ud83d\ude00 \ud83d", "type": "eql", "query": "a\nb"}}`))
	f.Add([]byte(`{"item_id":"i","list_id":"l","name":"I","tags":["tripline.scope:stage=2"],"os_types":["linux"],"expire_time":"2026-01-01T00:00:00Z",` +
		`"entries":[{"field":"a.text","type":"match","operator":"excluded","value":"b c"},{"field":"n","type":"nested","entries":[{"field":"x","type":"match_any","operator":"included","value":["1"]}]},` +
		`{"field":"i","type":"list","operator":"included","list":{"id":"v","type":"ip"}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, s := range []*Set{ReadJSON("a.json", data), ReadNDJSON("a.ndjson", data)} {
			checkSet(t, s)
			checkDecoding(t, s)
		}
	})
}

func FuzzDateMath(f *testing.F) {
	for _, s := range []string{"now-9m", "now-1d/d+8h+50m", "2025-01-31T00:00:00Z||+1M", "now/2d", "now-9999999999y/w"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDateMath(s)
		if err != nil {
			return
		}
		if got, again := d.At(widest), d.At(widest); !got.Equal(again) {
			t.Errorf("%s is %v and %v", s, got, again)
		}
	})
}
