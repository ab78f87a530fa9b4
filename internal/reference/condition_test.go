package reference

import "testing"

// typed is a mapping with a field of every type.
const typed = `{"properties":{
	"@timestamp":{"type":"date"},"event":{"properties":{"category":{"type":"keyword"}}},
	"kw":{"type":"keyword"},"n":{"type":"long"},"m":{"type":"long"},"d":{"type":"double"},
	"b":{"type":"boolean"},"t":{"type":"date_nanos"},"ip":{"type":"ip"},"v":{"type":"version"},
	"s":{"type":"keyword"},"alias_n":{"type":"alias","path":"n"}}}`

type conditionCase struct {
	condition, doc string
	want           bool
}

func checkConditions(t *testing.T, opts Options, cases []conditionCase) {
	t.Helper()
	for _, c := range cases {
		if got := matches(t, c.condition, opts, c.doc); got != c.want {
			t.Errorf("%s on %s: got %v, want %v", c.condition, c.doc, got, c.want)
		}
	}
}

// TestLeafTruth is the table of the one rule that matters: a leaf is true or
// false, and not is the complement. The columns are x missing, 5 and [3,7].
func TestLeafTruth(t *testing.T) {
	table := []struct {
		condition string
		want      [3]bool
	}{
		{`x == 5`, [3]bool{false, true, false}},
		{`x != 5`, [3]bool{true, false, true}},
		{`not (x == 5)`, [3]bool{true, false, true}},
		{`x == 3`, [3]bool{false, false, true}},
		{`x != 3`, [3]bool{true, true, false}},
		{`x > 5`, [3]bool{false, false, true}},
		{`not (x > 5)`, [3]bool{true, true, false}},
		{`x > 4 and x < 6`, [3]bool{false, true, true}},
		{`x in (3, 9)`, [3]bool{false, false, true}},
		{`x not in (3, 9)`, [3]bool{true, true, false}},
		{`x == null`, [3]bool{true, false, false}},
		{`x != null`, [3]bool{false, true, true}},
		{`x in (null)`, [3]bool{false, false, false}},
		{`x in (5, null)`, [3]bool{false, true, false}},
		{`x < null`, [3]bool{false, false, false}},
		{`not (x < null)`, [3]bool{true, true, true}},
		{`?x != 5`, [3]bool{true, false, true}},
		{`null == (x > -1)`, [3]bool{true, false, false}},
		{`null != (x > -1)`, [3]bool{false, true, true}},
		{`add(x, 1) == 6`, [3]bool{false, true, false}},
		{`not (add(x, 1) == 6)`, [3]bool{true, false, true}},
		{`x + 1 > 7`, [3]bool{false, false, true}},
		{`-x == -5`, [3]bool{false, true, false}},
		{`concat(x, "") == null`, [3]bool{true, false, false}},
	}
	for column, doc := range []string{`{}`, `{"x":5}`, `{"x":[3,7]}`} {
		for _, row := range table {
			if got := matches(t, row.condition, all, doc); got != row.want[column] {
				t.Errorf("%s on %s: got %v, want %v", row.condition, doc, got, row.want[column])
			}
		}
	}
}

// TestMissing asserts the ways of being missing and of not being.
func TestMissing(t *testing.T) {
	for _, doc := range []string{`{}`, `{"x":null}`, `{"x":[]}`, `{"x":[null]}`, `{"x":[[],null]}`, `{"x":{}}`} {
		if !matches(t, `x == null`, all, doc) {
			t.Errorf("x of %s counts as present", doc)
		}
	}
	for _, doc := range []string{`{"x":""}`, `{"x":0}`, `{"x":false}`, `{"x":1e999}`, `{"x":[null,1]}`, `{"x":"0"}`} {
		if matches(t, `x == null`, all, doc) {
			t.Errorf("x of %s counts as missing", doc)
		}
	}
}

