package server

import (
	"crypto/tls"
	"sync/atomic"
)

// certificate is TLS from files, which may be read again.
type certificate struct {
	certFile, keyFile string
	now               atomic.Pointer[tls.Certificate]
}

func loadCertificate(certFile, keyFile string) (*certificate, error) {
	if certFile == "" || keyFile == "" {
		return nil, hinted("give both --tls-cert and --tls-key", "load TLS: a certificate and its key are two files")
	}
	c := &certificate{certFile: certFile, keyFile: keyFile}
	return c, c.load()
}

func (c *certificate) load() error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return hinted("both files are PEM; the certificate's may hold a chain", "load TLS: %w", err)
	}
	c.now.Store(&pair)
	return nil
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.now.Load(), nil },
	}
}
