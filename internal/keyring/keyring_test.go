package keyring_test

import (
	"context"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/key"
	"github.com/tripline-sec/tripline/internal/keyring"
	"github.com/tripline-sec/tripline/internal/state"
)

func open(t *testing.T, dir string) keyring.Ring {
	t.Helper()
	s, err := state.Open(t.Context(), disk.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return keyring.Ring{State: s}
}

func TestKeysOutliveTheirMaker(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	daemon, command := open(t, dir), open(t, dir)
	if some, err := daemon.Any(ctx); err != nil || some {
		t.Errorf("an empty ring: %v, %v", some, err)
	}
	made, secret := key.New("web hosts", key.Ingest|key.Read, time.Unix(1_770_000_000, 0))
	if err := command.Add(ctx, made); err != nil {
		t.Fatal(err)
	}
	got, ok, err := daemon.Key(ctx, secret.ID)
	if err != nil || !ok || !got.Is(secret.Text) || got.Scopes != made.Scopes || got.Name != made.Name || !got.Created.Equal(made.Created) {
		t.Errorf("%+v, %v, %v", got, ok, err)
	}
	if _, ok, err := daemon.Key(ctx, "none"); err != nil || ok {
		t.Errorf("a key that there is not: %v, %v", ok, err)
	}
	if some, err := daemon.Any(ctx); err != nil || !some {
		t.Errorf("with a key: %v, %v", some, err)
	}
	for _, want := range []bool{true, false} {
		if done, err := command.Revoke(ctx, secret.ID, time.Unix(1_770_000_100, 0)); err != nil || done != want {
			t.Errorf("revoked: %v, %v", done, err)
		}
	}
	if got, _, err := daemon.Key(ctx, secret.ID); err != nil || got.Is(secret.Text) {
		t.Errorf("a revoked key opens: %+v, %v", got, err)
	}
	if some, err := daemon.Any(ctx); err != nil || some {
		t.Errorf("with a revoked key: %v, %v", some, err)
	}
	if all, err := daemon.Keys(ctx); err != nil || len(all) != 1 || all[0].Revoked.IsZero() {
		t.Errorf("%+v, %v", all, err)
	}
}
