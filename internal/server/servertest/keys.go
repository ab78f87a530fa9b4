package servertest

import (
	"context"
	"sync"
	"time"

	"github.com/tripline-sec/tripline/internal/key"
)

// Keys is server.Keys.
type Keys struct {
	mu   sync.Mutex
	all  map[string]key.Key
	err  error
	asks int
}

// Make adds a key.
func (k *Keys) Make(scopes key.Scope) key.Secret {
	k.mu.Lock()
	defer k.mu.Unlock()
	made, secret := key.New("test", scopes, time.Unix(0, 0))
	k.put(made)
	return secret
}

// Add adds a key that was made elsewhere.
func (k *Keys) Add(made key.Key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.put(made)
}

func (k *Keys) put(made key.Key) {
	if k.all == nil {
		k.all = make(map[string]key.Key)
	}
	k.all[made.ID] = made
}

// Revoke revokes a key.
func (k *Keys) Revoke(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	one := k.all[id]
	one.Revoked = time.Unix(1, 0)
	k.all[id] = one
}

// FailWith lets all look-ups fail.
func (k *Keys) FailWith(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.err = err
}

// Asks returns how often a key was looked up.
func (k *Keys) Asks() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.asks
}

// Key is server.Keys'.
func (k *Keys) Key(_ context.Context, id string) (key.Key, bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asks++
	one, ok := k.all[id]
	return one, ok && k.err == nil, k.err
}

// Any is server.Keys'.
func (k *Keys) Any(context.Context) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, one := range k.all {
		if one.Revoked.IsZero() {
			return true, k.err
		}
	}
	return false, k.err
}
