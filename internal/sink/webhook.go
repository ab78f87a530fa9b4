package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// WebhookOptions are those of a Webhook. Secrets are files.
type WebhookOptions struct {
	URL         string
	Method      string // "" = POST
	Template    string // of the body; "" = the alert's document
	ContentType string // "" = application/json
	Headers     map[string]string
	HeaderFiles map[string]string // headers whose values stand in files
	// Secret is the file of the key that bodies are signed with; "" = unsigned.
	Secret   string
	TLS      TLSOptions
	Timeout  time.Duration // of a request; 0 = 30 s
	Parallel int           // requests at once; 0 = 4
	Agent    string        // the User-Agent
}

// Webhook posts each alert to an address.
//
// It signs as Standard Webhooks say, for which receivers have libraries:
// webhook-id is the alert's id, the same at every try, and so the idempotency key;
// webhook-signature is the HMAC-SHA256 of id, time and body.
//
// 2xx is taken. After 408, 425, 429, 5xx and what breaks off, it is tried again. So it
// is after 3xx, 401, 403, 404, 405, 407 and 421, which are about the address or the
// key and not about the alert: the alerts wait until that is put right. All else
// refuses the alert for good.
type Webhook struct {
	opts     WebhookOptions
	client   *http.Client
	template *Template
}

// NewWebhook returns one. Nothing is sent before there is an alert.
func NewWebhook(opts WebhookOptions) (*Webhook, error) {
	if u, err := url.Parse(opts.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("a webhook needs an url that begins with http:// or https://")
	}
	if opts.Method == "" {
		opts.Method = http.MethodPost
	}
	if opts.ContentType == "" {
		opts.ContentType = "application/json"
	}
	setDefault(&opts.Timeout, 30*time.Second)
	setDefault(&opts.Parallel, 4)
	w := &Webhook{opts: opts}
	var err error
	if w.client, err = newClient(opts.TLS, opts.Timeout); err != nil {
		return nil, err
	}
	if opts.Template != "" {
		if w.template, err = NewTemplate(opts.Template, strings.Contains(opts.ContentType, "json")); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Deliver posts items, some at once.
func (w *Webhook) Deliver(ctx context.Context, items []Item) ([]Outcome, error) {
	var (
		outcomes = make([]Outcome, len(items))
		group    sync.WaitGroup
		next     = make(chan int)
		mu       sync.Mutex
		down     error
		trouble  int // items in a row that the receiver could not take
	)
	isDown := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return down != nil
	}
	for range min(w.opts.Parallel, len(items)) {
		group.Go(func() {
			for i := range next {
				if isDown() {
					continue
				}
				o, err := w.post(ctx, &items[i])
				mu.Lock()
				outcomes[i] = o
				if trouble++; o.Verdict != Again {
					trouble = 0
				}
				if err == nil && trouble >= fewHeld {
					err = errors.New(o.Reason)
				}
				if down == nil {
					down = err
				}
				mu.Unlock()
			}
		})
	}
	for i := range items {
		next <- i
	}
	close(next)
	group.Wait()
	if down != nil {
		return outcomes, fmt.Errorf("post to webhook: %w", down)
	}
	return outcomes, nil
}

// post sends one. An error says that there is no use in sending more.
func (w *Webhook) post(ctx context.Context, item *Item) (Outcome, error) {
	body, err := w.body(item)
	if err != nil {
		return Outcome{Refused, err.Error()}, nil
	}
	request, err := http.NewRequestWithContext(ctx, w.opts.Method, w.opts.URL, bytes.NewReader(body))
	if err != nil {
		return Outcome{}, err
	}
	if err := w.dress(request, item.ID, body); err != nil {
		return Outcome{}, err
	}
	a, err := do(w.client, request)
	switch {
	case err != nil && (unreachable(err) || ctx.Err() != nil):
		return Outcome{}, err
	case err != nil: // it may be this one that breaks the other end
		return Outcome{Again, err.Error()}, nil
	case a.status >= 200 && a.status < 300:
		return Outcome{Verdict: Taken}, nil
	case a.status == http.StatusTooManyRequests, a.status == http.StatusServiceUnavailable:
		return Outcome{}, a.err() // these two speak of the receiver
	case busy(a.status), barred(a.status):
		return Outcome{Again, a.reason()}, nil
	}
	return Outcome{Refused, a.reason()}, nil
}

func (w *Webhook) body(item *Item) ([]byte, error) {
	if w.template == nil {
		return item.Doc, nil
	}
	return w.template.Render(item)
}

// dress gives a request its headers.
func (w *Webhook) dress(request *http.Request, id string, body []byte) error {
	request.Header.Set("Content-Type", w.opts.ContentType)
	request.Header.Set("User-Agent", w.opts.Agent)
	now := time.Now()
	request.Header.Set(standardwebhooks.HeaderWebhookID, id)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, fmt.Sprint(now.Unix()))
	for name, value := range w.opts.Headers {
		request.Header.Set(name, value)
	}
	for name, path := range w.opts.HeaderFiles {
		value, err := secret(path)
		if err != nil {
			return err
		}
		request.Header.Set(name, value)
	}
	if w.opts.Secret == "" {
		return nil
	}
	text, err := secret(w.opts.Secret)
	if err != nil {
		return err
	}
	signer, err := newSigner(text)
	if err != nil {
		return err
	}
	signature, err := signer.Sign(id, now, body)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return nil
}

// newSigner takes a key as Standard Webhooks write it, "whsec_" and base64, or any
// other text as it is.
func newSigner(text string) (*standardwebhooks.Webhook, error) {
	if !strings.HasPrefix(text, "whsec_") {
		return standardwebhooks.NewWebhookRaw([]byte(text))
	}
	signer, err := standardwebhooks.NewWebhook(text)
	if err != nil {
		return nil, errors.New("read the signing key: what follows whsec_ is not base64")
	}
	return signer, nil
}

// Close gives up idle connections.
func (w *Webhook) Close() error {
	w.client.CloseIdleConnections()
	return nil
}
