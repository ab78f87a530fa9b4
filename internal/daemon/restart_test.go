package daemon

import (
	"testing"
)

const missing = `sequence by host.id with maxspan=1m [process where true] ![network where true]`

func (d *desk) again() {
	d.Helper()
	if err := d.Close(); err != nil {
		d.Fatal(err)
	}
	d.open()
}

func TestMissingEventIsDecidedAfterARestart(t *testing.T) {
	d := newDesk(t, Options{Stream: true}, pairRule(1, missing, nil))
	d.in(d.event("a", "process", "12:00", "h"))
	d.until("12:00:30")
	d.again()
	d.until("12:05")
	d.want("1:a")
}
