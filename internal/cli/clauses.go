package cli

import (
	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// clauses tells by which clauses of its rule's query each event of a match is part
// of it.
func (s *scan) clauses(rule int, m alert.Match) [][]string {
	all := make([][]string, len(m.Events))
	stages := s.set.ready[rule].Stages()
	for i, doc := range m.Events {
		if doc != nil && i < len(stages) {
			all[i] = s.loader.Clauses(rule, stages[i], &event.Held{Raw: doc.Raw, Index: doc.Index})
		}
	}
	return all
}

// programOptions are those by which a rule judges: a bad value does not stop it,
// and it sees the documents of its indices only.
func programOptions(r *readyRule) reference.Options {
	fits := event.NewPatterns(r.rule.Patterns())
	return reference.Options{
		CategoryField:   r.rule.EventCategoryOverride,
		TimestampField:  r.rule.TimestampField,
		TiebreakerField: r.rule.TiebreakerField,
		Size:            -1,
		Tolerant:        true,
		Accept:          func(doc *event.Document) bool { return fits.Fit(doc.Index) },
	}
}
