package cli

import (
	"slices"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// results keeps the matches of a query as far as its size and its pipes let them
// through: of many with a limit, only that many are in memory.
type results struct {
	cuts []limitCut
	list []engine.Match
	most int // of the first cut; < 0: all
	tail bool

	load func(...*engine.Match) error // completes matches, for their keys
	err  error
}

// limitCut keeps the first or the last results.
type limitCut struct {
	count int64
	head  bool
}

// newResults reads the limits of a query. The size counts before the first pipe
// and in its direction, and without one in that of the result position
// (Elasticsearch: `| head 50` under size 10 gives 10 results).
func newResults(q *eql.Query, kind engine.Kind, size int, head bool) *results {
	r := &results{most: -1}
	if size >= 0 {
		if len(q.Pipes) > 0 {
			head = q.Pipes[0].Name == "head"
		}
		if kind == engine.Sample { // the search for samples stops there
			head = true
		}
		r.cuts = append(r.cuts, limitCut{int64(size), head})
	}
	for _, pipe := range q.Pipes {
		r.cuts = append(r.cuts, limitCut{pipe.Count, pipe.Name == "head"})
	}
	if len(r.cuts) > 0 && kind != engine.Sample { // samples stand in the order of their keys

		r.tail = !r.cuts[0].head
		r.most = int(min(r.cuts[0].count, 1<<40))
	}
	return r
}

// add takes a match. They come nearly in order.
func (r *results) add(m engine.Match) {
	if r.most == 0 {
		return
	}
	if r.most > 0 && r.err == nil && m.Events != nil && len(m.Events) > 1 {
		r.err = r.load(&m) // which of two with one last event is dropped hangs on their keys
	}
	at := len(r.list)
	for at > 0 && engine.CompareMatches(r.list[at-1], m) > 0 {
		at--
	}
	switch {
	case r.most > 0 && !r.tail && len(r.list) == r.most:
		if at == r.most {
			return
		}
		r.list = r.list[:r.most-1]
	case r.most > 0 && r.tail && len(r.list) >= 2*r.most:
		drop := min(at, len(r.list)-r.most)
		r.list = slices.Delete(r.list, 0, drop)
		at -= drop
	}
	r.list = slices.Insert(r.list, at, m)
}

// result returns what passes the limits, as documents.
func (r *results) result(kind engine.Kind) (*reference.Result, error) {
	all := make([]*engine.Match, len(r.list))
	for i := range r.list {
		all[i] = &r.list[i]
	}
	if r.err == nil {
		r.err = r.load(all...)
	}
	if r.err != nil {
		return nil, r.err
	}
	slices.SortStableFunc(r.list, engine.CompareMatches)
	list := r.list
	for _, c := range r.cuts {
		switch {
		case c.count >= int64(len(list)):
		case c.head:
			list = list[:c.count]
		default:
			list = list[int64(len(list))-c.count:]
		}
	}
	out := &reference.Result{Kind: reference.Kind(kind)}
	known := map[*event.Held]*event.Document{nil: nil}
	for _, m := range list {
		docs := make([]*event.Document, len(m.Events))
		for i, held := range m.Events {
			doc, ok := known[held]
			if !ok {
				var err error
				if doc, err = held.Document(); err != nil {
					return nil, err // it has been read before
				}
				known[held] = doc
			}
			docs[i] = doc
		}
		if kind == engine.Event {
			out.Events = append(out.Events, docs[0])
		} else {
			out.Sequences = append(out.Sequences, reference.Sequence{Keys: m.Keys, Events: docs})
		}
	}
	return out, nil
}
