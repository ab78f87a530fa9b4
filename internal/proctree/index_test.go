package proctree

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/tripline-sec/tripline/internal/event"
)

// traces returns all recorded events, one file after the other.
func traces(t *testing.T) []*event.Document {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", "*-traces", "*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no folder of test material beside the clone: ../shared/data is absent")
	}
	var docs []*event.Document
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(content) {
			if len(bytes.TrimSpace(line)) > 0 {
				docs = append(docs, doc(t, len(docs), string(line)))
			}
		}
	}
	return docs
}

// indexed appends documents, in batches; a document's number is its place.
func indexed(x *Index, docs []*event.Document) {
	var batch []Record
	for i, d := range docs {
		r, ok := x.Record(LineageOf(d), Ref{Source: 3, Offset: int64(i) << 20, Length: int32(len(d.Raw)), Arrival: d.Arrival})
		if ok {
			batch = append(batch, r)
		}
		if len(batch) == 100 || i == len(docs)-1 {
			x.Append(batch)
			batch = batch[:0]
		}
	}
}

func tree(docs []*event.Document) *Tree {
	tree := New()
	for _, d := range docs {
		tree.See(d)
	}
	return tree
}

// agree asks for every document whether the selected ones tell of it what all
// tell. It returns how many were selected at most.
func agree(t *testing.T, what string, docs []*event.Document) (most int) {
	t.Helper()
	whole, x := tree(docs), NewIndex(0)
	indexed(x, docs)
	lookup := x.Lookup()
	known := map[Lineage]*Tree{}
	for n, d := range docs {
		lineage := LineageOf(d)
		few := known[lineage]
		if few == nil {
			s := lookup.Select([]*event.Document{d})
			if s.Cut {
				t.Fatalf("%s: the selection for event %d is cut", what, n)
			}
			most = max(most, len(s.Refs))
			few = New()
			for _, at := range s.Refs {
				found := docs[at.Offset>>20]
				if at.Source != 3 || int(at.Length) != len(found.Raw) || at.Arrival != found.Arrival {
					t.Fatalf("%s: %+v is not event %d", what, at, found.Arrival)
				}
				few.See(found)
			}
			known[lineage] = few
		}
		if got, want := few.Ancestors(d), whole.Ancestors(d); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: ancestors of event %d\n got %v\nwant %v", what, n, got, want)
		}
		if got, want := few.Family([]*event.Document{d}), whole.Family([]*event.Document{d}); !reflect.DeepEqual(numbers(got), numbers(want)) {
			t.Fatalf("%s: family of event %d\n got %v\nwant %v", what, n, numbers(got), numbers(want))
		}
	}
	return most
}

func numbers(docs []*event.Document) (all []uint64) {
	for _, d := range docs {
		all = append(all, d.Arrival)
	}
	return all
}

// For every recorded event the selected documents tell what all tell.
func TestSelectedTellWhatAllTellOfTraces(t *testing.T) {
	docs := traces(t)
	most := agree(t, "traces", docs)
	t.Logf("%d events, %d selected at most", len(docs), most)
	if most == len(docs) || most < 5 {
		t.Errorf("%d of %d were selected at most", most, len(docs))
	}
}

// Also where senders say odd things: circles, several parents of a process,
// names that change, links that only grandchildren tell.
func TestSelectedTellWhatAllTell(t *testing.T) {
	for seed := range uint64(800) {
		r := rand.New(rand.NewPCG(seed, 1))
		processes := 2 + r.IntN(12)
		docs := make([]*event.Document, 1+r.IntN(30)) // so few of one process that none is left out
		for n := range docs {
			docs[n] = doc(t, n, odd(r, processes))
		}
		agree(t, fmt.Sprint("seed ", seed), docs)
	}
}

func odd(r *rand.Rand, processes int) string {
	entity := func() string { return fmt.Sprintf(`"p%d"`, r.IntN(processes)) }
	maybe := func(field, v string) string {
		if r.IntN(3) == 0 {
			return ""
		}
		return fmt.Sprintf(`,"%s":%s`, field, v)
	}
	self := r.IntN(processes)
	up := func(n int) string { return fmt.Sprintf(`"p%d"`, max(self-n, 0)) } // as a rule, a tree
	parent, above := up(1), up(1)+","+up(2)
	if r.IntN(6) == 0 {
		parent = entity()
	}
	if r.IntN(6) == 0 {
		above = strings.Join([]string{entity(), entity(), entity()}[:r.IntN(4)], ",")
	}
	return fmt.Sprintf(`{"n":%d`, r.Int()) +
		maybe("@timestamp", fmt.Sprint(r.IntN(20))) +
		maybe("host.id", fmt.Sprintf(`"h%d"`, r.IntN(8)/7)) +
		maybe("process.entity_id", fmt.Sprintf(`"p%d"`, self)) +
		maybe("process.name", fmt.Sprintf(`"n%d"`, self)) +
		maybe("process.pid", fmt.Sprint(self+1)) +
		maybe("process.parent.entity_id", parent) +
		maybe("process.parent.name", fmt.Sprintf(`"n%d"`, r.IntN(processes))) +
		maybe("process.parent.pid", fmt.Sprint(r.IntN(processes))) +
		maybe("process.Ext.ancestry", "["+above+"]") + "}"
}

