package reference

import "testing"

func TestCompareUntyped(t *testing.T) {
	checkConditions(t, all, []conditionCase{
		{`x == "System"`, `{"x":"System"}`, true},
		{`x == "system"`, `{"x":"System"}`, false},
		{`x == "Sys*"`, `{"x":"System"}`, false},
		{`x >= "System" and x < "System Idle Process"`, `{"x":"System"}`, true},
		{`x >= "System" and x < "System Idle Process"`, `{"x":"System Idle Process"}`, false},
		{`x < 4.5`, `{"x":4}`, true},
		{`x <= 4`, `{"x":4}`, true},
		{`x >= 4.5`, `{"x":4}`, false},
		{`x == 41.5`, `{"x":41}`, false},
		{`0 <= x`, `{"x":0}`, true},
		{`0 > x`, `{"x":0}`, false},
		{`x == 1`, `{"x":1.0}`, true},
		{`x == 9223372036854775807`, `{"x":9223372036854775806}`, false},
		{`x == 18446744073709551615`, `{"x":18446744073709551615}`, true},
		// A value of another kind is not equal and not less and not more.
		{`x == 5`, `{"x":"5"}`, false},
		{`x != 5`, `{"x":"5"}`, true},
		{`x < "6"`, `{"x":5}`, false},
		{`x == true`, `{"x":"true"}`, false},
		{`x in (5, 6)`, `{"x":"5"}`, false},
		{`x : "5"`, `{"x":5}`, false},
		{`x like "*"`, `{"x":5}`, false},
		{`x regex "5"`, `{"x":5}`, false},
		{`x == "10.0.0.0/8"`, `{"x":"10.1.2.3"}`, false},
		{`x == "2017"`, `{"x":"2017-08-30"}`, false},
		// A number out of range meets no numeric test and is there.
		{`x > 0`, `{"x":1e999}`, false},
		{`x < 0`, `{"x":1e999}`, false},
		{`x == 0`, `{"x":1e999}`, false},
		{`x != null`, `{"x":1e999}`, true},
		{`x + 1 > 0`, `{"x":1e999}`, false},
		// Booleans.
		{`x == true`, `{"x":true}`, true},
		{`x != true`, `{"x":false}`, true},
		{`x == false`, `{}`, false},
		{`x == false`, `{"x":false}`, true},
		{`true == (x in ("a"))`, `{"x":"a"}`, true},
		{`false == (x in ("a"))`, `{}`, true},
	})
}

func TestCompareTyped(t *testing.T) {
	opts := Options{Size: -1, Schema: schemaOf(t, typed)}
	checkConditions(t, opts, []conditionCase{
		{`b`, `{"b":true}`, true},
		{`b`, `{"b":"true"}`, true},
		{`b`, `{"b":false}`, false},
		{`b`, `{}`, false},
		{`not b`, `{}`, true},
		{`b == true`, `{"b":true}`, true},
		{`b == false`, `{}`, false},
		{`b == false`, `{"b":false}`, true},
		{`b != true`, `{}`, true},
		{`n == 5`, `{"n":"5"}`, true},
		{`n == null`, `{"n":""}`, true}, // an empty text is indexed as no number
		{`n == 41.5`, `{"n":41}`, false},
		{`n > 41.5`, `{"n":42}`, true},
		{`d == 1`, `{"d":"1.0"}`, true},
		{`kw == "5"`, `{"kw":5}`, true},
		{`kw == "true"`, `{"kw":true}`, true},
		{`kw : "1*"`, `{"kw":12}`, true},
		{`alias_n >= 5`, `{"n":5}`, true},
		{`n in (4, 5)`, `{"n":[1,5]}`, true},
		{`kw in~ ("ABC", "x")`, `{"kw":"abc"}`, true},
		{`kw in~ ("a*")`, `{"kw":"abc"}`, false},
		{`kw in ("ABC")`, `{"kw":"abc"}`, false},
		{`kw not in~ ("ABC")`, `{"kw":"abc"}`, false},
		{`kw in~ ("É")`, `{"kw":"é"}`, true},
		// Addresses.
		{`ip == "10.0.0.1"`, `{"ip":"10.0.0.1"}`, true},
		{`ip == "::ffff:10.0.0.1"`, `{"ip":"10.0.0.1"}`, true},
		{`ip == "2001:DB8::1"`, `{"ip":"2001:db8:0:0::1"}`, true},
		{`ip == "10.0.0.0/8"`, `{"ip":"10.9.9.9"}`, true},
		{`ip == "10.0.0.0/8"`, `{"ip":"11.9.9.9"}`, false},
		{`ip != "10.0.0.0/8"`, `{"ip":"11.9.9.9"}`, true},
		{`ip in ("192.168.0.0/16", "10.0.0.1")`, `{"ip":"192.168.4.4"}`, true},
		{`ip in ("192.168.0.0/16", "10.0.0.1")`, `{"ip":"10.0.0.1"}`, true},
		{`ip in ("192.168.0.0/16", "10.0.0.1")`, `{"ip":"10.0.0.2"}`, false},
		{`ip == "10.0.0.1" or ip == "10.0.0.2"`, `{"ip":"10.0.0.2"}`, true},
		{`ip < "10.0.0.10"`, `{"ip":"10.0.0.9"}`, true},
		{`ip > "9.0.0.0"`, `{"ip":"10.0.0.9"}`, true},
		{`ip == "10.0.0.1"`, `{"ip":"no address"}`, false},
		{`null == (ip == "10.0.0.0/8")`, `{"ip":"10.0.0.1"}`, false},
		// Versions.
		{`v > "1.5.0"`, `{"v":"1.11.3"}`, true},
		{`v > "1.2.4"`, `{"v":"1.5.0"}`, true},
		{`v < "1.2.4"`, `{"v":"1.2.4-SNAPSHOT"}`, true},
		{`v > "99.0.0"`, `{"v":"bad"}`, true},
		{`v == "1.2.3"`, `{"v":"1.2.3"}`, true},
		{`v in ("1.2.3", "2.0.0")`, `{"v":"2.0.0"}`, true},
	})
}

