package ruletest

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseEvents(t *testing.T) {
	f, err := Parse("x.test", []byte("\ufeff"+`# a comment
with a=1 b=2
     c=3
test one
  host h1
  # another
  e1: +0s process exec b=4 process.args=["a b", c, 3, true, null, "\u0041,]"] d="x # y"
      e=null "odd name"=-1.5 f={"x": [1, {"y": "a b"}]} g=[]
  late +2s -5s network connection_attempted c=null h=007 i=1e3 j=::1 k=a=b
  +1m30s file rename event.type=creation
  +1.5ms - -
  x: +1d process [fork,exec,end]
  lose e2
  expect alert e1 - x until +2d
`))
	if err != nil {
		t.Fatal(err)
	}
	test := f.Tests[0]
	base := func(n any, m ...Field) map[string]any {
		out := map[string]any{"a": json.Number("1"), "b": json.Number("2"), "c": json.Number("3"), "host.id": "h1", "host.name": "h1", "host.os.type": "linux"}
		if n != nil {
			out["b"] = n
		}
		for _, f := range m {
			out[f.Name] = f.Value
		}
		return out
	}
	want := []struct {
		name         string
		offset, late time.Duration
		fields       map[string]any
	}{
		{"e1", 0, 0, base(
			json.Number("4"), Field{"event.category", "process"}, Field{"event.action", "exec"}, Field{"event.type", []any{"start"}},
			Field{"process.args", []any{"a b", "c", json.Number("3"), true, nil, "A,]"}}, Field{"d", "x # y"}, Field{"e", nil},
			Field{"odd name", json.Number("-1.5")}, Field{"f", json.RawMessage(`{"x": [1, {"y": "a b"}]}`)}, Field{"g", []any{}},
		)},
		{"e2", -5 * time.Second, 2 * time.Second, base(
			nil, Field{"event.category", "network"}, Field{"event.action", "connection_attempted"}, Field{"event.type", []any{"start"}},
			Field{"c", nil}, Field{"h", "007"}, Field{"i", json.Number("1e3")}, Field{"j", "::1"}, Field{"k", "a=b"},
		)},
		{"e3", 90 * time.Second, 0, base(
			nil, Field{"event.category", "file"}, Field{"event.action", "rename"}, Field{"event.type", "creation"},
		)},
		{"e4", 1500 * time.Microsecond, 0, base(nil)},
		{"x", 24 * time.Hour, 0, base(
			nil, Field{"event.category", "process"}, Field{"event.action", []any{"fork", "exec", "end"}}, Field{"event.type", []any{"start", "end"}},
		)},
	}
	if len(test.Steps) != len(want) {
		t.Fatalf("%d steps", len(test.Steps))
	}
	for i, w := range want {
		e := test.Steps[i].Event
		got := map[string]any{}
		for _, f := range e.Fields {
			got[f.Name] = f.Value
		}
		if e.Name != w.name || e.Offset != w.offset || e.Late != w.late || !reflect.DeepEqual(got, w.fields) {
			t.Errorf("event %d: %s %v %v\n%v\nwant %s %v %v\n%v", i, e.Name, e.Offset, e.Late, got, w.name, w.offset, w.late, w.fields)
		}
	}
	x := test.Expect[0]
	if got := namesOf(x); !reflect.DeepEqual(got, []string{"e1", "-", "x"}) || !x.HasUntil || x.Until != 48*time.Hour || test.Lost[0].Text != "e2" {
		t.Errorf("%+v %+v", x, test.Lost)
	}
}

