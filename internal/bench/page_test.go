package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/engine"
)

// made are results that need no measuring.
func made() *results {
	took := func(name string, each time.Duration) *row {
		r := &row{name: name, events: 1000, bytes: 3_000_000}
		for i := range 3 {
			r.took, r.cpu = append(r.took, time.Duration(1000+i)*each), append(r.cpu, 1000*each)
		}
		return r
	}
	judged := func(name string, each time.Duration) *row {
		r := took(name, each)
		r.outcome = outcome{judged: true, counts: engine.Counters{Events: 1000, Atoms: 7000, Misses: 500, Candidates: 3000}, matches: 12, alerts: 11}
		return r
	}
	res := &results{
		options: &options{events: 1000, rounds: 3}, machine: thisMachine(), commands: map[*row]usage{},
		corpus: corpusFacts{Events: 1000, Distinct: 1000, Bytes: 3_000_000, Execs: 300, Planted: 3, Hosts: 60},
		shares: shares{Rules: 2000, Sequences: 500, Wildcards: 900, Filters: 2500, Literals: 10_000, Distinct: 8500, New: 8000},
		parse:  took("fastjson, parse alone", 4*time.Microsecond),
		seed:   judged(replaying+"seed rule", 2*time.Microsecond),
		full:   judged(replaying+"350 rules", 6*time.Microsecond), derived: judged(replaying+"2,000 derived rules", 9*time.Microsecond),
		reference: took("reference, 350 rules", 900*time.Microsecond), scanner: took("scanner", time.Microsecond),
		judges:  [3]*row{judged("judge, a", 1000), judged("judge, b", 2000), judged("judge, c", 3000)},
		scalar:  []probed{{Name: "fastjson", Speed: 1}, {Name: replaying + "seed rule", Speed: 1.1}, {Name: replaying + "350 rules", Speed: 0.5}},
		sorted:  partials{Waiting: 100_000, Bookkeeping: 120},
		stream:  partials{Waiting: 100_000, Bookkeeping: 140},
		load:    &load{rules: 62, parse: took("parse", 4000), one: []time.Duration{9}, all: []time.Duration{8}, cpu: []time.Duration{7}},
		large:   &largeInput{events: 10, bytes: 5e9, usage: usage{Took: 9 * time.Second, Peak: 300 << 20}},
		profile: []function{{"10%", "20%", "engine.(*Judge).Judge"}},
	}
	res.workers = &gain{took("", 4000), took("", 2500), took("", 8000), took("", 5500)}
	return res
}

func TestVerdicts(t *testing.T) {
	want := []string{
		"2 x: met",        // seed
		"1.10 x: met",     // without assembly
		"0.67 x: not met", // 350
		"1.50 x: met",     // 2,000
		"150 x: met",      // reference
		"at most 3 x",     // the load, of nanoseconds
		"0 ",              // allocations
		"120 bytes: met",  // partials
		"140 bytes: not met",
		"1.45 x, where fastjson gains 1.60 x: met",
		"300 MiB: met",
	}
	goals := made().goals()
	if len(goals) != len(want) {
		t.Fatalf("%d goals", len(goals))
	}
	for i, g := range goals {
		if got := g.wanted + " " + g.figure + ": " + strings.Trim(g.verdict(), "*"); !strings.Contains(strings.ReplaceAll(got, ".00", ""), want[i]) {
			t.Errorf("%s: %s, want %s", g.measure, got, want[i])
		}
	}
	none := made()
	none.workers, none.large = nil, &largeInput{skipped: "left out"}
	for _, g := range none.goals()[9:] {
		if g.verdict() != "not measured" {
			t.Errorf("%s: %s", g.measure, g.verdict())
		}
	}
}

// The page tells of the machine, but neither its name nor where anything lies on it.
func TestPageNamesNoPlace(t *testing.T) {
	page := made().page()
	if places := regexp.MustCompile("(^|[\\s`(])/[a-zA-Z]+/").FindAllString(page, -1); len(places) > 0 {
		t.Errorf("paths %q", places)
	}
	if host, err := os.Hostname(); err == nil && len(host) > 3 && strings.Contains(page, host) {
		t.Errorf("the page names %s", host)
	}
	for _, row := range regexp.MustCompile(`(?m)^\|.*$`).FindAllString(page, -1) {
		if strings.Contains(row, "NaN") || strings.Contains(row, "%!") {
			t.Error(row)
		}
	}
	columns := 0
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		if n := strings.Count(line, "|"); columns > 0 && n != columns {
			t.Errorf("a row of %d columns in a table of %d: %s", n, columns, line)
		} else {
			columns = n
		}
	}
}

func TestProfileIsRead(t *testing.T) {
	got := topOf([]byte(`File: bench
Type: cpu
Showing nodes accounting for 1850ms, 60% of 3000ms total
      flat  flat%   sum%        cum   cum%
     460ms 14.11% 14.11%      460ms 14.11%  github.com/tripline-sec/tripline/internal/event.groupsAVX512
     0.40s 11.20% 25.31%      0.90s 25.20%  internal/runtime/maps.(*Map).getWithoutKeySmallFastStr (inline)
`))
	want := []function{
		{"14.11%", "14.11%", "internal/event.groupsAVX512"},
		{"11.20%", "25.20%", "internal/runtime/maps.(*Map).getWithoutKeySmallFastStr (inline)"},
	}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v", got)
	}
}

func TestNumbers(t *testing.T) {
	for want, got := range map[string]string{
		"1,234,567": number(1234567), "999": number(999), "0": rounded(0), "1,235": rounded(1234.6), "12.3": rounded(12.34),
		"1.20": rounded(1.2), "0.004": rounded(0.0041), "512 MiB": mebibytes(512 << 20),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for text, want := range map[string]int64{"5GB": 5e9, "500MB": 5e8, "0": 0, "17": 17} {
		if n, err := readSize(text); n != want || err != nil {
			t.Errorf("%s: %d, %v", text, n, err)
		}
	}
	for _, text := range []string{"", "GB", "-1GB", "5TB"} {
		if _, err := readSize(text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}

func TestCorpusIsSplitBetweenLines(t *testing.T) {
	data := []byte("{\"a\":1}\n{\"b\":22222222}\n{}\n{\"c\":[]}\n")
	for parts := 1; parts <= 3; parts++ {
		all := split(data, parts)
		if len(all) != parts {
			t.Errorf("%d parts of %d", len(all), parts)
		}
		joined := ""
		for _, p := range all {
			if len(p) > 0 && p[len(p)-1] != '\n' {
				t.Errorf("%d parts: %q", parts, p)
			}
			joined += string(p)
		}
		if joined != string(data) {
			t.Errorf("%d parts: %q", parts, joined)
		}
	}
}
