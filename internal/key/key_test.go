package key_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/key"
)

func TestKeyKnowsItsSecretOnly(t *testing.T) {
	k, s := key.New("web", key.Ingest|key.Read, time.Unix(1, 0))
	other, otherSecret := key.New("web", key.Ingest, time.Unix(1, 0))
	if k.ID == other.ID || s.Text == otherSecret.Text || string(k.Salt) == string(other.Salt) {
		t.Fatal("two keys have something in common")
	}
	if !k.Is(s.Text) {
		t.Error("a key refuses its secret")
	}
	for _, wrong := range []string{"", otherSecret.Text, s.Text + "x", s.Text[1:], strings.ToUpper(s.Text)} {
		if k.Is(wrong) {
			t.Errorf("a key takes %q", wrong)
		}
	}
	if strings.Contains(string(k.Hash), s.Text) {
		t.Error("the secret stands in what is kept")
	}
	k.Revoked = time.Unix(2, 0)
	if k.Is(s.Text) {
		t.Error("a revoked key takes its secret")
	}
}

func TestSecretIsReadAsItIsWritten(t *testing.T) {
	for range 200 { // so that both letters in which the alphabets of base64 differ come up
		_, s := key.New("", key.None, time.Time{})
		if strings.ContainsAny(s.String(), "+/= \"'$") || strings.Count(s.String(), ":") != 1 {
			t.Fatalf("%s needs quoting", s)
		}
		if got, err := key.ParseSecret(s.String()); err != nil || got != s {
			t.Fatalf("ParseSecret(%s) = %v, %v", s, got, err)
		}
		for _, encoded := range []string{
			s.Encoded(), strings.TrimRight(s.Encoded(), "="), s.String(),
			base64.URLEncoding.EncodeToString([]byte(s.String())),
		} {
			if got, err := key.ParseEncoded(encoded); err != nil || got != s {
				t.Fatalf("ParseEncoded(%s) = %v, %v", encoded, got, err)
			}
		}
	}
}

func TestWhatIsNoSecret(t *testing.T) {
	for _, text := range []string{"", ":", "id:", ":secret", "!!", "aWQ", "aWQ6", "id"} {
		if _, err := key.ParseEncoded(text); !errors.Is(err, key.ErrCredential) {
			t.Errorf("ParseEncoded(%q): %v", text, err)
		}
	}
	if s, err := key.ParseSecret("id:se:cret"); err != nil || s.ID != "id" || s.Text != "se:cret" {
		t.Errorf("split at another than the first colon: %v, %v", s, err)
	}
}

func TestScopes(t *testing.T) {
	s, err := key.ParseScopes([]string{"admin, ingest", "read"})
	if err != nil || s != key.Ingest|key.Read|key.Admin || s.String() != "ingest,read,admin" {
		t.Errorf("got %v, %v", s, err)
	}
	if s.Has(key.Ingest) != true || key.Admin.Has(key.Read) || !key.Read.Has(key.None) {
		t.Error("a scope holds what it should not, or lacks what it should have")
	}
	if _, err := key.ParseScopes([]string{"write"}); err == nil {
		t.Error("an unknown scope is taken")
	}
}
