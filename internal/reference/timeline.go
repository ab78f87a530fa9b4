package reference

import (
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// moment is a document in its place in time. That place, its rank, is total:
// of two moments one is strictly before the other.
type moment struct {
	doc     *event.Document
	rank    int
	at      value.Instant
	hasTime bool
	tied    bool // the tiebreaker has several values
}

// ordered reports whether a sequence can use the moment: it needs a timestamp,
// and not more than one tiebreaker.
func (m moment) ordered() bool { return m.hasTime && !m.tied }

// timeline puts the documents in order: by timestamp, then by tiebreaker, then
// by arrival. No timestamp comes first, no tiebreaker last. The order is that of
// all documents, whatever the query's scope, so that every query sees the same;
// only those in scope are returned.
func (r *run) timeline(docs []*event.Document) []moment {
	entries := make([]event.Entry, len(docs))
	for i, d := range docs {
		entries[i] = event.Entry{Doc: d, Ordinal: event.Ordinal{Arrival: d.Arrival}}
		o := &entries[i].Ordinal
		if times := r.fields.timestamp(d); len(times) > 0 {
			o.Time, o.HasTime = times[0].Instant(), true
		}
		if ties := r.fields.tiebreaker(d); len(ties) > 0 {
			o.Tiebreaker = ties[0]
		}
	}
	event.Sort(entries, r.opts.TiebreakerField == "")
	var moments []moment
	for _, e := range entries {
		if !r.accepts(e.Doc) {
			continue
		}
		moments = append(moments, moment{
			doc: e.Doc, rank: len(moments), at: e.Ordinal.Time, hasTime: e.Ordinal.HasTime,
			tied: len(r.fields.tiebreaker(e.Doc)) > 1,
		})
	}
	return moments
}
