package eql

import (
	"errors"
	"strings"
	"testing"
)

// Each row is a message of Elasticsearch's error catalogue, or one of ours where
// Elasticsearch leaves the choice, with its true 1-based place.
var parseErrors = []struct {
	name, query, want string
}{
	{"single quotes", `any where x == 'hello'`, `line 1:16: Use double quotes ["] to define string literals, not single quotes [']`},
	{"old raw string", `any where x == ?"a"`, `line 1:16: Use triple double quotes ["""] to define unescaped string literals, not [?"]`},
	{"old raw string, single", `any where x == ?'a'`, `line 1:16: Use triple double quotes ["""] to define unescaped string literals, not [?']`},
	{"short escape", `any where x == "\u{D}"`, `line 1:17: Unicode sequence should use [2-8] hex digits, [\u{D}] has [1]`},
	{"long escape", `any where x == "\u{000000041}"`, `line 1:17: Unicode sequence should use [2-8] hex digits, [\u{000000041}] has [9]`},
	{"surrogate", `any where x == "\u{d800}"`, `line 1:17: Invalid unicode character code, [d800] is a surrogate code`},
	{"beyond Unicode", `any where x == "\u{10000000}"`, `line 1:17: Invalid unicode character code [10000000]`},
	{"no hex", `any where x == "\u{zz}"`, `line 1:17: token recognition error at: '\u{z'`},
	{"no digits", `any where x == "\u{}"`, `line 1:17: token recognition error at: '\u{}'`},
	{"no brace", `any where x == "\u{41"`, `line 1:17: token recognition error at: '\u{41"'`},
	{"unknown escape", `any where x == "C:\Users"`, `line 1:19: token recognition error at: '\U'`},
	{"open string", `any where x == "abc`, `line 1:16: token recognition error at: '"abc'`},
	{"line break in string", "any where x == \"a\nb\"", `line 1:16: token recognition error at: '"a'`},
	{"open raw string", `any where x == """abc"`, `line 1:16: token recognition error at: '"""abc"'`},
	{"open name", "any where `x == 1", "line 1:11: back-quoted name is not closed"},
	{"open comment", "any where /* /* */ x", "line 1:11: comment is not closed"},
	{"lone bang", `any where !x`, `line 1:11: token recognition error at: '!'`},
	{"ampersand", `any where a && b`, `line 1:13: token recognition error at: '&'`},
	{"tilde apart", `any where x like ~"a"`, `line 1:18: token recognition error at: '~'`},
	{"non-breaking space", "any where\u00a0x", "line 1:10: token recognition error at: '\u00a0'"},

	{"relationship", `process where child of [process where true]`, `line 1:15: Process relationships are not supported`},
	{"array index", `process where a[0] == 1`, `line 1:16: Array indexes are not supported`},
	{"join", `join by x [any where true] [any where true]`, "Found 1 problem\n" + `line 1:1: JOIN command is not supported`},
	{"span before by", `sequence with maxspan=1s by x [any where true] [any where true]`, `line 1:26: Please specify sequence [by] before [with] not after`},
	{"span zero", `sequence with maxspan=0s [any where true] [any where true]`, `line 1:23: A positive maxspan value is required; found [0]`},
	{"span without unit", `sequence with maxspan=30 [any where true] [any where true]`, `line 1:23: No time unit specified, did you mean [s] as in [30s]?`},
	{"span in weeks", `sequence with maxspan=3w [any where true] [any where true]`, `line 1:23: Unrecognized time unit [w] in [3w], please specify one of [ms, s, m, h, d]`},
	{"decimal span", `sequence with maxspan=1.5s [any where true] [any where true]`, `line 1:23: Decimal time interval [1.5] not supported; please use an positive integer`},
	{"huge span", `sequence with maxspan=99999999999999999999s [any where true] [any where true]`, `line 1:23: maxspan value [99999999999999999999] is too large`},
	{"unknown option", `sequence [any where true] with repeat=2 [any where true]`, `line 1:32: Unrecognized option [repeat], expecting [runs]`},
	{"maxspan on a term", `sequence [any where true] with maxspan=2 [any where true]`, `line 1:32: Unrecognized option [maxspan], expecting [runs]`},
	{"runs zero", `sequence [any where true] with runs=0 [any where true]`, `line 1:37: A positive runs value is required; found [0]`},
	{"runs negative", `sequence [any where true] with runs=-1 [any where true]`, `line 1:37: A positive runs value is required; found [-1]`},
	{"runs too many", `sequence [any where true] with runs=101 [any where true]`, `line 1:37: A query cannot be repeated more than 100 times; found [101]`},
	{"runs decimal", `sequence [any where true] with runs=1.5 [any where true]`, `line 1:37: Decimal runs value [1.5] not supported; please use a positive integer`},
	{"runs without number", `sequence [any where true] with runs=x [any where true]`, `line 1:37: unexpected 'x', expected a number`},
	{"too many stages", `sequence ` + strings.Repeat(`[any where true] with runs=100 `, 2) + `[any where true] with runs=57`, `line 1:1: Sequence cannot contain more than 256 queries; found [257]`},
	{"one term", `sequence [any where true]`, `line 1:1: A sequence requires a minimum of 2 queries, found [1]`},
	{"one term and until", `sequence [any where true] until [any where true]`, `line 1:1: A sequence requires at least 2 criteria, given [1]`},
	{"until with runs", `sequence [any where true] [any where true] until [any where true] with runs=2`, `line 1:50: [until] does not accept [runs]`},
	{"until missing", `sequence with maxspan=1s [any where true] [any where true] until ![any where true]`, `line 1:66: [until] does not accept a missing event`},
	{"key counts", `sequence [any where true] by a [any where true]`, `line 1:32: Inconsistent number of join keys specified; expected [1] but found [0]`},
	{"key counts, shared keys apart", `sequence by z [any where true] by a [any where true] by b, c`, `line 1:37: Inconsistent number of join keys specified; expected [1] but found [2]`},
	{"key counts, until", `sequence [any where true] by a [any where true] by a until [any where true]`, `line 1:60: Inconsistent number of join keys specified; expected [1] but found [0]`},
	{"computed key", `sequence by pid * 2 [any where true] [any where true]`, `line 1:13: Unsupported join key [pid * 2]`},
	{"too many keys", "sequence by k" + strings.Repeat(",k", 64) + ` [any where true] [any where true]`, `line 1:141: no more than 64 join keys are supported; found [65]`},
	{"too long a name", "any where " + strings.Repeat("a.", 3000) + "a", `line 1:11: field name is longer than 4096 bytes`},
	{"missing without maxspan", `sequence [any where true] ![any where true]`, `line 1:27: [maxspan] is required for sequences with missing events queries; found none`},
	{"only missing", `sequence with maxspan=1s ![any where true] ![any where true]`, `line 1:1: A sequence requires at least one positive event query; found none`},
	{"missing in sample", `sample by a [any where true] ![any where true]`, `line 1:30: Missing events are supported only for sequences`},
	{"sample too long", `sample by a ` + strings.Repeat(`[any where true] `, 6), `line 1:1: A sample cannot contain more than 5 queries, found [6]`},
	{"sample too short", `sample by a [any where true]`, `line 1:1: A sample requires a minimum of 2 queries, found [1]`},
	{"sample without key", `sample [any where true] [any where true]`, `line 1:1: A sample must have at least one join key, found none`},
	{"sample key twice", `sample by host [any where true] by host [any where true] by os`, `line 1:36: Join keys must be used only once, found duplicates: [host]`},
	{"sample with pipe", `sample by a [any where true] [any where true] | head 1`, `line 1:49: Samples do not support pipes yet`},
	{"sample with maxspan", `sample by a with maxspan=1s [any where true] [any where true]`, `line 1:13: unexpected the reserved word 'with', expected '['`},
	{"pipe without argument", `any where true | head`, `line 1:18: Pipe [head] expects exactly one argument but found [0]`},
	{"pipe with two", `any where true | tail 1, 2`, `line 1:18: Pipe [tail] expects exactly one argument but found [2]`},
	{"pipe negative", `any where true | head -1`, `line 1:23: Pipe [head] expects a positive integer but found [-1]`},
	{"pipe of a field", `any where true | head x`, `line 1:23: Pipe [head] expects a positive integer but found [x]`},
	{"pipe decimal", `any where true | head 1.5`, `line 1:23: Pipe [head] expects a positive integer but found [1.5]`},
	{"pipe overflowing", `any where true | head 9223372036854775807 + 1`, `line 1:23: [9223372036854775807 + 1]: long overflow`},
	{"pipe count", `any where true | count`, `line 1:18: Pipe [count] is not supported`},
	{"pipe unique", `any where true | unique a, b`, `line 1:18: Pipe [unique] is not supported`},
	{"pipe unknown", `any where true | hed 1`, `line 1:18: Unrecognized pipe [hed], did you mean [head]?`},
	{"pipe quoted", "any where true | `head` 1", "line 1:18: unexpected 'head', expected a pipe, head or tail"},

	{"arity four", `any where between(a, "b")`, `line 1:11: error building [between]: expects three or four arguments`},
	{"arity at least", `any where cidrMatch(a)`, `line 1:11: error building [cidrmatch]: expects at least two arguments`},
	{"arity exact", `any where stringContains(a)`, `line 1:11: error building [stringcontains]: expects exactly two arguments`},
	{"arity one", `any where length() > 1`, `line 1:11: error building [length]: expects exactly one argument`},
	{"arity two or three", `any where indexOf(a) > 1`, `line 1:11: error building [indexof]: expects two or three arguments`},
	{"arity at least one", `any where concat() == ""`, `line 1:11: error building [concat]: expects at least one argument`},
	{"no fold form", `any where length~(a) > 1`, `line 1:11: Function [length] does not support case-insensitivity`},

	{"empty", ``, `line 1:1: query is null or empty`},
	{"only a comment", ` // nothing`, `line 1:12: query is null or empty`},
	{"chained", `any where a < b < c`, `line 1:17: mismatched input '<' expecting {<EOF>, 'and', 'or', '|'}`},
	{"single equals", `any where a = 1`, `line 1:13: unexpected '=', expected 'and', 'or', '|' or the end of the query`},
	{"upper-case where", `process WHERE true`, `line 1:9: unexpected 'WHERE', expected 'where'`},
	{"reserved segment", `any where event.sequence == 1`, `line 1:17: unexpected the reserved word 'sequence', expected a field name`},
	{"category in back quotes", "`x` where true", "line 1:1: no viable alternative at input '`x`'"},
	{"category digit-led", `6cat where true`, `line 1:1: unexpected '6', expected an event category, ` + "`any`, `sequence` or `sample`"},
	{"empty list", `any where x in ()`, `line 1:17: unexpected ')', expected a field, a constant or a function`},
	{"trailing comma", `any where x in (1,)`, `line 1:19: unexpected ')', expected a field, a constant or a function`},
	{"list not closed", `any where x in (1`, `line 1:18: unexpected end of the query, expected ',' or ')'`},
	{"in without list", `any where x in 1`, `line 1:16: unexpected '1', expected '(' and a list of constants`},
	{"pattern is a field", `any where "a" : x`, `line 1:17: unexpected 'x', expected a constant`},
	{"pattern list not closed", `any where x : ("a" "b")`, `line 1:20: unexpected a string, expected ',' or ')'`},
	{"not like", `any where x not like "a"`, `line 1:13: unexpected the reserved word 'not', expected 'and', 'or' or a comparison`},
	{"open parenthesis", `any where (a == 1`, `line 1:18: unexpected end of the query, expected 'and', 'or' or ')'`},
	{"open bracket", `sequence [any where true [any where true]`, `line 1:26: unexpected '[', expected 'and', 'or' or ']'`},
	{"no terms", `sequence by a`, `line 1:14: unexpected end of the query, expected '[' and the first event of the sequence`},
	{"no sample terms", `sample by a`, `line 1:12: unexpected end of the query, expected '[' and the first event of the sample`},
	{"until without bracket", `sequence [any where true] [any where true] until x`, `line 1:50: unexpected 'x', expected '[' and the event that ends the sequence`},
	{"with runs at the head", `sequence with runs=2 [any where true]`, `line 1:15: unexpected 'runs', expected 'maxspan'`},
	{"span without equals", `sequence with maxspan 1s [any where true]`, `line 1:23: unexpected '1', expected '='`},
	{"span without number", `sequence with maxspan=s [any where true]`, `line 1:23: unexpected 's', expected a number and a unit, such as 30s`},
	{"option is no word", `sequence [any where true] with 1`, `line 1:32: unexpected '1', expected 'runs'`},
	{"option without equals", `sequence [any where true] with runs 1`, `line 1:37: unexpected '1', expected '='`},
	{"optional of nothing", `any where ? == 1`, `line 1:13: unexpected '==', expected a field name`},
	{"call without parenthesis", `any where startsWith~ x`, `line 1:23: unexpected 'x', expected '(' and the arguments`},
	{"call not closed", `any where length(x`, `line 1:19: unexpected end of the query, expected ',' or ')'`},
	{"number too large", `any where x == 1e999`, `line 1:16: Number [1e999] is too large`},
	{"integer too large", `any where x == ` + strings.Repeat("9", 400), `line 1:16: Number [` + strings.Repeat("9", 60) + `...] is too large`},
	{"second line", "process where\n  a == 1 and\n  b = 2", `line 3:5: unexpected '=', expected 'and', 'or', '|' or the end of the query`},
	{"columns are characters", `any where "éé" == x and ß`, `line 1:25: token recognition error at: 'ß'`},
	{"not UTF-8", "any where x == \n\"\xff\"", `line 2:2: query is not valid UTF-8`},
}

