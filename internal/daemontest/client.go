package daemontest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/valyala/fastjson"

	"github.com/tripline-sec/tripline/internal/daemon"
)

// Client posts to a Unix socket. It is safe for concurrent use.
type Client struct{ http http.Client }

// NewClient makes a client of a socket; nothing is connected yet.
func NewClient(socket string) *Client {
	return &Client{http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
		MaxIdleConnsPerHost: 64, WriteBufferSize: 1 << 18, ReadBufferSize: 1 << 16,
	}}}
}

// Close closes connections that are not in use.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Doc is a document to be created.
type Doc struct {
	Index, ID string // ID "": the daemon makes one
	Raw       []byte
}

// AppendBulk writes documents as _bulk takes them.
func AppendBulk(dst []byte, docs []Doc) []byte {
	for i := range docs {
		d := &docs[i]
		dst = append(append(dst, `{"create":{"_index":"`...), d.Index...)
		if d.ID != "" {
			dst = append(append(dst, `","_id":"`...), d.ID...)
		}
		dst = append(append(append(dst, "\"}}\n"...), d.Raw...), '\n')
	}
	return dst
}

// Bulk posts documents and returns the status of each.
func (c *Client) Bulk(ctx context.Context, docs []Doc) ([]int, error) {
	return c.PostBulk(ctx, AppendBulk(nil, docs), len(docs))
}

// PostBulk posts a body of so many documents.
func (c *Client) PostBulk(ctx context.Context, body []byte, docs int) ([]int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://tripline/_bulk", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("post bulk: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	text, err := c.do(req)
	if err != nil {
		return nil, fmt.Errorf("post bulk: %w", err)
	}
	answer, err := fastjson.ParseBytes(text)
	if err != nil {
		return nil, fmt.Errorf("read bulk answer: %w", err)
	}
	items := answer.GetArray("items")
	if len(items) != docs {
		return nil, fmt.Errorf("read bulk answer: %d items for %d documents", len(items), docs)
	}
	statuses := make([]int, docs)
	for i, item := range items {
		statuses[i] = item.GetInt("create", "status")
	}
	return statuses, nil
}

func (c *Client) do(req *http.Request) ([]byte, error) {
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %.300s", res.Status, text)
	}
	return text, nil
}

func (c *Client) get(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://tripline"+path, nil)
	if err != nil {
		return nil, err
	}
	return c.do(req)
}

// Alive reports whether somebody answers.
func (c *Client) Alive(ctx context.Context) bool {
	ctx, stop := context.WithTimeout(ctx, time.Second)
	defer stop()
	_, err := c.get(ctx, "/")
	return err == nil
}

// Status asks the daemon how it stands.
func (c *Client) Status(ctx context.Context) (*daemon.Status, error) {
	text, err := c.get(ctx, "/_tripline/status")
	if err != nil {
		return nil, fmt.Errorf("ask for status: %w", err)
	}
	var s daemon.Status
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("read status: %w", err)
	}
	return &s, nil
}

// Metrics asks for the daemon's figures, by their names with labels.
func (c *Client) Metrics(ctx context.Context) (map[string]float64, error) {
	text, err := c.get(ctx, "/metrics")
	if err != nil {
		return nil, fmt.Errorf("ask for metrics: %w", err)
	}
	all := map[string]float64{}
	for line := range bytes.Lines(text) {
		name, value, ok := bytes.Cut(bytes.TrimSpace(line), []byte(" "))
		if !ok || line[0] == '#' {
			continue
		}
		var x float64
		if _, err := fmt.Sscan(string(value), &x); err == nil {
			all[string(name)] = x
		}
	}
	return all, nil
}
