package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/stream"
)

// corpus is the documents of all rows, as NDJSON in memory and in a file.
type corpus struct {
	data  []byte
	path  string
	facts corpusFacts
}

// corpusFacts is what there is to tell of a corpus.
type corpusFacts struct {
	Events   int
	Distinct int
	Bytes    int64
	Execs    int // events of an exec
	Planted  int // matches
	Hosts    int
}

func (f corpusFacts) mean() float64  { return float64(f.Bytes) / float64(f.Events) }
func (f corpusFacts) execs() float64 { return float64(f.Execs) / float64(f.Events) }

// check says whether the corpus is one that figures may be taken from.
func (f corpusFacts) check(quick bool) error {
	switch {
	case f.Distinct != f.Events:
		return fmt.Errorf("check corpus: %d of %d documents are distinct", f.Distinct, f.Events)
	case f.Distinct < 8192 && !quick:
		return fmt.Errorf("check corpus: %d distinct documents, fewer than 8,192", f.Distinct)
	case f.mean() < 2000 || f.mean() > 4000:
		return fmt.Errorf("check corpus: %.0f bytes a document", f.mean())
	case f.execs() < 0.2 || f.execs() > 0.4:
		return fmt.Errorf("check corpus: %.1f %% of exec events", 100*f.execs())
	}
	return nil
}

const corpusHosts = 60

// plantedEvery is of which rules matches are planted, beside the seed rule: one in
// that many.
const plantedEvery = 25

// makeCorpus makes the documents, with a match of some rules in them, and writes
// them to a file.
func makeCorpus(path string, events int, rules *ruleSet) (*corpus, error) {
	opts := stream.Options{Seed: seed, Events: events, Hosts: corpusHosts}
	first, err := rule.Seed()
	if err != nil {
		return nil, err
	}
	planted := []*rule.Rule{first}
	for i, r := range rules.rules {
		if i%plantedEvery == 0 && r.RuleID != first.RuleID {
			planted = append(planted, r)
		}
	}
	for _, r := range planted {
		one, err := stream.OfRule(r, stream.DefaultStart)
		if err != nil {
			return nil, fmt.Errorf("plant %s: %w", r.Name, err)
		}
		opts.Rules = append(opts.Rules, one)
	}
	s, err := stream.New(opts)
	if err != nil {
		return nil, err
	}
	c := &corpus{path: path}
	seen := map[string]bool{}
	for {
		start := len(c.data)
		data, ok := s.Next(c.data)
		if !ok {
			break
		}
		c.data = append(data, '\n')
		doc := data[start:]
		seen[string(doc)] = true
		if bytes.Contains(doc, []byte(`"exec"`)) {
			c.facts.Execs++
		}
		c.facts.Events++
	}
	c.facts.Distinct, c.facts.Bytes, c.facts.Hosts = len(seen), int64(len(c.data)-c.facts.Events), corpusHosts
	c.facts.Planted = len(s.Planted())
	c.data = bytes.Clone(c.data) // without the room that is left
	return c, os.WriteFile(path, c.data, 0o600)
}

// readCorpus reads one that has been made.
func readCorpus(path string) (*corpus, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read corpus: %w", err)
	}
	c := &corpus{path: path, data: data}
	c.facts.Events = bytes.Count(data, []byte("\n"))
	c.facts.Bytes = int64(len(data) - c.facts.Events)
	return c, nil
}

// lines calls take with each document, until it fails.
func lines(data []byte, take func(doc []byte) error) error {
	for len(data) > 0 {
		n := bytes.IndexByte(data, '\n')
		if n < 0 {
			n = len(data)
		}
		if err := take(data[:n]); err != nil {
			return err
		}
		data = data[min(n+1, len(data)):]
	}
	return nil
}

// writeStream writes the events of a stream to a file, until there are as many
// bytes as wanted; 0 is all. It returns how many events and bytes it wrote.
func writeStream(path string, opts stream.Options, most int64) (events int, size int64, err error) {
	s, err := stream.New(opts)
	if err != nil {
		return 0, 0, err
	}
	file, err := os.Create(path)
	if err != nil {
		return 0, 0, fmt.Errorf("write events: %w", err)
	}
	w := bufio.NewWriterSize(file, 1<<20)
	var doc []byte
	for most == 0 || size < most {
		var ok bool
		if doc, ok = s.Next(doc[:0]); !ok {
			break
		}
		doc = append(doc, '\n')
		if _, err = w.Write(doc); err != nil {
			break
		}
		events++
		size += int64(len(doc))
	}
	if err == nil {
		err = w.Flush()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return 0, 0, fmt.Errorf("write events: %w", err)
	}
	return events, size, nil
}
