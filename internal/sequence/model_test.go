package sequence

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// This file holds the rules of sequences and samples a second time, without any
// thought of cost: all events are at hand, sorted, and every key is run on its
// own. The state must give the same.

// modelEvent is an event: tags say which conditions accept it, keys under which
// keys it enters, one list for each of two key fields.
type modelEvent struct {
	id     int
	at     int64 // ns
	timed  bool
	tie    int // -1 none
	tied   bool
	agent  uint64
	seq    int // -1 none
	source uint32
	host   uint64
	tags   string
	keys   [2][]int

	arrival int
}

type modelTerm struct {
	tag     byte
	field   int // whose keys
	missing bool
	filter  int32
}

func (t modelTerm) keysOf(e *modelEvent) []int {
	if strings.IndexByte(e.tags, t.tag) < 0 {
		return nil
	}
	return e.keys[t.field]
}

type modelQuery struct {
	sample  bool
	terms   []modelTerm
	until   *modelTerm
	span    time.Duration
	hasSpan bool
	local   bool
	most    int // samples of a key
	filters []modelTerm
}

func (q *modelQuery) query() Query {
	out := Query{Sample: q.sample, Until: -1, Span: q.span, HasSpan: q.hasSpan, Local: q.local, MaxSamplesPerKey: q.most}
	for _, t := range q.terms {
		out.Terms = append(out.Terms, Term{Filter: t.filter, Missing: t.missing})
	}
	if q.until != nil {
		out.Until = q.until.filter
	}
	return out
}

// hits are what the engine would say of an event.
func (q *modelQuery) hits(number int32, e *modelEvent) []Hit {
	var out []Hit
	for i, f := range q.filters {
		if keys := f.keysOf(e); len(keys) > 0 {
			h := Hit{Query: number, Filter: int32(i)}
			for _, k := range keys {
				h.Keys = append(h.Keys, keyOf(k))
			}
			out = append(out, h)
		}
	}
	return out
}

// keyOf is the key of a number; 0 is the empty tuple.
func keyOf(k int) Key {
	return Key{uint64(k) * 0x9e3779b97f4a7c15, uint64(k) * 0xbf58476d1ce4e5b9}
}

// arrange puts events into their total order.
func arrange(events []*modelEvent, byAgent bool) []*modelEvent {
	out := slices.Clone(events)
	slices.SortStableFunc(out, func(a, b *modelEvent) int {
		return cmp.Or(boolCompare(a.timed, b.timed), cmp.Compare(a.at, b.at),
			-boolCompare(a.tie >= 0, b.tie >= 0), cmp.Compare(a.tie, b.tie), cmp.Compare(a.arrival, b.arrival))
	})
	if !byAgent {
		return out
	}
	for from := 0; from < len(out); {
		to := from
		for to < len(out) && out[to].timed == out[from].timed && out[to].at == out[from].at {
			to++
		}
		places := map[uint64][]int{}
		for i := from; i < to && out[from].timed; i++ {
			if out[i].agent != 0 && out[i].seq >= 0 {
				places[out[i].agent] = append(places[out[i].agent], i)
			}
		}
		for _, held := range places {
			var of []*modelEvent
			for _, i := range held {
				of = append(of, out[i])
			}
			slices.SortStableFunc(of, func(a, b *modelEvent) int { return cmp.Compare(a.seq, b.seq) })
			for n, i := range held {
				out[i] = of[n]
			}
		}
		from = to
	}
	return out
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// modelMatch is a match before it is printed: its last event's rank, its key.
type modelMatch struct {
	rank, key int
	text      string
	events    []*modelEvent
}

func render(key int, ids []string) string { return fmt.Sprintf("%d: %s", key, strings.Join(ids, " ")) }

func milli(ns int64) int64 { return ns / 1e6 }

// run gives the matches in the order of results. accepts says whether a hit
// counts; nil accepts all. Open are those that are not decided when it is as late
// as mark, in ms.
func (q *modelQuery) run(sorted []*modelEvent, accepts func(e *modelEvent, key int) bool, mark int64) (matches, open []modelMatch) {
	keys := map[int]bool{}
	for _, e := range sorted {
		for _, of := range e.keys {
			for _, k := range of {
				keys[k] = true
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		m, u := q.runKey(sorted, k, func(e *modelEvent) bool { return accepts == nil || accepts(e, k) }, mark)
		matches, open = append(matches, m...), append(open, u...)
	}
	slices.SortStableFunc(matches, func(a, b modelMatch) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.key, b.key))
	})
	return matches, open
}

