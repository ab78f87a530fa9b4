package sink

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// TLSOptions are files for a connection; none of them: the system's authorities.
type TLSOptions struct {
	CA         string // of the authorities that are believed, and no others
	Cert, Key  string // of this client
	ServerName string // what the server's certificate must name; "" = as addressed
}

// Config reads the files.
func (o TLSOptions) Config() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: o.ServerName}
	if o.CA != "" {
		pem, err := os.ReadFile(o.CA)
		if err != nil {
			return nil, fmt.Errorf("read authorities: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read authorities: no certificate in %s", o.CA)
		}
	}
	if (o.Cert == "") != (o.Key == "") {
		return nil, errors.New("a certificate needs its key, and a key its certificate")
	}
	if o.Cert != "" {
		pair, err := tls.LoadX509KeyPair(o.Cert, o.Key)
		if err != nil {
			return nil, fmt.Errorf("read certificate: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// newClient returns a client that follows no redirect: a signature or a key must not
// wander.
func newClient(o TLSOptions, timeout time.Duration) (*http.Client, error) {
	config, err := o.Config()
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = config
	transport.MaxIdleConnsPerHost = 8
	return &http.Client{
		Transport:     transport,
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// secret reads a secret's file, which may end in a newline. It is read for each
// request, so that one that was changed holds at once.
func secret(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return "", fmt.Errorf("read secret: %s is empty", path)
	}
	return text, nil
}

// barred are the answers that say nothing of what was sent, but of who sends and
// where to: they are put right by a person, and what waits must be there then.
func barred(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusProxyAuthRequired, http.StatusMisdirectedRequest:
		return true
	}
	return status >= 300 && status < 400
}

// busy are the answers after which the same may be sent again.
func busy(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooEarly || status == http.StatusTooManyRequests || status >= 500
}

// answer is a response that was read to its end.
type answer struct {
	status int
	body   []byte
	retry  time.Duration // Retry-After; 0 = nothing was asked
}

// mostAnswer bounds what is read of an answer.
const mostAnswer = 64 << 20

// do sends a request and reads the whole answer: one that breaks off is an error.
func do(client *http.Client, request *http.Request) (answer, error) {
	response, err := client.Do(request)
	if err != nil {
		var e *url.Error
		if errors.As(err, &e) { // without the address, which may hold a secret
			err = e.Err
		}
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("read answer: %w", err)
	}
	return answer{response.StatusCode, body, retryAfter(response.Header.Get("Retry-After"), time.Now())}, nil
}

func retryAfter(header string, now time.Time) time.Duration {
	if header == "" {
		return 0
	}
	if seconds, err := strconv.Atoi(header); err == nil {
		return time.Duration(max(seconds, 0)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// reason is a status, and what the receiver says of it, in short.
func (a answer) reason() string {
	text := strconv.Itoa(a.status) + " " + http.StatusText(a.status)
	if said := strings.TrimSpace(string(a.body)); said != "" {
		text += ": " + strings.ToValidUTF8(cutBytes(said, 300), "\uFFFD")
	}
	return text
}

// err is a status as the error of a receiver.
func (a answer) err() error {
	err := errors.New(a.reason())
	if a.retry > 0 {
		return &Pause{Err: err, After: a.retry}
	}
	return err
}

// unreachable reports whether an error came before anything was sent: it says nothing
// of what was to be sent.
func unreachable(err error) bool {
	var (
		network *net.OpError
		cert    *tls.CertificateVerificationError
	)
	return errors.As(err, &network) && network.Op == "dial" || errors.As(err, &cert) || errors.Is(err, http.ErrSchemeMismatch)
}
