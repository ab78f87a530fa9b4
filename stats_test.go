package tripline

import (
	"fmt"
	"testing"
)

// What unfinished sequences take is told by member, and it is gone with them.
func TestStatsTellBytesByMember(t *testing.T) {
	var members []*Query
	for _, text := range []string{
		`process where process.name == "curl"`,
		`sequence by process.pid with maxspan=1m [process where process.name == "curl"] [network where true]`,
		`sequence by process.pid with maxspan=1m [process where process.name == "wget"] [network where true]`,
	} {
		q, err := Compile(text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, q)
	}
	set, err := SetOf(members)
	if err != nil {
		t.Fatal(err)
	}
	s := set.NewStream(StreamOptions{OnMatch: func(Match) {}})
	const waiting = 3000
	for i := range waiting {
		err := s.Feed(fmt.Appendf(nil, `{"@timestamp": %d, "event": {"category": "process"}, "process": {"name": "curl", "pid": %d}}`, 1_770_000_000_000+i, i))
		if err != nil {
			t.Fatal(err)
		}
	}
	stats := s.Stats()
	curl := stats.Members[1]
	if each := curl.PartialBytes / waiting; curl.Partials != waiting || each < 100 || each > 128 {
		t.Errorf("%d partials of %d bytes each", curl.Partials, each)
	}
	if other := stats.Members[0].PartialBytes + stats.Members[2].PartialBytes; other != 0 || curl.PartialBytes > stats.Bookkeeping {
		t.Errorf("%d bytes of others, %d of %d", other, curl.PartialBytes, stats.Bookkeeping)
	}
	s.Close()
	if left := s.Stats().Members[1]; left.PartialBytes != 0 || left.Partials != 0 {
		t.Errorf("closed: %+v", left)
	}
}