func TestParseRefuses(t *testing.T) {
	const head = "query any where true\ntest t\n"
	for name, c := range map[string]struct{ text, place, reason, hint string }{
		"unknown keyword":           {head + "  expct silence", "3:3", `unknown keyword "expct"`, "did you mean expect?"},
		"unknown margin keyword":    {"tset x", "1:1", `unknown keyword "tset"`, "did you mean test?"},
		"unknown expectation":       {head + "  expect silense", "3:10", `unknown expectation "silense"`, "did you mean silence?"},
		"unknown event":             {head + "  shell: +0s - -\n  expect alert shel", "4:16", `no event is called "shel"`, "did you mean shell?"},
		"unknown lost event":        {head + "  e1: +0s - -\n  lose x\n  expect silence", "4:8", `no event is called "x"`, "the test's events are e1"},
		"lost missing event":        {head + "  e1: +0s - -\n  lose -\n  expect silence", "4:8", `no event is called "-"`, ""},
		"no sign":                   {head + "  e1: 20ms process exec", "3:7", `"20ms" is no offset`, "write a time from the start"},
		"no unit":                   {head + "  e1: +20 process exec", "3:7", "the unit is missing", "units are"},
		"an unknown unit":           {head + "  +20sec process exec", "3:3", `"sec" is no unit`, ""},
		"no number":                 {head + "  +s process exec", "3:3", "a number is missing", ""},
		"too large a number":        {head + "  +99999999999999d process exec", "3:3", "too large", ""},
		"early":                     {head + "  late -1s +0s - -", "3:3", "can not arrive before its time", ""},
		"no colon":                  {head + "  e1 +0s process exec", "3:3", `unknown keyword "e1"`, "e1: +0s process exec"},
		"no action":                 {head + "  e1: +0s process process.name=x", "3:19", "the event's action is missing", "write - for none"},
		"no category":               {head + "  e1: +0s", "3:10", "the event's category is missing", ""},
		"a word among fields":       {head + "  e1: +0s process exec foo a=1", "3:24", `"foo" is no field`, "FIELD=VALUE"},
		"no value":                  {head + "  e1: +0s - - a= b=1", "3:17", "a value is missing", ""},
		"open quotes":               {head + `  e1: +0s - - a="x y`, "3:17", "the quotes are not closed", ""},
		"a bad escape":              {head + `  e1: +0s - - a="\q"`, "3:17", "can not be read", ""},
		"an open list":              {head + `  e1: +0s - - a=[1, 2`, "3:17", "the list is not closed", ""},
		"no comma":                  {head + `  e1: +0s - - a=[1 2]`, "3:20", "within a list", "comma"},
		"a hole in a list":          {head + `  e1: +0s - - a=[1,,2]`, "3:20", "a value is missing", ""},
		"lists within lists":        {head + `  e1: +0s - - a=[1,[2]]`, "3:20", "a list within a list", ""},
		"an open object":            {head + `  e1: +0s - - a={"b": 1`, "3:17", "the object can not be read", ""},
		"a quote within a word":     {head + `  e1: +0s - - a=x"y"`, "3:18", "a quote in the middle", ""},
		"an event twice":            {head + "  e1: +0s - -\n  e1: +1s - -\n  expect silence", "4:3", "the event of line 3 has the same name", ""},
		"a number taken":            {head + "  e2: +0s - -\n  +1s - -\n  expect silence", "4:3", "would be called e2 by its number", ""},
		"a test twice":              {head + "  expect silence\ntest t\n  expect silence", "4:1", "the test of line 2 has the same name", ""},
		"a test without name":       {"test", "1:1", "the test has no name", ""},
		"a test within a test":      {head + "  test x", "3:3", "a test within a test", ""},
		"an event at the margin":    {head + "e1: +0s - -", "3:1", `"e1" belongs to a test`, "indent it"},
		"an event outside":          {"  e1: +0s - -", "1:3", "there is none above", "test NAME"},
		"fields of nothing":         {head + "  expect silence\n  a=1", "4:3", "a field that belongs to no event", ""},
		"silence and alert":         {head + "  e1: +0s - -\n  expect silence\n  expect alert e1", "4:3", "exclude each other", ""},
		"silence, not a number":     {head + "  expect alerts many", "3:17", `"many" is no number`, ""},
		"words behind":              {head + "  expect silence please", "3:18", `"please" is too much`, ""},
		"no query":                  {"query", "1:1", "the query is missing", ""},
		"an open query":             {"query '''any where\ntest x", "1:1", "the query is not closed", ""},
		"an empty query":            {"query ''' '''", "1:1", "the query is empty", ""},
		"an unknown option":         {"option timestampfield=x", "1:8", `unknown option "timestampfield"`, "did you mean timestamp_field?"},
		"no rule":                   {"rule", "1:1", "the rule's file is missing", ""},
		"no host":                   {"host", "1:1", "the host's name is missing", ""},
		"no fields":                 {"with", "1:1", "the fields are missing", ""},
		"bytes that are no text":    {"test \xff", "1:1", "not valid UTF-8", ""},
		"no file":                   {head + "  events", "3:3", "the file's name is missing", ""},
		"a name that can not be":    {head + "  a/b: +0s - -", "3:3", "", ""},
		"missing as a name":         {head + "  missing: +0s - -", "3:3", "can not be called missing", ""},
		"an index without a name":   {head + "  e1: +0s - - _index=[a, b]", "3:15", "an event is in one index", ""},
		"an error without its text": {head + "  expect error", "3:10", "the error's text is missing", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("x.test", []byte(c.text))
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("%v", err)
			}
			p := problems[0]
			if p.Place() != "x.test:"+c.place || !strings.Contains(p.Reason, c.reason) || !strings.Contains(p.Hint, c.hint) {
				t.Errorf("%v (%s)\nwant %s: %s (%s)", p, p.Hint, c.place, c.reason, c.hint)
			}
		})
	}
}

// A file's mistakes are told together, in their order.
func TestParseTellsAllMistakes(t *testing.T) {
	_, err := Parse("x.test", []byte("foo\ntest a\n  e1: 5 - -\n  +0s -\n  expect alert e9\n"))
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 4 || problems[0].Line != 1 || problems[3].Line != 5 {
		t.Errorf("%v", err)
	}
	_, err = Parse("x.test", []byte(strings.Repeat("foo\n", 10_000)))
	if !errors.As(err, &problems) || len(problems) > maxProblems {
		t.Errorf("%d problems", len(problems))
	}
}

