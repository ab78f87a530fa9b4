package sink

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// AlertsIndex is where alerts go if nothing else is said: the alias behind which
// Kibana keeps those of its default space.
const AlertsIndex = ".alerts-security.alerts-default"

// ForwardOptions are those of a Forward. Secrets are files.
type ForwardOptions struct {
	URLs  []string // of one cluster: the next is tried when one can not be reached
	Index string   // of alerts; "" = AlertsIndex
	// KeyFile holds an API key: id:secret, or base64 of that. UserFile holds user and
	// password, as user:password. At most one of them.
	KeyFile, UserFile string
	TLS               TLSOptions
	Timeout           time.Duration // of a request; 0 = 90 s: a receiver may hold it while it is busy
	MaxBytes          int           // of a request before it is compressed; 0 = 5 MiB
	Plain             bool          // without gzip
	// RequireAlias makes a receiver that has no such alias refuse alerts, where it
	// would make an index of that name.
	RequireAlias bool
	Host         string // the name of this host
	Agent        string // the User-Agent
}

// Forward sends alerts, or events, to the _bulk of another Tripline, of OpenSearch or
// of Elasticsearch, as create actions with the id of each.
//
// A document that is there already (409) counts as taken. One that the receiver is too
// busy for (408, 429, 5xx) is sent again alone, and so is one that the key may not
// write or that has no index to go to (401, 403, 404), which a person must put right.
// Any other error of a document refuses it for good. A whole request that fails is
// sent again; one that is too long or not understood goes in halves, until the
// document at fault is alone.
//
// The hosts of a fleet send into one place, so ids must differ between them. They do
// where they come from event.id. Ids that are a hash of a document's bytes get the
// host's name in front, because two hosts may well write the same line.
type Forward struct {
	opts   ForwardOptions
	client *http.Client
	at     int // the URL in use
	most   int // documents in a request: less after one broke off, more again after one went through
}

const (
	defaultBulkBytes = 5 << 20
	mostBulkActions  = 2000
)

// NewForward returns one. Nothing is sent before there is something to send.
func NewForward(opts ForwardOptions) (*Forward, error) {
	if len(opts.URLs) == 0 {
		return nil, errors.New("forward needs an url")
	}
	for _, text := range opts.URLs {
		if u, err := url.Parse(text); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, errors.New("forward needs an url that begins with http:// or https://")
		}
	}
	if opts.KeyFile != "" && opts.UserFile != "" {
		return nil, errors.New("forward takes a key or a user, not both")
	}
	if opts.Index == "" {
		opts.Index = AlertsIndex
	}
	setDefault(&opts.Timeout, 90*time.Second)
	setDefault(&opts.MaxBytes, defaultBulkBytes)
	client, err := newClient(opts.TLS, opts.Timeout)
	if err != nil {
		return nil, err
	}
	return &Forward{opts: opts, client: client, most: mostBulkActions}, nil
}

// Deliver sends items in as few requests as their size allows.
func (f *Forward) Deliver(ctx context.Context, items []Item) ([]Outcome, error) {
	outcomes := make([]Outcome, len(items))
	trouble := 0
	for from := 0; from < len(items); {
		to := from + f.fit(items[from:])
		err := f.send(ctx, items[from:to], outcomes[from:to])
		switch {
		case err == nil:
			f.most, trouble = min(2*f.most, mostBulkActions), 0
		case to-from == 1 && !speaksOfAll(err) && trouble+1 < fewHeld:
			// It may be this document that breaks the other end.
			trouble++
			outcomes[from] = Outcome{Again, err.Error()}
		default:
			if !speaksOfAll(err) {
				f.most = max((to-from)/2, 1)
			}
			f.at = (f.at + 1) % len(f.opts.URLs)
			return outcomes, fmt.Errorf("forward: %w", err)
		}
		from = to
	}
	return outcomes, nil
}

// wholesale is an error that says nothing of the documents.
type wholesale struct{ error }

func (w wholesale) Unwrap() error { return w.error }

func speaksOfAll(err error) bool {
	var w wholesale
	return errors.As(err, &w)
}