func (q *modelQuery) runKey(sorted []*modelEvent, key int, accepts func(*modelEvent) bool, mark int64) (matches, open []modelMatch) {
	hit := func(t modelTerm, e *modelEvent) bool { return accepts(e) && slices.Contains(t.keysOf(e), key) }
	var stages []modelTerm
	for _, t := range q.terms {
		if !t.missing {
			stages = append(stages, t)
		}
	}
	slots := make([][]*modelEvent, len(stages))
	for rank, e := range sorted {
		if !e.timed || e.tied {
			continue
		}
		for s := len(stages) - 1; s >= 0; s-- {
			if !hit(stages[s], e) {
				continue
			}
			var p []*modelEvent
			if s > 0 {
				before := slots[s-1]
				slots[s-1] = nil
				if before == nil || q.hasSpan && e.at-before[0].at > int64(q.span) {
					continue
				}
				p = before
			}
			p = append(slices.Clone(p), e)
			if s < len(stages)-1 {
				slots[s] = p
				continue
			}
			m := modelMatch{rank: rank, key: key, events: p, text: q.text(key, p)}
			switch q.check(p, mark, func(t modelTerm) (ms []int64) {
				for _, o := range sorted {
					if o.timed && hit(t, o) {
						ms = append(ms, milli(o.at))
					}
				}
				return ms
			}) {
			case accepted:
				matches = append(matches, m)
			case undecided:
				open = append(open, m)
			}
		}
		if q.until != nil && hit(*q.until, e) {
			clear(slots)
		}
	}
	return matches, open
}

func (q *modelQuery) text(key int, p []*modelEvent) string {
	var ids []string
	n := 0
	for _, t := range q.terms {
		if t.missing {
			ids = append(ids, "-")
			continue
		}
		ids = append(ids, fmt.Sprint(p[n].id))
		n++
	}
	return render(key, ids)
}

// check is the rule of missing events.
func (q *modelQuery) check(p []*modelEvent, mark int64, offenders func(modelTerm) []int64) verdict {
	const far = int64(1) << 50
	first, last := milli(p[0].at), milli(p[len(p)-1].at)
	left, right := -far, far
	n := 0
	for _, t := range q.terms {
		if !t.missing {
			n++
			continue
		}
		for _, o := range offenders(t) {
			switch {
			case n == 0 && o < first:
				left = max(left, o)
			case n == len(p) && o > last:
				right = min(right, o)
			case n > 0 && n < len(p) && milli(p[n-1].at) < o && o < milli(p[n].at):
				return rejected
			}
		}
	}
	span := q.span.Milliseconds()
	leading, trailing := q.terms[0].missing, q.terms[len(q.terms)-1].missing
	switch {
	case leading && left == -far:
		return accepted
	case leading && trailing:
		if right-left <= span {
			return rejected
		}
		if mark <= left+span {
			return undecided
		}
	case leading && last-left <= span, trailing && right-first <= span:
		return rejected
	case trailing && mark <= first+span:
		return undecided
	}
	return accepted
}

// samples gives the samples of all keys, for each key in their order.
func (q *modelQuery) samples(events []*modelEvent) map[int][]string {
	out := map[int][]string{}
	for k := range 16 {
		pools := make([][]*modelEvent, len(q.terms))
		for i, t := range q.terms {
			for _, e := range events {
				if slices.Contains(t.keysOf(e), k) {
					pools[i] = append(pools[i], e)
				}
			}
			pools[i] = pools[i][:min(len(pools[i]), len(q.terms)-1+q.most)]
		}
		var fill func(chosen []*modelEvent)
		fill = func(chosen []*modelEvent) {
			if len(chosen) == len(pools) {
				if len(out[k]) < q.most {
					out[k] = append(out[k], q.text(k, chosen))
				}
				return
			}
			for _, e := range pools[len(chosen)] {
				if !slices.Contains(chosen, e) {
					fill(append(chosen[:len(chosen):len(chosen)], e))
				}
			}
		}
		fill(nil)
	}
	return out
}

// modelCase is a stream in its order of arrival, and queries to run over it.
type modelCase struct {
	events  []*modelEvent
	queries []*modelQuery
	byAgent bool
}

