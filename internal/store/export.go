package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/event"
)

// Export writes what a query asks for to a Parquet file of the columns that segments
// have, but for the store's sums, and returns how many documents it holds. The file
// must not be there; it gets its name when it is whole.
//
// With From one above Stats.SealedArrival that is the part of the store that other
// programs can not read.
func (c *catalog) Export(ctx context.Context, fsys disk.FS, name string, q Query) (n int64, err error) {
	switch there, err := disk.Exists(fsys, name); {
	case err != nil:
		return 0, failure("export", err)
	case there:
		return 0, fmt.Errorf("export to %s: %w", name, fs.ErrExist)
	}
	w, err := newSegmentWriter(fsys, name+disk.TempSuffix, c.pack, event.NewSchema(Columns()), true)
	if err != nil {
		return 0, failure("export", err)
	}
	defer func() {
		if err != nil {
			w.discard()
		}
	}()
	scan := c.Scan(q)
	defer scan.Close()
	for {
		b, err := scan.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, err
		}
		for i := range b.Docs {
			d := &b.Docs[i]
			r := row{
				arrival: d.Arrival, index: d.Index, id: d.ID, source: d.Source,
				time: d.Time, timed: d.HasTime, ingested: d.Ingested.UnixMicro(),
			}
			if err := w.addOne(d.Raw, r); err != nil {
				return 0, failure("export", err)
			}
		}
		n += int64(len(b.Docs))
		b.Release()
	}
	if _, _, _, err := w.finish(); err != nil {
		return 0, failure("export", err)
	}
	if err := disk.Publish(fsys, name+disk.TempSuffix, name); err != nil {
		return 0, failure("export", err)
	}
	return n, nil
}
