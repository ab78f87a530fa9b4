package live

import (
	"context"
	"sync"
)

// Memory keeps positions in memory, for tests.
type Memory struct {
	mu   sync.Mutex
	kept map[string][]byte
}

// Load is Positions'.
func (m *Memory) Load(_ context.Context, source string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.kept[source], nil
}

// Save is Positions'.
func (m *Memory) Save(_ context.Context, source string, position []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[string][]byte{}
	}
	m.kept[source] = position
	return nil
}

var _ Positions = (*Memory)(nil)
