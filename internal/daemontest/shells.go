package daemontest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Watch collects which shells were alerted on, from a daemon's standard output.
type Watch struct {
	mu    sync.Mutex
	told  map[int]map[string]int // by shell: by the id of an alert how often it was told
	first map[int]time.Time
	err   error
}

// NewWatch makes one; its Out is for Options.Out.
func NewWatch() *Watch { return &Watch{told: map[int]map[string]int{}, first: map[int]time.Time{}} }

// Out takes a line.
func (w *Watch) Out(at time.Time, line []byte) {
	a, ok, err := ReadAlert(line)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("%w: %.100s", err, line)
	}
	if !ok {
		return
	}
	shell, ok := ShellOf(a.Events[0])
	if !ok {
		return
	}
	if w.told[shell] == nil {
		w.told[shell], w.first[shell] = map[string]int{}, at
	}
	w.told[shell][a.ID]++
}

// Found is how many shells were alerted on.
func (w *Watch) Found() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.told)
}

// Check reports the first shell up to a number that was not told exactly once.
func (w *Watch) Check(shells int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for n := range shells {
		total := 0
		for _, times := range w.told[n] {
			total += times
		}
		if total != 1 {
			return fmt.Errorf("shell %d was told %d times, as %d alerts", n, total, len(w.told[n]))
		}
	}
	return w.err
}

// PostShells posts shells, each in a request of its own, and returns when each was
// posted. Every is the time from one to the next.
func PostShells(ctx context.Context, c *Client, recordings []*Recording, shells int, every time.Duration) ([]time.Time, error) {
	posted := make([]time.Time, shells)
	begin := time.Now()
	for n := range shells {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Until(begin.Add(time.Duration(n) * every))):
		}
		docs := recordings[n%len(recordings)].At(n, time.Now())
		body := AppendBulk(nil, docs)
		posted[n] = time.Now()
		statuses, err := c.PostBulk(ctx, body, len(docs))
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(statuses, func(s int) bool { return s != http.StatusCreated }); i >= 0 {
			return nil, fmt.Errorf("post shell %d: status %d", n, statuses[i])
		}
	}
	return posted, nil
}

// Wait waits until so many shells are told, or the context ends.
func (w *Watch) Wait(ctx context.Context, shells int) error {
	for w.Found() < shells {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d shells are told: %w", w.Found(), shells, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// Delays are the times from posted until the alerts were told, the shortest first.
func (w *Watch) Delays(posted []time.Time) []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []time.Duration
	for n, at := range posted {
		if told, ok := w.first[n]; ok {
			all = append(all, told.Sub(at))
		}
	}
	slices.Sort(all)
	return all
}
