package replay

import (
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/source"
	"github.com/tripline-sec/tripline/internal/value"
)

// result is what a worker makes of a batch. It is used again for another.
type result struct {
	stats    source.Stats
	problems []*source.Problem
	unknown  int
	newest   value.Instant
	timed    bool // there is a newest
	singles  []single
	events   [][]sequence.Event // by order; their hits and keys lie in the slices below
	hits     []sequence.Hit
	keys     []sequence.Key
	bad      []BadValue
	records  []proctree.Record
	gated    gated
}

// single is an event that an event query accepts.
type single struct {
	query int32
	doc   *event.Held
}

func newResult(orders int) *result {
	return &result{
		events: make([][]sequence.Event, orders),
		gated:  gated{earliest: make([]timed, orders), after: make([]timed, orders)},
	}
}

// reset forgets a batch. References to documents go, so that they do not outlive
// their use.
func (r *result) reset() {
	r.hitsAgain()
	r.gated.reset()
	*r = result{
		problems: r.problems[:0], singles: r.singles, events: r.events, hits: r.hits, keys: r.keys,
		bad: r.bad, records: r.records[:0], gated: r.gated,
	}
}

// hitsAgain forgets what came of judging the documents of a batch.
func (r *result) hitsAgain() {
	clear(r.singles)
	for i := range r.events {
		clear(r.events[i])
		r.events[i] = r.events[i][:0]
	}
	clear(r.bad)
	r.singles, r.hits, r.keys, r.bad = r.singles[:0], r.hits[:0], r.keys[:0], r.bad[:0]
}

// worker judges batches.
type worker struct {
	program *engine.Program
	judge   *engine.Judge
	index   *proctree.Index
	slots   lineageSlots
	result  *result
	keep    engine.Keep  // of the documents of the batch at hand
	nobody  *event.Held  // the document of events that are never part of a match
	slab    []event.Held // those that are made next
	take    func(raw []byte, given event.Identity, at source.Ref) error
	tell    func(*source.Problem)

	gates    *gates // nil: there are none
	caughtUp int64
	again    bool // the batch at hand has been judged before
}

// lineageSlots are where a row has what a proctree.Lineage holds.
type lineageSlots struct{ host, entity, parent, ancestry, name, parentName int }

// LineagePaths are the fields that a program must read so that processes can be
// indexed; see engine.Compile.
var LineagePaths = []string{"host.id", "process.entity_id", "process.parent.entity_id", "process.Ext.ancestry", "process.name", "process.parent.name"}

func newWorker(p *engine.Program, index *proctree.Index) *worker {
	slot := func(n int) int { return p.Schema().Slot(LineagePaths[n]) }
	w := &worker{
		program: p, judge: p.NewJudge(), index: index, nobody: engine.Nobody(),
		slots: lineageSlots{slot(0), slot(1), slot(2), slot(3), slot(4), slot(5)},
	}
	w.take = w.document
	w.tell = func(p *source.Problem) { w.result.problems = append(w.result.problems, p) }
	return w
}

// batch judges the documents of a batch.
func (w *worker) batch(b *source.Batch, to *result) {
	w.result, w.keep = to, keepOf(b)
	if w.gates != nil {
		w.gatedBatch(b)
		return
	}
	to.stats = b.Each(w.take, w.tell)
}

// keepOf says what becomes of the documents of a batch that are kept.
func keepOf(b *source.Batch) engine.Keep {
	if b.Rereadable() {
		return engine.Reference
	}
	return engine.Copy
}