// fit returns how many of the items go into a request.
func (f *Forward) fit(items []Item) int {
	size := 0
	for i := range items {
		for _, doc := range append([][]byte{items[i].Doc}, items[i].Blocks...) {
			size += len(doc) + 200
		}
		if i > 0 && (size > f.opts.MaxBytes || i >= f.most) {
			return i
		}
	}
	return len(items)
}

// send sends one request, or halves of it where the whole is not understood.
func (f *Forward) send(ctx context.Context, items []Item, outcomes []Outcome) error {
	body, actions := f.body(items)
	request, err := f.request(ctx, body)
	if err != nil {
		return wholesale{err}
	}
	a, err := do(f.client, request)
	switch {
	case err != nil && (unreachable(err) || ctx.Err() != nil):
		return wholesale{err}
	case err != nil:
		return err
	case a.status == http.StatusOK:
		return f.read(a.body, items, actions, outcomes)
	case a.status == http.StatusTooManyRequests, a.status == http.StatusServiceUnavailable, barred(a.status):
		return wholesale{a.err()}
	case busy(a.status), a.status < 400:
		return a.err()
	case len(items) == 1:
		outcomes[0] = Outcome{Refused, a.reason()}
		return nil
	}
	half := len(items) / 2
	if err := f.send(ctx, items[:half], outcomes[:half]); err != nil {
		return err
	}
	return f.send(ctx, items[half:], outcomes[half:])
}

// action is the line before a document.
type action struct {
	Index        string `json:"_index"`
	ID           string `json:"_id"`
	RequireAlias bool   `json:"require_alias,omitempty"`
}

// body writes the actions of items, and returns how many each has. An alert's blocks
// come before its shell, as the shell names them.
func (f *Forward) body(items []Item) ([]byte, []int) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	counts := make([]int, len(items))
	put := func(index, id string, doc []byte) {
		_ = e.Encode(map[string]action{"create": {index, id, f.opts.RequireAlias && index == f.opts.Index}}) // strings and a buffer
		b.Write(bytes.TrimSpace(doc))
		b.WriteByte('\n')
	}
	for i := range items {
		item := &items[i]
		index := item.Index
		if index == "" {
			index = f.opts.Index
		}
		prefix := ""
		if f.opts.Host != "" && madeOfBytes(item) {
			prefix = f.opts.Host + ":"
		}
		for n, block := range item.Blocks {
			put(index, prefix+blockID(block, item.ID, n), block)
		}
		put(index, prefix+item.ID, item.Doc)
		counts[i] = len(item.Blocks) + 1
	}
	return b.Bytes(), counts
}

func (f *Forward) request(ctx context.Context, body []byte) (*http.Request, error) {
	packed := body
	if !f.opts.Plain {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // a level that there is
		if _, err := z.Write(body); err != nil {
			return nil, err
		}
		if err := z.Close(); err != nil {
			return nil, err
		}
		packed = b.Bytes()
	}
	at := strings.TrimRight(f.opts.URLs[f.at], "/") + "/_bulk?filter_path=errors,items.*.status,items.*.error"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, at, bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", f.opts.Agent)
	if f.opts.Host != "" {
		request.Header.Set("X-Opaque-Id", "tripline:"+syslogName(f.opts.Host, 255))
	}
	if !f.opts.Plain {
		request.Header.Set("Content-Encoding", "gzip")
	}
	return request, f.authorize(request)
}

func (f *Forward) authorize(request *http.Request) error {
	switch {
	case f.opts.KeyFile != "":
		key, err := secret(f.opts.KeyFile)
		if err != nil {
			return err
		}
		if strings.Contains(key, ":") {
			key = base64.StdEncoding.EncodeToString([]byte(key))
		}
		request.Header.Set("Authorization", "ApiKey "+key)
	case f.opts.UserFile != "":
		text, err := secret(f.opts.UserFile)
		if err != nil {
			return err
		}
		user, password, ok := strings.Cut(text, ":")
		if !ok {
			return fmt.Errorf("read secret: %s does not hold user:password", f.opts.UserFile)
		}
		request.SetBasicAuth(user, password)
	}
	return nil
}

// Close gives up idle connections.
func (f *Forward) Close() error {
	f.client.CloseIdleConnections()
	return nil
}