func TestParseErrors(t *testing.T) {
	for _, tt := range parseErrors {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.query)
			if err == nil {
				t.Fatalf("Parse(%q) succeeded", tt.query)
			}
			if err.Error() != tt.want {
				t.Errorf("Parse(%q)\n got %s\nwant %s", tt.query, err, tt.want)
			}
			var e *Error
			if !errors.As(err, &e) || len(e.Problems) != 1 {
				t.Errorf("not an *Error with one problem: %#v", err)
			}
		})
	}
}

func TestParseHints(t *testing.T) {
	for query, want := range map[string]string{
		`any where a = 1`:                       "equality is written ==",
		`any where a < b < c`:                   "comparisons do not chain",
		`any where event.sequence == 1`:         "`sequence`",
		`process WHERE true`:                    "lower-case",
		`any where !x`:                          "`not`",
		`any where a & b`:                       "`and`",
		`any where x like ~"a"`:                 "`like~`",
		`any where x == "C:\Users"`:             `\\`,
		`any where x not like "a"`:              "write `not x like ..`",
		`any where a[0] == 1`:                   "any of its values",
		`sequence [any where true]`:             "runs",
		"`x` where true":                        `"x"`,
		`sequence with runs=2 [any where true]`: "behind the `]`",
		`sequence [any where true] with maxspan=1 [any where true]`: "head of the sequence",
	} {
		_, err := Parse(query)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("Parse(%q) = %v", query, err)
			continue
		}
		if !strings.Contains(e.Problems[0].Hint, want) {
			t.Errorf("Parse(%q): hint %q lacks %q", query, e.Problems[0].Hint, want)
		}
	}
}

