package cli

import (
	"strings"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// print writes the results in the form that was asked for and returns how many
// there were.
func (s *search) print(result *reference.Result, took time.Duration) int {
	matched := len(result.Events) + len(result.Sequences)
	switch s.flags.format.or(s.StdoutTerminal, "pretty", "ndjson") {
	case "json":
		writeAnswer(s.out, result, took, s.stats.BadTotal() > 0)
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
		s.tell(result)
		s.sayf("%s of %s in %s", counted(matched, "match", "matches"),
			counted(s.stats.Documents, "event", "events"), rate(s.stats.Documents, took))
	}
	s.flush()
	for _, note := range inputNotes(s.stats) {
		s.sayf("%s", note)
	}
	return matched
}

// tell prints results for people: a line an event, a block a sequence.
func (s *search) tell(result *reference.Result) {
	t := s.newTeller()
	for _, doc := range s.docs {
		t.processes.See(doc)
	}
	for _, doc := range result.Events {
		one := newStep(doc, t.processes, s.flags.timestamp.value)
		at, host := "-", ""
		if one.hasTime {
			at = one.happened.String()
		}
		if name := doc.Text("host.name"); name != "" {
			host = escape(name) + "  "
		}
		used := columns(at) + 2 + columns(host)
		s.printf("%s  %s%s\n", t.palette.dim(at), host, one.line(t.width-used, true, t.palette))
	}
	kind := "sequence"
	if result.Kind == reference.Samples {
		kind = "sample"
	}
	names := keyNames(s.query)
	for _, sequence := range result.Sequences {
		t.gap()
		var keys []string
		for i, key := range sequence.Keys {
			text := key.Text()
			if key.Kind() == value.Null {
				text = "null"
			}
			if i < len(names) {
				text = names[i] + " = " + text
			}
			keys = append(keys, escape(text))
		}
		s.printf("%s  %s\n", t.palette.bold(kind), strings.Join(keys, ", "))
		t.steps(sequence.Events, s.flags.timestamp.value)
	}
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
