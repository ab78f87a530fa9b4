package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// Program is queries compiled together. It is immutable.
type Program struct {
	schema  *event.Schema
	paths   []string
	fields  []*field
	atoms   []*atom
	filters []*filter
	queries []compiled
	orders  []order

	leaves       *atoms // the atoms by the text of their leaves
	keyLists     int
	doorSlots    []int
	extraSlots   []int         // what the caller wants of every document
	firstSlots   []int         // what is read of every document first,
	firstPart    *event.Schema // and
	restPart     *event.Schema // the rest
	idPart       *event.Schema
	streamSlots  [3]int
	idSlot       int
	sequenceSlot int
	agentSlot    int
	hostSlot     int
	clock        *field // @timestamp
}

// compiled is one query of a program.
type compiled struct {
	Query
	accept func(string) bool
	time   *field // by which its events are ordered,
	tie    *field // and by this; nil: none is named
	kind   Kind
	sample bool
	order  int   // of a sequence or sample: its order
	local  int32 // its number there
	until  int32 // the number of until's condition; -1: none
	state  sequence.Query
	first  int32 // the number of its first filter in the program
	count  int32
	gated  bool // it is a sequence with conditions behind a gate, see Gates
}

// Kind says what a query's matches are.
type Kind uint8

// The kinds.
const (
	Event Kind = iota
	Sequence
	Sample
)

// fixedPaths are those that every program reads, for the identity of documents and
// their order.
var fixedPaths = [...]string{
	"data_stream.type", "data_stream.dataset", "data_stream.namespace", "event.id",
	"agent.id", "event.sequence", "host.id", eql.DefaultTimestampField,
}

// Compile compiles queries together. The error is that of a query that eql.Check
// would have refused.
func Compile(queries []Query, extra ...string) (*Program, error) {
	c := &compiler{fields: newFields(), p: new(Program)}
	c.atoms = newAtoms(c.fields)
	for _, path := range fixedPaths {
		c.fields.slot(path)
	}
	for i, q := range queries {
		if err := c.query(int32(i), q); err != nil { //nolint:gosec // few
			return nil, fmt.Errorf("compile query %s: %w", q.Name, err)
		}
	}
	for _, path := range extra {
		c.extra = append(c.extra, c.fields.slot(path))
	}
	return c.finish(), nil
}

type compiler struct {
	p      *Program
	fields *fields
	atoms  *atoms
	exprs  []*eql.Filter // by filter
	lists  []*keyList
	extra  []int
	scopes []scope
}

func (c *compiler) query(number int32, q Query) error {
	out := compiled{Query: q, accept: q.Accept, until: -1, first: int32(len(c.p.filters))} //nolint:gosec // few
	s := scope{q.Schema, q.Schema.Path(q.timestampField())}
	out.time = c.fields.of(s.schema, s.time, s.time)
	if q.TiebreakerField != "" {
		out.tie = c.fields.of(s.schema, s.schema.Path(q.TiebreakerField), s.time)
	}
	var err error
	switch b := q.Checked.Body.(type) {
	case *eql.Filter:
		out.state = sequence.Query{Terms: []sequence.Term{{}}, Until: -1} // of an ordered one; nothing is fed to it
		err = c.filter(s, q, filter{query: number, single: true}, b, nil)
	case *eql.Sequence:
		out.kind = Sequence
		err = c.sequence(s, &out, number, b)
	case *eql.Sample:
		out.kind, out.sample = Sample, true
		err = c.sample(s, &out, number, b)
	default:
		err = fmt.Errorf("unknown kind of query %T", b)
	}
	if err != nil {
		return err
	}
	out.count = int32(len(c.p.filters)) - out.first //nolint:gosec // few
	if out.kind != Event || q.Ordered {
		c.order(&out, number)
	}
	c.p.queries = append(c.p.queries, out)
	return nil
}

