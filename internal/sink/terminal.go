package sink

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/tripline-sec/tripline/internal/show"
)

// Terminal shows alerts as scan does, or writes them as NDJSON where no person
// reads. Events it writes as NDJSON always.
type Terminal struct {
	out    io.Writer
	ndjson bool
	buf    bytes.Buffer
	teller show.Teller
}

// NewTerminal returns one that writes to out; width 0 is that of no terminal.
func NewTerminal(out io.Writer, ndjson bool, palette show.Palette, width int) *Terminal {
	t := &Terminal{out: out, ndjson: ndjson}
	t.teller = show.Teller{Out: &t.buf, Palette: palette, Width: width}
	return t
}

// Deliver writes each alert in one go.
func (t *Terminal) Deliver(ctx context.Context, items []Item) ([]Outcome, error) {
	var outcomes []Outcome
	for _, item := range items {
		if err := ctx.Err(); err != nil {
			return outcomes, err
		}
		t.buf.Reset()
		if err := t.print(item); err != nil {
			outcomes = append(outcomes, Outcome{Refused, err.Error()})
			continue
		}
		if _, err := t.out.Write(t.buf.Bytes()); err != nil {
			return outcomes, fmt.Errorf("write to the terminal: %w", err)
		}
		outcomes = append(outcomes, Outcome{Verdict: Taken})
	}
	return outcomes, nil
}

func (t *Terminal) print(item Item) error {
	if t.ndjson || item.Index != "" {
		for _, doc := range append([][]byte{item.Doc}, item.Blocks...) {
			t.buf.Write(doc)
			t.buf.WriteByte('\n')
		}
		return nil
	}
	block, err := show.Read(item.Doc)
	if err != nil {
		return err
	}
	t.teller.Alert(block)
	return nil
}

// Close does nothing: the terminal is not ours.
func (t *Terminal) Close() error { return nil }
