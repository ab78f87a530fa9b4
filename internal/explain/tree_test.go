package explain_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/explain"
	"github.com/tripline-sec/tripline/internal/reference"
)

func TestTreeShowsEachNodeWithWhatItSaw(t *testing.T) {
	r := run(t, `process where (n == "a" or m > 5) and not l : "x*" and concat(n, l) == "ab" and 1 / o == 1`, reference.Options{},
		decode(t, `{"event.category": "process", "n": "b", "l": ["xy", "z"], "o": 0}`))
	var got strings.Builder
	for _, l := range explain.Tree(r.Misses[0].Stages[0].Truth) {
		fmt.Fprintf(&got, "%s %s%s | %s\n", l.Result, strings.Repeat("  ", l.Depth), l.Text, l.Seen)
	}
	want := `false and | 
true   event.category == "process" | "process"
false   or | 
false     n == "a" | "b"
null     m > 5 | absent
false   not | 
true     l : "x*" | ["xy", "z"]
false   concat(n, l) == "ab" | n "b"; l ["xy", "z"]
null   1 / o == 1 | 0 `
	if !strings.HasPrefix(got.String(), want) {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
	if faults := r.Misses[0].Stages[0].Faults; len(faults) != 4 || !strings.Contains(faults[3].Text, "can not be judged") {
		t.Errorf("faults %+v", faults)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		2017 * time.Millisecond:                "2.017 s",
		time.Second:                            "1 s",
		time.Second + 400*time.Nanosecond:      "1.0000004 s",
		1500 * time.Microsecond:                "1.5 ms",
		87 * time.Millisecond:                  "87 ms",
		87*time.Millisecond + time.Microsecond: "87.001 ms",
		0:                                      "0 ms",
		90*time.Second + 5*time.Millisecond:    "1m30.005s",
		26*time.Hour + 300*time.Microsecond:    "26h0m0s",
		999*time.Millisecond + 999999*time.Nanosecond: "999.999999 ms",
	} {
		if got := explain.Span(d); got != want {
			t.Errorf("Span(%v) = %s, want %s", d, got, want)
		}
	}
}

func TestSpanJustBeyondTheLimitDoesNotLookLikeIt(t *testing.T) {
	r := run(t, two, reference.Options{}, decode(t, `{"event.category": "process", "@timestamp": "2026-01-01T00:00:00Z", "k": 1, "n": "exec"}
		{"event.category": "network", "@timestamp": "2026-01-01T00:00:01.000000400Z", "k": 1, "n": "connect"}`))
	if got, want := r.Misses[0].Text, "stage 2 came 1.0000004 s after stage 1, maxspan is 1s"; got != want {
		t.Errorf("got %s", got)
	}
}
