package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/tripline-sec/tripline/internal/daemon"
	"github.com/tripline-sec/tripline/internal/key"
	"github.com/tripline-sec/tripline/internal/schedule"
)

// Calls of the daemon's own, beside those of the server.
const (
	statusPath = "/_tripline/status"
	runPath    = "/_tripline/rules/run"
)

// manualRun is what is posted to runPath.
type manualRun struct {
	Rule string    `json:"rule"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// mount adds what administers the daemon.
func (r *running) mount() {
	r.server.Mount(http.MethodPost, runPath, key.Admin, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var asked manualRun
		if err := json.NewDecoder(io.LimitReader(req.Body, 1<<20)).Decode(&asked); err != nil {
			r.server.Answer(w, req, http.StatusBadRequest, map[string]string{"error": "read request: " + err.Error()})
			return
		}
		runs, err := r.daemon.Manual(req.Context(), asked.Rule, asked.From, asked.To)
		switch {
		case errors.Is(err, schedule.ErrUnknownRule):
			r.server.Answer(w, req, http.StatusNotFound, map[string]string{"error": err.Error()})
		case err != nil:
			r.server.Answer(w, req, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		default:
			r.server.Answer(w, req, http.StatusOK, runs)
		}
	}))
}

// caller asks a daemon over its socket.
type caller struct{ client http.Client }

func newCaller(data string) *caller {
	socket := socketOf(data)
	return &caller{http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}}
}

// errNotRunning is that nobody answers at the socket.
var errNotRunning = errors.New("no daemon answers there")

// call asks for something and decodes the answer.
func (c *caller) call(ctx context.Context, method, path string, ask, answer any) error {
	var body io.Reader
	if ask != nil {
		text, err := json.Marshal(ask)
		if err != nil {
			return fmt.Errorf("write request: %w", err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://tripline"+path, body)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.client.Do(req)
	if err != nil {
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" {
			return errNotRunning
		}
		return fmt.Errorf("ask daemon: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if res.StatusCode == http.StatusNotFound && path == runPath {
		return schedule.ErrUnknownRule
	}
	if res.StatusCode != http.StatusOK {
		var told struct {
			Error any `json:"error"`
		}
		if json.Unmarshal(text, &told) == nil && told.Error != nil {
			return fmt.Errorf("%v", told.Error)
		}
		return fmt.Errorf("the daemon answers %s", res.Status)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	return nil
}

// status asks a daemon how it stands.
func (c *caller) status(ctx context.Context) (*daemon.Status, error) {
	var s daemon.Status
	return &s, c.call(ctx, http.MethodGet, statusPath, nil, &s)
}
