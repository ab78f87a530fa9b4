package event

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/value"
)

// scanners judge documents by every first stage and by Decode.
type scanners struct {
	schema *Schema
	all    map[string]*Scanner
	row    *Row
}

func newScanners(paths ...string) *scanners {
	s := NewSchema(paths)
	out := &scanners{schema: s, all: map[string]*Scanner{}, row: NewRow(s)}
	for name := range stages() {
		out.all[name] = NewScanner(s)
	}
	return out
}

// check holds that all say of raw what Decode says.
func (s *scanners) check(t *testing.T, raw []byte) {
	t.Helper()
	d, want := Decode(raw, Identity{Index: "i", ID: "x"}, 0)
	for name, build := range stages() {
		sc := s.all[name]
		refused := sc.refused
		got := sc.scan(raw, s.row, build)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s: Scan(%q) = %v, want %v", name, raw, got, want)
		}
		if sc.refused != refused {
			t.Fatalf("%s: refuses %q, which is valid", name, raw)
		}
		if want != nil {
			if s.row.Count() != 0 {
				t.Fatalf("%s: %d values of a bad document %q", name, s.row.Count(), raw)
			}
			continue
		}
		for slot, path := range s.schema.paths {
			if values := rowValues(s.row, slot); !slices.Equal(values, d.Values(path)) {
				t.Fatalf("%s: %q of %q = %v, want %v", name, path, raw, values, d.Values(path))
			}
		}
	}
}

// rowValues returns a slot's values.
func rowValues(r *Row, slot int) []value.Value {
	var out []value.Value
	for i := r.Head(slot); i >= 0; i = r.At(i).Next {
		out = append(out, r.At(i).Value())
	}
	if present := r.Present()[slot/64]>>(slot%64)&1 == 1; present != (out != nil) {
		return []value.Value{value.OfString("the bitmap is wrong")}
	}
	return out
}

