package server

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// usualLines are the action lines of the clients that were run, and their like.
var usualLines = []string{
	`{"create":{"_index":"logs-a-default"}}`,
	`{"create":{"_index":"logs-a-default","_id":"x1"}}`,
	`{"index":{}}`,
	`{ "index" : { "_index" : "x" , "_id" : "1" } }`,
	`{"index":{"_id":"1","_index":"x","routing":null,"_type":"_doc"}}`,
	`{"create":{"_id":null,"_index":"logs","routing":null}}`,
	`{"index":{"_index":"i","_id":123,"version":7,"version_type":"external"}}`,
	`{"update":{"_index":"i","_id":"a","retry_on_conflict":3}}`,
	`{"delete":{"_index":"i","_id":"a"}}`,
	`{"index":{"_index":"a","op_type":"create","pipeline":"p","require_alias":true,"require_data_stream":false}}`,
	`{"index":{"_index":"a","_index":"b","_id":"1","_id":null}}`,
}

func TestUsualActionLinesTakeTheFastPath(t *testing.T) {
	for _, line := range usualLines {
		usual, ok := parseUsual([]byte(line))
		if !ok {
			t.Errorf("%s: left to the slow path", line)
			continue
		}
		if any, f := parseAny([]byte(line), 1); f != nil || !sameAction(usual, any) {
			t.Errorf("%s: fast %+v, slow %+v, %v", line, usual, any, f)
		}
	}
}

func TestOddActionLines(t *testing.T) {
	for line, want := range map[string]action{
		`{"index":{"_index":"\u0061","_id":"ü"}}`:                                  {op: opIndex, index: []byte("a"), id: []byte("ü")},
		`{"ind\u0065x":{"_index":"a"}}`:                                            {op: opIndex, index: []byte("a")},
		`{"index":null}`:                                                           {op: opIndex},
		`{"index":{"_id":-1.50,"_index":"a"}}`:                                     {op: opIndex, index: []byte("a"), id: []byte("-1.50")},
		`{"index":{"_id":true}}`:                                                   {op: opIndex, id: []byte("true")},
		`{"index":{"_source":{"a":[1]},"dynamic_templates":{"a":"b"}}}`:            {op: opIndex},
		`{"index":{"colour":"red","_index":"a","shape":1}}`:                        {op: opIndex, index: []byte("a"), unknown: []string{"colour", "shape"}},
		`{"index":{"require_alias":"true"}}`:                                       {op: opIndex, requireAlias: true},
		"\t {\"create\":\t{\"_index\":\"a\",\"_id\":\"a\\nb\"}}":                   {op: opCreate, index: []byte("a"), id: []byte("a\nb")},
		`{"create":{"_index":"a","pipeline":"p","list_executed_pipelines":false}}`: {op: opCreate, index: []byte("a"), pipeline: []byte("p")},
	} {
		got, f := parseAction([]byte(line), 1)
		if f != nil || !sameAction(got, want) {
			t.Errorf("%s: %+v, %v", line, got, f)
		}
	}
}

func TestMalformedActionLines(t *testing.T) {
	for line, want := range map[string]string{
		`[]`:                         "expected START_OBJECT but found [START_ARRAY]",
		`"index"`:                    "expected START_OBJECT but found [VALUE_STRING]",
		`7`:                          "expected START_OBJECT but found [VALUE_NUMBER]",
		`null`:                       "expected START_OBJECT but found [VALUE_NULL]",
		`true`:                       "expected START_OBJECT but found [VALUE_BOOLEAN]",
		`{}`:                         "expected FIELD_NAME but found [END_OBJECT]",
		`{"upsert":{}}`:              "expected field [create], [delete], [index] or [update] but found [upsert]",
		`{"index":[]}`:               "expected START_OBJECT or END_OBJECT but found [START_ARRAY]",
		`{"index":"x"}`:              "expected START_OBJECT or END_OBJECT but found [VALUE_STRING]",
		`{"index":{},"create":{}}`:   "expected END_OBJECT but found [FIELD_NAME]",
		`{"index":{"_index":["a"]}}`: "expected a simple value for field [_index] but found [START_ARRAY]",
		`{"index":{"_id":{"a":1}}}`:  "expected a simple value for field [_id] but found [START_OBJECT]",
		`{"index":{"_index":"a"}`:    "expected one JSON object",
		`{"index":{"_index":"a"}} x`: "expected one JSON object",
		`{"index":{"_index":"a",}}`:  "expected one JSON object",
		`{"index":{"_id":01}}`:       "expected one JSON object",
		`{"index":{"_id":nul}}`:      "expected one JSON object",
		`not json`:                   "expected one JSON object",
	} {
		_, f := parseAction([]byte(line), 3)
		if f == nil || f.status != 400 || f.kind != typeArgument || !strings.HasPrefix(f.reason, "Malformed action/metadata line [3], "+want) {
			t.Errorf("%s: %v", line, f)
		}
	}
}

// FuzzAction holds the fast path to encoding/json.
func FuzzAction(f *testing.F) {
	for _, line := range usualLines {
		f.Add([]byte(line))
	}
	f.Add([]byte(`{"index":{"_id":1e5}}`))
	f.Add([]byte(`{"index":{"_id":"a\"b","x":[{}]}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if bytes.IndexByte(line, '\n') >= 0 {
			return // the end of a line
		}
		given := bytes.Clone(line)
		usual, ok := parseUsual(line)
		any, fail := parseAny(line, 1)
		if ok && (fail != nil || !sameAction(usual, any)) {
			t.Errorf("%q: fast %+v, slow %+v, %v", line, usual, any, fail)
		}
		if fail != nil && (fail.status != 400 || !strings.HasPrefix(fail.reason, "Malformed action/metadata line [1]")) {
			t.Errorf("%q: %v", line, fail)
		}
		if !bytes.Equal(line, given) {
			t.Errorf("%q was changed to %q", given, line)
		}
	})
}

// sameAction tells what is not given from what is empty.
func sameAction(a, b action) bool {
	return reflect.DeepEqual(a, b)
}
