package main

import (
	"context"
	"fmt"
	"io"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/replay"
	"github.com/tripline-sec/tripline/internal/source"
)

// replaying begins the names of its rows.
const replaying = "NDJSON in, alerts out, "

// replayRow is NDJSON in, alerts out: the file is read, judged and put in order as
// scan does it, and each match becomes an alert that is encoded as JSON. Of what
// scan does it leaves out the evidence: the clauses that held and the processes
// around the alert.
func replayRow(c *corpus, rules *ruleSet, workers int) *row {
	r := &row{name: replaying + rules.name, events: c.facts.Events, bytes: c.facts.Bytes, procs: workers}
	r.run = func() (outcome, error) {
		out, found := outcome{judged: true}, []engine.Match(nil)
		var reader *source.Reader
		run := replay.New(rules.program, replay.Options{
			Workers: workers, Processes: proctree.NewIndex(0),
			Match:   func(m engine.Match) { found = append(found, m) },
			Problem: func(p *source.Problem) {},
		})
		report, err := run.Run(context.Background(), func() *source.Reader {
			reader = source.Open([]string{c.path}, nil, source.Options{Batching: source.Batching{Peek: engine.PeekTime}})
			return reader
		}, true)
		if err != nil {
			return out, err
		}
		if n := report.Stats.Documents; n != c.facts.Events {
			return out, fmt.Errorf("%d of %d events were read", n, c.facts.Events)
		}
		out.counts, out.matches = report.Counts, len(found)
		err = giveAlerts(rules, found, reader, &out)
		return out, err
	}
	return r
}

// giveAlerts reads the events of matches again, makes the alerts, each once, and
// encodes them.
func giveAlerts(rules *ruleSet, found []engine.Match, reader *source.Reader, out *outcome) error {
	all := make([]*engine.Match, len(found))
	for i := range found {
		all[i] = &found[i]
	}
	if err := replay.NewLoader(rules.program, reader).Load(all...); err != nil {
		return err
	}
	written := &countingWriter{}
	var encoder alert.Encoder
	var text []byte
	seen := map[string]bool{}
	for _, m := range found {
		match := alert.Match{Group: rules.program.Kind(m.Query) != engine.Event, Keys: m.Keys}
		for _, held := range m.Events {
			var doc *event.Document
			if held != nil {
				var err error
				if doc, err = held.Document(); err != nil {
					return err
				}
			}
			match.Events = append(match.Events, doc)
		}
		r := rules.rules[m.Query]
		if alert.Recurs(r, match) {
			continue
		}
		one := alert.New(r, match, judgedAt)
		if one == nil || seen[one.ID] {
			continue
		}
		seen[one.ID] = true
		out.alerts++
		var err error
		if text, err = encoder.Append(text[:0], one); err != nil {
			return err
		}
		if _, err := written.Write(text); err != nil {
			return err
		}
	}
	out.bytes = written.n
	return nil
}

// countingWriter counts bytes and forgets them.
type countingWriter struct{ n int64 }

func (w *countingWriter) Write(p []byte) (int, error) {
	w.n += int64(len(p))
	return io.Discard.Write(p)
}