// fuzzPaths are the fields of documents made at random.
var fuzzPaths = []string{
	"a", "b", "a.b", "a.b.c", "b.a", "a.b.a", "", "a.", ".a", "a\x00", `a"`, `a\`, "é", "process.name", "process.args",
	"process.parent.name", "process.entity_id", "entity_id", "process.parent.entity_id", "@timestamp",
}

func TestScanOdd(t *testing.T) {
	s := newScanners(fuzzPaths...)
	for _, raw := range oddDocuments {
		s.check(t, []byte(raw))
		s.check(t, []byte(" \r\n\t"+raw+" \n"))
		spaced := strings.NewReplacer(`,`, " , ", `:`, "\t:\n", `{`, "{  ", `]`, "\r]").Replace(raw)
		s.check(t, []byte(spaced))
	}
}

// oddDocuments are the valid and the broken.
var oddDocuments = []string{
	``, ` `, `{`, `}`, `{}`, `[]`, `{]`, `[}`, `null`, `17`, `"a"`, `[{"a":1}]`, `{}{}`, `{},{}`, `{}}`, `{{}}`, `{}1}`, `{},"a":1}`,
	`{"a":1}`, `{"a":-0}`, `{"a":-0.0}`, `{"a":1e3}`, `{"a":1E+3}`, `{"a":1.50e-2}`, `{"a":9223372036854775808}`, `{"a":1e400}`,
	`{"a":01}`, `{"a":-}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":1e+}`, `{"a":+1}`, `{"a":0x1}`, `{"a":1 2}`, `{"a":1a}`, `{"a":--1}`,
	`{"a":true,"b":false}`, `{"a":null}`, `{"a":tru}`, `{"a":truee}`, `{"a":nul}`, `{"a":True}`, `{"a":fals}`, `{"a":NaN}`, `{"a":t`,
	`{"x":tru}`, `{"x":01}`, `{"x":[1,2,tru]}`, `{"a":1,"x":{"y":"` + "\n" + `"}}`, `{"a":1,"x":"\q"}`, `{"a":1,"x":"\u12g4"}`, `{"a":1,"x":"\u123"}`,
	`{"a":1,}`, `{,"a":1}`, `{"a"}`, `{"a":}`, `{"a",}`, `{"a":1,"b"}`, `{"a":1,,"b":2}`, `{"a"::1}`, `{"a":"b":1}`, `{"a":1:2}`, `{a:1}`, `{1:1}`,
	`{"a":1 "b":2}`, `{"a" "b":2}`, `{"a":"b""c":1}`, `{"a":{}"b":1}`, `{"a":[]"b":1}`, `{"a":[]1}`, `{"a":{}{}}`, `{"a":[][]}`,
	`{"a":[1,]}`, `{"a":[,1]}`, `{"a":[,]}`, `{"a":[1,,2]}`, `{"a":[1 2]}`, `{"a":["b":1]}`, `{"a":[1,"b":1]}`, `{"a":["x","b":1]}`, `{"a":[:1]}`, `{"a":[1}`,
	`{"a":{"b":1]}`, `{"a":{1}}`, `{"a":{"b"}}`, `{"a":{"b",1}}`, `{"a":{"b":1,2}}`, `{"a":{"b":1,[2]}}`, `{"a":{"b":1,{}}}`, `{"a":{[]}}`, `{"a":1,"b","c":2}`,
	`{"a":["b"]:1}`, `{"a":{}:1}`, `{"a":1,"b":]}`, `{"a":[{}:1]}`, `{"a":[[1],{"b":2}],"b":[{},[],""]}`, `{"a":[{"b":1},2,"x",null,[true,{"b":[3]}]]}`,
	`{"a":[1,2`, `{"a":"`, `{"a":"b}`, `{"a":"b\"}`, `{"a":"b\\"}`, `{"a":"b\\\"}`, `{"a":"b` + "\x1f" + `"}`, "{\"a\":\"\x7f\"}", "{\"a\":\x0b1}", "{\x00}", "{\x0c}",
	`{"a":\"x"}`, `{\"a":1}`, `{"a"\:1}`, `{"a":1\}`, `{"a":1,"b":[1]]}`, `{"a":1}]`, `[{"a":1}`, `{"a":1}}`, `{"a":{"b":{"c":1}}`,
	`{"a":1,"a":2}`, `{"a":{"b":1},"a":{"c":2}}`, `{"a":{"b":1},"a":null}`, `{"a":{"b":1,"b":2}}`, `{"x":{"a":1},"x":{"a":2}}`, `{"a":[{"b":1,"b":2}]}`,
	`{"a":1,"\u0061":2}`, `{"\u0061":{"b":1},"b":2}`, `{"a\u0000":1,"a\"":2,"a\\":3}`, `{"\"a":1,"a":2}`, `{"x\"a":1,"b":{"x\\\"a":7}}`, `{"process":{"x\"name":1,"name":2}}`,
	`{"pad pad pad":1,"x\"a":1,"x\\":2,"xx\\\"a":3,"b":1}`, `{"pad pad pad":"\\","x":{"\"a":1},"a":{"\u0062":1}}`, "{\"pad pad pad\":1,\"a\xff\":1,\"\xff\":2,\"\u00e9\":3}",
	`{"a":{"b":{"c":1}}}`, `{"a.b.c":1}`, `{"a.b":{"c":1}}`, `{"a":{"b.c":1}}`, `{"a.b.c":1,"a.b":{"c":2},"a":{"b.c":3,"b":{"c":4}}}`, `{"a":{"b":1},"a.b":2}`, `{"a.b":2,"a":{"b":1}}`,
	`{"a.b":null,"a":{"b":1}}`, `{"a":[{"b.c":1},{"b":[{"c":2}]}]}`, `{"a":[{"b":1},{"b":[2,3]}],"a.b.c":4}`, `{"a":{"":1},"":{"a":2}}`, `{"":3}`, `{"":3,"a.":1,".a":2}`,
	`{"a":{"b":["x",["y",{"c":"z"}]]}}`, `{"a":1,"a.b":2,"a.b.c":3}`, `{"a":[1,{"b":[2,{"c":3}]}]}`, `{"a":[[[[1,[]],2],null],3]}`,
	`{"a":"x\ud800y","b":"\udc00\ud800"}`, `{"a":"\ud83d\ude00","b":"\ud83d\u0041\ud83dx"}`, `{"a":"\ud800\ud83d\ude00"}`, "{\"a\":\"x\xffy\",\"b\":\"\xe2\x82\"}", `{"a":"\"\\\/\b\f\n\r\t\u00e9é"}`,
	"{\"a\":\"\xed\xa0\x80\",\"b\":\"\\\\\xff\"}", `{"a":["\\","\\\\","\"",""],"b":"\\\\\\"}`, `{"process":{"name":"n","args":["-c","a\"b",""],"parent":{"name":"p"}},"process.entity_id":"e"}`,
	`{"xprocess.entity_id":1,"process.entity_id":2,"entity_id":3,"process":{"parent.entity_id":4,"xentity_id":5}}`,
	nest(1000), nest(1001), nest(2000), `{"a":` + strings.Repeat("[", 999) + strings.Repeat("]", 999) + `}`, `{"a":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`,
	strings.Repeat(`{"a":`, 999) + `[]` + strings.Repeat(`}`, 999), "\xEF\xBB\xBF{}", "{\"a\":1\u00a0}",
}