func TestScriptLeaves(t *testing.T) {
	checkConditions(t, all, []conditionCase{
		{`length(s) > 3`, `{}`, false},
		{`not (length(s) > 3)`, `{}`, true},
		{`length(s) == null`, `{}`, true},
		{`length(s) != null`, `{}`, false},
		{`startsWith(concat(s, ""), "a") == false`, `{}`, true},
		{`startsWith(s, "a") == false`, `{}`, true},
		{`startsWith(s, "a") == true`, `{}`, false},
		{`startsWith(s, "a") != true`, `{"s":"b"}`, true},
		// Every occurrence of a field loops on its own.
		{`length(f) > 5`, `{"f":["ab","abcdefg"]}`, true},
		{`length(f) > 7`, `{"f":["ab","abcdefg"]}`, false},
		{`concat(f, f) == "ab"`, `{"f":["a","b"]}`, true},
		{`concat(f, f, f) == "bab"`, `{"f":["a","b"]}`, true},
		{`concat(f, f) == "ac"`, `{"f":["a","b"]}`, false},
		{`f + f == 3`, `{"f":[1,2]}`, true},
		{`f - g == 7`, `{"f":[1,10],"g":[3,100]}`, true},
		{`f - g == 8`, `{"f":[1,10],"g":[3,100]}`, false},
		// Not stays outside the loops.
		{`not (length(f) == 1)`, `{"f":["a","bb"]}`, false},
		{`length(f) != 1`, `{"f":["aa","bb"]}`, true},
		// A null result of any value answers `== null`.
		{`indexOf(f, "z") == null`, `{"f":["z","a"]}`, true},
		{`indexOf(f, "z") != null`, `{"f":["z","a"]}`, false},
		{`indexOf(f, "z") > 0`, `{"f":"abc"}`, false},
		// Null goes through arithmetic and calls.
		{`x + y > 0`, `{"x":1}`, false},
		{`x + y == null`, `{"x":1}`, true},
		{`length(concat(x, null)) > 1`, `{"x":"abc"}`, false},
		{`not (length(concat(x, null)) > 1)`, `{"x":"abc"}`, true},
		// Values of the wrong kind give null.
		{`length(x) > 0`, `{"x":5}`, false},
		{`x + 1 > 0`, `{"x":"5"}`, false},
		{`substring(x, 0) == 5`, `{"x":"5"}`, false},
		{`length(x) in (2, 3)`, `{"x":"abc"}`, true},
		{`length(x) not in (1, 2)`, `{}`, true},
		// Text from calls stands in the order of UTF-16 units, from fields in that of bytes.
		{`concat(x, "") < "\u{ff5e}"`, `{"x":"😀"}`, true},
		{`x < "\u{ff5e}"`, `{"x":"😀"}`, false},
		{`concat(x, "") >= "b"`, `{"x":"b"}`, true},
		{`concat(x, "") <= "a"`, `{"x":"b"}`, false},
		{`concat(x, "") : ("q*", "?B")`, `{"x":"ab"}`, true},
		{`concat(x, "") like "?B"`, `{"x":"ab"}`, false},
		{`concat(x, "") like~ "?B"`, `{"x":"ab"}`, true},
		{`concat(x, "") regex "[a-c]+"`, `{"x":"abc"}`, true},
		{`concat(x, "") regex~ ("x", "[A-C]+")`, `{"x":"abc"}`, true},
		{`not (concat(x, "") : "a*")`, `{}`, true},
		{`substring(x, 5) in~ ("A", "b")`, `{"x":"01234a"}`, true},
		{`substring(x, 5) in ("A", "b")`, `{"x":"01234a"}`, false},
	})
}

// TestLogicInsideLeaf asserts the three-valued logic within one leaf.
func TestLogicInsideLeaf(t *testing.T) {
	names := map[string]string{`true`: `a == 1`, `false`: `a == 2`, `null`: `z == 1`}
	and := map[[2]string]string{
		{"true", "true"}: "true", {"true", "false"}: "false", {"true", "null"}: "null",
		{"false", "true"}: "false", {"false", "false"}: "false", {"false", "null"}: "false",
		{"null", "true"}: "null", {"null", "false"}: "false", {"null", "null"}: "null",
	}
	or := map[[2]string]string{
		{"true", "true"}: "true", {"true", "false"}: "true", {"true", "null"}: "true",
		{"false", "true"}: "true", {"false", "false"}: "false", {"false", "null"}: "null",
		{"null", "true"}: "true", {"null", "false"}: "null", {"null", "null"}: "null",
	}
	for op, table := range map[string]map[[2]string]string{"and": and, "or": or} {
		for args, want := range table {
			e := "(" + names[args[0]] + " " + op + " " + names[args[1]] + ")"
			if got := matches(t, e+" == null", all, `{"a":1}`); got != (want == "null") {
				t.Errorf("%s %s %s is null: %v, want %s", args[0], op, args[1], got, want)
			}
			if got := matches(t, e, all, `{"a":1}`); got != (want == "true") {
				t.Errorf("%s %s %s: %v, want %s", args[0], op, args[1], got, want)
			}
		}
	}
	checkConditions(t, all, []conditionCase{
		{`null == (not (z == 1))`, `{}`, true},
		{`null == (not (z == 1))`, `{"z":2}`, false},
		{`null == (z in (1, 2))`, `{}`, true},
		{`null == (z in (1, 2))`, `{"z":3}`, false},
		{`null == (z : "a*")`, `{}`, true},
		{`null == (z : "a*")`, `{"z":"b"}`, false},
		{`null == (z > 1)`, `{"z":"text"}`, true},
		{`null == (z == null)`, `{}`, false},
		// The left side decides, so the failing right side is not asked.
		{`null == (a == 2 and 1 / a0 > 0)`, `{"a":1,"a0":0}`, false},
		{`null == (a == 1 or 1 / a0 > 0)`, `{"a":1,"a0":0}`, false},
	})
}

