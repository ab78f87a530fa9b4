package schedule

import (
	"math/rand/v2"
	"testing"
	"time"
)

// Spans agree with a plain model: a slot for each second, with the arrival that
// counts there.
func TestSpansAreSlots(t *testing.T) {
	const slots = 60
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 1))
		var over, joinedUp []Span
		var overModel, unionModel [slots]uint64
		for n := range uint64(12) {
			from := r.IntN(slots)
			to := from + r.IntN(slots-from+1)
			s := Span{day.Add(time.Duration(from) * time.Second), day.Add(time.Duration(to) * time.Second), n + 1}
			switch r.IntN(4) {
			case 0:
				over, joinedUp = without(over, s), without(joinedUp, s)
				for i := from; i < to; i++ {
					overModel[i], unionModel[i] = 0, 0
				}
			default:
				over, joinedUp = overlay(over, s), union(joinedUp, s)
				for i := from; i < to; i++ {
					overModel[i], unionModel[i] = n+1, n+1
				}
			}
			for i := range slots {
				at := day.Add(time.Duration(i) * time.Second)
				if got := arrivalAt(over, at); got != overModel[i] {
					t.Fatalf("seed %d: overlay at %d: %d, want %d in %v", seed, i, got, overModel[i], over)
				}
				if got := arrivalAt(joinedUp, at); (got > 0) != (unionModel[i] > 0) || got < unionModel[i] {
					t.Fatalf("seed %d: union at %d: %d, want at least %d in %v", seed, i, got, unionModel[i], joinedUp)
				}
			}
			for i := 1; i < len(joinedUp); i++ {
				if !joinedUp[i-1].To.Before(joinedUp[i].From) {
					t.Fatalf("seed %d: spans meet: %v", seed, joinedUp)
				}
			}
		}
		short := shortened(joined(over), 2)
		for i := range slots {
			if overModel[i] > 0 && arrivalAt(short, day.Add(time.Duration(i)*time.Second)) == 0 {
				t.Fatalf("seed %d: slot %d is lost in %v of %v", seed, i, short, over)
			}
		}
		if len(short) > 2 {
			t.Fatalf("seed %d: %d spans left of two", seed, len(short))
		}
	}
}

func arrivalAt(list []Span, at time.Time) uint64 {
	for _, s := range list {
		if s.Contains(at) {
			return s.Arrival
		}
	}
	return 0
}
