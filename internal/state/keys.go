package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Key is an API key. Its secret is not in it: a salted hash is.
type Key struct {
	ID, Name string
	Scopes   []string
	Salt     []byte
	Hash     []byte
	Created  time.Time
	Used     time.Time // zero: never
	Revoked  time.Time // zero: it holds
}

// AddKey stores a key. Its id must be new.
func (s *State) AddKey(ctx context.Context, k Key) error {
	scopes, err := json.Marshal(k.Scopes)
	if err == nil {
		err = s.change(ctx, func(t *tx) error {
			_, err := t.do(`INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
				k.ID, k.Name, string(scopes), k.Salt, k.Hash, k.Created.UnixMicro(), micros(k.Used), micros(k.Revoked))
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("add key: %w", err)
	}
	return nil
}

const keyColumns = `SELECT id, name, scopes, salt, hash, created, used, revoked FROM keys`

func scanKey(scan func(...any) error) (Key, error) {
	var (
		k                      Key
		scopes                 []byte
		created, used, revoked sql.NullInt64
	)
	if err := scan(&k.ID, &k.Name, &scopes, &k.Salt, &k.Hash, &created, &used, &revoked); err != nil {
		return k, err
	}
	k.Created, k.Used, k.Revoked = timeOf(created), timeOf(used), timeOf(revoked)
	return k, json.Unmarshal(scopes, &k.Scopes)
}

// Keys returns all keys, those that are revoked too, the oldest first.
func (s *State) Keys(ctx context.Context) ([]Key, error) {
	return rows(ctx, s.read, scanKey, keyColumns+` ORDER BY created, id`)
}

// Key returns a key; false if there is none of that id.
func (s *State) Key(ctx context.Context, id string) (Key, bool, error) {
	found, err := rows(ctx, s.read, scanKey, keyColumns+` WHERE id = ?`, id)
	if err != nil || len(found) == 0 {
		return Key{}, false, err
	}
	return found[0], true, nil
}

// RevokeKey ends a key; false if there is none of that id that holds.
func (s *State) RevokeKey(ctx context.Context, id string, now time.Time) (bool, error) {
	n := 0
	err := s.change(ctx, func(t *tx) error {
		var err error
		n, err = t.do(`UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL`, now.UnixMicro(), id)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("revoke key: %w", err)
	}
	return n > 0, nil
}

// UseKeys notes when keys, by id, were last used. Once a minute is often enough.
func (s *State) UseKeys(ctx context.Context, used map[string]time.Time) error {
	err := s.change(ctx, func(t *tx) error {
		for _, id := range sortedKeys(used) {
			if _, err := t.do(`UPDATE keys SET used = max(coalesce(used, 0), ?) WHERE id = ?`, used[id].UnixMicro(), id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note use of keys: %w", err)
	}
	return nil
}

// Setting returns a setting; "" if it is not set.
func (s *State) Setting(ctx context.Context, name string) (string, error) {
	text := ""
	err := s.read.QueryRowContext(ctx, `SELECT value FROM settings WHERE name = ?`, name).Scan(&text)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read setting %s: %w", name, err)
	}
	return text, nil
}

// Set sets a setting.
func (s *State) Set(ctx context.Context, name, value string) error {
	err := s.change(ctx, func(t *tx) error {
		_, err := t.do(`INSERT INTO settings VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2`, name, value)
		return err
	})
	if err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	return nil
}

// Settings of the daemon that commands read.
const (
	// SettingRules are the paths of the rules that the daemon runs, as a JSON list.
	SettingRules = "rules"
)
