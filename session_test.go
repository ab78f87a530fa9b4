package tripline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline"
)

// A session holds its documents anyway, and loses nothing for want of memory: here
// more waits for its end than replaying a file may hold.
func TestSessionLosesNothing(t *testing.T) {
	q, err := tripline.Compile(`sequence by host.id [process where true] [file where true]`, tripline.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := q.NewSession()
	const hosts, padding = 160, 1 << 20
	text := strings.Repeat("x", padding)
	for i := range 2 * hosts {
		category, pad := "process", text
		if i >= hosts {
			category, pad = "file", ""
		}
		doc := fmt.Sprintf(`{"@timestamp":%d,"event":{"category":%q},"host":{"id":"h%d"},"pad":%q}`, 1_700_000_000_000+i, category, i%hosts, pad)
		if err := s.Feed([]byte(doc)); err != nil {
			t.Fatal(err)
		}
	}
	found := 0
	for _, err := range s.Matches() {
		if err != nil {
			t.Fatal(err)
		}
		found++
	}
	if found != hosts {
		t.Errorf("%d matches, want %d", found, hosts)
	}
}
