package engine

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/rule"
)

// shared is the folder of test material that may lie beside the clone.
func shared(tb testing.TB, path string) string {
	tb.Helper()
	full := filepath.Join("..", "..", "..", "shared", filepath.FromSlash(path))
	if _, err := os.Stat(full); errors.Is(err, fs.ErrNotExist) {
		tb.Skipf("no folder of test material beside the clone: %s is absent", full)
	}
	return full
}

// traces are the recorded events that lie beside the clone.
func traces(tb testing.TB) [][]byte {
	tb.Helper()
	var docs [][]byte
	for _, folder := range []string{"data/reverse-shell-traces", "data/file-traces"} {
		files, err := filepath.Glob(filepath.Join(shared(tb, folder), "*.ndjson"))
		if err != nil {
			tb.Fatal(err)
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				tb.Fatal(err)
			}
			for line := range bytes.SplitSeq(data, []byte("\n")) {
				if len(line) > 0 {
					docs = append(docs, line)
				}
			}
		}
	}
	return docs
}

// conditions returns every condition of every rule that lies beside the clone, as
// an event query of its own.
func conditions(tb testing.TB) []*eql.Query {
	tb.Helper()
	rules, problems := rule.Load(shared(tb, "data/elastic-rules"))
	if len(problems) > 0 {
		tb.Fatal(problems[0])
	}
	var all []*eql.Query
	for _, r := range rules {
		q, err := eql.Parse(r.Query)
		if err != nil {
			tb.Fatal(err)
		}
		checked, _, err := eql.Check(q, eql.CheckOptions{})
		if err != nil {
			tb.Fatal(err)
		}
		switch b := checked.Body.(type) {
		case *eql.Filter:
			all = append(all, &eql.Query{Body: b})
		case *eql.Sequence:
			for _, term := range b.Terms {
				all = append(all, &eql.Query{Body: term.Filter})
			}
			if b.Until != nil {
				all = append(all, &eql.Query{Body: b.Until.Filter})
			}
		case *eql.Sample:
			for _, term := range b.Terms {
				all = append(all, &eql.Query{Body: term.Filter})
			}
		}
	}
	return all
}

func TestConditionsOfRulesOnTraces(t *testing.T) {
	docs, all := traces(t), conditions(t)
	queries := make([]Query, len(all))
	for i, q := range all {
		queries[i] = Query{Checked: q}
	}
	p, err := Compile(queries)
	if err != nil {
		t.Fatal(err)
	}
	j := p.NewJudge()
	got := make([]map[int]bool, len(all))
	for i, raw := range docs {
		v, err := j.Judge(raw, event.Identity{}, uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range v.Singles {
			if got[q] == nil {
				got[q] = map[int]bool{}
			}
			got[q][i] = true
		}
	}
	decoded := make([]*event.Document, len(docs))
	for i, raw := range docs {
		if decoded[i], err = event.Decode(raw, event.Identity{}, uint64(i)); err != nil {
			t.Fatal(err)
		}
	}
	hits := 0
	for n, q := range all {
		r, err := reference.Compile(q, reference.Options{Size: -1})
		if err != nil {
			t.Fatal(err)
		}
		result, err := r.Run(decoded)
		if err != nil {
			t.Fatal(err)
		}
		hits += len(result.Events)
		if len(result.Events) != len(got[n]) {
			t.Errorf("%s: %d events, reference %d", q, len(got[n]), len(result.Events))
		}
		for _, d := range result.Events {
			if !got[n][int(d.Arrival)] {
				t.Errorf("%s does not accept event %d", q, d.Arrival)
			}
		}
	}
	t.Logf("%d conditions, %d events, %d hits; %d atoms, %+v", len(all), len(docs), hits, p.Statistics().Atoms, j.Counters())
}
