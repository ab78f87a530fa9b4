package sink

import (
	"context"
	"sync"
)

// Feed is what is to be delivered, in order: the committed alerts, or the stored
// events.
type Feed interface {
	// Next returns the items after a number, oldest first, at most limit; none if
	// there is none yet. It does not wait.
	Next(ctx context.Context, after int64, limit int) ([]Item, error)
	// Head returns the number of the newest item; 0 if there never was one.
	Head(ctx context.Context) (int64, error)
	// Changed returns a channel that is closed when there is more than when it was
	// asked for. Ask for it before Next.
	Changed() <-chan struct{}
}

// Ledger is how far each sink has come. Each call has happened, durably, when it
// returns nil.
type Ledger interface {
	// Position returns the number up to which a sink is done; ok is false for a sink
	// that was never heard of.
	Position(ctx context.Context, sink string) (seq int64, ok bool, err error)
	// Done notes that a sink is done with all up to a number.
	Done(ctx context.Context, sink string, seq int64) error
	// Dead keeps a dead letter. The same letter may come twice, after a crash.
	Dead(ctx context.Context, sink string, item Item, reason string) error
}

// Outbox is both, as the state keeps them for alerts.
type Outbox interface {
	Feed
	Ledger
}

// DeadLetter is an item that was refused for good.
type DeadLetter struct {
	Sink   string
	Item   Item
	Reason string
}

// Memory is an Outbox in memory, for tests. It is safe for concurrent use.
type Memory struct {
	mu        sync.Mutex
	items     []Item
	positions map[string]int64
	dead      []DeadLetter
	changed   chan struct{}
}

// NewMemory returns an empty one.
func NewMemory() *Memory { return &Memory{positions: map[string]int64{}, changed: make(chan struct{})} }

// Add commits items. One without a number gets the next.
func (m *Memory) Add(items ...Item) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, item := range items {
		if item.Seq == 0 {
			item.Seq = m.head() + 1
		}
		m.items = append(m.items, item)
	}
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *Memory) head() int64 {
	if len(m.items) == 0 {
		return 0
	}
	return m.items[len(m.items)-1].Seq
}

// Next is Feed's.
func (m *Memory) Next(_ context.Context, after int64, limit int) ([]Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var next []Item
	for _, item := range m.items {
		if item.Seq > after && len(next) < limit {
			next = append(next, item)
		}
	}
	return next, nil
}

// Head is Feed's.
func (m *Memory) Head(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.head(), nil
}

// Changed is Feed's.
func (m *Memory) Changed() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

// Position is Ledger's.
func (m *Memory) Position(_ context.Context, sink string) (int64, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	seq, ok := m.positions[sink]
	return seq, ok, nil
}

// Done is Ledger's.
func (m *Memory) Done(_ context.Context, sink string, seq int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.positions[sink] = seq
	return nil
}

// Dead is Ledger's.
func (m *Memory) Dead(_ context.Context, sink string, item Item, reason string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = append(m.dead, DeadLetter{Sink: sink, Item: item, Reason: reason})
	return nil
}

// DeadLetters returns those so far.
func (m *Memory) DeadLetters() []DeadLetter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]DeadLetter(nil), m.dead...)
}

var _ Outbox = (*Memory)(nil)