// TestScanShifted puts what is odd at every place within and across the blocks
// that a first stage reads at once.
func TestScanShifted(t *testing.T) {
	s := newScanners(fuzzPaths...)
	for _, raw := range oddDocuments {
		if len(raw) > 200 {
			continue
		}
		for pad := range 70 {
			s.check(t, []byte(`{"pad":"`+strings.Repeat("p", pad)+`",`+strings.TrimPrefix(raw, "{")))
			s.check(t, []byte(`{"pad":[`+strings.Repeat(" ", pad)+`],`+strings.TrimPrefix(raw, "{")))
		}
	}
	for backslashes := range 140 {
		for pad := range 66 {
			head, run := `{"a":"`+strings.Repeat("p", pad), strings.Repeat(`\`, backslashes)
			s.check(t, []byte(head+run+`"}`))
			s.check(t, []byte(head+run+`","b":"\""}`))
			s.check(t, []byte(`{"`+strings.Repeat("p", pad)+run+`":1,"a":2}`))
		}
	}
	for length := range 200 {
		s.check(t, []byte(`{"a":"`+strings.Repeat("x", length)+`"}`))
		s.check(t, []byte(`{"a":`+strings.Repeat("1", length)+`}`))
		s.check(t, []byte(`{"`+strings.Repeat("x", length)+`":{"a":1},"b":[1`+strings.Repeat(",[]", length)+`]}`))
		s.check(t, []byte(`{"a":"`+strings.Repeat("x", length)))
		s.check(t, []byte(`{`+strings.Repeat(" ", length)+`"a":1`+strings.Repeat("\n", length)+`,"b":2}`))
	}
}

// TestScanLong has tokens, blanks, strings and backslashes run across all that a
// first stage reads at once.
func TestScanLong(t *testing.T) {
	s := newScanners(fuzzPaths...)
	for _, border := range []int{512, 1024, 4096, 4608, 8192} {
		for length := border - 20; length < border+4; length++ {
			for _, piece := range []string{" ", "x", `\\`, `\"`, "é", "[", "7", "\n", "\x01", "\x80"} {
				run := strings.Repeat(piece, length/len(piece))
				s.check(t, []byte(`{"a":"`+run+`","b":1}`))
				s.check(t, []byte(`{"`+run+`":{"a":2},"b":"`+run+`"}`))
				s.check(t, []byte(`{"a"`+run+`:`+run+`1`+run+`,`+run+`"b":2`+run+`}`))
				s.check(t, []byte(`{"a":"`+strings.Repeat("x", length)+piece+`"`+piece+`,"b":2}`))
			}
			s.check(t, []byte(`{"a":[`+strings.Repeat("{},", length/3)+`1],"b":2}`))
			s.check(t, []byte(`{"a":[`+strings.Repeat("1,", length/2)+`1],"b":2}`))
			s.check(t, []byte(`{"a":[`+strings.Repeat(`"",`, length/3)+`"x":1],"b":2}`))
		}
	}
}

// TestScanLarge has documents at random that take many reads.
func TestScanLarge(t *testing.T) {
	s := newScanners(fuzzPaths...)
	m := &maker{rng: rand.New(rand.NewPCG(9, 10))}
	for range 60 {
		m.out = []byte(`{"a":[`)
		for size := 2000 + m.rng.IntN(20_000); len(m.out) < size; {
			m.object(4)
			m.out = append(m.out, ',')
		}
		m.out = append(m.out, `1],"b":2}`...)
		s.check(t, m.out)
		for range 6 {
			s.check(t, m.mutate(slices.Clone(m.out)))
		}
	}
}

// maker makes JSON at random.
type maker struct {
	rng *rand.Rand
	out []byte
}

func (m *maker) pick(of ...string) { m.out = append(m.out, of[m.rng.IntN(len(of))]...) }

func (m *maker) blanks() {
	if m.rng.IntN(6) == 0 {
		m.pick(" ", "  ", "\n", "\t\r", "      ", strings.Repeat(" ", m.rng.IntN(80)))
	}
}

func (m *maker) text() {
	m.out = append(m.out, '"')
	for range m.rng.IntN(4) {
		m.pick("x", "é", "\\\\", "\\\"", "\\u00e9", "\\ud83d", "\\ude00", "\xff", "{", "}", "[", "]", ":", ",", "\\n", "plain text", strings.Repeat("y", m.rng.IntN(70)))
	}
	m.out = append(m.out, '"')
}

func (m *maker) object(depth int) {
	m.out = append(m.out, '{')
	for i := range m.rng.IntN(6) {
		if i > 0 {
			m.out = append(m.out, ',')
		}
		m.blanks()
		switch {
		case m.rng.IntN(8) > 0:
			m.pick(`"a"`, `"b"`, `"c"`, `"a.b"`, `"b.a"`, `"b.c"`, `"a.b.c"`, `"process"`, `"name"`, `"parent"`, `"entity_id"`, `"process.entity_id"`, `"args"`, `"@timestamp"`)
		default:
			m.pick(`""`, `"\u0061"`, `"a\""`, `"a\\"`, `"a."`, `".a"`, `"é"`, `"é\n"`)
		}
		m.blanks()
		m.out = append(m.out, ':')
		m.value(depth - 1)
	}
	m.blanks()
	m.out = append(m.out, '}')
}

func (m *maker) value(depth int) {
	m.blanks()
	switch n := m.rng.IntN(10); {
	case n < 4 && depth > 0:
		m.object(depth)
	case n < 6 && depth > 0:
		m.out = append(m.out, '[')
		for i := range m.rng.IntN(4) {
			if i > 0 {
				m.out = append(m.out, ',')
			}
			m.value(depth - 1)
		}
		m.blanks()
		m.out = append(m.out, ']')
	case n < 8:
		m.text()
	default:
		m.pick("true", "false", "null", "0", "-1", "12345678901234567890", "1.5", "-2e-7", "1E5", "99", "1234567", "12345678")
	}
	m.blanks()
}

// mutate breaks a document, or nearly.
func (m *maker) mutate(doc []byte) []byte {
	at := m.rng.IntN(len(doc))
	switch m.rng.IntN(4) {
	case 0:
		return doc[:at]
	case 1:
		doc[at] ^= 1 << m.rng.IntN(8)
	case 2:
		doc[at] = `{}[]:,"\ 0t`[m.rng.IntN(11)]
	default:
		return slices.Insert(doc, at, "{}[]:,\"\\ 0t\n\x01"[m.rng.IntN(13)])
	}
	return doc
}

func TestScanGenerated(t *testing.T) {
	s := newScanners(fuzzPaths...)
	m := &maker{rng: rand.New(rand.NewPCG(5, 6))}
	for range 20_000 {
		m.out = nil
		m.object(5)
		s.check(t, m.out)
		for range 2 {
			if len(m.out) > 0 {
				m.out = m.mutate(slices.Clone(m.out))
				s.check(t, m.out)
			}
		}
	}
	for name, sc := range s.all {
		t.Logf("%s: %d documents left to Decode", name, sc.decoded)
	}
}

// TestScanStaysFast holds that ordinary documents are not left to Decode.
func TestScanStaysFast(t *testing.T) {
	for _, raw := range []string{
		`{"process":{"name":"a","args":["b","c"],"parent":{"name":"d"}},"@timestamp":"e"}`,
		`{"process.name":"a","process.args":["b","c"],"process.parent.name":"d","@timestamp":"e"}`,
		`{"process":{"name":"a","parent.name":"d"},"process.args":["b\n","\u00e9"],"@timestamp":1}`,
		`{ "process" : { "name" : "é" , "args" : [ { "x" : 1 } , "b" ] } , "labels" : { "a\"b" : 1 , "x" : 1, "x" : 2 } }`,
	} {
		for name, build := range stages() {
			s := NewSchema(fuzzPaths)
			sc, row := NewScanner(s), NewRow(s)
			if err := sc.scan([]byte(raw), row, build); err != nil || sc.decoded != 0 {
				t.Errorf("%s: %s: error %v, %d times left to Decode", name, raw, err, sc.decoded)
			}
		}
	}
}

func TestScanAllocatesNothing(t *testing.T) {
	raw := []byte(`{"process":{"name":"a\tb","args":["b","c\\d",1,true],"parent":{"name":"d"}},"x\u0061":[{}],"@timestamp":"e` + strings.Repeat("x", 100) + `"}`)
	for name, build := range stages() {
		s := NewSchema(fuzzPaths)
		sc, row := NewScanner(s), NewRow(s)
		if n := testing.AllocsPerRun(100, func() {
			if err := sc.scan(raw, row, build); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, raw := range oddDocuments {
		if len(raw) < 1000 {
			f.Add([]byte(raw))
		}
	}
	s := newScanners(fuzzPaths...)
	f.Fuzz(func(t *testing.T, raw []byte) {
		s.check(t, raw)
		// And further on, at some place within a block.
		s.check(t, slices.Concat([]byte(`{"pad":"`+strings.Repeat("p", 480+len(raw)%64)+`",`), bytes.TrimPrefix(raw, []byte("{"))))
	})
}
