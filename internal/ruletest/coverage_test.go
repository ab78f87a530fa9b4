package ruletest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/rule"
)

func TestCoverage(t *testing.T) {
	r := &rule.Rule{ID: "11111111-2222-3333-4444-555555555555", Name: "r", Query: `sequence with maxspan=1m
	  [process where (process.name : ("nc", "ncat") and process.args == "-e") or process.name in ("telnet", "socat") or process.pid == 1]
	  [network where not cidrMatch(destination.ip, "127.0.0.0/8", "::1") and not (destination.port == 53 or destination.port == 80)]
	  until [any where event.action in ("end", "stop")]`}
	runner := &Runner{Prepare: func(*rule.Rule) (*Ready, []*rule.Problem) { return Prepare(r) }}
	report := runner.Run("x.test", []byte("rule "+builtin(t).Path+`
test x
  +0s process exec process.name=nc process.args=-e
  +1s network x destination.ip=10.0.0.1
  expect alert e1 e2
test y
  # It is no event of the stage: ncat alone is not reached by it.
  +0s process exec process.name=ncat
  +0s process exec process.name=telnet
  +1s network x destination.ip=127.0.0.1
  +1s network x destination.ip=10.0.0.1 destination.port=53
  +1s process end
  expect silence
`))
	if !report.Passed() {
		t.Fatal(failures(report))
	}
	coverage := Cover([]*Report{report})
	if len(coverage) != 1 {
		t.Fatalf("%d rules", len(coverage))
	}
	var got []string
	for _, p := range coverage[0].Parts {
		got = append(got, fmt.Sprintf("%d %v %s", p.Stage, p.Reached, strings.TrimSpace(p.List+" "+p.Text)))
	}
	want := `1 true process.name : ("nc", "ncat") and process.args == "-e"
1 true process.name : "nc"
1 false process.name : "ncat"
1 true process.name in ("telnet", "socat")
1 true process.name in "telnet"
1 false process.name in "socat"
1 false process.pid == 1
2 true cidrMatch of destination.ip "127.0.0.0/8"
2 false cidrMatch of destination.ip "::1"
2 true destination.port == 53
2 false destination.port == 80
0 true event.action in "end"
0 false event.action in "stop"`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if n := coverage[0].Reached(); n != 7 {
		t.Errorf("%d reached", n)
	}
}