func (c *compiler) sequence(s scope, out *compiled, number int32, b *eql.Sequence) error {
	out.state = sequence.Query{Until: -1}
	if b.MaxSpan != nil {
		out.state.Span, out.state.HasSpan = b.MaxSpan.Duration(), true
	} else if out.Span > 0 {
		out.state.Span, out.state.HasSpan = out.Span, true
	}
	for i, t := range b.Terms {
		local := int32(i) //nolint:gosec // at most 256
		if err := c.term(s, out.Query, filter{query: number, local: local, absent: t.Missing}, b.Keys, t); err != nil {
			return err
		}
		for range max(t.Runs, 1) {
			out.state.Terms = append(out.state.Terms, sequence.Term{Filter: local, Missing: t.Missing})
		}
	}
	out.state.Local = local(b)
	if b.Until != nil {
		out.until = int32(len(b.Terms)) //nolint:gosec // at most 256
		out.state.Until = out.until
		return c.term(s, out.Query, filter{query: number, local: out.until, until: true}, b.Keys, b.Until)
	}
	return nil
}

// local reports whether the hits of one key of a sequence come from one host:
// host.id stands at one place of every term's key.
func local(b *eql.Sequence) bool {
	at := func(keys []*eql.Field) int {
		return slices.IndexFunc(keys, func(k *eql.Field) bool { return k.Path == "host.id" && !k.Optional })
	}
	if at(b.Keys) >= 0 {
		return true
	}
	terms := b.Terms
	if b.Until != nil {
		terms = append(slices.Clone(terms), b.Until)
	}
	first := at(terms[0].Keys)
	return first >= 0 && !slices.ContainsFunc(terms, func(t *eql.Term) bool { return at(t.Keys) != first })
}

func (c *compiler) sample(s scope, out *compiled, number int32, b *eql.Sample) error {
	out.state = sequence.Query{Sample: true, Until: -1, MaxSamplesPerKey: out.MaxSamplesPerKey}
	for i, t := range b.Terms {
		local := int32(i) //nolint:gosec // at most 5
		if err := c.term(s, out.Query, filter{query: number, local: local}, b.Keys, t); err != nil {
			return err
		}
		out.state.Terms = append(out.state.Terms, sequence.Term{Filter: local})
	}
	return nil
}

func (c *compiler) term(s scope, q Query, f filter, keys []*eql.Field, t *eql.Term) error {
	return c.filter(s, q, f, t.Filter, slices.Concat(keys, t.Keys))
}

func (c *compiler) filter(s scope, q Query, f filter, e *eql.Filter, keys []*eql.Field) error {
	category := s.schema.Path(q.categoryField())
	code, places, err := c.atoms.compileFilter(s, category, e)
	if err != nil {
		return err
	}
	f.code, f.places = code, places
	if !f.single {
		f.keys = c.keyList(s, keys, f.until)
	}
	f.number = int32(len(c.p.filters)) //nolint:gosec // few
	c.p.filters = append(c.p.filters, &f)
	c.exprs, c.scopes = append(c.exprs, e), append(c.scopes, s)
	return nil
}

// keyList finds the list of join keys of a term, or makes it. Where they stand in
// the text is that of the first term that has them.
func (c *compiler) keyList(s scope, keys []*eql.Field, nullable bool) *keyList {
	list := &keyList{number: len(c.lists), nullable: nullable}
	for _, k := range keys {
		list.fields = append(list.fields, keyField{c.fields.of(s.schema, k.Path, s.time), k.Optional, k.At})
	}
	for _, have := range c.lists {
		if have.nullable == nullable && slices.EqualFunc(have.fields, list.fields, func(a, b keyField) bool {
			return a.field == b.field && (a.optional == b.optional || nullable)
		}) {
			return have
		}
	}
	c.lists = append(c.lists, list)
	return list
}

// order finds the order of a sequence or sample.
func (c *compiler) order(out *compiled, number int32) {
	time, tie := out.time, out.tie
	at := slices.IndexFunc(c.p.orders, func(o order) bool { return o.time == time && o.tie == tie })
	if at < 0 {
		at = len(c.p.orders)
		c.p.orders = append(c.p.orders, order{time: time, tie: tie})
	}
	o := &c.p.orders[at]
	out.order, out.local = at, int32(len(o.queries)) //nolint:gosec // few
	o.queries = append(o.queries, number)
}

