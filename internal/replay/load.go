package replay

import (
	"bytes"
	"fmt"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/source"
)

// Loader completes matches: it reads their documents again where they are held by
// reference, and finds their keys. It belongs to one goroutine.
type Loader struct {
	reader   *source.Reader
	resolver *engine.Resolver
}

// NewLoader returns a loader for the matches of a program over the input of a
// reader, the last that Run asked for; nil where all documents are in memory.
func NewLoader(p *engine.Program, reader *source.Reader) *Loader {
	return &Loader{reader, p.NewResolver()}
}

// Load completes matches. It is cheaper for many at a time. The error is that a
// document can not be read any more, or is another now.
func (l *Loader) Load(matches ...*engine.Match) error {
	var refs []source.Ref
	held := map[uint64][]*event.Held{}
	for _, m := range matches {
		for _, doc := range m.Events {
			if doc == nil || doc.Raw != nil {
				continue
			}
			if held[doc.Arrival] == nil {
				refs = append(refs, source.RefOf(doc.Arrival, int(doc.Length)))
			}
			held[doc.Arrival] = append(held[doc.Arrival], doc)
		}
	}
	if len(refs) > 0 {
		missing, err := l.reader.Fetch(refs, func(at source.Ref, raw []byte, _ event.Identity) {
			raw = bytes.Clone(raw)
			for _, doc := range held[at.Arrival()] {
				doc.Raw = raw
			}
		})
		switch {
		case err != nil:
			return fmt.Errorf("read matched events again: %w", err)
		case missing > 0:
			return fmt.Errorf("read matched events again: %d of %d are not where they were: a file has changed meanwhile", missing, len(refs))
		}
	}
	for _, m := range matches {
		if m.Keys == nil {
			m.Keys = l.resolver.Keys(m.Query, m.Key, m.Events)
		}
	}
	return nil
}

// Clauses returns the clauses by which a document, which is in memory, is an event
// of a condition of a query; see engine.Resolver.
func (l *Loader) Clauses(query int, f *eql.Filter, doc *event.Held) []string {
	return l.resolver.Clauses(query, f, doc)
}
