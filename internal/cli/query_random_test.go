package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/randomcase"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/replay"
)

// TestQueryIsReferenceOnRandomCases asks random queries as the command does: the
// results that pass size, position and pipes, in their order, or else the value on
// which the query ends are those of the reference.
func TestQueryIsReferenceOnRandomCases(t *testing.T) {
	const cases = 2500
	each(cases, func(n int) {
		r := rand.New(rand.NewPCG(uint64(n)+20_000, 11)) //nolint:gosec // not negative
		c := randomcase.New(r)
		c.Accept, c.Tolerant, c.With = nil, r.IntN(4) == 0, nil
		if r.IntN(3) == 0 {
			c.Size, c.Head = r.IntN(4), r.IntN(2) == 0
		}
		l, err := c.Load()
		if err != nil {
			t.Error(err)
			return
		}
		got, want := asked(t, l), answered(l)
		if got != want {
			t.Errorf("case %d:\n%s\ngot\n%s\nreference\n%s", n, c, got, want)
		}
	})
}

// answered is what the reference says of a case.
func answered(l *randomcase.Loaded) string {
	opts := l.Options()
	opts.Tolerant = false
	p, err := reference.Compile(l.Checked, opts)
	if err != nil {
		return err.Error()
	}
	result, err := p.Run(l.Docs)
	var noTime *reference.NoTimestampError
	var bad *reference.ValueError
	switch {
	case errors.As(err, &noTime):
		return fmt.Sprintf("document %d has no time", noTime.Document.Arrival)
	case errors.As(err, &bad):
		return fmt.Sprintf("%d:%d %v in document %d", bad.Pos.Line, bad.Pos.Col, bad.Err, bad.Document.Arrival)
	case err != nil:
		return err.Error()
	}
	return resultLines(result)
}

// asked is what the command makes of it.
func asked(t *testing.T, l *randomcase.Loaded) string {
	t.Helper()
	flags := &queryFlags{size: count{value: l.Size}, position: choice{value: map[bool]string{true: "head", false: "tail"}[l.Head]}, perKey: count{value: l.PerKey}}
	flags.timestamp.value, flags.tiebreaker.value, flags.category.value = l.Timestamp, l.Tiebreaker, l.Category
	s := &search{app: newTestApp(io.Discard, io.Discard), flags: flags, schema: l.Schema, docs: l.Docs}
	var err error
	if s.query, err = eql.Parse(l.Query); err != nil {
		return err.Error()
	}
	if err := s.compile(); err != nil {
		return err.Error()
	}
	report, err := s.replay(replay.Options{Workers: 1}).Documents(context.Background(), l.Docs)
	if err != nil {
		return err.Error()
	}
	if first := report.Queries[0].First(); first != nil {
		if first.NoTime {
			return fmt.Sprintf("document %d has no time", first.Doc.Arrival)
		}
		return fmt.Sprintf("%d:%d %v in document %d", first.Fault.At.Line, first.Fault.At.Col, first.Fault.Err, first.Doc.Arrival)
	}
	result, err := s.results.result(s.kind)
	if err != nil {
		return err.Error()
	}
	return resultLines(result)
}

// resultLines writes the keys and the arrivals of each result.
func resultLines(result *reference.Result) string {
	var b strings.Builder
	for _, d := range result.Events {
		fmt.Fprintln(&b, d.Arrival)
	}
	for _, s := range result.Sequences {
		keys := randomcase.KeyText(s.Keys)
		if result.Kind == reference.Samples {
			keys = randomcase.PlainKeyText(s.Keys)
		}
		b.WriteString(keys)
		for _, d := range s.Events {
			if d == nil {
				b.WriteString(" -")
				continue
			}
			fmt.Fprint(&b, " ", d.Arrival)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
