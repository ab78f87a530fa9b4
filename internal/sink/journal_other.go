//go:build !linux

package sink

import (
	"context"
	"errors"
)

type journalConn struct{}

// Deliver fails: there is no journal on this system.
func (j *Journal) Deliver(context.Context, []Item) ([]Outcome, error) {
	return nil, errors.New("there is no systemd journal on this system")
}

// Close does nothing.
func (j *Journal) Close() error { return nil }
