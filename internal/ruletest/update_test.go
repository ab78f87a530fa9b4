package ruletest

import (
	"strings"
	"testing"
)

// Update rewrites what is expected and nothing else.
func TestUpdate(t *testing.T) {
	const before = `# a file
query any where a == 1   

test right
  e1: +0s - - a=1
  # kept
  expect alert e1
test wrong

	e1: +0s - - a=1
	e2: +1s - - a=2
	e3: +2s - - a=1
	# why
	expect alert e2
	# and why not
	expect alert e3
test silent
  e1: +0s - - a=1
  expect silence
test not silent
  e1: +0s - - a=2
  expect alert e1
  expect alert e1
test count
  e1: +0s - - a=1
    expect alerts 7 until +5s
  expect silence
test nothing
  e1: +0s - - a=1
      b=2
# the end of it
test broken
  query any where
  expect silence
`
	const want = `# a file
query any where a == 1   

test right
  e1: +0s - - a=1
  # kept
  expect alert e1
test wrong

	e1: +0s - - a=1
	e2: +1s - - a=2
	e3: +2s - - a=1
	# why
	# and why not
	expect alert e3
	expect alert e1
test silent
  e1: +0s - - a=1
  expect alert e1
test not silent
  e1: +0s - - a=2
  expect silence
test count
  e1: +0s - - a=1
    expect alerts 1 until +5s
  expect alert e1
test nothing
  e1: +0s - - a=1
      b=2
  expect alert e1
# the end of it
test broken
  query any where
  expect silence
`
	for name, end := range map[string]string{"unix": "\n", "dos": "\r\n"} {
		t.Run(name, func(t *testing.T) {
			runner := &Runner{}
			report := runner.Run("x.test", []byte(strings.ReplaceAll(before, "\n", end)))
			got, changed := report.Update()
			if !changed || got != strings.ReplaceAll(want, "\n", end) {
				t.Fatalf("%v\n%s", failures(report), got)
			}
			again := runner.Run("x.test", []byte(got))
			if text, changed := again.Update(); changed || text != got {
				t.Errorf("a second update changes it again:\n%s", text)
			}
			for _, one := range again.Results {
				if one.Test.Name != "broken" && !one.Passed() {
					t.Errorf("%s: %v", one.Test.Name, failures(again))
				}
			}
		})
	}
}

// A byte order mark stays where it was.
func TestUpdateKeepsTheMark(t *testing.T) {
	before := "\ufeffquery any where true\r\ntest a\r\n  e1: +0s - -\r\n  expect silence\r\n"
	text, changed := (&Runner{}).Run("a.test", []byte(before)).Update()
	if want := "\ufeffquery any where true\r\ntest a\r\n  e1: +0s - -\r\n  expect alert e1\r\n"; !changed || text != want {
		t.Errorf("%q", text)
	}
}

func TestOneLine(t *testing.T) {
	if got := OneLine("a\u001b[31m\n  rule x\u0007\u202e\u0085\x00 \tü"); got != "a [31m rule x ü" {
		t.Errorf("%q", got)
	}
}

// An id that is no word is not written as a name.
func TestUpdateOfUnwritableNames(t *testing.T) {
	for name, want := range map[string]bool{"a b": true, "": true, "until": true, "missing": true, "x\x1b": true, "a": false, "-": false, "Ke7+yf8=": false} {
		if unwritable(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
	got := asLines("  ", [][]string{{"a", "-"}, {"a b"}}, " until +5s")
	if len(got) != 1 || got[0] != "  expect alerts 2 until +5s" {
		t.Errorf("%q", got)
	}
}
