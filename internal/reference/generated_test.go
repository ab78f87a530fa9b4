package reference

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
)

// This file holds the sequence rules a second time, in the form in which
// Elasticsearch runs them: stage by stage, with lists of partials, and not event
// by event with one slot each. Random streams must give the same under both.

// randomEvent is an event before it is written down: tags say which stages it
// matches, keys under which keys it enters.
type randomEvent struct {
	number int
	ms     int
	tags   string // letters of "ABCU"
	keys   []int
}

// randomCase is a stream in its order of time, and a sequence to run over it.
type randomCase struct {
	events  []randomEvent
	stages  string // a tag for each
	maxspan int    // ms; 0 is none
	until   bool
}

func newRandomCase(r *rand.Rand) randomCase {
	c := randomCase{until: r.IntN(2) == 0}
	for range 1 + r.IntN(4) {
		c.stages += string("ABC"[r.IntN(3)])
	}
	if len(c.stages) == 1 {
		c.stages += c.stages
	}
	if r.IntN(2) == 0 {
		c.maxspan = 1 + r.IntN(12)
	}
	ms := 1
	for i := range r.IntN(24) {
		ms += r.IntN(4)
		e := randomEvent{number: i, ms: ms}
		for _, tag := range "ABCU" {
			if r.IntN(3) == 0 {
				e.tags += string(tag)
			}
		}
		for k := range 3 {
			if r.IntN(2) == 0 {
				e.keys = append(e.keys, k)
			}
		}
		c.events = append(c.events, e)
	}
	return c
}

func (c randomCase) query() string {
	var b strings.Builder
	b.WriteString("sequence by k")
	if c.maxspan > 0 {
		fmt.Fprintf(&b, " with maxspan=%dms", c.maxspan)
	}
	for _, tag := range c.stages {
		fmt.Fprintf(&b, ` [any where tag == "%c"]`, tag)
	}
	if c.until {
		b.WriteString(` until [any where tag == "U"]`)
	}
	return b.String()
}

// documents writes the events down. Equal times stand by arrival, so the
// arrival is the number; the slice itself is shuffled.
func (c randomCase) documents(t *testing.T, r *rand.Rand) []*event.Document {
	t.Helper()
	var docs []*event.Document
	for _, e := range c.events {
		var tags []string
		for _, tag := range e.tags {
			tags = append(tags, fmt.Sprintf("%q", string(tag)))
		}
		keys := strings.ReplaceAll(fmt.Sprint(e.keys), " ", ",")
		docs = append(docs, decode(t, fmt.Sprintf(`{"@timestamp":%d,"id":%d,"tag":[%s],"k":%s}`,
			e.ms, e.number, strings.Join(tags, ","), keys), e.number))
	}
	r.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	return docs
}

// inFlight is a partial sequence: the events so far.
type inFlight []randomEvent

// byStages runs the sequence for one key, one stage after the other.
func (c randomCase) byStages(k int) []inFlight {
	matching := func(tag byte) []randomEvent {
		var out []randomEvent
		for _, e := range c.events {
			if strings.IndexByte(e.tags, tag) >= 0 && slices.Contains(e.keys, k) {
				out = append(out, e)
			}
		}
		return out
	}
	var untils []randomEvent
	if c.until {
		untils = matching('U')
	}
	var before []inFlight // of the previous stage, ascending by last event
	for _, e := range matching(c.stages[0]) {
		before = append(before, inFlight{e})
	}
	for _, tag := range []byte(c.stages[1:]) {
		var next []inFlight
		for _, e := range matching(tag) {
			// The latest partial strictly before e goes, with all older ones.
			latest := -1
			for i, p := range before {
				if p[len(p)-1].number < e.number {
					latest = i
				}
			}
			if latest < 0 {
				continue
			}
			p := before[latest]
			before = before[latest+1:]
			if c.maxspan > 0 && e.ms-p[0].ms > c.maxspan {
				continue
			}
			if slices.ContainsFunc(untils, func(u randomEvent) bool {
				return p[len(p)-1].number <= u.number && u.number < e.number
			}) {
				continue
			}
			next = append(next, append(slices.Clone(p), e))
		}
		before = next
	}
	return before
}

// expected renders the sequences of all keys in the order of results.
func (c randomCase) expected() string {
	type result struct {
		last, key int
		text      string
	}
	var results []result
	for k := range 3 {
		for _, p := range c.byStages(k) {
			var numbers []string
			for _, e := range p {
				numbers = append(numbers, fmt.Sprint(e.number))
			}
			results = append(results, result{p[len(p)-1].number, k, fmt.Sprintf("%d: %s", k, strings.Join(numbers, " "))})
		}
	}
	slices.SortFunc(results, func(a, b result) int {
		if a.last != b.last {
			return a.last - b.last
		}
		return a.key - b.key
	})
	var out []string
	for _, r := range results {
		out = append(out, r.text)
	}
	return strings.Join(out, ", ")
}

func TestStreamingEqualsStages(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	opts := Options{Size: -1, Schema: schemaOf(t, `{"properties":{
		"@timestamp":{"type":"date"},"tag":{"type":"keyword"},"k":{"type":"long"}}}`)}
	found := 0
	for range 2000 {
		c := newRandomCase(r)
		result := search(t, c.query(), opts, c.documents(t, r))
		var got []string
		for _, s := range result.Sequences {
			got = append(got, keyText(s.Keys)+": "+idsOf(s.Events, "id"))
		}
		found += len(got)
		if got, want := strings.Join(got, ", "), c.expected(); got != want {
			t.Fatalf("%s over %+v:\ngot  %s\nwant %s", c.query(), c.events, got, want)
		}
	}
	if found < 2000 {
		t.Errorf("only %d sequences in all the random streams: they test too little", found)
	}
}
