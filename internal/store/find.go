package store

import (
	"context"
	"errors"
	"io"
	"slices"
)

// Find returns the document that an index has under an id. One in the window of ids
// costs a page; for an older one the ids of the index are read, the newest first.
func (s *Store) Find(ctx context.Context, index, id string) (doc Stored, ok bool, err error) {
	if arrival, known := s.Has(index, id); known && arrival > 0 {
		return s.at(ctx, arrival)
	}
	return s.catalog.Find(ctx, index, id)
}

// Find returns the document that an index has under an id, after reading the ids of
// the index, the newest first.
func (c *catalog) Find(ctx context.Context, index, id string) (doc Stored, ok bool, err error) {
	v := c.view()
	defer v.release()
	for _, l := range slices.Backward(v.logs) {
		for _, r := range slices.Backward(l.records) {
			_, payload, err := readRecord(l.file, r.at)
			if err != nil {
				return Stored{}, false, wrapRead(l.name, err)
			}
			b, err := decodeBatch(payload)
			if err != nil {
				return Stored{}, false, wrapRead(l.name, err)
			}
			for i := range b.docs {
				if d := &b.docs[i]; d.id == id && b.pages[d.page].index == index {
					return c.at(ctx, r.bounds.First+uint64(i))
				}
			}
		}
	}
	q := query{Query: Query{Fits: func(name string) bool { return name == index }}, fits: map[string]bool{}}
	for _, s := range slices.Backward(v.segments) {
		if err := ctx.Err(); err != nil {
			return Stored{}, false, err
		}
		if !q.meetsIndices(s) {
			continue
		}
		rows, err := c.identities(s, wantIdentity)
		if errors.Is(err, errGone) {
			continue
		}
		if err != nil {
			return Stored{}, false, err
		}
		for i := range rows {
			if rows[i].id == id && rows[i].index == index {
				return c.at(ctx, rows[i].arrival)
			}
		}
	}
	return Stored{}, false, nil
}

// at returns the document with a number.
func (c *catalog) at(ctx context.Context, arrival uint64) (doc Stored, ok bool, err error) {
	scan := c.Scan(Query{From: arrival, To: arrival})
	defer scan.Close()
	b, err := scan.Next(ctx)
	if errors.Is(err, io.EOF) {
		return Stored{}, false, nil
	}
	if err != nil {
		return Stored{}, false, err
	}
	return b.Docs[0], true, nil
}

// Indices returns the names of the indices that documents are of, in order. Where
// senders have made up so many that they were not listed, some are missing.
func (c *catalog) Indices() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := map[string]struct{}{}
	for _, s := range c.segments {
		if s.Index != "" {
			found[s.Index] = struct{}{}
		}
		for _, index := range s.Indices {
			found[index] = struct{}{}
		}
	}
	for _, l := range c.logs {
		for index := range l.indices {
			found[index] = struct{}{}
		}
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
