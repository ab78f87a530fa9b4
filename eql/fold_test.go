package eql

import "testing"

// checked returns the condition of `any where COND` after Check, printed, or the
// error.
func checked(t *testing.T, s *Schema, cond string) string {
	t.Helper()
	q := mustParse(t, "any where "+cond)
	out, _, err := Check(q, CheckOptions{Schema: s})
	if err != nil {
		return err.Error()
	}
	return ExprString(out.Body.(*Filter).Condition)
}

// Elasticsearch folds constants with three-valued logic before a query runs.
func TestFoldConstants(t *testing.T) {
	for cond, want := range map[string]string{
		"true and true": "true", "true and false": "false", "true and null": "null",
		"false and true": "false", "false and false": "false", "false and null": "false",
		"null and true": "null", "null and false": "false", "null and null": "null",
		"true or true": "true", "true or false": "true", "true or null": "true",
		"false or true": "true", "false or false": "false", "false or null": "null",
		"null or true": "true", "null or false": "null", "null or null": "null",
		"not true": "false", "not false": "true", "not null": "null", "not not null": "null", "not not x == 1": "x == 1",

		`"a" == null`: "false", `null == 5`: "false", `"a" != null`: "true", `null != false`: "true",
		"null == null": "true", "null != null": "false",
		"null < 5": "null", "5 >= null": "null", "null <= null": "null", "null > null": "null",
		`"B" < "b"`: "true", `"A" <= "a"`: "true", "1 == 1.0": "true", `1 == "1"`: "null",
		"1 != 2": "true", "2 > 1": "true", "2 >= 2": "true", "1 > 2": "false",

		`3 + 4 - 5 * 6 / 7 == 3`: "true", "7 / 2 == 3": "true", "-7 / 2 == -3": "true", "10 % -6 == 4": "true",
		"-10 % -6 == -4": "true", "1 + 0.5 == 1.5": "true", "1 + null == null": "true", "x == +5": "x == 5",
		"x == -5": "x == -5", "x == -9223372036854775808": "x == -9223372036854775808",
		`concat("a", null) == null`: "true", `concat("a", 1, 2.5, true) == "a12.5true"`: "true",
		`length("abc") == 3`: "true", `startsWith~("ABC", "ab")`: "true", `substring("hello", -3, -1) == "ll"`: "true",

		`"abc" : "A*"`: "true", `"abc" like "A*"`: "false", `"abc" like~ "A*"`: "true", `"abc" regex "ab."`: "true",
		`"abc" regex "AB."`: "false", `"abc" regex~ ("x", "AB.")`: "true", `null : "a"`: "null", `"a" : ("b", "c")`: "false",
		`"a" : null`: "false", `x : null`: "false", `x : (null, "b")`: `x : "b"`,
		`1 in (1, 2)`: "true", `1 in (2)`: "false", `1 not in (2)`: "true", `null in (1)`: "null", `null not in (1)`: "null",
		`"A" in~ ("a")`: "true", `"A" in ("a")`: "false", `x in (null)`: "false", `x not in (null)`: "true", `x in (5, null, 1 + 1)`: "x in (5, 2)",
		`wildcard("abc", "a*", "z")`: "true", `wildcard~(x, "A*")`: `x like~ "A*"`, `wildcard(x, "a*", "b")`: `x like ("a*", "b")`,
		`cidrMatch(null, "10.0.0.0/8")`: "null",
	} {
		if got := checked(t, nil, cond); got != want {
			t.Errorf("%s\n got %s\nwant %s", cond, got, want)
		}
	}
}

// The forms that evaluators see.
func TestCheckRewrites(t *testing.T) {
	for cond, want := range map[string]string{
		"x != 5":                           "not x == 5",
		"5 == x":                           "x == 5",
		"5 < x":                            "x > 5",
		"5 <= x":                           "x >= 5",
		"5 > x":                            "x < 5",
		"5 >= x":                           "x <= 5",
		"5 != x":                           "not x == 5",
		"null == x":                        "x == null",
		"x != null":                        "not x == null",
		"x not in (1, 2)":                  "not x in (1, 2)",
		"x":                                "x == true",
		"not x":                            "not x == true",
		"x and not y":                      "x == true and not y == true",
		"x == false":                       "x == false",
		"x != true":                        "not x == true",
		"x < null":                         "x < null",
		"not (x < null)":                   "not x < null",
		`startsWith(x, "a") == false`:      `not startsWith(x, "a")`,
		`startsWith(x, "a") == true`:       `startsWith(x, "a")`,
		`startsWith(x, "a") != true`:       `not startsWith(x, "a")`,
		`startsWith(x, "a") != false`:      `startsWith(x, "a")`,
		`false == (x in ("a"))`:            `not x in ("a")`,
		`true == (x : "a")`:                `x : "a"`,
		"(x > 1) == null":                  "x > 1 == null",
		"null != (x > 1)":                  "not x > 1 == null",
		"(a == 1 or b == 2) == false":      "not (a == 1 or b == 2)",
		"true and x == 1":                  "x == 1",
		"x == 1 and true and y == 2":       "x == 1 and y == 2",
		"false or x == 1":                  "x == 1",
		"x == 1 and false":                 "false",
		"x == 1 or true":                   "true",
		"x == 1 or null":                   "x == 1 or null",
		"(x == 1 and (y == 2)) and z == 3": "x == 1 and y == 2 and z == 3",
		"x + (1 + 2) == 3":                 "x + 3 == 3",
		"concat(x, 1 + 1) == \"a\"":        "concat(x, 2) == \"a\"",
	} {
		if got := checked(t, nil, cond); got != want {
			// Comparisons of comparisons print with parentheses.
			if got != "("+want+")" && !sameButParens(got, want) {
				t.Errorf("%s\n got %s\nwant %s", cond, got, want)
			}
		}
	}
}