// document judges one document. It has done nothing if it returns an error.
func (w *worker) document(raw []byte, given event.Identity, at source.Ref) error {
	v, err := w.judge.Judge(raw, given, at.Arrival())
	if err != nil {
		return err
	}
	r := w.result
	if !w.again {
		w.seen(v, at)
	}
	var doc *event.Held
	held := func() *event.Held {
		if doc == nil {
			doc = w.held(v, given, at)
		}
		return doc
	}
	for _, q := range v.Singles {
		r.singles = append(r.singles, single{q, held()})
	}
	for i := range v.Events {
		e := &v.Events[i]
		if len(e.Hits) == 0 && e.Agent == 0 {
			continue // it takes nobody's place
		}
		kept := *e
		kept.Source = at.Source
		kept.Hits = nil
		if len(e.Hits) > 0 {
			kept.Doc = w.nobody
			if v.Kept() {
				kept.Doc = held()
			}
			kept.Hits = w.hits(e.Hits)
		}
		r.events[i] = append(r.events[i], kept)
	}
	if len(v.Faults)+len(v.NoTime) > 0 {
		w.badValues(v, given, at)
	}
	return nil
}

// seen notes what there is to know of a document whatever accepts it.
func (w *worker) seen(v *engine.Verdict, at source.Ref) {
	r := w.result
	if v.Index == event.UnknownIndex {
		r.unknown++
	}
	if at, ok := w.judge.Time(); ok && (!r.timed || at.Compare(r.newest) > 0) {
		r.newest, r.timed = at, true
	}
	if w.gates != nil {
		w.begin(v)
	}
	if w.index != nil {
		w.record(at)
	}
}

// slabSize is how many documents are held in one piece, which goes when none of
// them is needed any more.
const slabSize = 8

// held makes the document at hand one that is kept.
func (w *worker) held(v *engine.Verdict, given event.Identity, at source.Ref) *event.Held {
	if w.keep != engine.Reference {
		doc := w.judge.Held(given, w.keep)
		doc.Source = at.Source
		return doc
	}
	if len(w.slab) == 0 {
		w.slab = make([]event.Held, slabSize)
	}
	doc := &w.slab[0]
	w.slab = w.slab[1:]
	*doc = event.Held{Length: at.Length, Index: v.Index, ID: given.ID, Arrival: at.Arrival(), Source: at.Source}
	return doc
}

// badValues takes what can not be judged, with the document whole, to tell of it.
func (w *worker) badValues(v *engine.Verdict, given event.Identity, at source.Ref) {
	doc := w.judge.Held(given, engine.Copy)
	doc.Source = at.Source
	add := func(b BadValue) {
		b.Doc = doc
		b.at = w.judge.PlaceFor(int(b.Fault.Query), doc.Arrival)
		b.place(w.program)
		w.result.bad = append(w.result.bad, b)
	}
	for _, f := range v.Faults {
		add(BadValue{Fault: f})
	}
	for _, q := range v.NoTime {
		add(BadValue{Fault: engine.Fault{Query: q}, NoTime: true})
	}
}

// hits copies hits into the result.
func (w *worker) hits(hits []sequence.Hit) []sequence.Hit {
	r := w.result
	from := len(r.hits)
	for _, h := range hits {
		k := len(r.keys)
		r.keys = append(r.keys, h.Keys...)
		h.Keys = r.keys[k:len(r.keys):len(r.keys)]
		r.hits = append(r.hits, h)
	}
	return r.hits[from:len(r.hits):len(r.hits)]
}

// record notes of which process the event tells.
func (w *worker) record(at source.Ref) {
	row := w.judge.Row()
	text := func(i int32) string {
		if i < 0 {
			return ""
		}
		if s := row.At(i); s.Kind == event.NumberScalar {
			return s.Value().Text()
		}
		return row.At(i).Text
	}
	entity := row.Head(w.slots.entity)
	if entity < 0 {
		return
	}
	l := proctree.Lineage{Host: text(row.Head(w.slots.host)), Entity: text(entity), Parent: text(row.Head(w.slots.parent))}
	l.Named, l.ParentNamed = text(row.Head(w.slots.name)) != "", text(row.Head(w.slots.parentName)) != ""
	for i, n := row.Head(w.slots.ancestry), 0; i >= 0 && n < len(l.Above); i, n = row.At(i).Next, n+1 {
		l.Above[n] = text(i)
	}
	ref := proctree.Ref{Source: at.Source, Offset: at.Offset, Length: at.Length, Arrival: at.Arrival()}
	if rec, ok := w.index.Record(l, ref); ok {
		w.result.records = append(w.result.records, rec)
	}
}
