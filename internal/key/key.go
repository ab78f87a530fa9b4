// Package key makes and checks the keys that a caller over TCP shows: an id and
// a secret, written `id:secret`.
//
// A secret is 32 random bytes and is shown once. What is kept is a salted SHA-256
// of it. A slow hash, such as passwords want, would protect nothing here: it makes
// guessing dear, and 256 random bits can not be guessed; and it would have to be
// paid for by every request. The salt keeps two stores from showing that they hold
// the same key.
package key

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"
)

const (
	idBytes     = 10
	secretBytes = 32
	saltBytes   = 16
)

// ErrCredential says that some text is no key.
var ErrCredential = errors.New("not of the form id:secret")

// Key is what is kept of a key.
type Key struct {
	ID      string
	Name    string // what it is for, in the words of who made it
	Scopes  Scope
	Salt    []byte
	Hash    []byte
	Created time.Time
	Revoked time.Time // zero: it is valid
}

// New makes a key, and the secret that is nowhere else.
func New(name string, scopes Scope, now time.Time) (Key, Secret) {
	k := Key{
		ID: hex.EncodeToString(random(idBytes)), Name: name, Scopes: scopes,
		Salt: random(saltBytes), Created: now,
	}
	s := Secret{ID: k.ID, Text: encoding.EncodeToString(random(secretBytes))}
	k.Hash = k.hash(s.Text)
	return k, s
}

// encoding, of the secret, has no character that means something in a URL, a
// header or a shell. An id is hexadecimal: as an argument of a command it must not
// begin with a dash.
var encoding = base64.RawURLEncoding

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// Is reports whether secret is the key's own. A revoked key has none.
func (k *Key) Is(secret string) bool {
	same := subtle.ConstantTimeCompare(k.hash(secret), k.Hash) == 1
	return same && k.Revoked.IsZero()
}

func (k *Key) hash(secret string) []byte {
	h := sha256.New()
	h.Write(k.Salt)
	h.Write([]byte(secret))
	return h.Sum(nil)
}

// Secret is a key as its owner has it.
type Secret struct{ ID, Text string }

// String returns id:secret, which is what Basic takes as user and password.
func (s Secret) String() string { return s.ID + ":" + s.Text }

// Encoded returns the base64 of id:secret, which is what ApiKey and Bearer take.
func (s Secret) Encoded() string { return base64.StdEncoding.EncodeToString([]byte(s.String())) }

// ParseSecret reads id:secret.
func ParseSecret(text string) (Secret, error) {
	id, secret, ok := strings.Cut(text, ":")
	if !ok || id == "" || secret == "" {
		return Secret{}, ErrCredential
	}
	return Secret{ID: id, Text: secret}, nil
}

// ParseEncoded reads the base64 of id:secret; and id:secret as it is, which
// base64 can not be mistaken for: people paste what they were shown.
func ParseEncoded(text string) (Secret, error) {
	if strings.Contains(text, ":") {
		return ParseSecret(text)
	}
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	plain, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return Secret{}, ErrCredential
	}
	return ParseSecret(string(plain))
}
