package server_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/key"
	"github.com/tripline-sec/tripline/internal/server"
	"github.com/tripline-sec/tripline/internal/server/servertest"
)

// serve opens a house's doors, and closes them when the test ends.
func (h *house) serve(l server.Listen) []net.Addr {
	h.t.Helper()
	if err := h.server.Open(h.t.Context(), l); err != nil {
		h.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- h.server.Serve() }()
	h.t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		if err := h.server.Shutdown(ctx); err != nil {
			h.t.Error(err)
		}
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	})
	return h.server.Addresses()
}

// socketFolder is one whose name is short: a test's own may be too long for a socket.
func socketFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// overSocket is a client of a Unix socket.
func overSocket(t *testing.T, path string) *http.Client {
	t.Helper()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestTheSocketNeedsNoKey(t *testing.T) {
	h := open(t, nil)
	path := filepath.Join(socketFolder(t), "tripline.sock")
	h.serve(server.Listen{Socket: path})
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Mode().Type() != fs.ModeSocket {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	answer, err := overSocket(t, path).Post("http://tripline/_bulk", "application/json", strings.NewReader(oneDoc))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("status %d", answer.StatusCode)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("beside the socket there is %v", left)
	}
}

func TestSocketPaths(t *testing.T) {
	dir := socketFolder(t)
	path := filepath.Join(dir, "s")
	expect := func(what, path, reason, hint string) {
		t.Helper()
		s := open(t, nil).server
		err := s.Open(t.Context(), server.Listen{Socket: path})
		var hinted *server.Error
		if err == nil || !strings.Contains(err.Error(), reason) || hint != "" && (!errors.As(err, &hinted) || !strings.Contains(hinted.Hint, hint)) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// One that a killed process left behind.
	left, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = left.Close()
	t.Run("left", func(t *testing.T) {
		h := open(t, nil)
		h.serve(server.Listen{Socket: path})
		if _, err := overSocket(t, path).Head("http://tripline/"); err != nil {
			t.Error(err)
		}
		expect("taken", path, "another process listens there", "--data")
	})
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	expect("a file", path, "is no socket", "--socket")
	if text, err := os.ReadFile(path); err != nil || string(text) != "precious" {
		t.Errorf("the file has %q, %v", text, err)
	}
	expect("a long path", filepath.Join(dir, strings.Repeat("n", 100)), "at most", "shorter")
	expect("no folder", filepath.Join(dir, "none", "s"), "no such file", "")
}

func TestTCPNeedsAKey(t *testing.T) {
	for name, keys := range map[string]server.Keys{"none": nil, "empty": &servertest.Keys{}, "revoked": revoked()} {
		h := open(t, func(c *server.Config) { c.Keys = keys })
		err := h.server.Open(t.Context(), server.Listen{TCP: []string{"127.0.0.1:0"}})
		var hinted *server.Error
		if !errors.As(err, &hinted) || !strings.Contains(err.Error(), "needs a key") || !strings.Contains(hinted.Hint, "tripline keys create") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func revoked() *servertest.Keys {
	keys := &servertest.Keys{}
	keys.Revoke(keys.Make(key.Ingest).ID)
	return keys
}

func TestOtherMachinesNeedTLS(t *testing.T) {
	h, keys := guarded(t)
	keys.Make(key.Ingest)
	for _, address := range []string{":0", "0.0.0.0:0"} {
		err := h.server.Open(t.Context(), server.Listen{TCP: []string{address}})
		var hinted *server.Error
		if !errors.As(err, &hinted) || !strings.Contains(err.Error(), "no TLS") || !strings.Contains(hinted.Hint, "--tls-cert") {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := h.server.Open(t.Context(), server.Listen{TCP: []string{"127.0.0.1:0"}, CertFile: "x"}); err == nil {
		t.Error("a certificate with no key is taken")
	}
}

// certificate writes a self-signed one, and returns who trusts it.
func certificate(t *testing.T, dir string, serial int64) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})
	if err := errors.Join(os.WriteFile(certFile, certPEM, 0o600), os.WriteFile(keyFile, keyPEM, 0o600)); err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return certFile, keyFile, pool
}

func TestTLS(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile, pool := certificate(t, dir, 1)
	h, keys := guarded(t)
	secret := keys.Make(key.Ingest)
	// All addresses of the machine, which is for TLS only; asked by the loopback one.
	at := h.serve(server.Listen{TCP: []string{":0"}, CertFile: certFile, KeyFile: keyFile})[0]
	port := at.(*net.TCPAddr).Port
	ask := func(pool *x509.CertPool) (serial int64, err error) {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
		defer transport.CloseIdleConnections()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, (&urlOf{"https", port}).String()+"/_bulk", strings.NewReader(oneDoc))
		if err != nil {
			return 0, err
		}
		r.Header.Set("Authorization", "ApiKey "+secret.Encoded())
		answer, err := transport.RoundTrip(r)
		if err != nil {
			return 0, err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("status %d", answer.StatusCode)
		}
		return answer.TLS.PeerCertificates[0].SerialNumber.Int64(), nil
	}
	if serial, err := ask(pool); err != nil || serial != 1 {
		t.Errorf("serial %d, %v", serial, err)
	}
	_, _, pool = certificate(t, dir, 2)
	if err := h.server.ReloadCertificate(); err != nil {
		t.Fatal(err)
	}
	if serial, err := ask(pool); err != nil || serial != 2 {
		t.Errorf("after a reload: serial %d, %v", serial, err)
	}
	if err := os.WriteFile(certFile, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.server.ReloadCertificate(); err == nil {
		t.Error("a broken certificate is taken")
	}
	if serial, err := ask(pool); err != nil || serial != 2 {
		t.Errorf("after a bad reload: serial %d, %v", serial, err)
	}
	// In the clear there is nothing to be had.
	answer, err := http.Get((&urlOf{"http", port}).String())
	if err == nil {
		text, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusOK || strings.Contains(string(text), "tripline") {
			t.Errorf("in the clear: %d %s", answer.StatusCode, text)
		}
	}
}

// TestInheritedListeners holds listeners that others opened to the same rules.
func TestInheritedListeners(t *testing.T) {
	listen := func(network, address string) net.Listener {
		l, err := net.Listen(network, address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		return l
	}
	path := filepath.Join(socketFolder(t), "s")
	socket := listen("unix", path)
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	refused := func(what string, h *house, l net.Listener, reason, hint string) {
		t.Helper()
		err := h.server.Open(t.Context(), server.Listen{Inherited: []net.Listener{l}})
		var hinted *server.Error
		if !errors.As(err, &hinted) || !strings.Contains(err.Error(), reason) || !strings.Contains(hinted.Hint, hint) {
			t.Errorf("%s: %v", what, err)
		}
	}
	h, keys := guarded(t)
	refused("no key", h, listen("tcp", "127.0.0.1:0"), "needs a key", "tripline keys create")
	keys.Make(key.Ingest)
	refused("no TLS", h, listen("tcp", "0.0.0.0:0"), "no TLS", "--tls-cert")
	refused("open to all", open(t, nil), socket, "others than its owner", "SocketMode=0600")

	path = filepath.Join(socketFolder(t), "s")
	socket, tcp := listen("unix", path), listen("tcp", "127.0.0.1:0")
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	h, keys = guarded(t)
	secret := keys.Make(key.Ingest)
	h.serve(server.Listen{Inherited: []net.Listener{socket, tcp}})
	answer, err := overSocket(t, path).Post("http://tripline/_bulk", "application/json", strings.NewReader(oneDoc))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("over the socket: status %d", answer.StatusCode)
	}
	if status, text := post(t, tcp.Addr().String(), "ApiKey "+secret.Encoded(), strings.NewReader(oneDoc)); status != 200 {
		t.Errorf("over TCP: %d %s", status, text)
	}
	if status, _ := post(t, tcp.Addr().String(), "", strings.NewReader(oneDoc)); status != 401 {
		t.Errorf("over TCP with no key: %d", status)
	}
	env := map[string]string{"LISTEN_PID": "1", "LISTEN_FDS": "2"}
	if all, err := server.Inherited(func(name string) string { return env[name] }); err != nil || all != nil {
		t.Errorf("what is another process's was taken: %v, %v", all, err)
	}
}
