package cli

import (
	"cmp"
	"maps"
	"slices"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/source"
	"github.com/tripline-sec/tripline/internal/value"
)

// atOnce is for how many alerts the events around them are read together.
const atOnce = 256

// due is an alert that is to be given, as far as its place among the others needs
// it.
type due struct {
	match *storedMatch
	at    value.Instant
	timed bool
	name  string
	id    string
}

// giveAlerts makes the alerts of all matches and gives them in the order of their
// time, each once. What came before and after each is read again.
func (s *scan) giveAlerts(reader *source.Reader) error {
	defer s.matches.close()
	list, err := s.due()
	if err != nil {
		return err
	}
	lookup := s.index.Lookup()
	for some := range slices.Chunk(list, atOnce) {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		stored := make([]*storedMatch, len(some))
		for i, d := range some {
			stored[i] = d.match
		}
		docs := map[uint64]*event.Document{} // by arrival: one that several alerts share is one
		matches, err := s.load(stored, docs)
		if err != nil {
			return err
		}
		s.giveSome(some, matches, reader, lookup)
	}
	return nil
}

// giveSome makes and gives some alerts. If there is too much around them to be read
// at once, it goes by halves.
func (s *scan) giveSome(some []due, matches []alert.Match, reader *source.Reader, lookup *proctree.Lookup) {
	docs := map[uint64]*event.Document{}
	for _, m := range matches {
		for _, doc := range m.Events {
			if doc != nil {
				docs[doc.Arrival] = doc
			}
		}
	}
	selected := lookup.Select(slices.Collect(maps.Values(docs)))
	if half := len(some) / 2; selected.Cut && half > 0 {
		s.giveSome(some[:half], matches[:half], reader, lookup)
		s.giveSome(some[half:], matches[half:], reader, lookup)
		return
	}
	if selected.Cut {
		s.cut++
	}
	s.processes = proctree.New()
	missing, err := around(s.processes, reader, selected.Refs, docs)
	if s.notRead += missing; err != nil {
		s.fetchErr = err
	}
	for i, d := range some {
		one := alert.New(s.set.ready[d.match.Query].rule, matches[i], s.judged)
		one.Attach(matches[i], alert.Evidence{Clauses: s.clauses(d.match.Query, matches[i]), Processes: s.processes})
		s.give(one)
	}
}

// due puts the matches that become alerts in order.
func (s *scan) due() ([]due, error) {
	var list []due
	seen := map[string]bool{}
	stored := make([]*storedMatch, len(s.matches.list))
	for i := range s.matches.list {
		stored[i] = &s.matches.list[i]
	}
	for some := range slices.Chunk(stored, atOnce) {
		matches, err := s.load(some, map[uint64]*event.Document{})
		if err != nil {
			return nil, err
		}
		for i, m := range matches {
			r := s.set.ready[some[i].Query]
			if alert.Recurs(r.rule, m) || r.Drops(m) {
				continue
			}
			one := alert.New(r.rule, m, s.judged)
			if one == nil || seen[one.ID] {
				continue
			}
			seen[one.ID] = true
			list = append(list, due{some[i], one.EventTime, one.HasEventTime, one.Name, one.ID})
		}
	}
	slices.SortStableFunc(list, func(a, b due) int {
		switch {
		case a.timed && b.timed:
			return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id))
		case a.timed:
			return 1
		case b.timed:
			return -1
		}
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id))
	})
	return list, nil
}

// load decodes the documents of matches, each once, into docs too. Bytes that can
// be read again are let go of afterwards.
func (s *scan) load(stored []*storedMatch, docs map[uint64]*event.Document) ([]alert.Match, error) {
	whole := make([]engine.Match, len(stored))
	all := make([]*engine.Match, len(stored))
	for i, m := range stored {
		events, err := s.matches.events(m)
		if err != nil {
			return nil, err
		}
		whole[i], all[i] = m.Match, &whole[i]
		whole[i].Events = events
	}
	if err := s.loader.Load(all...); err != nil {
		return nil, err
	}
	out := make([]alert.Match, len(stored))
	for i, m := range whole {
		out[i] = alert.Match{Group: !s.set.ready[m.Query].Single(), Keys: m.Keys}
		for _, held := range m.Events {
			if held == nil {
				out[i].Events = append(out[i].Events, nil)
				continue
			}
			doc := docs[held.Arrival]
			if doc == nil {
				var err error
				if doc, err = held.Document(); err != nil {
					return nil, err // it has been read before
				}
				docs[held.Arrival] = doc
			}
			out[i].Events = append(out[i].Events, doc)
		}
	}
	for _, m := range whole {
		for _, held := range m.Events {
			if held != nil && held.Length > 0 {
				held.Raw = nil
			}
		}
	}
	return out, nil
}

// around reads again what there is about the processes of some documents, which are
// given by arrival, and puts it into a tree. It returns how many events could not be
// had.
func around(tree *proctree.Tree, reader *source.Reader, places []proctree.Ref, docs map[uint64]*event.Document) (missing int, err error) {
	refs := make([]source.Ref, len(places))
	for i, r := range places {
		refs[i] = source.Ref{Source: r.Source, Offset: r.Offset, Length: r.Length}
	}
	return reader.Fetch(refs, func(at source.Ref, raw []byte, given event.Identity) {
		doc := docs[at.Arrival()] // alerts tell their own events from others by identity
		if doc == nil {
			var err error
			if doc, err = event.Decode(slices.Clone(raw), given, at.Arrival()); err != nil {
				return // it has been read before
			}
		}
		tree.See(doc)
	})
}
