package server

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// The defaults of Config.
const (
	DefaultESVersion   = "9.2.0"
	DefaultMaxBody     = 100 << 20 // Elasticsearch's http.max_content_length
	DefaultMaxDocument = 16 << 20
	DefaultMaxActions  = 1_000_000
	DefaultMemoryLimit = 256 << 20
	DefaultHold        = 10 * time.Second // the shortest timeout of a client that was found is 30 s
)

// Config is what a server is made of. Only Appender is needed.
type Config struct {
	Appender Appender
	Finder   Finder // nil: no document is ever found
	Keys     Keys   // nil: there are none, so that only the Unix socket can be used

	Log      *slog.Logger                       // nil: none
	Registry *prometheus.Registry               // where its metrics go, and what /metrics shows; nil: one of its own
	Health   func() error                       // nil: healthy; else why not
	Ready    func() error                       // whether documents would be taken now; nil: ready
	Status   func() (any, error)                // what GET /_tripline/status shows, as JSON; nil: there is no such page
	Reload   func(context.Context) (any, error) // POST /_tripline/reload: what changed; nil: there is no such call

	Version   string // Tripline's
	ESVersion string // whose API this is said to be
	Cluster   string // what the cluster's uuid is made of: something that stays with the store
	Prefix    string // before all paths, such as /es

	MaxBody     int64 // bytes of a body, as sent and inflated
	MaxDocument int
	MaxActions  int   // of one bulk
	MemoryLimit int64 // bytes of all bodies together; MaxBody at least

	Hold    time.Duration // how long a request waits for room; negative: not at all
	Refusal Refusal       // how it is refused then
}

// complete returns the configuration with its defaults.
func (c Config) complete() (Config, error) {
	if c.Appender == nil {
		return c, errors.New("make server: no appender")
	}
	c.ESVersion = cmp.Or(c.ESVersion, DefaultESVersion)
	c.MaxBody = cmp.Or(c.MaxBody, DefaultMaxBody)
	c.MaxDocument = cmp.Or(c.MaxDocument, DefaultMaxDocument)
	c.MaxActions = cmp.Or(c.MaxActions, DefaultMaxActions)
	c.MemoryLimit = max(cmp.Or(c.MemoryLimit, DefaultMemoryLimit), c.MaxBody+minBuffer)
	c.Hold = max(0, cmp.Or(c.Hold, DefaultHold))
	c.Version = cmp.Or(c.Version, "devel")
	if c.MaxBody >= 1<<31 {
		return c, fmt.Errorf("make server: bodies of %d bytes are more than 2 GiB", c.MaxBody)
	}
	if c.Prefix = "/" + strings.Trim(c.Prefix, "/"); c.Prefix == "/" {
		c.Prefix = ""
	}
	if _, ok := parseVersion(c.ESVersion); !ok {
		return c, fmt.Errorf("make server: %q is no version like %s", c.ESVersion, DefaultESVersion)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Registry == nil {
		c.Registry = prometheus.NewRegistry()
	}
	if c.Health == nil {
		c.Health = func() error { return nil }
	}
	if c.Ready == nil {
		c.Ready = func() error { return nil }
	}
	return c, nil
}

// clusterUUID is 22 characters, as Elasticsearch's are.
func (c *Config) clusterUUID() string {
	sum := sha256.Sum256([]byte("tripline cluster " + c.Cluster))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}
