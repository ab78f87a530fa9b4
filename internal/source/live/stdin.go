package live

import (
	"context"
	"errors"
	"io"

	"github.com/tripline-sec/tripline/internal/source"
)

// Stdin reads NDJSON from standard input until it ends. It has no position: what its
// sender has written and nobody has taken when the process ends is gone.
type Stdin struct {
	opts   Options
	in     io.Reader
	counts counts
}

// NewStdin returns one.
func NewStdin(in io.Reader, opts Options) *Stdin {
	opts.fill()
	return &Stdin{opts: opts, in: in}
}

// Stats returns the counts so far. It may be called at any time.
func (s *Stdin) Stats() Stats { return s.counts.stats() }

// Run reads until the input ends, which is no error, or the context does.
func (s *Stdin) Run(ctx context.Context) error {
	var (
		reader = newLines()
		docs   []Doc
		size   int
		place  = source.Place{Name: "-"}
	)
	take := func(l piped) {
		place.Line++
		var (
			doc     *Doc
			problem *source.Problem
		)
		if l.long {
			problem = tooLong(place, s.opts.MaxDocument)
		} else {
			doc, problem = reader.read(l.text, place, s.opts.MaxDocument)
		}
		if l.err != nil && !errors.Is(l.err, io.EOF) {
			s.counts.problem(&s.opts, &source.Problem{Place: place, Class: source.Unreadable, Reason: l.err.Error()})
			if doc == nil {
				return
			}
		}
		switch {
		case problem != nil && !l.whole && !l.long:
			s.counts.problem(&s.opts, &source.Problem{Place: place, Class: source.Truncated, Reason: "the input ends within a document: " + problem.Reason})
		case problem != nil:
			s.counts.problem(&s.opts, problem)
		case doc != nil:
			doc.Source = "stdin"
			docs = append(docs, *doc)
			size += len(doc.Raw)
		}
	}
	full := func() bool { return len(docs) >= s.opts.BatchDocs || size >= s.opts.BatchBytes }
	flush := func() error {
		err := s.counts.hand(ctx, &s.opts, docs)
		docs, size = nil, 0
		return err
	}
	return gather(ctx, pump(ctx, s.in, s.opts.MaxDocument), take, full, flush)
}
