package daemontest_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/daemontest"
	"github.com/tripline-sec/tripline/internal/rule"
)

// The rules of the crash test, by name.
const (
	pairName     = "Pair"
	countedName  = "Counted"
	cappedName   = "Capped"
	onAlertsName = "On alerts"
)

// interval is short enough for many passes within the test.
const interval = "2s"

func planRules(t *testing.T) []*rule.Rule {
	t.Helper()
	seed, err := daemontest.SeedEvery(interval)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	one := func(name, query, index string, change func(*rule.Rule)) *rule.Rule {
		n++
		r := &rule.Rule{
			ID: fmt.Sprintf("11111111-2222-3333-4444-%012d", n), RuleID: fmt.Sprint("crash-", n), Name: name, Query: query, Description: name,
			Type: "eql", Language: "eql", Interval: interval, From: "now-9m", To: "now", MaxSignals: 10_000, Severity: rule.High, RiskScore: 73,
			Index: []string{index}, Enabled: true, Version: 1,
		}
		if change != nil {
			change(r)
		}
		return r
	}
	return []*rule.Rule{
		seed,
		one(pairName, `sequence by process.entity_id with maxspan=30s [process where process.name == "pair"] [network where true]`, "logs-crash-*", nil),
		one(countedName, `file where file.extension == "so"`, "logs-crash-*", func(r *rule.Rule) {
			r.AlertSuppression = &rule.AlertSuppression{GroupBy: []string{"host.id"}, Duration: &rule.Duration{Value: 1, Unit: "h"}}
		}),
		one(cappedName, `file where file.extension == "conf"`, "logs-crash-*", func(r *rule.Rule) { r.MaxSignals = 4 }),
		one(onAlertsName, `any where kibana.alert.rule.name == "Pair" and kibana.alert.building_block_type == null`, ".alerts-security.*", nil),
	}
}

// plan is what is sent to a daemon, and what must come of it.
type plan struct {
	batches  []batch // in the order of time
	alerts   map[string][]string
	counted  map[string]int // by host: what the rule that counts has found there
	from, to time.Time      // of the events
	events   int
}

type batch struct {
	client int
	at     time.Time
	docs   []daemontest.Doc
}

// clients is how many connections send; all events of a host come over one.
const clients = 3

// every is how often each client sends a batch, and noise how many events without a
// match are in it.
const (
	every = 100 * time.Millisecond
	noise = 15
)

// newPlan plans so many seconds of events from a time on. Sequences begin in one batch
// and end in a later one, so that a crash comes in between.
func newPlan(t *testing.T, start time.Time, length time.Duration) *plan {
	t.Helper()
	recordings, err := daemontest.Recordings(filepath.Join("..", "..", "testdata", "reverse-shell-traces.zip"))
	if err != nil {
		t.Fatal(err)
	}
	p := &plan{alerts: map[string][]string{}, counted: map[string]int{}, from: start}
	r := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // no secret
	type half struct {
		due int
		id  string
	}
	waiting := make([][]half, clients)
	steps := int(length / every)
	for step := range steps {
		at := start.Add(time.Duration(step+1) * every)
		for c := range clients {
			b := batch{client: c, at: at}
			host := fmt.Sprintf("h%d-%d", c, r.IntN(3))
			add := func(category, fields string) string {
				id := fmt.Sprintf("%s@%d-%d", host, step, len(b.docs))
				when := at.Add(-every).Add(every * time.Duration(len(b.docs)) / 100)
				b.docs = append(b.docs, daemontest.Doc{Index: "logs-crash-default", ID: id, Raw: fmt.Appendf(nil,
					`{"@timestamp":%q,"event":{"category":%q,"id":%q},"host":{"id":%q},%s}`, when.UTC().Format(time.RFC3339Nano), category, id, host, fields)})
				return id
			}
			for len(waiting[c]) > 0 && waiting[c][0].due <= step && step < steps-1 {
				first := waiting[c][0].id
				waiting[c] = waiting[c][1:]
				second := add("network", fmt.Sprintf(`"process":{"entity_id":%q}`, first))
				p.alerts[pairName] = append(p.alerts[pairName], first+"+"+second)
			}
			for n := range noise {
				add("process", fmt.Sprintf(`"process":{"name":"noise","entity_id":"n%d-%d-%d"}`, c, step, n))
			}
			if step%3 == c%3 {
				id := fmt.Sprintf("%s@%d-%d", host, step, len(b.docs))
				add("process", fmt.Sprintf(`"process":{"name":"pair","entity_id":%q}`, id))
				waiting[c] = append(waiting[c], half{step + r.IntN(30), id})
				slices.SortFunc(waiting[c], func(a, b half) int { return a.due - b.due })
			}
			if r.IntN(4) == 0 {
				add("file", `"file":{"extension":"so"}`)
				p.counted[host]++
			}
			if r.IntN(20) == 0 {
				id := add("file", `"file":{"extension":"conf"}`)
				p.alerts[cappedName] = append(p.alerts[cappedName], id)
			}
			p.batches = append(p.batches, b)
		}
		if step%10 == 5 {
			number := step / 10
			docs := recordings[number%len(recordings)].At(number, at)
			p.batches = append(p.batches, batch{client: 0, at: at, docs: docs})
		}
	}
	for _, b := range p.batches {
		p.events += len(b.docs)
		p.to = b.at
	}
	return p
}
