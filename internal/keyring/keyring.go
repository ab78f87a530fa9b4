// Package keyring is the keys of a data folder: package key's, kept in package
// state. The daemon asks it who may do what, commands change it while the daemon
// runs. A Ring belongs to who opened the state, and adds nothing to its costs.
package keyring

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/key"
	"github.com/tripline-sec/tripline/internal/server"
	"github.com/tripline-sec/tripline/internal/state"
)

// Ring is the keys of a state.
type Ring struct{ State *state.State }

var _ server.Keys = Ring{}

// Add stores a key.
func (r Ring) Add(ctx context.Context, k key.Key) error {
	return r.State.AddKey(ctx, state.Key{
		ID: k.ID, Name: k.Name, Scopes: strings.Split(k.Scopes.String(), ","), Salt: k.Salt, Hash: k.Hash, Created: k.Created, Revoked: k.Revoked,
	})
}

// Key returns a key; false if there is none of that id.
func (r Ring) Key(ctx context.Context, id string) (key.Key, bool, error) {
	kept, ok, err := r.State.Key(ctx, id)
	if err != nil || !ok {
		return key.Key{}, false, err
	}
	k, err := fromState(kept)
	return k, err == nil, err
}

// Keys returns all keys, those that are revoked too, the oldest first.
func (r Ring) Keys(ctx context.Context) ([]key.Key, error) {
	kept, err := r.State.Keys(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]key.Key, len(kept))
	for i := range kept {
		if all[i], err = fromState(kept[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Any reports whether there is a key that is not revoked.
func (r Ring) Any(ctx context.Context) (bool, error) {
	all, err := r.State.Keys(ctx)
	for i := range all {
		if all[i].Revoked.IsZero() {
			return true, err
		}
	}
	return false, err
}

// Revoke ends a key; false if there is none of that id that holds.
func (r Ring) Revoke(ctx context.Context, id string, now time.Time) (bool, error) {
	return r.State.RevokeKey(ctx, id, now)
}

func fromState(k state.Key) (key.Key, error) {
	scopes, err := key.ParseScopes(k.Scopes)
	if err != nil {
		return key.Key{}, fmt.Errorf("read key %s: %w", k.ID, err)
	}
	return key.Key{ID: k.ID, Name: k.Name, Scopes: scopes, Salt: k.Salt, Hash: k.Hash, Created: k.Created, Revoked: k.Revoked}, nil
}
