package reference

// limit applies the size and then the pipes to results in ascending order. The
// size is cut in the direction of the first pipe, and where there is none in
// that of the result position; what is left stays ascending (Elasticsearch
// EQL: `| head 50` under size 10 gives 10 results).
func limit[T any](r *run, results []T) []T {
	if r.opts.Size >= 0 {
		head := r.opts.Head
		if len(r.pipes) > 0 {
			head = r.pipes[0].Name == "head"
		}
		results = cut(results, int64(r.opts.Size), head)
	}
	for _, pipe := range r.pipes {
		results = cut(results, pipe.Count, pipe.Name == "head")
	}
	return results
}

// cut keeps the first or the last n results.
func cut[T any](results []T, n int64, head bool) []T {
	switch {
	case n >= int64(len(results)):
		return results
	case head:
		return results[:n]
	}
	return results[int64(len(results))-n:]
}