func newQuery(r *rand.Rand) *modelQuery {
	q := &modelQuery{}
	shared := r.IntN(3) > 0
	add := func(t modelTerm) modelTerm {
		for i, f := range q.filters {
			if shared && f.tag == t.tag && f.field == t.field {
				t.filter = int32(i)
				return t
			}
		}
		t.filter = int32(len(q.filters))
		q.filters = append(q.filters, modelTerm{tag: t.tag, field: t.field})
		return t
	}
	term := func(tags string) modelTerm {
		return modelTerm{tag: tags[r.IntN(len(tags))], field: max(0, r.IntN(4)-2)}
	}
	if q.sample = r.IntN(12) == 0; q.sample {
		for range 2 + r.IntN(3) {
			q.terms = append(q.terms, add(term("ABC")))
		}
		q.most = 1 + r.IntN(3)
		return q
	}
	missing := r.IntN(2) == 0
	terms, runs := 1+r.IntN(3), 0
	if r.IntN(6) == 0 {
		terms, runs = 1, 2
	}
	for range terms {
		t := add(term("ABC"))
		for range 1 + max(runs, r.IntN(6)-3) {
			q.terms = append(q.terms, t)
		}
	}
	if q.hasSpan = missing || r.IntN(2) == 0; q.hasSpan {
		q.span = time.Duration(1+r.IntN(24)) * time.Millisecond
	}
	for missing && r.IntN(5) > 1 {
		t := add(term("BMN"))
		t.missing = true
		at := []int{0, len(q.terms), r.IntN(len(q.terms) + 1)}[r.IntN(3)]
		q.terms = slices.Insert(q.terms, at, t)
	}
	if r.IntN(3) == 0 {
		t := add(term("UUC"))
		q.until = &t
	}
	return q
}

// newCase makes a stream whose events are in the order of time but for what
// agents and tiebreakers arrange.
func newCase(r *rand.Rand) *modelCase {
	c := &modelCase{byAgent: r.IntN(2) == 0}
	for range 1 + r.IntN(3) {
		c.queries = append(c.queries, newQuery(r))
	}
	at, step := int64(5e6), 1+r.IntN(5)
	ties, agents := !c.byAgent && r.IntN(2) == 0, r.IntN(3) > 0
	for i := range 4 + r.IntN(28) {
		if r.IntN(3) > 0 {
			at += int64(r.IntN(step)) * 1e6
		}
		if r.IntN(5) == 0 {
			at += int64(r.IntN(3)) * 4e5
		}
		e := &modelEvent{id: i, arrival: i, at: at, timed: r.IntN(30) > 0, tie: -1, seq: -1, host: uint64(1 + r.IntN(2)), source: uint32(r.IntN(2))}
		if !e.timed {
			e.at = 0
		}
		if ties && r.IntN(4) > 0 {
			e.tie, e.tied = r.IntN(3), r.IntN(20) == 0
		}
		if agents && r.IntN(4) > 0 {
			e.agent = uint64(r.IntN(3))
		}
		if agents && r.IntN(5) > 0 {
			e.seq = r.IntN(4)
		}
		for _, tag := range "ABCMNU" {
			if r.IntN(5) < 2 {
				e.tags += string(tag)
			}
		}
		for f := range e.keys {
			for k := range 3 {
				if r.IntN(2) == 0 {
					e.keys[f] = append(e.keys[f], k)
				}
			}
		}
		c.events = append(c.events, e)
	}
	return c
}

// event makes what the state is fed. Documents without a hit come without.
func (c *modelCase) event(e *modelEvent, held map[int]*event.Held) *Event {
	out := &Event{
		Time: value.InstantOfTime(time.Unix(0, e.at)), HasTime: e.timed, Tied: e.tied,
		Arrival: uint64(e.arrival), Source: e.source, Host: e.host,
	}
	if e.tie >= 0 {
		out.Tiebreaker = value.OfInt(int64(e.tie))
	}
	if c.byAgent {
		out.Agent = e.agent
		if e.seq >= 0 {
			out.Sequence = value.OfInt(int64(e.seq))
		}
	}
	for i, q := range c.queries {
		out.Hits = append(out.Hits, q.hits(int32(i), e)...)
	}
	if len(out.Hits) > 0 {
		out.Doc = &event.Held{ID: fmt.Sprint(e.id), Raw: make([]byte, 100), Arrival: uint64(e.arrival)}
		held[e.id] = out.Doc
	}
	return out
}

func (c *modelCase) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "byAgent %v\n", c.byAgent)
	for _, q := range c.queries {
		fmt.Fprintf(&b, "sample %v span %v/%v local %v most %d until %v:", q.sample, q.span, q.hasSpan, q.local, q.most, q.until)
		for _, t := range q.terms {
			fmt.Fprintf(&b, " %s%c/%d#%d", map[bool]string{true: "!"}[t.missing], t.tag, t.field, t.filter)
		}
		b.WriteByte('\n')
	}
	for _, e := range c.events {
		fmt.Fprintf(&b, "%+v\n", *e)
	}
	return b.String()
}

// keyNumber is the reverse of keyOf.
func keyNumber(k Key) int {
	for n := range 64 {
		if keyOf(n) == k {
			return n
		}
	}
	return -1
}

// matchText renders a match as the model does.
func matchText(m Match) string {
	var ids []string
	for _, e := range m.Events {
		if e == nil {
			ids = append(ids, "-")
			continue
		}
		ids = append(ids, e.ID)
	}
	return render(keyNumber(m.Key), ids)
}
