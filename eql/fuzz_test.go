package eql

import (
	"errors"
	"reflect"
	"testing"
)

// FuzzParse: any text gives a tree that prints to itself, or an error with a
// place in the text; checking never panics.
func FuzzParse(f *testing.F) {
	for _, tt := range parseErrors {
		f.Add(tt.query)
	}
	for _, tt := range checkErrors {
		f.Add(tt.query)
	}
	for seed := range uint64(50) {
		f.Add(newGenerator(seed).query().String())
	}
	schema := mappedSchema(f)
	f.Fuzz(func(t *testing.T, src string) {
		q, err := Parse(src)
		if err != nil {
			requirePlace(t, err)
			return
		}
		again, err := Parse(q.String())
		if err != nil {
			t.Fatalf("printed text does not parse: %v\n%s", err, q)
		}
		if !reflect.DeepEqual(plain(again), plain(q)) {
			t.Fatalf("another tree\nsource  %s\nprinted %s", src, q)
		}
		for _, s := range []*Schema{nil, schema} {
			out, _, err := Check(q, CheckOptions{Schema: s})
			if err != nil {
				requirePlace(t, err)
				continue
			}
			_ = out.String()
		}
	})
}

func requirePlace(t *testing.T, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || len(e.Problems) == 0 {
		t.Fatalf("not an *Error: %v", err)
	}
	for _, p := range e.Problems {
		if p.Pos.Line < 1 || p.Pos.Col < 1 || p.Message == "" {
			t.Fatalf("no place or no message: %+v", p)
		}
	}
}

// FuzzParseMapping: any text gives a schema or an error.
func FuzzParseMapping(f *testing.F) {
	f.Add([]byte(mapped))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseMapping(data)
		if err != nil {
			return
		}
		for _, n := range s.names() {
			if _, ok := s.lookup(n); !ok {
				t.Fatalf("name %q is not found", n)
			}
		}
	})
}
