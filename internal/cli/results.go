package cli

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/value"
)

// print writes the results in the form that was asked for and returns how many
// there were.
func (s *search) print(result *reference.Result, took time.Duration) (int, error) {
	stats := s.report.Stats
	matched := len(result.Events) + len(result.Sequences)
	switch s.flags.format.or(s.StdoutTerminal, "pretty", "ndjson") {
	case "json":
		writeAnswer(s.out, result, took, stats.BadTotal() > 0)
		s.out.WriteByte('\n')
	case "ndjson":
		for _, doc := range result.Events {
			writeHit(s.out, doc, true)
			s.out.WriteByte('\n')
		}
		for _, sequence := range result.Sequences {
			writeSequence(s.out, sequence, true)
			s.out.WriteByte('\n')
		}
	default:
		if err := s.tell(result); err != nil {
			return matched, err
		}
		s.sayf("%s of %s in %s", counted(matched, "match", "matches"),
			counted(stats.Documents, "event", "events"), rate(stats.Documents, took))
	}
	s.flush()
	for _, note := range inputNotes(stats) {
		s.sayf("%s", note)
	}
	if n := s.report.Queries[0].Late; n > 0 {
		s.sayf("%s came too late to be put in order, and left out", counted(n, "event", "events"))
	}
	if n := s.report.Queries[0].Evicted; n > 0 {
		s.sayf("%s dropped, the oldest, for want of memory", counted(n, "unfinished sequence", "unfinished sequences"))
	}
	return matched, nil
}

// tell prints results for people: a line an event, a block a sequence.
func (s *search) tell(result *reference.Result) error {
	t := s.newTeller()
	processes := proctree.New()
	if err := s.around(processes, result); err != nil {
		return err
	}
	t.Processes = processes
	for _, doc := range result.Events {
		one := show.NewStep(doc, t.Processes, s.flags.timestamp.value)
		at, host := "-", ""
		if one.HasTime {
			at = one.Happened.String()
		}
		if name := doc.Text("host.name"); name != "" {
			host = show.Escape(name) + "  "
		}
		used := show.Columns(at) + 2 + show.Columns(host)
		s.printf("%s  %s%s\n", t.Palette.Dim(at), host, one.Line(t.Room()-used, true, t.Palette))
	}
	kind := "sequence"
	if result.Kind == reference.Samples {
		kind = "sample"
	}
	names := keyNames(s.query)
	for _, sequence := range result.Sequences {
		t.Gap()
		var keys []string
		for i, key := range sequence.Keys {
			text := key.Text()
			if key.Kind() == value.Null {
				text = "null"
			}
			if i < len(names) {
				text = names[i] + " = " + text
			}
			keys = append(keys, show.Escape(text))
		}
		s.printf("%s  %s\n", t.Palette.Bold(kind), strings.Join(keys, ", "))
		t.Steps(sequence.Events, s.flags.timestamp.value)
	}
	return nil
}

// around puts together the processes of the results and those above them.
func (s *search) around(tree *proctree.Tree, result *reference.Result) error {
	for _, doc := range s.docs {
		tree.See(doc)
	}
	if s.index == nil {
		return nil
	}
	found := map[uint64]*event.Document{}
	for _, doc := range result.Events {
		found[doc.Arrival] = doc
	}
	for _, sequence := range result.Sequences {
		for _, doc := range sequence.Events {
			if doc != nil {
				found[doc.Arrival] = doc
			}
		}
	}
	lookup := s.index.Lookup()
	places := map[uint64]proctree.Ref{}
	for some := range slices.Chunk(slices.Collect(maps.Values(found)), atOnce) {
		for _, r := range lookup.Select(some).Refs {
			places[r.Arrival] = r
		}
	}
	// A tree must see events in their order, and each once.
	refs := make([]proctree.Ref, 0, len(places))
	for _, arrival := range slices.Sorted(maps.Keys(places)) {
		refs = append(refs, places[arrival])
	}
	_, err := around(tree, s.reader.Load(), refs, found)
	return err
}

// keyNames returns the names of a query's join keys: those of all terms, then
// those of the first.
func keyNames(q *eql.Query) []string {
	var (
		keys  []*eql.Field
		terms []*eql.Term
		names []string
	)
	switch b := q.Body.(type) {
	case *eql.Sequence:
		keys, terms = b.Keys, b.Terms
	case *eql.Sample:
		keys, terms = b.Keys, b.Terms
	}
	if len(terms) > 0 {
		keys = append(keys[:len(keys):len(keys)], terms[0].Keys...)
	}
	for _, key := range keys {
		names = append(names, key.Name())
	}
	return names
}
