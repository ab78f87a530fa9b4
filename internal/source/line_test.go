package source

import (
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

func TestUnwrap(t *testing.T) {
	for line, want := range map[string]struct {
		document string
		given    event.Identity
	}{
		`{"a":1}`: {`{"a":1}`, event.Identity{}},
		`{"_index":"i","_id":"x","_source":{"a":1}}`:                     {`{"a":1}`, event.Identity{Index: "i", ID: "x"}},
		`{"_source":{"a":1},"sort":[1],"_index":"i"}`:                    {`{"a":1}`, event.Identity{Index: "i"}},
		`{"_id":"x","_source":{"a":1},"message":"mine"}`:                 {`{"_id":"x","_source":{"a":1},"message":"mine"}`, event.Identity{}},
		`{"_index":"i","_source":"text"}`:                                {`{"_index":"i","_source":"text"}`, event.Identity{}},
		`{"message":"{\"_source\":{}}"}`:                                 {`{"message":"{\"_source\":{}}"}`, event.Identity{}},
		`{"\u005fid":"x","_source":{"_source":{"b":2}}}`:                 {`{"_source":{"b":2}}`, event.Identity{ID: "x"}},
		`{"_index":null,"_id":7,"_source":{ "a" : [ {"_source":1} ] } }`: {`{ "a" : [ {"_source":1} ] }`, event.Identity{}},
	} {
		document, given := Unwrap([]byte(line))
		if string(document) != want.document || given != want.given {
			t.Errorf("%s: %s %+v", line, document, given)
		}
	}
}
