package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/state"
	"github.com/tripline-sec/tripline/internal/store"
)

// nearby is how far apart in arrival documents may be to be read in one go.
const nearby = 512

// load reads the documents of matches from the store: the stream knows them by their
// arrival alone. Lost are matches of which one can not be read any more.
func (d *Daemon) load(ctx context.Context, matches []found) (loaded, lost []found) {
	var arrivals []uint64
	for i := range matches {
		for _, held := range matches[i].Events {
			if held != nil {
				arrivals = append(arrivals, held.Arrival)
			}
		}
	}
	slices.Sort(arrivals)
	docs := map[uint64]*event.Held{}
	for wanted := slices.Compact(arrivals); len(wanted) > 0; {
		n := 1
		for n < len(wanted) && wanted[n]-wanted[n-1] <= nearby {
			n++
		}
		if err := d.readInto(ctx, docs, wanted[:n]); err != nil {
			d.opts.Log.Error("events of matches can not be read again", "error", err, "from", wanted[0], "to", wanted[n-1])
		}
		wanted = wanted[n:]
	}
	for _, m := range matches {
		whole := true
		m.Events = slices.Clone(m.Events)
		for i, held := range m.Events {
			if held != nil {
				m.Events[i] = docs[held.Arrival]
				whole = whole && m.Events[i] != nil
			}
		}
		if whole {
			loaded = append(loaded, m)
		} else {
			lost = append(lost, m)
		}
	}
	return loaded, lost
}

// readInto reads documents, given by their arrivals in order.
func (d *Daemon) readInto(ctx context.Context, docs map[uint64]*event.Held, wanted []uint64) error {
	scan := d.store.Scan(store.Query{From: wanted[0], To: wanted[len(wanted)-1]})
	defer scan.Close()
	for {
		b, err := scan.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i := range b.Docs {
			doc := &b.Docs[i]
			if _, ok := slices.BinarySearch(wanted, doc.Arrival); ok {
				docs[doc.Arrival] = &event.Held{
					Raw: bytes.Clone(doc.Raw), Index: strings.Clone(doc.Index), ID: strings.Clone(doc.ID), Arrival: doc.Arrival,
				}
			}
		}
		b.Release()
	}
}

// lostMatches tells of matches that become no alerts.
func lostMatches(u *use, lost []found, now time.Time) []state.Blind {
	var blind []state.Blind
	for _, m := range lost {
		rule := u.live[m.Query]
		blind = append(blind, state.Blind{
			Cause: "unreadable", Rule: u.known[rule].ID, Since: m.at, Until: now, Count: 1,
			Text: fmt.Sprintf("a match of %q is no alert: its events are not stored any more, or can not be read", u.rules[rule].Name),
		})
	}
	return blind
}
