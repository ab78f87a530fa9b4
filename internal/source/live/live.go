// Package live reads sources that do not end: files and folders that grow, systemd's
// journal, standard input.
//
// Every source hands its documents to an Ingest and moves its position only when that
// has said that they are safe. So a crash loses nothing; what was handed over and not
// yet noted is handed over again. That the second one is the same event is told by its
// id: event.id where a document has one, else the hash of its bytes, as everywhere
// (see event.Document). Ids are never made of a file's name and a place in it, which
// rotation changes. It follows that two lines of the same bytes are one event.
//
// What can not be read is told with its place, counted, and passed over; nothing but
// the context, or the end of standard input, ends a source. A source keeps a batch in
// memory: Options.BatchBytes of text, or one document if that is larger.
package live

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/source"
)

// Doc is one document that was read.
type Doc struct {
	// Raw is one JSON object that event.Decode accepts, without blanks around it. It
	// is the reader's: who keeps it beyond the call copies it.
	Raw []byte
	// Given is what an envelope says of the document, if it came in one.
	Given event.Identity
	// Source names where it came from: "follow:/var/log/a.json", "journald", "stdin".
	Source string
}

// Ingest stores documents and returns when all of them are safe. An error says that
// they are not, and that they may be later: they are handed over again, after a
// pause, for as long as it takes. A document that never can be stored is therefore no
// error: the Ingest counts and tells it.
type Ingest func(ctx context.Context, docs []Doc) error

// Positions keeps how far a source has come, in a form that is the source's own.
type Positions interface {
	// Load returns what was last saved; nil if nothing was.
	Load(ctx context.Context, source string) ([]byte, error)
	Save(ctx context.Context, source string, position []byte) error
}

// Options are what all sources need. Ingest is needed, and Positions but for Stdin.
type Options struct {
	Ingest    Ingest
	Positions Positions
	// Problem is told of each thing that could not be read; nil: nobody.
	Problem     func(*source.Problem)
	Log         *slog.Logger // nil: nothing is told
	MaxDocument int          // the bytes of a document; 0 = source.DefaultMaxDocument
	BatchDocs   int          // the documents of a call of Ingest; 0 = 1000
	BatchBytes  int          // and their bytes; 0 = 4 MiB
	// First and Longest are the first and the longest pause after Ingest has failed.
	First, Longest time.Duration
	SaveEvery      time.Duration // how often positions are saved; 0 = a second
}

func (o *Options) fill() {
	set(&o.MaxDocument, source.DefaultMaxDocument)
	set(&o.BatchDocs, 1000)
	set(&o.BatchBytes, 4<<20)
	set(&o.First, 100*time.Millisecond)
	set(&o.Longest, 10*time.Second)
	set(&o.SaveEvery, time.Second)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Problem == nil {
		o.Problem = func(*source.Problem) {}
	}
}

func set[T int | time.Duration](v *T, to T) {
	if *v <= 0 {
		*v = to
	}
}

// Stats is what a source has read since the start.
type Stats struct {
	Documents int64
	Bytes     int64 // of text
	Skipped   int64 // documents left out on purpose: our own entries of the journal
	Problems  map[source.Class]int64
	Files     int   // that are followed now
	Behind    int64 // bytes of them that are not read yet
	Waiting   bool  // Ingest does not take what there is
	LastError string
}

// counts are Stats that are written by the source and read by anybody.
type counts struct {
	mu sync.Mutex
	Stats
}

// Stats returns the counts so far. It may be called at any time.
func (c *counts) stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.Stats
	s.Problems = maps.Clone(s.Problems)
	return s
}

func (c *counts) change(f func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.Stats)
}

// problem tells of what could not be read.
func (c *counts) problem(o *Options, p *source.Problem) {
	c.change(func(s *Stats) {
		if s.Problems == nil {
			s.Problems = map[source.Class]int64{}
		}
		s.Problems[p.Class]++
	})
	o.Problem(p)
}

// hand hands documents over until they are taken. The error is the context's.
func (c *counts) hand(ctx context.Context, o *Options, docs []Doc) error {
	if len(docs) == 0 {
		return nil
	}
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = o.First, o.Longest
	for tries := 0; ; tries++ {
		err := o.Ingest(ctx, docs)
		if err == nil {
			var size int64
			for i := range docs {
				size += int64(len(docs[i].Raw))
			}
			c.change(func(s *Stats) {
				s.Documents += int64(len(docs))
				s.Bytes += size
				s.Waiting = false
			})
			if tries > 0 {
				o.Log.Info("events are taken again", "tries", tries+1)
			}
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if tries == 0 {
			o.Log.Warn("events are not taken; reading waits", "error", err)
		}
		c.change(func(s *Stats) { s.Waiting, s.LastError = true, err.Error() })
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause.NextBackOff()):
		}
	}
}

// lines reads documents from lines.
type lines struct {
	scanner *event.Scanner
	row     *event.Row
}

func newLines() *lines {
	schema := event.NewSchema(nil)
	return &lines{event.NewScanner(schema), event.NewRow(schema)}
}

// read returns the document of a line, taken out of its envelope if it is in one;
// none if the line is blank.
func (l *lines) read(line []byte, at source.Place, max int) (doc *Doc, problem *source.Problem) {
	line = trim(line)
	if len(line) == 0 {
		return nil, nil
	}
	if len(line) > max {
		return nil, tooLong(at, max)
	}
	if err := l.scanner.Scan(line, l.row); err != nil {
		class, reason := source.Refusal(err)
		return nil, &source.Problem{Place: at, Class: class, Reason: reason}
	}
	raw, given := source.Unwrap(line)
	return &Doc{Raw: raw, Given: given}, nil
}

func tooLong(at source.Place, max int) *source.Problem {
	return &source.Problem{Place: at, Class: source.TooLong, Reason: fmt.Sprintf("longer than %d bytes, which is what one document may have", max)}
}

// trim takes blanks, and a byte order mark, off a line.
func trim(line []byte) []byte {
	if len(line) >= 3 && line[0] == 0xEF && line[1] == 0xBB && line[2] == 0xBF {
		line = line[3:]
	}
	blank := func(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
	for len(line) > 0 && blank(line[0]) {
		line = line[1:]
	}
	for len(line) > 0 && blank(line[len(line)-1]) {
		line = line[:len(line)-1]
	}
	return line
}
