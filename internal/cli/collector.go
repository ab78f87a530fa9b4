package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// spareHeap is by how many bytes the heap may grow, whatever its size, before the
// garbage collector runs again. Rules are compiled and most inputs judged with a
// heap that is so small that the collector would run all the time; of one
// that is larger less is left unused than by Go's rule: it grows by a seventh.
const spareHeap = 64 << 20

// restCollector lets the garbage collector run less often, unless GOGC or
// GOMEMLIMIT say how often it should.
func restCollector(getenv func(string) string) {
	if getenv("GOGC") == "" && getenv("GOMEMLIMIT") == "" {
		(&collected{}).again()
	}
}

// collected is an object that nobody refers to, so that its finalizer runs after
// each collection.
type collected struct{ sample [1]metrics.Sample }

// again has the next collection wait until the heap has grown by spareHeap or by
// a seventh, whichever is more.
func (c *collected) again() {
	c.sample[0].Name = "/gc/heap/live:bytes"
	metrics.Read(c.sample[:])
	live := uint64(0)
	if v := c.sample[0].Value; v.Kind() == metrics.KindUint64 {
		live = v.Uint64()
	}
	debug.SetGCPercent(restFor(live))
	runtime.SetFinalizer(c, (*collected).again)
}

// restFor is the percentage by which a heap may grow of which so many bytes live.
func restFor(live uint64) int {
	const least = 4 << 20                               // about what there is before the first collection
	return int(max(15, 100*spareHeap/max(live, least))) //nolint:gosec // 1600 at most
}