func sameButParens(a, b string) bool {
	strip := func(s string) string {
		var out []rune
		for _, r := range s {
			if r != '(' && r != ')' {
				out = append(out, r)
			}
		}
		return string(out)
	}
	return strip(a) == strip(b)
}

// An optional field that the mapping does not have is null before folding.
func TestUnmappedOptionalFields(t *testing.T) {
	s := mappedSchema(t)
	for cond, want := range map[string]string{
		"?f == null":                     "true",
		"?f != null":                     "false",
		"?f == 5":                        "false",
		"?f != 5":                        "true",
		"not (?f == 5)":                  "true",
		"?f > 5":                         "null",
		"not (?f > 5)":                   "null",
		`?f : "x"`:                       "null",
		`not ?f : "x"`:                   "null",
		"?f in (1, 2)":                   "null",
		"?f not in (1, 2)":               "null",
		"?f : null":                      "null",
		"not ?f : null":                  "null",
		"?f":                             "null",
		"not ?f":                         "null",
		"?x == ?y":                       "true",
		"?x != ?y":                       "false",
		"?x == pid":                      "pid == null",
		"?f + 1 == 2":                    "false",
		"length(?f) == null":             "true",
		"?f > 5 or pid == 1":             "null or pid == 1",
		"?pid == 5":                      "?pid == 5",
		"?pid != 5":                      "not ?pid == 5",
		`concat(?f, md5) == "x"`:         `concat(null, md5) == "x"`,
		`startsWith(?f, md5)`:            `startsWith(null, md5)`,
		"flag":                           "flag == true",
		"flag == false":                  "flag == false",
		"category_alias : \"p*\"":        "category_alias : \"p*\"",
		`hostname == "x"`:                `hostname == "x"`,
		`hostname.raw == "x"`:            `hostname.raw == "x"`,
		"small > 1 and big < 5":          "small > 1 and big < 5",
		`pid == "12"`:                    "pid == 12",
		`ratio == " 1.5"`:                "Found 1 problem\nline 1:20: [ratio == \" 1.5\"] can never be true: [ratio] is of type [double], [\" 1.5\"] of type [keyword]",
		`ratio == "1e2"`:                 "ratio == 100.0",
		`pid == "1e999"`:                 "Found 1 problem\nline 1:18: [pid == \"1e999\"] can never be true: [pid] is of type [long], [\"1e999\"] of type [keyword]",
		"md5 == 5":                       `md5 == "5"`,
		"md5 == true":                    `md5 == "true"`,
		`flag == "true"`:                 "flag == true",
		`flag == 1`:                      "Found 1 problem\nline 1:19: [flag == 1] can never be true: [flag] is of type [boolean], [1] of type [integer]",
		`ver > 1.5`:                      `ver > "1.5"`,
		`ver == "bad"`:                   `ver == "bad"`,
		`when == "2017-01-01"`:           `when == "2017-01-01"`,
		`@timestamp > 1516116808349`:     `@timestamp > 1516116808349`,
		`@timestamp == "yesterday"`:      "Found 1 problem\nline 1:25: [@timestamp == \"yesterday\"] can never be true: [@timestamp] is of type [datetime], [\"yesterday\"] of type [keyword]",
		`source_address == "10.0.0.0/8"`: `source_address == "10.0.0.0/8"`,
		`source_address in ("10.0.0.0/8", "::1")`:         `source_address in ("10.0.0.0/8", "::1")`,
		`source_address > "10.0.0.1"`:                     `source_address > "10.0.0.1"`,
		`source_address > "10.0.0.0/8"`:                   "Found 1 problem\nline 1:28: [source_address > \"10.0.0.0/8\"] can never be true: [source_address] is of type [ip], [\"10.0.0.0/8\"] of type [keyword]",
		`source_address == 5`:                             "Found 1 problem\nline 1:29: [source_address == 5] can never be true: [source_address] is of type [ip], [5] of type [integer]",
		`ver in ("1.0.0", "2")`:                           `ver in ("1.0.0", "2")`,
		`@timestamp in ("2017-01-01", 5)`:                 `@timestamp in ("2017-01-01", 5)`,
		`md5 in ("a", 5)`:                                 "Found 1 problem\nline 1:24: 2nd argument of [md5 in (\"a\", 5)] must be [keyword], found value [5] type [integer]",
		`length(md5) in (1, "x")`:                         "Found 1 problem\nline 1:30: 2nd argument of [length(md5) in (1, \"x\")] must be [integer], found value [\"x\"] type [keyword]",
		`cidrMatch(source_address, null, "10.0.0.0/8")`:   `cidrMatch(source_address, null, "10.0.0.0/8")`,
		`string(cidrMatch(source_address, "::1")) == "x"`: `string(cidrMatch(source_address, "::1")) == "x"`,
	} {
		got := checked(t, s, cond)
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", cond, got, want)
		}
	}
}