// TestCompareAcrossTypes asserts what a constant of another kind means to a
// typed field where the check lets it through: what the index makes of it.
func TestCompareAcrossTypes(t *testing.T) {
	opts := Options{Size: -1, Schema: schemaOf(t, typed)}
	for _, c := range []conditionCase{
		{`n == "5"`, `{"n":5}`, true},
		{`n == "5.5"`, `{"n":5}`, false},
		{`d == "5.5"`, `{"d":5.5}`, true},
		{`n == "x"`, `{"n":5}`, false},
		{`kw == 5`, `{"kw":5}`, true},
		{`kw == true`, `{"kw":"true"}`, true},
		{`b == "true"`, `{"b":true}`, true},
		{`ip == 5`, `{"ip":"10.0.0.1"}`, false},
		{`t == 1.5`, `{"t":1}`, false},
		{`t == "no date"`, `{"t":1}`, false},
	} {
		if got, known := permitted(t, c, opts); known && got != c.want {
			t.Errorf("%s on %s: got %v, want %v", c.condition, c.doc, got, c.want)
		}
	}
}

func TestDates(t *testing.T) {
	opts := Options{Size: -1, Schema: schemaOf(t, typed)}
	checkConditions(t, opts, []conditionCase{
		// An equal text is the whole of its unit.
		{`t == "2017-08-30T20:47:33Z"`, `{"t":"2017-08-30T20:47:33.999Z"}`, true},
		{`t == "2017-08-30T20:47:33Z"`, `{"t":"2017-08-30T20:47:34Z"}`, false},
		{`t == "2017-08-30"`, `{"t":"2017-08-30T23:59:59.999999999Z"}`, true},
		{`t == "2017-08-30"`, `{"t":"2017-08-31"}`, false},
		{`t in ("2016", "2017-08-30")`, `{"t":"2017-08-30T12:00:00Z"}`, true},
		// > and <= go by its end, >= and < by its start.
		{`t > "2017-08-30"`, `{"t":"2017-08-30T12:00:00Z"}`, false},
		{`t > "2017-08-30"`, `{"t":"2017-08-31T00:00:00Z"}`, true},
		{`t <= "2017-08-30"`, `{"t":"2017-08-30T12:00:00Z"}`, true},
		{`t >= "2017-08-30"`, `{"t":"2017-08-30T12:00:00Z"}`, true},
		{`t < "2017-08-30"`, `{"t":"2017-08-30T00:00:00Z"}`, false},
		{`t < "2017-08-30"`, `{"t":"2017-08-29T23:59:59Z"}`, true},
		// A number is epoch milliseconds, and compares at the millisecond.
		{`t == 1516116808349`, `{"t":1516116808349}`, true},
		{`t == 1516116808349`, `{"t":"2018-01-16T15:33:28.349999999Z"}`, true},
		{`t == 1516116808349`, `{"t":"2018-01-16T15:33:28.350Z"}`, false},
		{`t > 1516116808349`, `{"t":"2018-01-16T15:33:28.349999Z"}`, false},
		{`t > 1516116808349`, `{"t":"2018-01-16T15:33:28.35Z"}`, true},
		{`t >= 1516116808349`, `{"t":1516116808349}`, true},
		{`t < 1516116808349`, `{"t":1516116808348}`, true},
		{`t == null`, `{}`, true},
		{`t > "2017"`, `{"t":"no date"}`, false},
		{`null == (t > "2017")`, `{}`, true},
		{`null == (t > "2017")`, `{"t":"2018"}`, false},
		{`string(t) == "2018-01-01T00:00:00.000Z"`, `{"t":"2018"}`, true},
	})
	// The timestamp is a date without any schema, under any name.
	checkConditions(t, Options{Size: -1, TimestampField: "when"}, []conditionCase{
		{`when > "2017"`, `{"when":"2018-01-01"}`, true},
		{`when == 1000`, `{"when":1000}`, true},
		{`when == "1970-01-01T00:00:12.345Z"`, `{"when":"12345"}`, true},
		{`when == null`, `{"when":"no date"}`, true},
	})
}

// TestKnownFields asserts that without a schema the fields that ECS names have
// their types.
func TestKnownFields(t *testing.T) {
	checkConditions(t, all, []conditionCase{
		{`process.pid == 5`, `{"process":{"pid":"5"}}`, true},
		{`process.name == "5"`, `{"process":{"name":5}}`, true},
		{`@timestamp == "2017-08-30"`, `{"@timestamp":"2017-08-30T10:00:00Z"}`, true},
		{`source.ip == "10.0.0.0/8"`, `{"source":{"ip":"10.1.2.3"}}`, true},
		{`event.category == "process"`, `{"event":{"category":["a","process"]}}`, true},
	})
}
