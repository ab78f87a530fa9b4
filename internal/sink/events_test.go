package sink

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// eventLog is an EventLog in memory.
type eventLog struct {
	mu    sync.Mutex
	count uint64
	more  chan struct{}
}

func (l *eventLog) add(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count += uint64(n) //nolint:gosec // a test
	close(l.more)
	l.more = make(chan struct{})
}

func (l *eventLog) Read(_ context.Context, after uint64, limit int, yield func(uint64, string, string, []byte)) error {
	buf := make([]byte, 0, 64)
	for n := after + 1; n <= l.Last() && limit > 0; n, limit = n+1, limit-1 {
		index := []string{"logs-a-default", "logs-b-default", AlertsIndex}[n%3]
		buf = append(buf[:0], fmt.Sprintf(`{"n":%d}`, n)...) // its own, as the interface says
		yield(n, index, fmt.Sprintf("e%d", n), buf)
	}
	return nil
}

func (l *eventLog) Last() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

func (l *eventLog) Wait(ctx context.Context, after uint64) error {
	for {
		l.mu.Lock()
		more, count := l.more, l.count
		l.mu.Unlock()
		if count > after {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Stored events are forwarded from where the sink was, those that it wants, and not
// the alerts among them, which go their own way.
func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		log, ledger, f := &eventLog{more: make(chan struct{})}, NewMemory(), &fake{}
		log.add(3)
		feed := NewEvents(ctx, log)
		opts := Options{Batch: 4, Wants: WantsEvents([]string{"*", "-logs-b-*"})}
		d, err := New(ctx, "central.events", f, feed, ledger, opts)
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = d.Run(ctx) }()
		log.add(20)
		synctest.Wait()
		log.add(2)
		synctest.Wait()
		if got, want := f.taken(), []string{"e6", "e9", "e12", "e15", "e18", "e21", "e24"}; !slices.Equal(got, want) {
			t.Errorf("took %v", got)
		}
		if seq, _, _ := ledger.Position(ctx, "central.events"); seq != 25 {
			t.Errorf("position %d", seq)
		}
		cancel()
		synctest.Wait()
	})
}