// finish lays out what has been collected.
func (c *compiler) finish() *Program {
	p := c.p
	p.clock = c.fields.of(nil, eql.DefaultTimestampField, eql.DefaultTimestampField)
	p.fields, p.atoms, p.leaves = c.fields.all, c.atoms.all, c.atoms
	c.door()
	c.atoms.guess(0)
	c.watch()
	c.gates()
	c.needs()
	c.bits()
	p.keyLists = len(c.lists)
	for _, f := range p.fields {
		c.answers(f)
	}
	p.paths = c.fields.paths
	p.schema = event.NewSchema(p.paths)
	for i := range p.streamSlots {
		p.streamSlots[i] = p.schema.Slot(fixedPaths[i])
	}
	p.idSlot, p.sequenceSlot = p.schema.Slot("event.id"), p.schema.Slot("event.sequence")
	p.agentSlot, p.hostSlot = p.schema.Slot("agent.id"), p.schema.Slot("host.id")
	c.first()
	return p
}

// first chooses what is read of every document: what the door asks, what orders
// events, and what else is asked of the objects that have these.
func (c *compiler) first() {
	p := c.p
	p.extraSlots = c.extra
	p.firstSlots = slices.Concat(p.doorSlots, p.streamSlots[:], []int{p.clock.slot})
	if len(p.orders) > 0 {
		p.firstSlots = append(p.firstSlots, p.sequenceSlot, p.agentSlot, p.hostSlot)
	}
	for _, o := range p.orders {
		p.firstSlots = append(p.firstSlots, o.time.slot)
		if o.tie != nil {
			p.firstSlots = append(p.firstSlots, o.tie.slot)
		}
	}
	visited := map[string]bool{} // going through an object twice costs more than its values
	for _, slot := range p.firstSlots {
		if top, _, ok := strings.Cut(p.paths[slot], "."); ok {
			visited[top] = true
		}
	}
	for slot, path := range p.paths {
		if top, _, ok := strings.Cut(path, "."); ok && visited[top] {
			p.firstSlots = append(p.firstSlots, slot)
		}
	}
	slices.Sort(p.firstSlots)
	p.firstSlots = slices.Compact(p.firstSlots)
	var rest []int
	for slot := range p.paths {
		if !slices.Contains(p.firstSlots, slot) {
			rest = append(rest, slot)
		}
	}
	p.firstPart, p.restPart, p.idPart = p.schema.Part(p.firstSlots), p.schema.Part(rest), p.schema.Part([]int{p.idSlot})
}

