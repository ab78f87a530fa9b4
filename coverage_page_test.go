package tripline_test

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/reference"
)

var updateCoverage = flag.Bool("update-coverage", false, "write docs/coverage.md again")

const coveragePage = "docs/coverage.md"

// utilityOf says which utility a recording is of: the longest key that its name
// begins with. The order is that of the table.
var utilityOf = []struct{ prefix, utility, seed string }{
	{"py-", "python", "yes"},
	{"perl-", "perl", "yes"},
	{"ruby-", "ruby", "yes"},
	{"lua-", "lua", "yes"},
	{"php-", "php", "yes"},
	{"gawk-", "awk (gawk)", "yes"},
	{"openssl-", "openssl", "yes"},
	{"nc-traditional-", "nc (traditional)", "yes"},
	{"ncat-", "ncat", "yes"},
	{"telnet-", "telnet", "yes"},
	{"bash-", "bash /dev/tcp", "no"},
	{"socat-", "socat", "no"},
	{"busybox-", "busybox nc", "no"},
	{"tclsh-", "tclsh", "no"},
}

// A verdict is what came of one recording.
type verdict struct {
	name       string
	shell      bool // an answer came back through it
	seed, ours int
}

func (v verdict) caughtBySeed() bool { return v.seed > 0 }
func (v verdict) caught() bool       { return v.seed > 0 || v.ours > 0 }

// The page is what the rules find in the recordings today, every working shell
// is caught by a companion, and no look-alike is.
func TestCoveragePage(t *testing.T) {
	verdicts := judgeRecordings(t)
	for _, v := range verdicts {
		benign := strings.HasPrefix(v.name, "benign-")
		if v.shell && v.ours == 0 {
			t.Errorf("%s: a working shell that no companion rule catches", v.name)
		}
		if benign && (v.ours > 0 || v.shell) {
			t.Errorf("%s: a look-alike with %d matches of the companion rules", v.name, v.ours)
		}
	}
	page := coverageText(t, verdicts)
	if *updateCoverage {
		if err := os.WriteFile(coveragePage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(coveragePage)
	if err != nil || string(kept) != page {
		t.Errorf("%s is not current (%v): run make coverage-table. It must read\n%s", coveragePage, err, page)
	}
}

func judgeRecordings(t *testing.T) []verdict {
	t.Helper()
	expected, traces := embeddedTraces(t)
	seed := program(t, builtinRule(t))
	var companions []*reference.Program
	for _, r := range companionRules(t) {
		companions = append(companions, program(t, r))
	}
	var verdicts []verdict
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		if strings.Contains(name, ".aggregated.") {
			continue // repeats its plain file
		}
		docs := readEvents(t, traces[name])
		v := verdict{name: strings.TrimSuffix(name, ".ndjson"), shell: expected[name].ShellConfirmed, seed: matches(t, seed, docs)}
		for _, p := range companions {
			v.ours += matches(t, p, docs)
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

func coverageText(t *testing.T, verdicts []verdict) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`# What the built-in rules catch

The seed rule as written, and with the companion rules beside it, on the recorded
shells of testdata/reverse-shell-traces.zip. A shell counts as working if the answer
to a command came back through it. Made by ` + "`make coverage-table`" + `; a test holds it to
what the rules find.

| utility | in the seed rule | working shells | caught as written | caught with ours |
| --- | --- | ---: | ---: | ---: |
`)
	var all [3]int
	var untried []verdict
	for _, u := range utilityOf {
		var n [3]int
		for _, v := range verdicts {
			if !strings.HasPrefix(v.name, u.prefix) {
				continue
			}
			if !v.shell {
				untried = append(untried, v)
				continue
			}
			n[0]++
			n[1] += one(v.caughtBySeed())
			n[2] += one(v.caught())
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d |\n", u.utility, u.seed, n[0], n[1], n[2])
		for i := range all {
			all[i] += n[i]
		}
	}
	fmt.Fprintf(&b, "| **all** | | **%d** | **%d** | **%d** |\n", all[0], all[1], all[2])
	if len(untried) > 0 {
		b.WriteString("\nRecorded with a real connection, but no answer came back:\n\n| recording | as written | with ours |\n| --- | --- | --- |\n")
		for _, v := range untried {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", v.name, caught(v.caughtBySeed()), caught(v.caught()))
		}
	}
	b.WriteString("\nLook-alikes, and how often the rules alert on each:\n\n| recording | as written | with ours alone |\n| --- | ---: | ---: |\n")
	var benign []verdict
	for _, v := range verdicts {
		if strings.HasPrefix(v.name, "benign-") {
			benign = append(benign, v)
		}
	}
	slices.SortFunc(benign, func(x, y verdict) int { return cmp.Compare(x.name, y.name) })
	var hits [2]int
	for _, v := range benign {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", strings.TrimPrefix(v.name, "benign-"), v.seed, v.ours)
		hits[0] += v.seed
		hits[1] += v.ours
	}
	fmt.Fprintf(&b, "| **all** | **%d** | **%d** |\n", hits[0], hits[1])
	if listed := all[0] + len(untried) + len(benign); listed != len(verdicts) {
		t.Errorf("%d of %d recordings are in the table", listed, len(verdicts))
	}
	return b.String()
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func caught(yes bool) string {
	if yes {
		return "caught"
	}
	return "silent"
}