// mapped is a schema with a field of each type.
const mapped = `{"properties": {
  "@timestamp": {"type": "date"},
  "event": {"properties": {"category": {"type": "keyword"}}},
  "pid": {"type": "long"}, "ppid": {"type": "integer"}, "small": {"type": "byte"}, "big": {"type": "unsigned_long"},
  "ratio": {"type": "double"},
  "md5": {"type": "keyword"}, "process_name": {"type": "wildcard"}, "parent_process_name": {"type": "keyword"},
  "hostname": {"type": "text", "fields": {"raw": {"type": "keyword"}}},
  "plain_text": {"type": "text"},
  "source_address": {"type": "ip"},
  "flag": {"type": "boolean"},
  "ver": {"type": "version"},
  "when": {"type": "date", "format": "dd-MM-yyyy"},
  "a": {"properties": {"b": {"type": "keyword"}}},
  "nest": {"type": "nested", "properties": {"x": {"type": "keyword"}}},
  "loc": {"type": "geo_point"},
  "category_alias": {"type": "alias", "path": "event.category"}
}}`

func mappedSchema(tb testing.TB) *Schema {
	tb.Helper()
	s, err := ParseMapping([]byte(mapped))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

var checkErrors = []struct {
	name, query, want string
}{
	{"not boolean", `any where pid`, `1:11: Condition expression needs to be boolean, found [LONG]`},
	{"not boolean, text", `any where "x"`, `1:11: Condition expression needs to be boolean, found [KEYWORD]`},
	{"unknown field", `any where xxx == 1`, `1:11: Unknown column [xxx]`},
	{"unknown field, one near", `any where md6 == "x"`, `1:11: Unknown column [md6], did you mean [md5]?`},
	{"unknown function", `any where stringContain(md5, "x")`, `1:11: Unknown function [stringContain], did you mean [stringcontains]?`},
	{"unknown function, half of it known", `any where arrayContains(md5, "a")`, `1:11: Unknown function [arrayContains], did you mean [stringcontains]?`},
	{"unknown function, unlike any", `any where frobnicate(md5)`, `1:11: Unknown function [frobnicate]`},
	{"argument type", `any where between(process_name, 1, 2) == ""`, `1:33: second argument of [between(process_name, 1, 2)] must be [string], found value [1] type [integer]`},
	{"argument constant", `any where between(process_name, "a", "b", flag) == ""`, `1:43: fourth argument of [between(process_name, "a", "b", flag)] must be a constant, received [flag]`},
	{"only argument", `any where length(pid) > 1`, `1:18: argument of [length(pid)] must be [string], found value [pid] type [long]`},
	{"call on text", `any where length(plain_text) > 1`, `1:18: [length(plain_text)] cannot operate on field of data type [text]: No keyword/multi-field defined exact matches for [plain_text]; define one or use MATCH/QUERY instead`},
	{"comparison on text", `any where plain_text == "x"`, `1:11: [plain_text == "x"] cannot operate on first argument field of data type [text]: No keyword/multi-field defined exact matches for [plain_text]; define one or use MATCH/QUERY instead`},
	{"in on text", `any where plain_text in ("x")`, `1:11: [plain_text in ("x")] cannot operate on first argument field of data type [text]: No keyword/multi-field defined exact matches for [plain_text]; define one or use MATCH/QUERY instead`},
	{"match on text", `any where plain_text : "x"`, `1:11: [plain_text : "x"] cannot operate on field of data type [text]: No keyword/multi-field defined exact matches for [plain_text]; define one or use MATCH/QUERY instead`},
	{"concat on text", `any where concat(md5, plain_text) == "x"`, `1:23: [concat(md5, plain_text)] cannot operate on second argument field of data type [text]: No keyword/multi-field defined exact matches for [plain_text]; define one or use MATCH/QUERY instead`},
	{"object", `any where a == "x"`, `1:11: Cannot use field [a] type [object] only its subfields`},
	{"nested", `any where nest == "x"`, `1:11: Cannot use field [nest] type [nested] due to nested fields not being supported yet`},
	{"in a nested field", `any where nest.x == "x"`, `1:11: Cannot use field [nest] type [nested] due to nested fields not being supported yet`},
	{"geo point", `any where loc == "x"`, `1:11: Cannot use field [loc] with unsupported type [geo_point]`},
	{"key types", `sequence [any where true] by md5 [any where true] by pid`, `1:54: Sequence key [md5] type [keyword] is incompatible with key [pid] type [long]`},
	{"key types, date and number", `sequence [any where true] by when [any where true] by pid`, `1:55: Sequence key [when] type [datetime] is incompatible with key [pid] type [long]`},
	{"key types, first unmapped", `sequence [any where true] by ?nope [any where true] by md5 [any where true] by pid`, `1:80: Sequence key [md5] type [keyword] is incompatible with key [pid] type [long]`},
	{"key of text", `sequence by plain_text [any where true] [any where true]`, `1:13: [plain_text] cannot operate on field of data type [text]: No keyword/multi-field defined exact matches for [plain_text]; define one or use MATCH/QUERY instead`},
	{"field and field", `any where pid == ppid`, `1:18: Comparisons against fields are not (currently) supported; offender [ppid] in [==]`},
	{"field in list", `any where process_name in (parent_process_name, "SYSTEM")`, `1:28: Comparisons against fields are not (currently) supported; offender [parent_process_name] in [process_name in (parent_process_name, "SYSTEM")]`},
	{"mixed list", `any where pid in (1, "string")`, `1:22: 2nd argument of [pid in (1, "string")] must be [long], found value ["string"] type [keyword]`},
	{"colon on a number", `any where pid : "123"`, `1:11: first argument of [:] must be [string], found value [pid] type [long]; consider using [==] instead`},
	{"colon with a number", `any where md5 : 123`, `1:17: second argument of [:] must be [string], found value [123] type [integer]; consider using [==] instead`},
	{"like on a number", `any where pid like "*.exe"`, `1:11: argument of [pid like "*.exe"] must be [string], found value [pid] type [long]`},
	{"like with a number", `any where md5 like 5`, `1:20: argument of [md5 like 5] must be [string], found value [5] type [integer]`},
	{"colon on an address", `any where source_address : "10.*"`, `1:11: first argument of [:] must be [string], found value [source_address] type [ip]; consider using [==] instead`},
	{"cidrMatch on text", `any where cidrMatch(hostname, "10.0.0.0/8")`, `1:21: first argument of [cidrMatch(hostname, "10.0.0.0/8")] must be [ip], found value [hostname] type [keyword]`},
	{"cidrMatch with a field", `any where cidrMatch(source_address, hostname)`, `1:37: second argument of [cidrMatch(source_address, hostname)] must be a constant, received [hostname]`},
	{"cidrMatch with a number", `any where cidrMatch(source_address, 12345)`, `1:37: second argument of [cidrMatch(source_address, 12345)] must be [string], found value [12345] type [integer]`},
	{"cidrMatch prefix", `any where cidrMatch(source_address, "10.0.0.0/33")`, `1:37: illegal prefixLength '33'. Must be 0-32 for IPv4 ranges, 0-128 for IPv6 ranges`},
	{"cidrMatch empty", `any where cidrMatch(source_address, "")`, `1:37: '' is not an IP string literal.`},
	{"regex", `any where md5 regex "a\\q"`, `1:21: invalid character class \q`},
	{"arithmetic on text", `any where md5 + 1 == 2`, `1:11: first argument of [md5 + 1] must be [numeric], found value [md5] type [keyword]`},
	{"arithmetic with text", `any where 1 + md5 == 2`, `1:15: second argument of [1 + md5] must be [numeric], found value [md5] type [keyword]`},
	{"negative text", `any where -md5 == 2`, `1:12: argument of [-md5] must be [numeric], found value [md5] type [keyword]`},
	{"and of a number", `any where pid and true`, `1:11: first argument of [pid and true] must be [boolean], found value [pid] type [long]`},
	{"or of a number", `any where flag or pid`, `1:19: second argument of [flag or pid] must be [boolean], found value [pid] type [long]`},
	{"not of a number", `any where not pid`, `1:15: argument of [not pid] must be [boolean], found value [pid] type [long]`},
	{"constant division by zero", `any where pid == 1 / 0`, `1:18: [1 / 0]: / by zero`},
	{"constant overflow", `any where pid == 9223372036854775807 + 1`, `1:18: [9223372036854775807 + 1]: long overflow`},
	{"constant number()", `any where pid == number("x")`, `1:18: [number("x")]: Unable to convert [x] to number of base [10]`},
	{"long and text", `any where pid == "abc"`, `1:18: [pid == "abc"] can never be true: [pid] is of type [long], ["abc"] of type [keyword]`},
	{"address and text", `any where source_address == "abc"`, `1:29: [source_address == "abc"] can never be true: [source_address] is of type [ip], ["abc"] of type [keyword]`},
	{"not boolean, call of a double", `any where add(ratio, 1)`, `1:11: Condition expression needs to be boolean, found [DOUBLE]`},
	{"boolean in capitals", `any where flag == "True"`, `1:19: [flag == "True"] can never be true: [flag] is of type [boolean], ["True"] of type [keyword]`},
	{"endless pattern", `any where md5 : "*` + strings.Repeat("?", 9000) + `"`, `1:17: pattern is longer than 8192 bytes`},
	{"endless constant", `any where endsWith(md5, "` + strings.Repeat("?", 9000) + `")`, `1:25: pattern is longer than 8192 bytes`},
	{"endless list of patterns", `any where md5 regex (` + strings.Repeat(`"(abcdefgh|ijklmnop){30}", `, 60) + `"x")`, ""},
	{"wildcard with a field", `any where wildcard(md5, process_name)`, `1:25: second argument of [wildcard(md5, process_name)] must be a constant, received [process_name]`},
}

func TestCheckErrors(t *testing.T) {
	s := mappedSchema(t)
	for _, tt := range checkErrors {
		t.Run(tt.name, func(t *testing.T) {
			q, err := Parse(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = Check(q, CheckOptions{Schema: s})
			want := "Found 1 problem\nline " + tt.want
			if err == nil || err.Error() != want && tt.want != "" {
				t.Errorf("Check(%q)\n got %v\nwant %s", tt.query, err, want)
			}
		})
	}
}

func TestCheckReportsEveryProblem(t *testing.T) {
	q, err := Parse("sequence [any where xxx == 1] [any where yyy == 2]\n until [any where pid]")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = Check(q, CheckOptions{Schema: mappedSchema(t)})
	want := "Found 3 problems\nline 1:21: Unknown column [xxx]\nline 1:42: Unknown column [yyy]\nline 2:19: Condition expression needs to be boolean, found [LONG]"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestCheckNeededFields(t *testing.T) {
	s, err := ParseMapping([]byte(`{"properties": {"x": {"type": "long"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		`process where true`: "Found 2 problems\nline 1:1: Unknown column [event.category]\nline 1:1: Unknown column [@timestamp]",
		`any where true`:     "Found 1 problem\nline 1:1: Unknown column [@timestamp]",
		`sample by x [any where true] [any where true]`:                   "",
		`sample by x [any where true] [c where true]`:                     "Found 1 problem\nline 1:1: Unknown column [event.category]",
		`sequence [any where true] [any where true] until [c where true]`: "Found 2 problems\nline 1:1: Unknown column [event.category]\nline 1:1: Unknown column [@timestamp]",
	} {
		q, err := Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = Check(q, CheckOptions{Schema: s})
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
	q, _ := Parse(`any where true`)
	_, _, err = Check(q, CheckOptions{Schema: s, TimestampField: "x", TiebreakerField: "seq"})
	if err == nil || !strings.Contains(err.Error(), "Unknown column [seq]") {
		t.Errorf("an unmapped tiebreaker: %v", err)
	}
}

// However many problems a query has, the first hundred are kept and all are
// counted, and none costs the size of what it stands in.
func TestManyProblems(t *testing.T) {
	for name, query := range map[string]string{
		"operands":         "any where " + strings.Repeat("1 or ", 100_000) + "1",
		"operands, warned": "any where " + strings.Repeat("process.name or ", 50_000) + "true",
		"items":            `any where process.pid in (` + strings.Repeat(`"a",`, 50_000) + `"a")`,
		"nested":           "any where " + strings.Repeat("length(", 900) + "1" + strings.Repeat(")", 900),
	} {
		_, warnings, err := Check(mustParse(t, query), CheckOptions{})
		var e *Error
		if errors.As(err, &e) && (len(e.Problems) > 100 || len(e.Error()) > 100_000) || len(warnings) > 100 {
			t.Errorf("%s: %d problems, %d warnings", name, len(e.Problems), len(warnings))
		}
		if name == "operands" && !strings.HasPrefix(err.Error(), "Found 100001 problems\n") {
			t.Errorf("%s: %.60s", name, err)
		}
	}
}

func TestHintForTheCategoryField(t *testing.T) {
	s, err := ParseMapping([]byte(`{"properties": {"@timestamp": {"type": "date"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = Check(mustParse(t, `process where true`), CheckOptions{Schema: s})
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Problems[0].Hint, "any where") {
		t.Errorf("%v", err)
	}
}
