package engine

import (
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// Resolver finds what a match of a sequence or sample says of its keys: matches
// carry only their hashes. It belongs to one goroutine.
type Resolver struct{ judge *Judge }

// NewResolver makes a resolver of the program.
func (p *Program) NewResolver() *Resolver { return &Resolver{p.NewJudge()} }

// Keys returns the join keys of a match of a query, as Elasticsearch answers
// them: a missing optional key is null; a date is ISO text in a sequence and epoch
// milliseconds in a sample. Events are those of the match, nil for a missing one.
func (r *Resolver) Keys(query int, key sequence.Key, events []*event.Held) []value.Value {
	j := r.judge
	q := &j.p.queries[query]
	if q.kind == Event {
		return nil
	}
	at := 0
	for at < len(events) && events[at] == nil {
		at++
	}
	if at == len(events) || at >= len(q.state.Terms) {
		return nil
	}
	f := j.p.filters[q.first+q.state.Terms[at].Filter]
	if j.scanner.Scan(events[at].Raw, j.row) != nil {
		return nil // it has been read before
	}
	j.index = events[at].Index
	values := make([]value.Value, len(f.keys.fields))
	if !r.choose(f, 0, sequence.Key{}, key, values) {
		return nil
	}
	for i, v := range values {
		switch {
		case v.Kind() != value.Date:
			values[i] = v.Clone()
		case q.sample:
			values[i] = value.OfInt(v.Instant().UnixMilli())
		default:
			values[i] = value.OfString(v.Text())
		}
	}
	return values
}

// choose finds the values that make the key.
func (r *Resolver) choose(f *filter, n int, sofar, want sequence.Key, values []value.Value) bool {
	if n == len(f.keys.fields) {
		return sofar == want
	}
	choices := r.judge.distinct(nil, f.keys.fields[n].field)
	if len(choices) == 0 {
		choices = []value.Value{{}}
	}
	for _, v := range choices {
		values[n] = v
		if r.choose(f, n+1, link(sofar, v), want, values) {
			return true
		}
	}
	return false
}