// What is wrong with a query or a rule is told where it stands.
func TestSubjectProblems(t *testing.T) {
	for name, c := range map[string]struct{ text, want, hint string }{
		"a query":             {"test x\n  query '''any where\n    foo(1) == 2'''\n  expect silence", "x.test:3:5: Unknown function [foo]", ""},
		"a query in one line": {"query any where foo(1) == 2\ntest x\n  expect silence", "x.test:1:17: Unknown function [foo]", ""},
		"no rule beside":      {"test x\n  expect silence", "x.test:1:1: no rule file called x.toml stands beside", "rule FILE"},
		"no such rule":        {"rule parse_tset.go\ntest x\n  expect silence", "x.test:1:1: there is no rule file parse_tset.go", "did you mean parse_test.go?"},
		"no such builtin":     {"rule builtin/x.toml\ntest x\n  expect silence", "there is no rule file builtin/x.toml", ""},
		"no events file":      {"query any where true\ntest x\n  events nowhere.ndjson\n  expect silence", "x.test:3:3: read events: ", ""},
		"no expectation":      {"query any where true\ntest x\n  +0s - -", "x.test:2:1: the test expects nothing", "--update"},
		"a name of a file's":  {"query any where true\ntest x\n  events ../alert/testdata/py-subprocess-call.ndjson\n  expect alert e1", "x.test:4:16: no event is called", ""},
	} {
		t.Run(name, func(t *testing.T) {
			report := (&Runner{}).Run("x.test", []byte(c.text))
			if len(report.Results) != 1 || len(report.Results[0].Problems) != 1 {
				t.Fatalf("%v", failures(report))
			}
			if p := report.Results[0].Problems[0]; !strings.Contains(p.Error(), c.want) || !strings.Contains(p.Hint, c.hint) {
				t.Errorf("%v (%s), want %s (%s)", p, p.Hint, c.want, c.hint)
			}
		})
	}
}

func TestOffsetsAreReadBack(t *testing.T) {
	for _, d := range []time.Duration{
		0, 1, 999, 1000, 5_908_578, 20 * time.Millisecond, 999_999_999, time.Second, 1_376_543_211, 59*time.Second + 1,
		90 * time.Second, time.Hour, 25*time.Hour + 3*time.Minute + 1, -5 * time.Second, math.MaxInt64 / 8,
	} {
		text := formatOffset(d)
		got, err := parseOffset(text)
		if err != nil || got != d {
			t.Errorf("%d: %s is read as %d, %v", d, text, got, err)
		}
	}
}

func TestValuesAreReadBack(t *testing.T) {
	for _, v := range []any{
		nil, true, false, "", "x", "-", "a b", "true", "null", "12", "1.5", "-1", "007", "x,y", "a]", "[a", "{", "'q'", `"q"`, "tab\t", "a\nb", "é", "a\\b",
		"<&>", "a=b", "#", json.Number("12"), json.Number("-1.5e3"),
		[]any{},
		[]any{"a", "b c", "d,e", "f]", json.Number("1"), nil, true},
		json.RawMessage(`{"a":[1,"b c"]}`), "\u202e", "a\u00a0b",
	} {
		text := FormatValue(v)
		c := &cursor{text: text + " x=1", line: 1}
		got, err := c.value("")
		if err != nil || !reflect.DeepEqual(got, v) || c.peek() != "x=1" {
			t.Errorf("%#v: %s is read as %#v, %v", v, text, got, err)
		}
	}
}

// FuzzParse holds that no text breaks the parser or the runner, that a problem
// has its place in the text, and that events become documents.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		shell, "test a\n e1: +0s - - a=[1,{\"b\":2}]\n  expect alert e1", "query '''\nany where true'''\ntest x\n late +1s +1m process exec\n b=\"\\u0041\"\n",
		"host h windows\nwith a=null\ntest é\n\tlose x\n\texpect alerts 2 until +1d\n", "rule \"a b\" c\noption timestamp_field=x\n", "\ufefftest\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse("x.test", data)
		lines := strings.Count(string(data), "\n") + 1
		var problems Problems
		if errors.As(err, &problems) {
			for _, p := range problems {
				if p.Line < 1 || p.Line > lines || p.Col < 1 || p.Reason == "" {
					t.Fatalf("%+v", p)
				}
			}
			return
		}
		for _, test := range file.Tests {
			for _, s := range test.Steps {
				if s.Event == nil {
					continue
				}
				if _, err := s.Event.document(start, ""); err != nil && !strings.Contains(err.Error(), "nested") {
					t.Fatalf("%v", err)
				}
				for _, field := range s.Event.Fields {
					text := formatName(field.Name) + "=" + FormatValue(field.Value)
					again, err := (&cursor{text: text, line: 1}).field()
					if err != nil || again.Name != field.Name || FormatValue(again.Value) != FormatValue(field.Value) {
						t.Fatalf("%#v: %s is read as %#v, %v", field, text, again, err)
					}
				}
			}
		}
	})
}
