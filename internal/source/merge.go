package source

import "context"

func (r *Reader) merge(ctx context.Context, emit func(*Batch) bool) {}