// Of a process with many documents, few of which give its name or that of its
// parent, those few are selected.
func TestSelectedGiveNames(t *testing.T) {
	const many = 200
	var docs []*event.Document
	add := func(fields string) {
		docs = append(docs, doc(t, len(docs), fmt.Sprintf(`{"@timestamp":%d,"host.id":"h",%s}`, len(docs), fields)))
	}
	for n := range many {
		parent := `"process.parent.entity_id":"init"`
		if n == many/2 {
			parent += `,"process.parent.name":"systemd"`
		}
		add(fmt.Sprintf(`"process.entity_id":"c%d","process.name":"sh",%s`, n, parent))
		switch n {
		case many / 3:
			add(`"process.entity_id":"daemon","process.parent.entity_id":"init","process.name":"nginx"`)
		case many / 2:
			add(`"process.entity_id":"daemon","process.parent.entity_id":"init","process.parent.name":"systemd"`)
		default:
			add(`"process.entity_id":"daemon","process.parent.entity_id":"init"`)
		}
		add(fmt.Sprintf(`"process.entity_id":"worker%d","process.parent.entity_id":"daemon"`, n%40))
	}
	agree(t, "names", docs)
	if got := fmt.Sprint(tree(docs).Ancestors(docs[2])); got != "[{daemon nginx 0} {init systemd 0}]" {
		t.Errorf("ancestors %s", got)
	}
}

func TestSizeOfARecord(t *testing.T) {
	if n := unsafe.Sizeof(Record{}); n > 32 {
		t.Errorf("a record takes %d bytes", n)
	}
	x := NewIndex(0)
	l := Lineage{Host: "h", Entity: "e", Parent: "p", Above: [2]string{"p", "g"}}
	if n := testing.AllocsPerRun(100, func() { x.Record(l, Ref{}) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// The oldest are forgotten, and counted.
func TestIndexIsBounded(t *testing.T) {
	const pages = 3
	x := NewIndex(pages * pageRecords * 32)
	batch := make([]Record, 1000)
	n := 0
	for range 50 {
		for i := range batch {
			batch[i], _ = x.Record(Lineage{Entity: fmt.Sprint(n % 7)}, Ref{Arrival: uint64(n)})
			n++
		}
		x.Append(batch)
	}
	kept := n - x.Dropped()
	if kept > pages*pageRecords || kept <= (pages-1)*pageRecords {
		t.Errorf("%d are kept", kept)
	}
	refs := x.Lookup().Select([]*event.Document{doc(t, 0, `{"process.entity_id":"3"}`)}).Refs
	if len(refs) < kept/7 || refs[0].Arrival < uint64(x.Dropped()) || refs[len(refs)-1].Arrival < uint64(n-7) {
		t.Errorf("%d found, from %v to %v; %d are dropped of %d", len(refs), refs[0], refs[len(refs)-1], x.Dropped(), n)
	}
}

// A process that did very much is cut, and that is told; one that is only above
// takes a few documents.
func TestSelectionIsBounded(t *testing.T) {
	x := NewIndex(0)
	var batch []Record
	for n := range 3 * mostFamily {
		r, _ := x.Record(Lineage{Entity: fmt.Sprint("c", n/2), Parent: "p", Above: [2]string{"p", "g"}}, Ref{Arrival: uint64(n)})
		batch = append(batch, r)
	}
	x.Append(batch)
	lookup := x.Lookup()
	for _, of := range []string{"p", "g"} {
		s := lookup.Select([]*event.Document{doc(t, 0, fmt.Sprintf(`{"process.entity_id":%q}`, of))})
		if n := len(s.Refs); !s.Cut || n < mostFamily || n > mostFamily+100 {
			t.Errorf("of %s: %d documents, cut %v", of, n, s.Cut)
		}
	}
	s := lookup.Select([]*event.Document{doc(t, 0, `{"process.entity_id":"c7"}`)})
	if n := len(s.Refs); s.Cut || n < 2 || n > 100 {
		t.Errorf("of a child: %d documents, cut %v", n, s.Cut)
	}
}

// What stands too far behind the start of an input is not indexed; the rest is
// found where it was.
func TestPlaces(t *testing.T) {
	x := NewIndex(0)
	l := Lineage{Entity: "e"}
	for _, at := range []Ref{{}, {Source: 1<<30 - 1, Offset: 1<<offsetBits - 1, Length: 1<<lengthBits - 1, Arrival: 1<<64 - 1}} {
		r, ok := x.Record(l, at)
		if got := r.ref(); !ok || got != at {
			t.Errorf("%+v became %+v, %v", at, got, ok)
		}
	}
	for _, at := range []Ref{{Source: 1 << 30}, {Offset: -1}, {Offset: 1 << offsetBits}, {Length: 1 << lengthBits}, {Length: -1}} {
		if _, ok := x.Record(l, at); ok {
			t.Errorf("%+v is taken", at)
		}
	}
	if _, ok := x.Record(Lineage{Parent: "p"}, Ref{}); ok {
		t.Error("a document of no process is taken")
	}
}

func BenchmarkIndex(b *testing.B) {
	x := NewIndex(0)
	batch := make([]Record, 0, 100)
	l := Lineage{Host: "b0c5d7b0-0000-4000-8000-000000000000", Entity: "ZTAwMDAtMDAwMC0wMDAwLTAwMDAwMA", Parent: "ZTAwMDAtMDAwMC0wMDAwLTAwMDAwMB", Above: [2]string{"ZTAwMDAtMDAwMC0wMDAwLTAwMDAwMB", "ZTAwMDAtMDAwMC0wMDAwLTAwMDAwMC"}}
	for b.Loop() {
		r, _ := x.Record(l, Ref{})
		if batch = append(batch, r); len(batch) == cap(batch) {
			x.Append(batch)
			batch = batch[:0]
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	x := NewIndex(0)
	r := rand.New(rand.NewPCG(1, 2))
	var batch []Record
	for range 1_000_000 {
		batch = append(batch, Record{self: r.Uint32(), parent: r.Uint32N(300_000), grand: r.Uint32N(1000)})
	}
	x.Append(batch)
	for b.Loop() {
		x.Lookup()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e6, "ns/record")
}
