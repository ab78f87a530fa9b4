package daemon

import (
	"strings"
	"testing"
	"time"
)

func TestClockADayAhead(t *testing.T) {
	d := newDesk(t, Options{Stream: true}, pairRule(1, pairs, nil), pairRule(2, missing, nil), pairRule(3, `file where true`, nil))
	d.in(d.event("x", "process", "12:00", "h"))
	d.until("12:00:10")
	was := d.now
	d.now = d.now.Add(24 * time.Hour)
	d.judge()
	d.now = was.Add(time.Minute)
	d.judge()
	d.in(d.event("a", "process", "12:01:10", "h"))
	d.judge()
	d.in(d.event("b", "network", "12:01:20", "h"), d.event("c", "file", "12:01:20", "h"))
	d.judge()
	d.in(d.event("m", "process", "12:02", "i"))
	d.until("12:10")
	t.Log(d.alerts())
	got := strings.Join(d.alerts(), " ")
	for _, want := range []string{"1:a+b", "3:c", "2:m"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not there", want)
		}
	}
}
