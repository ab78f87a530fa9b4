package sequence

import (
	"math"
	"time"

	"github.com/tripline-sec/tripline/internal/value"
)

// stamp is a value.Instant in 12 bytes.
type stamp struct{ high, low, nsec uint32 }

func stampOf(t value.Instant) stamp {
	return stamp{uint32(uint64(t.Sec) >> 32), uint32(uint64(t.Sec)), uint32(t.Nsec)} //nolint:gosec // the bits are kept
}

func (s stamp) instant() value.Instant {
	return value.Instant{Sec: int64(uint64(s.high)<<32 | uint64(s.low)), Nsec: int32(s.nsec)} //nolint:gosec // the bits come back
}

// nanos is a time in nanoseconds since the Unix epoch, or as near as 64 bits come.
func nanos(t value.Instant) int64 { return int64(t.Sub(value.Instant{})) }

// plus adds two times and stays within 64 bits.
func plus(a, b int64) int64 {
	switch c := a + b; {
	case b > 0 && c < a:
		return math.MaxInt64
	case b < 0 && c > a:
		return math.MinInt64
	default:
		return c
	}
}

// milliseconds rounds up.
func milliseconds(d time.Duration) int64 {
	ms := d.Milliseconds()
	if time.Duration(ms)*time.Millisecond < d {
		ms++
	}
	return ms
}