func TestLogic(t *testing.T) {
	for _, c := range []struct {
		a, b, and, or bool
	}{{true, true, true, true}, {true, false, false, true}, {false, true, false, true}, {false, false, false, false}} {
		doc := `{"a":` + map[bool]string{true: "1", false: "0"}[c.a] + `,"b":` + map[bool]string{true: "1", false: "0"}[c.b] + `}`
		if got := matches(t, `a == 1 and b == 1`, all, doc); got != c.and {
			t.Errorf("%v and %v: %v", c.a, c.b, got)
		}
		if got := matches(t, `a == 1 or b == 1`, all, doc); got != c.or {
			t.Errorf("%v or %v: %v", c.a, c.b, got)
		}
		if got := matches(t, `not a == 1`, all, doc); got == c.a {
			t.Errorf("not %v: %v", c.a, got)
		}
	}
	checkConditions(t, all, []conditionCase{
		{`not a == 1 and b == 2`, `{"b":2}`, true},
		{`a == 1 and b == 2 or c == 3`, `{"c":3}`, true},
		{`true`, `{}`, true},
		{`false`, `{}`, false},
		{`not false`, `{}`, true},
		{`3 + 4 - 5 * 6 / 7 == 3`, `{}`, true},
	})
}

func TestCategory(t *testing.T) {
	docs := decodeLines(t, `
		{"id":1,"event":{"category":"process"}}
		{"id":2,"event":{"category":["network","process"]}}
		{"id":3,"event.category":"Process"}
		{"id":4,"event":{"category":"proc*"}}
		{"id":5}`)
	for query, want := range map[string]string{
		`process where true`:   "1 2",
		`"proc*" where true`:   "4",
		`Process where true`:   "3",
		`any where true`:       "1 2 3 4 5",
		`"process" where true`: "1 2",
	} {
		if got := ids(search(t, query, all, docs), "id"); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	opts := Options{Size: -1, CategoryField: "id"}
	if got := ids(search(t, `"4" where true`, opts, docs), "id"); got != "" {
		t.Errorf("a number is no category, got %s", got)
	}
	opts.CategoryField = "kind"
	if got := ids(search(t, `a where true`, opts, decodeLines(t, `{"id":1,"kind":"a"}`)), "id"); got != "1" {
		t.Errorf("category field of one's own: got %s", got)
	}
}

func TestOptionalUnmapped(t *testing.T) {
	opts := Options{Size: -1, Schema: schemaOf(t, typed)}
	checkConditions(t, opts, []conditionCase{
		{`?f == null`, `{}`, true},
		{`?f != null`, `{}`, false},
		{`?f == 5`, `{}`, false},
		{`?f != 5`, `{}`, true},
		{`not (?f == 5)`, `{}`, true},
		{`?f > 5`, `{}`, false},
		{`not (?f > 5)`, `{}`, false},
		{`?f : "x"`, `{}`, false},
		{`not (?f : "x")`, `{}`, false},
		{`?f in (5)`, `{}`, false},
		{`?f`, `{}`, false},
		{`?f == ?g`, `{}`, true},
		{`?f > 5 or n == 1`, `{"n":1}`, true},
		{`?f > 5 and n == 1`, `{"n":1}`, false},
		{`?n == 5`, `{"n":5}`, true},
		{`?n != 5`, `{}`, true},
		{`alias_n == 5`, `{"n":5}`, true},
	})
}
