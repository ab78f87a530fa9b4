package ruletest

import (
	"testing"
	"time"
)

func TestEventsAreWrittenSoThatTheyReadBack(t *testing.T) {
	for _, c := range []struct {
		offset time.Duration
		fields map[string]any
		want   string
	}{
		{
			20 * time.Millisecond,
			map[string]any{"event.category": "process", "event.action": "exec", "event.type": "start", "process.name": "python3.11"},
			`e1: +20ms process exec process.name=python3.11`,
		},
		{0, nil, `e1: +0s - -`},
		{0, map[string]any{"event.action": "exec"}, `e1: +0s - exec event.type=null`},
		{0, map[string]any{"event.category": "file", "event.action": "rename", "event.type": []any{"change"}}, `e1: +0s file rename`},
		{0, map[string]any{"event.category": "-", "event.action": "a=b"}, `e1: +0s - - event.action=a=b event.category="-"`},
		{
			1500 * time.Microsecond,
			map[string]any{
				"event.category": []any{"a", "b"}, "event.action": "Process Create", "a/b": "x", "n": int64(-4), "u": uint64(1 << 63), "f": 1.5, "b": true,
				"s": "4", "t": "true", "e": "", "q": "a \"b\" <c>\n", "l": []any{"x y", "1.5", 1.5}, "ip": "203.0.113.9",
			},
			`e1: +1.5ms [a, b] - "a/b"=x b=true e="" event.action="Process Create" f=1.5 ip=203.0.113.9 l=["x y", "1.5", 1.5] n=-4 q="a \"b\" <c>\n" s="4" t="true" u=9223372036854775808`,
		},
	} {
		got := FormatEvent("e1", c.offset, c.fields)
		if got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		file, err := Parse("x.test", []byte("query any where true\ntest x\n  "+got+"\n  expect silence\n"))
		if err != nil {
			t.Errorf("%s: %v", got, err)
			continue
		}
		e := file.Tests[0].Steps[0].Event
		again := map[string]any{}
		for _, f := range e.Fields {
			again[f.Name] = f.Value
		}
		if text := FormatEvent("e1", e.Offset, again); text != got {
			t.Errorf("read back, it is\n%s\nand was\n%s", text, got)
		}
	}
}
