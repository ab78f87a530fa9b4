package state

import (
	"fmt"
	"testing"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/disk"
)

// BenchmarkCommit makes and stores a thousand alerts of sequences, three documents
// each, in one commit on the real disk.
func BenchmarkCommit(b *testing.B) {
	s := opened(b, disk.OS{}, b.TempDir())
	r := shell()
	n := 0
	for b.Loop() {
		b.StopTimer()
		var alerts []*alert.Alert
		for range 1000 {
			n++
			alerts = append(alerts, found(b, r, fmt.Sprint(n), "a", minute(n)))
		}
		b.StartTimer()
		c := &Commit{Now: minute(n)}
		for _, a := range alerts {
			one, err := s.Candidate(a, Execution{Run: "run"})
			if err != nil {
				b.Fatal(err)
			}
			c.Candidates = append(c.Candidates, one)
		}
		if done := commit(b, s, c); done.New != 1000 {
			b.Fatalf("%+v", done.Counts)
		}
	}
}

// BenchmarkCommitOne stores one alert, as the stream does: what it takes from the alert
// to the disk.
func BenchmarkCommitOne(b *testing.B) {
	s := opened(b, disk.OS{}, b.TempDir())
	r := shell()
	n := 0
	for b.Loop() {
		n++
		one := candidate(b, s, r, fmt.Sprint(n), "a", minute(n), "run")
		commit(b, s, &Commit{Now: minute(n), Candidates: []*Candidate{one}, Positions: map[string]uint64{StreamPosition: uint64(n)}})
	}
}

// BenchmarkList reads the newest fifty alerts of a hundred thousand, and then all of
// them.
func BenchmarkList(b *testing.B) {
	s := opened(b, disk.OS{}, b.TempDir())
	r := shell()
	for batch := range 100 {
		c := &Commit{Now: minute(batch)}
		for i := range 1000 {
			c.Candidates = append(c.Candidates, candidate(b, s, r, fmt.Sprint(batch, "-", i), "a", minute(batch*1000+i), "run"))
		}
		commit(b, s, c)
	}
	for _, most := range []int{50, 100_000} {
		b.Run(fmt.Sprint(most), func(b *testing.B) {
			for b.Loop() {
				n := 0
				if err := s.Alerts(ctx, Filter{Status: []Status{StatusOpen}}, most, func(*Alert) error {
					n++
					return nil
				}); err != nil || n != most {
					b.Fatal(n, err)
				}
			}
		})
	}
	size, err := s.Size(ctx)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d bytes an alert", size/100_000)
}
