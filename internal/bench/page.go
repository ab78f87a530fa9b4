package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// page is what was found, as Markdown.
func (res *results) page() string {
	p := &writer{}
	p.line("# Performance")
	p.line("")
	p.line("Written by `make bench` on %s and by nobody's hand; another run writes it again.", res.machine.Date)
	if res.options.quick {
		p.line("\n**A quick run that only shows that it runs: its figures say nothing.**")
	}
	res.goalTable(p)
	res.rowTable(p)
	res.furtherFigures(p)
	res.profileTable(p)
	res.method(p)
	return p.String()
}

// writer collects lines.
type writer struct{ strings.Builder }

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// table writes a table; from the column with number right on, cells stand right.
func (w *writer) table(right int, head []string, rows ...[]string) {
	w.line("")
	w.line("| %s |", strings.Join(head, " | "))
	rule := make([]string, len(head))
	for i := range rule {
		if rule[i] = "---"; i >= right {
			rule[i] = "---:"
		}
	}
	w.line("| %s |", strings.Join(rule, " | "))
	for _, r := range rows {
		w.line("| %s |", strings.Join(r, " | "))
	}
}

func (res *results) goalTable(p *writer) {
	p.line("\n## Goals\n")
	p.line("On one core unless another number is named; each ratio is of one run, of the best of %d rounds.", res.options.rounds)
	var rows [][]string
	for _, g := range res.goals() {
		rows = append(rows, []string{g.measure, g.wanted, g.figure, g.verdict()})
	}
	p.table(4, []string{"measure", "goal", "figure", ""}, rows...)
}

func (res *results) rowTable(p *writer) {
	p.line("\n## Table\n")
	p.line("One core. Of %d rounds the best; in brackets the median. `x fastjson` is the speed against fastjson's bare parse of the", res.options.rounds)
	p.line("same documents, `by CPU` the same by processor time in place of the clock. Allocations count all that a run allocates, from reading to alerts, with caches cold at its start.")
	if wall, cpu := res.parse.perEvent(), res.parse.processor(); cpu > 0 && wall > busy*cpu {
		p.line("\n**The machine was busy with other things**: fastjson's best round took %s ns an event by the clock, and %s of processor time.",
			rounded(wall), rounded(cpu))
	}
	var rows [][]string
	for _, r := range res.rows() {
		rows = append(rows, res.cells(r))
	}
	p.table(1, []string{
		"what", "events/s", "MB/s", "ns/event", "CPU ns/event", "x fastjson", "by CPU", "allocations/event",
		"atoms/event", "misses/event", "candidates/event", "matches", "alerts", "peak memory of `scan`",
	}, rows...)
}

func (res *results) cells(r *row) []string {
	cells := []string{
		r.name, number(int64(1e9 / r.perEvent())), rounded(r.megabytes()),
		fmt.Sprintf("%s (%s)", rounded(r.perEvent()), rounded(float64(r.median().Nanoseconds())/float64(r.events))),
		rounded(r.processor()),
		fmt.Sprintf("%s (%s)", rounded(speed(r, res.parse)), rounded(medianSpeed(r, res.parse))),
		ratio(res.parse.processor(), r.processor()),
		rounded(r.allocations()),
	}
	if out := r.outcome; out.judged {
		n := float64(out.counts.Events)
		cells = append(cells, rounded(float64(out.counts.Atoms)/n), rounded(float64(out.counts.Misses)/n), rounded(float64(out.counts.Candidates)/n))
	} else {
		cells = append(cells, "", "", "")
	}
	cells = append(cells, countOf(r.outcome.matches), countOf(r.outcome.alerts))
	if u, ok := res.commands[r]; ok && u.Peak > 0 {
		return append(cells, mebibytes(u.Peak))
	}
	return append(cells, "")
}

// busy is how many times its processor time a run takes by the clock, where
// something else runs beside it.
const busy = 1.1

func ratio(a, b float64) string {
	if b == 0 {
		return ""
	}
	return rounded(a / b)
}

// countOf writes a count of what not every row has.
func countOf(n int) string {
	if n == 0 {
		return ""
	}
	return number(n)
}

