package engine

import (
	"bytes"
	"hash/maphash"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// Judge judges events one by one. It belongs to one goroutine.
type Judge struct {
	p       *Program
	scanner *event.Scanner
	row     *event.Row
	tables  []*table // by field; nil for one that nothing is asked about
	door    *door
	class   *class // of the event at hand

	// The event at hand.
	gen     uint32
	raw     []byte
	index   string
	arrival uint64
	whole   bool // all its fields are in the row
	decoded *event.Document
	memo    []uint32 // by atom: gen<<2 | answer
	stamp   []uint32 // by filter: gen
	entries []*entry // by value of the row; nil before it is looked up
	failed  map[int32]error
	faults  []Fault
	hits    []acceptance
	keys    []sequence.Key
	keyMemo []keyMemo
	verdict Verdict

	clock    value.Instant // the event's @timestamp, if asked for
	hasClock bool
	clockGen uint32

	gates   Gates // which are open; nil: there is none
	gatesAt int   // how often some were opened
	again   bool  // the event at hand has been judged before

	inner   map[int]*Judge
	names   indexNames
	subject subject
	x       execution
	lower   []byte
	values  []value.Value
	longer  []sequence.Key
	cost    cost
}

// Answers in the memo.
const (
	no uint32 = iota
	yes
	fails
)

// acceptance is a filter that accepts the event at hand, with its keys.
type acceptance struct {
	filter   *filter
	from, to int32 // in keys
}

// Verdict is what came of an event. It is valid until the Judge's next event.
type Verdict struct {
	Index string
	// Singles are the event queries that accept the event, ascending.
	Singles []int32
	// Events are what sequences and samples make of it, one for each of the
	// program's Orders. Doc is not set; see Judge.Held.
	Events []sequence.Event
	// Faults are the values on which conditions failed.
	Faults []Fault
	// NoTime are the sequences of which a condition accepted the event, which has
	// no place in time.
	NoTime []int32
	// Begun are the sequences with a gate of which the event is a first one, ascending;
	// see Judge.Gate.
	Begun []int32

	kept bool
}

// Hit reports whether any condition accepted the event.
func (v *Verdict) Hit() bool {
	if len(v.Singles) > 0 {
		return true
	}
	for i := range v.Events {
		if len(v.Events[i].Hits) > 0 {
			return true
		}
	}
	return false
}

// Kept reports whether the event's document may become part of a match: a
// condition accepted it that is not that of a missing event or of until.
func (v *Verdict) Kept() bool { return v.kept }

// Nobody stands for the document of an event that is never part of a match.
func Nobody() *event.Held { return &event.Held{Index: event.UnknownIndex} }

// Fault is a value that kept a leaf from being judged: an integer overflow, a
// division by zero, a text that is no number. The leaf counts as false.
type Fault struct {
	Query  int32
	Filter int32   // the number of the condition within the query
	At     eql.Pos // the part of the query that failed
	Err    error
}

// NewJudge makes a judge, which keeps answers of its own.
func (p *Program) NewJudge() *Judge {
	j := &Judge{
		p: p, scanner: event.NewScanner(p.schema), row: event.NewRow(p.schema),
		memo: make([]uint32, len(p.atoms)), stamp: make([]uint32, len(p.filters)),
		tables: make([]*table, len(p.fields)), keyMemo: make([]keyMemo, p.keyLists), failed: map[int32]error{},
	}
	tableSeeds := &[2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	for i, f := range p.fields {
		j.tables[i] = newTable(f, tableSeeds)
	}
	j.door = j.newDoor()
	j.verdict.Events = make([]sequence.Event, len(p.orders))
	j.cost = newCost(len(p.queries))
	return j
}

// Judge reads a document and judges it. The error says why some bytes are none.
func (j *Judge) Judge(raw []byte, given event.Identity, arrival uint64) (*Verdict, error) {
	whole, err := j.scanner.ScanPart(raw, j.row, j.p.firstPart)
	if err != nil {
		return nil, err
	}
	j.raw, j.arrival, j.whole = raw, arrival, whole
	return j.judgeRow(j.names.of(j.p, j.row, given)), nil
}

// makeEntries makes room for the entries of all values of the row.
func (j *Judge) makeEntries() {
	n := j.row.Count()
	if cap(j.entries) < n {
		j.entries = append(make([]*entry, 0, 2*n), j.entries...)
	}
	have := len(j.entries)
	j.entries = j.entries[:n]
	if n > have {
		clear(j.entries[have:])
	}
}

// JudgeRow judges an event that was never JSON; see Row.
func (j *Judge) JudgeRow(index string, arrival uint64) *Verdict {
	j.raw, j.arrival, j.whole = nil, arrival, true
	return j.judgeRow(index)
}

// Row is the row that is judged, for who fills it without a document.
func (j *Judge) Row() *event.Row { return j.row }

// Keep says what becomes of the bytes of a document that is held.
type Keep uint8

// The ways of keeping.
const (
	Copy      Keep = iota // they are copied
	Borrow                // they stay as they are
	Reference             // they can be read again by the document's Arrival, so they are not kept
)

// Held makes the event at hand one that is kept.
func (j *Judge) Held(given event.Identity, keep Keep) *event.Held {
	raw := bytes.Trim(j.raw, " \t\r\n")
	out := &event.Held{Index: j.index, ID: given.ID, Arrival: j.arrival}
	switch keep {
	case Reference:
		out.Length = int32(len(raw)) //nolint:gosec // bounded by what one document may have
		return out
	case Copy:
		raw = bytes.Clone(raw)
	}
	out.Raw = raw
	if out.ID == "" {
		if j.row.Head(j.p.idSlot) < 0 {
			j.scanner.More(j.row, j.p.idPart)
		}
		if at := j.row.Head(j.p.idSlot); at >= 0 && j.row.At(at).Kind == event.StringScalar {
			out.ID = strings.Clone(j.row.At(at).Text)
		}
	}
	return out
}

func (j *Judge) judgeRow(index string) *Verdict {
	j.begin(index)
	j.place()
	c := j.classOf()
	j.class = c
	if !j.whole {
		j.readOn(c)
	}
	if !j.again {
		c.count++
	}
	for i, word := range j.row.Present() {
		c.present[i] |= word
	}
	v := &j.verdict
	v.Index = j.index
	if !c.dead {
		j.candidates(j.askedOf(c))
	}
	if len(j.hits) > 0 {
		j.settle()
	}
	v.Faults = j.faults
	return v
}

// begin forgets the event before.
func (j *Judge) begin(index string) {
	if j.gen++; j.gen >= 1<<30 {
		j.gen = 1
		clear(j.memo)
		clear(j.stamp)
		clear(j.keyMemo)
		j.clockGen = 0
		for _, t := range j.tables {
			for i := range t.entries {
				t.entries[i].gen = 0
			}
			for _, e := range t.scratch {
				e.gen = 0
			}
		}
	}
	j.index, j.decoded = index, nil
	j.entries = j.entries[:0]
	j.makeEntries()
	j.faults, j.hits, j.keys = j.faults[:0], j.hits[:0], j.keys[:0]
	j.verdict.Singles, j.verdict.NoTime, j.verdict.Begun = j.verdict.Singles[:0], j.verdict.NoTime[:0], j.verdict.Begun[:0]
	j.verdict.kept = false
	if len(j.failed) > 0 {
		clear(j.failed)
	}
}

// candidates asks the filters that may accept the event: those with a witness
// that holds, and those that have none.
func (j *Judge) candidates(a *asked) {
	for _, f := range a.fields {
		for i := j.row.Head(f.slot); i >= 0; i = j.row.At(i).Next {
			if f.skims && !f.skim(j.row.At(i)) {
				continue
			}
			for _, n := range j.entry(f, i).watch {
				if a.alive[n>>6]>>(n&63)&1 != 0 && j.stamp[n] != j.gen {
					j.stamp[n] = j.gen
					j.candidate(j.p.filters[n])
				}
			}
		}
	}
	for _, n := range a.always {
		j.candidate(j.p.filters[n])
	}
	for _, n := range a.accepts {
		if f := j.p.filters[n]; !f.absent || j.timed(f) {
			j.cost.candidates[f.query]++
			j.accept(f)
		}
	}
}

// candidate asks a filter, and keeps it if it accepts the event.
func (j *Judge) candidate(f *filter) {
	if f.absent && !j.timed(f) {
		return
	}
	present := j.row.Present()
	for _, n := range f.needs {
		if present[n.word]&n.mask != n.mask {
			return
		}
	}
	j.cost.candidates[f.query]++
	if j.gen%sampling == 0 {
		j.cost.start()
	}
	accepted := j.run(f)
	if j.gen%sampling == 0 {
		j.cost.stop(f.query)
	}
	if accepted {
		j.accept(f)
	}
}

// accept keeps a filter that accepts the event.
func (j *Judge) accept(f *filter) {
	j.cost.accepted[f.query]++
	a := acceptance{filter: f}
	if !f.single {
		m := j.keysFor(f.keys)
		if m.tooMany != nil {
			j.faults = append(j.faults, Fault{f.query, f.local, m.tooMany.at, ErrTooManyCombinations})
		}
		if a.from, a.to = m.from, m.to; a.to == a.from {
			return
		}
	}
	j.hits = append(j.hits, a)
}

// run asks what a filter asks.
func (j *Judge) run(f *filter) bool {
	code := j.class.codeOf(f)
	at := int32(0)
	for at >= 0 {
		s := &code[at]
		if s.atom < 0 {
			at = s.yes
			continue
		}
		var truth bool
		if m := j.memo[s.atom]; m>>2 == j.gen && m&3 != fails {
			truth = m&3 == yes
		} else {
			var failed bool
			if truth, failed = j.ask(s.atom); failed {
				j.faults = append(j.faults, Fault{f.query, f.local, f.places[at], j.failed[s.atom]})
			}
		}
		if truth {
			at = s.yes
		} else {
			at = s.no
		}
	}
	return at == accept
}

// ask returns the truth of an atom for the event at hand, and whether it failed
// on a value. It is worked out once.
func (j *Judge) ask(n int32) (truth, failed bool) {
	if m := j.memo[n]; m>>2 == j.gen {
		return m&3 == yes, m&3 == fails
	}
	j.cost.atoms++
	answer := no
	switch a := j.p.atoms[n]; a.kind {
	case valueAtom:
		if j.anyValue(a) {
			answer = yes
		}
	case missing:
		answer = yes
		for i := j.row.Head(a.field.slot); i >= 0; i = j.row.At(i).Next {
			if !j.entry(a.field, i).null {
				answer = no
				break
			}
		}
	case scriptAtom:
		j.x.reset(j.row, j.index, len(j.raw))
		ok, err := a.script.run(&j.x)
		switch {
		case err != nil && !ok:
			answer = fails
			j.failed[n] = err
		case ok:
			answer = yes
		}
	case nestedAtom:
		if j.nestedHolds(a) {
			answer = yes
		}
	case constant:
		if a.truth {
			answer = yes
		}
	}
	j.memo[n] = j.gen<<2 | answer
	return answer == yes, answer == fails
}

func (j *Judge) anyValue(a *atom) bool {
	f := a.field
	for i := j.row.Head(f.slot); i >= 0; i = j.row.At(i).Next {
		if a.lazy && f.varies && a.test.other == nil {
			if !j.subject.set(f, j.row.At(i), j.index) && a.test.holds(&j.subject) {
				return true
			}
			continue
		}
		e := j.entry(f, i)
		if e.null {
			continue
		}
		if a.lazy {
			if j.lazy(a, e, i) {
				return true
			}
		} else if e.bits[a.bit>>6]>>(a.bit&63)&1 != 0 {
			return true
		}
	}
	return false
}

// entry returns the answers for a value of the row.
func (j *Judge) entry(f *field, i int32) *entry {
	if !f.primary {
		return j.tables[f.number].get(j, j.row.At(i))
	}
	e := j.entries[i]
	if e == nil {
		e = j.tables[f.number].get(j, j.row.At(i))
		j.entries[i] = e
	}
	return e
}

// lazy asks a value an atom that is asked by itself, once.
func (j *Judge) lazy(a *atom, e *entry, i int32) bool {
	f := a.field
	bit := a.bit - f.eager
	known := f.eagerWords()
	truth := known + (len(f.atoms)-f.eager+63)/64
	word, mask := bit>>6, uint64(1)<<(bit&63)
	if e.bits[known+word]&mask == 0 {
		e.bits[known+word] |= mask
		j.subject.set(f, j.row.At(i), j.index)
		if a.test.holds(&j.subject) {
			e.bits[truth+word] |= mask
		}
	}
	return e.bits[truth+word]&mask != 0
}
