package ruletest

import (
	"strings"
	"testing"
)

// runText runs the tests of a text.
func runText(t *testing.T, text string) *Report {
	t.Helper()
	report := (&Runner{}).Run("x.test", []byte(text))
	for _, p := range report.Problems {
		t.Fatalf("%v (%s)", p, p.Hint)
	}
	return report
}

const shell = `
query '''sequence by host.id, process.entity_id with maxspan=1s
  [process where event.type == "start" and process.name : ("python*", "perl") and process.args : "-c"]
  [network where event.action == "connection_attempted" and destination.ip != null and
    not cidrmatch(destination.ip, "127.0.0.0/8", "::1")]'''
host web-01
with process.entity_id=p1

test it connects
  e1: +0s   process exec process.name=python3.11 process.args=["python3", "-c", "x"]
  e2: +20ms network connection_attempted destination.ip=203.0.113.9
  expect alert e1 e2
`

func TestRun(t *testing.T) {
	for _, c := range []struct{ name, text, failure string }{
		{"as expected", "", ""},
		{"too late", `
test x
  e1: +0s   process exec process.name=perl process.args=-c
  e2: +2017ms network connection_attempted destination.ip=203.0.113.9
  expect alert e1 e2`, "want an alert over e1 e2, got no alert; e2 came 2.017s after e1, and maxspan is 1s"},
		{"a clause", `
test x
  e1: +0s   process exec process.name=ruby process.args=-c
  e2: +1ms network connection_attempted destination.ip=127.0.0.9
  expect alert e1 e2`, `e1 does not meet stage 1: clause 2: process.name is "ruby", wants `},
		{"a category", `
test x
  e1: +0s   file exec process.name=perl process.args=-c
  e2: +1ms network connection_attempted destination.ip=203.0.113.9
  expect alert e1 e2`, `e1 does not meet stage 1: event.category is "file", wants "process"`},
		{"a key", `
test x
  e1: +0s   process exec process.name=perl process.args=-c
  e2: +1ms network connection_attempted destination.ip=203.0.113.9 process.entity_id=p2
  expect alert e1 e2`, `process.entity_id of e2 is "p2", and process.entity_id of e1 is "p1": they must be equal`},
		{"a key that is absent", `
test x
  e1: +0s   process exec process.name=perl process.args=-c
  e2: +1ms network connection_attempted destination.ip=203.0.113.9 process.entity_id=null
  expect alert e1 e2`, `e2 lacks the join key process.entity_id`},
		{"the order", `
test x
  e1: +1s   process exec process.name=perl process.args=-c
  e2: +0ms network connection_attempted destination.ip=203.0.113.9
  expect alert e1 e2`, `e2 is 1s before e1, and must be after it`},
		{"a newer one", `
test x
  e1: +0s   process exec process.name=perl process.args=-c
  e3: +1ms  process exec process.name=perl process.args=-c
  e2: +2ms network connection_attempted destination.ip=203.0.113.9
  expect alert e1 e2`, `e3, between them, meets stage 1 too and may have taken the place of e1`},
		{"loss", `
test x
  e1: +0s   process exec process.name=perl process.args=-c
  e2: +2ms network connection_attempted destination.ip=203.0.113.9
  lose e2
  expect alert e1 e2`, `e2 had not arrived`},
		{"not silent", `
test x
  e1: +0s   process exec process.name=perl process.args=-c
  e2: +2ms network connection_attempted destination.ip=203.0.113.9
  expect silence`, `want silence, got an alert over e1 e2`},
		{"another number", `
test x
  e1: +0s   process exec process.name=perl process.args=-c
  expect alerts 2`, `want 2 alerts, got 0 alerts: no alert`},
		{"late", `
test x
  e1: late +5s +0s   process exec process.name=perl process.args=-c
  e2: +2ms network connection_attempted destination.ip=203.0.113.9
  expect silence until +4s
  expect alert e1 e2`, ``},
		{"not yet", `
test x
  e1: late +5s +0s   process exec process.name=perl process.args=-c
  e2: +2ms network connection_attempted destination.ip=203.0.113.9
  expect alert e1 e2 until +4s
  expect alert e1 e2`, `want an alert over e1 e2 until +4s, got no alert; e1 had not arrived`},
		{"one too many", `
test x
  e1: +0s   process exec process.name=perl process.args=-c
  e2: +2ms network connection_attempted destination.ip=203.0.113.9
  e3: +3ms   process exec process.name=perl process.args=-c
  e4: +4ms network connection_attempted destination.ip=203.0.113.9
  expect alert e1 e2`, `want no other alert, got an alert over e3 e4`},
		{"an error of the query", `
test x
  query process where foo ==
  expect error unexpected end of the query`, ``},
		{"an error when it runs", `
test x
  query process where 1 / (process.pid - process.pid) == 0
  +0s process exec process.pid=4
  expect error zero`, ``},
		{"names by number", `
test x
  +0s  process exec process.name=perl process.args=-c
  +2ms network connection_attempted destination.ip=203.0.113.9
  expect alert e1 e2`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			report := runText(t, shell+c.text)
			var got []string
			for _, one := range report.Results {
				for _, p := range one.Problems {
					t.Errorf("%v", p)
				}
				for _, f := range one.Failures {
					got = append(got, strings.Join(append([]string{"want " + f.Expected + ", got " + f.Happened}, f.Reasons...), "; "))
				}
			}
			if text := strings.Join(got, "\n"); c.failure == "" && text != "" || !strings.Contains(text, c.failure) {
				t.Errorf("got  %s\nwant %s", text, c.failure)
			}
		})
	}
}