func (res *results) furtherFigures(p *writer) {
	p.line("\n## Further figures\n")
	for _, s := range res.scalar[1:] {
		p.line("- Without assembly (`-tags purego`): %s: %s MB/s, %s fastjson's speed (median of rounds %s, by processor time %s).",
			s.Name, rounded(s.MBPerSecond), times(s.Speed), times(s.MedianSpeed), times(s.ByCPU))
	}
	if w := res.workers; w != nil {
		p.line("- Two workers: %s of %s rose from %s to %s MB/s with GOMAXPROCS=%d (one worker with GOMAXPROCS=1: %s); fastjson from %s to %s MB/s.",
			"the speed", res.fullName(), rounded(w.one.megabytes()), rounded(w.two.megabytes()), w.one.procs,
			rounded(res.full.megabytes()), rounded(w.parse1.megabytes()), rounded(w.parse2.megabytes()))
	} else {
		p.line("- Two workers: not measured, there is one processor.")
	}
	l := res.load
	p.line("- Many keys: %s events (%s) by %d rules: `tripline scan` from start to exit %v on one core (median %v, processor time %v), %v with all; fastjson's bare parse of the bytes in memory %v. Peak memory %s.%s",
		number(l.facts.Events), mebibytes(l.facts.Bytes), l.rules, ms(slices.Min(l.one)), ms(median(l.one)), ms(slices.Min(l.cpu)), ms(slices.Min(l.all)),
		ms(l.parse.best()), mebibytes(l.peak), exitText(l.exit))
	p.line("- %s waiting two-stage partials: %.0f bytes of bookkeeping each as counted, %.0f as the heap grew; in a stream that waits for late events %.0f and %.0f. Their documents, held once, take %s bytes each.",
		number(res.sorted.Waiting), res.sorted.Bookkeeping, res.sorted.Heap, res.stream.Bookkeeping, res.stream.Heap, rounded(res.sorted.Documents))
	if g := res.large; g.skipped != "" {
		p.line("- Large input: %s.", g.skipped)
	} else {
		p.line("- Large input: %s events, %.1f GB, %.1f hours of event time, by %s with %d processors: %s MB/s, peak memory %s.%s",
			number(g.events), float64(g.bytes)/1e9, g.hours, res.fullName(), res.machine.Cores,
			rounded(float64(g.bytes)/1e6/g.usage.Took.Seconds()), mebibytes(g.usage.Peak), exitText(g.usage.Exit))
	}
	for _, r := range []*row{res.seed, res.full, res.derived} {
		if u, ok := res.commands[r]; ok {
			p.line("- `tripline scan` as a whole over the corpus, on one core, %s: %v from start to exit (processor time %v), with reading rules, evidence and output.%s",
				strings.TrimPrefix(r.name, replaying), ms(u.Took), ms(u.CPU), exitText(u.Exit))
		}
	}
}

func ms(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// exitText tells of an exit code that is neither 0 nor, for alerts, 1.
func exitText(code int) string {
	if code <= 1 {
		return ""
	}
	return fmt.Sprintf(" It ended with exit code %d.", code)
}

func (res *results) profileTable(p *writer) {
	if len(res.profile) == 0 {
		return
	}
	p.line("\n## Where the time goes\n")
	p.line("NDJSON in, alerts out, %s, one core: the functions that take most of the time.", res.fullName())
	var rows [][]string
	for _, f := range res.profile {
		rows = append(rows, []string{"`" + f.name + "`", f.flat, f.with})
	}
	p.table(1, []string{"function", "itself", "with what it calls"}, rows...)
}

func (res *results) method(p *writer) {
	m, c, s := res.machine, res.corpus, res.shares
	p.line("\n## How it was measured\n")
	p.line("- Machine: %s, %d cores%s, %s of memory, %s, %s%s; revision %s.", m.CPU, m.Cores, note(m.Machine, " (%s machine)"), m.Memory,
		m.System, m.Go, note(m.Load, ", load average at the start %s"), m.Commit)
	p.line("- Command: `make bench`, that is `go run ./internal/bench`; here with %s events, %d rounds.", number(res.options.events), res.options.rounds)
	p.line("- Corpus: %s documents, all distinct, as Elastic Defend sends them from %d Linux hosts, made from a fixed seed: %s, mean %s bytes, %.1f %% exec events, %d planted matches.",
		number(c.Events), c.Hosts, mebibytes(c.Bytes), rounded(c.mean()), 100*c.execs(), c.Planted)
	if res.builtin {
		p.line("- Rules: Elastic's were not beside the clone, so the built-in ones stand for them: %s.", res.fullName())
	} else {
		p.line("- Rules: %s, Elastic's for Linux and for more than one system.", res.fullName())
	}
	p.line("- Derived rules: each is one of these with other literals, made at run time: %s rules, %s conditions of which %d are equal; %.1f %% of the %s literals are distinct, %.1f %% occur in no original; %.1f %% are sequences, %.1f %% have wildcards.",
		number(s.Rules), number(s.Filters), s.Equal, 100*share(s.Distinct, s.Literals), number(s.Literals), 100*share(s.New, s.Literals),
		100*share(s.Sequences, s.Rules), 100*share(s.Wildcards, s.Rules))
	p.line("- fastjson %s: each line parsed whole by one parser that is used again, and nothing else, on the bytes in memory.", m.Parser)
	p.line("- NDJSON in, alerts out: the file (in the page cache) is read, judged and put in order as `tripline scan` does it, with the index of processes, and each alert is made and encoded as JSON; without the evidence around it.")
	p.line("- Judge: the engine over lines in memory, without reading, order and sequences. Scanner: the JSON scanner alone.")
	p.line("- Reference: the plain evaluator, decoding each event once and running every rule, over the first %s events; the figure is by event.", number(res.reference.events))
	p.line("- In each round every row runs once, after a garbage collection, so that whatever disturbs the machine hits all rows alike.")
}

// note writes a text where there is one.
func note(text, format string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf(format, text)
}