// door chooses the fields that are asked first.
func (c *compiler) door() {
	paths := slices.Clone(doorPaths)
	for _, q := range c.p.queries {
		if path := q.Schema.Path(q.categoryField()); !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	for _, path := range paths {
		if slot, ok := c.fields.bySlot[path]; ok && len(c.p.doorSlots) < doorWidth {
			c.p.doorSlots = append(c.p.doorSlots, slot)
		}
	}
	for _, f := range c.fields.all {
		f.door = slices.Contains(c.p.doorSlots, f.slot)
	}
}

// watch chooses the witnesses of all filters.
func (c *compiler) watch() {
	for i, f := range c.p.filters {
		w := &witnesses{atoms: c.atoms, scope: c.scopes[i]}
		best, _ := w.of(c.exprs[i].Condition, false)
		f.share = best.share
		f.always = best.share > 0.4 || !slices.ContainsFunc(best.atoms, func(a *atom) bool { return !a.field.door })
		if f.always {
			continue // the door has asked what there is to ask
		}
		slices.SortFunc(best.atoms, func(a, b *atom) int { return a.number - b.number })
		f.witness = slices.Compact(best.atoms)
		for _, a := range f.witness {
			a.watch = append(a.watch, f.number)
			a.field.witness = true
		}
	}
}

// gates puts the later conditions of sequences behind a gate, but for those that may
// fail on a value, which is told. A sequence that begins with a missing event has
// none: what keeps it from beginning comes before.
func (c *compiler) gates() {
	for i := range c.p.queries {
		q := &c.p.queries[i]
		if q.kind != Sequence || q.state.Terms[0].Missing {
			continue
		}
		for _, f := range c.p.filters[q.first+1 : q.first+q.count] {
			f.later = f.places == nil
			q.gated = q.gated || f.later
		}
	}
}

// bits gives each atom its place among those of its field: first those that are
// asked of each new value. Of fields that hardly ever take a value twice these are
// the witnesses alone.
func (c *compiler) bits() {
	for _, f := range c.p.fields {
		f.varies = varies(f.path)
	}
	place := func(lazy bool) {
		for _, a := range c.p.atoms {
			if a.kind == valueAtom && a.lazy == lazy {
				a.bit = len(a.field.atoms)
				a.field.atoms = append(a.field.atoms, a)
			}
		}
	}
	for _, a := range c.p.atoms {
		if a.kind == valueAtom && len(a.watch) == 0 && !a.field.door && a.field.varies {
			a.lazy = true
		}
	}
	place(false)
	for _, f := range c.p.fields {
		f.eager = len(f.atoms)
	}
	place(true)
}

// varies reports whether most values of a field are seen once only.
func varies(path string) bool {
	for _, end := range []string{".args", ".command_line", "file.path", "file.name", ".original.path", ".original.name", ".title", "dns.question.name"} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}

// answers readies what is asked of the values of a field.
func (c *compiler) answers(f *field) {
	f.answers = newAnswers(f.atoms[:f.eager])
	f.skims = !f.door && f.schema == nil && !f.isTime && !repeats(f.path) && (f.typ.IsString() || f.typ == value.TypeUnknown)
	f.witnesses = make([]uint64, f.eagerWords())
	for i, a := range f.atoms[:f.eager] {
		if a.test.fit != 0 {
			f.strict = append(f.strict, int32(i)) //nolint:gosec // few
		}
		if len(a.watch) > 0 {
			f.witnesses[i>>6] |= 1 << (i & 63)
		}
	}
}

// OrderOf returns the number of the order that a sequence or sample follows.
func (p *Program) OrderOf(query int) int { return p.queries[query].order }

// Absent reports whether a condition of a query is that of a missing event.
func (p *Program) Absent(query int, filter int32) bool {
	return p.filters[p.queries[query].first+filter].absent
}

// Until reports whether a condition of a query is that of until.
func (p *Program) Until(query int, filter int32) bool { return p.queries[query].until == filter }

// Queries returns how many queries there are.
func (p *Program) Queries() int { return len(p.queries) }

// Query returns a query as it was given.
func (p *Program) Query(n int) Query { return p.queries[n].Query }

// Kind returns what the matches of a query are.
func (p *Program) Kind(n int) Kind { return p.queries[n].kind }

// Order says how the events of some sequences and samples are ordered.
type Order struct {
	TimestampField  string
	TiebreakerField string           // "" = none
	States          []sequence.Query // for sequence.New, by local number
	Queries         []int32          // the program's number of each
}

// Orders returns the orders; a Verdict has an event for each.
func (p *Program) Orders() []Order {
	out := make([]Order, len(p.orders))
	for i, o := range p.orders {
		out[i] = Order{TimestampField: o.time.path, Queries: o.queries}
		if o.tie != nil {
			out[i].TiebreakerField = o.tie.path
		}
		for _, n := range o.queries {
			out[i].States = append(out[i].States, p.queries[n].state)
		}
	}
	return out
}

// Schema is what the program reads of a document.
func (p *Program) Schema() *event.Schema { return p.schema }

// Statistics of a program, for those who write rules.
type Statistics struct {
	Queries, Filters, Atoms, Fields int
	Always                          []string // queries with a condition that no witness guards
}

// Statistics counts what a program is made of.
func (p *Program) Statistics() Statistics {
	s := Statistics{Queries: len(p.queries), Filters: len(p.filters), Atoms: len(p.atoms), Fields: len(p.paths)}
	for _, f := range p.filters {
		if name := p.queries[f.query].Name; f.always && !slices.Contains(s.Always, name) {
			s.Always = append(s.Always, strings.TrimSpace(name))
		}
	}
	return s
}

// Longest returns the longest span that a sequence of the program may take; 0 if
// one may take for ever, or there is none.
func (p *Program) Longest() time.Duration {
	var longest time.Duration
	for _, q := range p.queries {
		if q.kind == Sequence {
			if !q.state.HasSpan {
				return 0
			}
			longest = max(longest, q.state.Span)
		}
	}
	return longest
}
