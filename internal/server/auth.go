package server

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tripline-sec/tripline/internal/key"
)

// Keys is where keys are kept.
type Keys interface {
	// Key returns what is kept of a key; ok is false if nothing is. Revoked keys may
	// be returned or not.
	Key(ctx context.Context, id string) (k key.Key, ok bool, err error)
	// Any reports whether there is a key that is not revoked.
	Any(ctx context.Context) (bool, error)
}

const (
	// keyLife is for how long a key that was looked up is believed: so long at most a
	// revoked one still opens.
	keyLife = 2 * time.Second
	// maxKeys is how many are remembered.
	maxKeys = 4096
)

// keyCache saves looking a key up for each of many small requests.
type keyCache struct {
	from  Keys
	mu    sync.Mutex
	known map[string]knownKey
}

type knownKey struct {
	key   key.Key
	until time.Time
}

func newKeyCache(from Keys) *keyCache {
	return &keyCache{from: from, known: make(map[string]knownKey)}
}

// scopes returns what a secret is good for; ok is false if it is none.
func (c *keyCache) scopes(ctx context.Context, s key.Secret) (scopes key.Scope, ok bool, err error) {
	if c.from == nil {
		return key.None, false, nil
	}
	now := time.Now()
	c.mu.Lock()
	cached, ok := c.known[s.ID]
	c.mu.Unlock()
	k := cached.key
	if !ok || now.After(cached.until) {
		if k, ok, err = c.from.Key(ctx, s.ID); err != nil || !ok {
			return key.None, false, err
		}
		c.mu.Lock()
		if len(c.known) >= maxKeys {
			clear(c.known)
		}
		c.known[s.ID] = knownKey{key: k, until: now.Add(keyLife)}
		c.mu.Unlock()
	}
	return k.Scopes, k.Is(s.Text), nil
}

// accessKey is where the context has the door of a request.
type accessKey struct{}

func withAccess(access Access, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), accessKey{}, access)))
	})
}

// need lets those through that have a scope.
func (s *Server) need(scope key.Scope, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if access, ok := r.Context().Value(accessKey{}).(Access); ok && access == Local {
			next(w, r)
			return
		}
		secret, given, f := credential(r)
		if f != nil {
			s.refuseEarly(w, r, f)
			return
		}
		scopes, ok, err := s.keys.scopes(r.Context(), secret)
		switch {
		case err != nil:
			s.cfg.Log.Error("look up key", "id", secret.ID, "error", err)
			s.drain(w, r)
			s.refuse(w, r, err)
		case !ok:
			s.metrics.denied.WithLabelValues("unknown").Inc()
			s.refuseEarly(w, r, fault(http.StatusUnauthorized, typeSecurity,
				"unable to authenticate with the provided "+given+" credentials for REST request ["+r.URL.Path+"]"))
		case !scopes.Has(scope):
			s.metrics.denied.WithLabelValues("scope").Inc()
			s.refuseEarly(w, r, fault(http.StatusForbidden, typeSecurity,
				"action ["+actionName(r)+"] is unauthorized for API key id ["+secret.ID+"]: it needs the scope ["+scope.String()+"]"))
		default:
			next(w, r)
		}
	}
}

// credential reads the key that a request shows, and by which scheme. Schemes are
// compared without case: go-elasticsearch writes APIKey, the others ApiKey.
func credential(r *http.Request) (secret key.Secret, scheme string, f *failure) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return secret, "", fault(http.StatusUnauthorized, typeSecurity,
			"missing authentication credentials for REST request ["+r.URL.Path+"]")
	}
	scheme, text, _ := strings.Cut(strings.TrimSpace(header), " ")
	var err error
	switch text = strings.TrimSpace(text); strings.ToLower(scheme) {
	case "basic":
		user, password, ok := r.BasicAuth()
		if secret = (key.Secret{ID: user, Text: password}); !ok {
			err = key.ErrCredential
		}
	case "apikey", "bearer":
		secret, err = key.ParseEncoded(text)
	default: // AWS's signatures among them
		err = key.ErrCredential
	}
	if err != nil {
		return secret, scheme, fault(http.StatusUnauthorized, typeSecurity,
			"unable to authenticate for REST request ["+r.URL.Path+"]: Basic takes the key's id and secret as user and password, ApiKey and Bearer the base64 of id:secret")
	}
	return secret, scheme, nil
}

// actionName is what Elasticsearch calls what a request wants.
func actionName(r *http.Request) string {
	switch {
	case strings.HasSuffix(r.URL.Path, "/_bulk"):
		return "indices:data/write/bulk"
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		return "indices:data/read"
	}
	return "indices:data/write"
}
