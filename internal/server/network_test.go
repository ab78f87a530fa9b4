package server_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tripline-sec/tripline/internal/key"
	"github.com/tripline-sec/tripline/internal/server"
)

// urlOf is a port of this machine.
type urlOf struct {
	scheme string
	port   int
}

func (u *urlOf) String() string { return u.scheme + "://127.0.0.1:" + strconv.Itoa(u.port) }

// overTCP serves a house on a port of this machine, and returns a client that has a
// key, and the address.
func overTCP(t *testing.T, connections int) (h *house, authorization, address string) {
	t.Helper()
	h, keys := guarded(t)
	secret := keys.Make(key.Ingest)
	at := h.serve(server.Listen{TCP: []string{"127.0.0.1:0"}, MaxConnections: connections})[0]
	return h, "ApiKey " + secret.Encoded(), at.String()
}

// post sends a bulk on a connection of its own.
func post(t *testing.T, address, authorization string, body io.Reader, headers ...string) (status int, text string) {
	t.Helper()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/_bulk", body)
	if err != nil {
		return 0, err.Error()
	}
	r.Header.Set("Authorization", authorization)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, string(b)
}

func TestARefusedClientSeesTheAnswer(t *testing.T) {
	_, authorization, address := overTCP(t, 0)
	large := bytes.Repeat([]byte(largeDoc), 1000) // 20 MB: what Logstash sends at most
	if status, text := post(t, address, "ApiKey wrong", bytes.NewReader(large)); status != 401 {
		t.Errorf("with a wrong key: %d %s", status, text)
	}
	if status, text := post(t, address, authorization, bytes.NewReader(large), "Content-Type: text/plain"); status != 406 {
		t.Errorf("with a wrong type: %d %s", status, text)
	}
	if status, text := post(t, address, authorization, bytes.NewReader(large), "Content-Encoding: zstd"); status != 415 {
		t.Errorf("with a wrong coding: %d %s", status, text)
	}
	if status, text := post(t, address, authorization, bytes.NewReader(large)); status != 200 {
		t.Errorf("with everything right: %d %.100s", status, text)
	}
	tooLong := &endless{left: 101 << 20}
	if status, text := post(t, address, authorization, tooLong); status != 413 {
		t.Errorf("101 MiB, chunked: %d %s", status, text)
	}
}

// endless is lines, made as they are read.
type endless struct{ left int }

func (e *endless) Read(b []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(len(b), e.left)
	for i := range b[:n] {
		b[i] = "\n "[i&1]
	}
	e.left -= n
	return n, nil
}

func TestExpectContinue(t *testing.T) {
	h, authorization, address := overTCP(t, 0)
	for want, allowed := range map[string]string{"HTTP/1.1 100 Continue": authorization, "HTTP/1.1 401 Unauthorized": "ApiKey wrong"} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nExpect: 100-continue\r\nAuthorization: %s\r\n\r\n", len(oneDoc), allowed)
		from := bufio.NewReader(conn)
		if line, err := from.ReadString('\n'); err != nil || strings.TrimSpace(line) != want {
			t.Errorf("got %q, %v", line, err)
		}
		if allowed != authorization {
			continue
		}
		fmt.Fprint(conn, oneDoc)
		_, _ = from.ReadString('\n')
		answer, err := http.ReadResponse(from, nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != 200 || len(h.sources()) != 1 {
			t.Errorf("status %d", answer.StatusCode)
		}
	}
}

// TestTenThousandConnections lets that many come and say nothing; then others are
// served all the same.
func TestTenThousandConnections(t *testing.T) {
	const many, places = 10_000, 500
	_, authorization, address := overTCP(t, places)
	var (
		conns = make([]net.Conn, 0, many)
		wg    sync.WaitGroup
		got   [8]string
	)
	defer func() {
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	for i := range many {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Skipf("this machine opens no more than %d connections: %v", i, err)
		}
		conns = append(conns, conn)
	}
	for i := range got {
		wg.Go(func() {
			status, text := post(t, address, authorization, strings.NewReader(oneDoc))
			if got[i] = text; status == 200 {
				got[i] = ""
			}
		})
	}
	wg.Wait()
	for _, text := range got {
		if text != "" {
			t.Errorf("somebody was not served: %s", text)
		}
	}
}

func TestShutdownAnswersWhatIsAtHand(t *testing.T) {
	h, authorization, address := overTCP(t, 0)
	asked, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	h.store.Fail(func() error {
		once.Do(func() { close(asked) })
		<-goOn
		return nil
	})
	got := make(chan string)
	go func() {
		status, text := post(t, address, authorization, strings.NewReader(oneDoc))
		got <- strconv.Itoa(status) + " " + text
	}()
	<-asked
	down := make(chan error)
	go func() { down <- h.server.Shutdown(context.Background()) }()
	for { // until nobody listens any more
		conn, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	select {
	case <-down:
		t.Error("it did not wait")
	default:
	}
	close(goOn)
	if answer := <-got; !strings.HasPrefix(answer, `200 {"took":`) {
		t.Errorf("the one at hand: %s", answer)
	}
	if err := <-down; err != nil {
		t.Error(err)
	}
}

func TestShutdownEnds(t *testing.T) {
	h, authorization, address := overTCP(t, 0)
	asked, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	h.store.Fail(func() error {
		once.Do(func() { close(asked) })
		<-goOn
		return server.ErrStopping
	})
	go post(t, address, authorization, strings.NewReader(oneDoc))
	<-asked
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := h.server.Shutdown(ctx); err == nil {
		t.Error("it says that all was answered")
	}
	close(goOn)
}

// pipes is a listener in memory, whose time may be a test's.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// TestSlowClients lets clients take their time; the time is the bubble's.
func TestSlowClients(t *testing.T) {
	request := fmt.Sprintf("POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", 2*len(oneDoc), oneDoc)
	for name, test := range map[string]struct {
		send   func(net.Conn) // what the client does
		status int            // 0: the connection is just closed
		after  time.Duration
	}{
		"no request":    {func(net.Conn) {}, 0, 10 * time.Second},
		"half a header": {func(c net.Conn) { fmt.Fprint(c, "POST /_bulk HTTP/1.1\r\nHo") }, 400, 10 * time.Second},
		"half a body":   {func(c net.Conn) { fmt.Fprint(c, request) }, 408, 30 * time.Second},
		"a byte a second": {func(c net.Conn) {
			fmt.Fprint(c, strings.Replace(request, "Content-Length: ", "Content-Length: 9", 1))
			for {
				time.Sleep(time.Second)
				if _, err := c.Write([]byte{' '}); err != nil {
					return
				}
			}
		}, 408, 60 * time.Second},
		"in time": {func(c net.Conn) {
			fmt.Fprint(c, request)
			time.Sleep(29 * time.Second)
			fmt.Fprint(c, oneDoc)
		}, 200, 29 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := open(t, nil)
			listener := &pipes{conns: make(chan net.Conn, 1), done: make(chan struct{})}
			running := server.ServeOn(h.server, listener)
			client, theirs := net.Pipe()
			listener.conns <- theirs
			begun := time.Now()
			var sending sync.WaitGroup
			sending.Go(func() { test.send(client) })
			answer, err := http.ReadResponse(bufio.NewReader(client), nil)
			took := time.Since(begun)
			status := 0
			if err == nil {
				status = answer.StatusCode
				_ = answer.Body.Close()
			}
			if status != test.status || took < test.after || took > test.after+2*time.Second {
				t.Errorf("%s: status %d after %v, %v", name, status, took, err)
			}
			_ = client.Close()
			_ = listener.Close()
			running()
			sending.Wait()
		})
	}
}

// TestAQuietConnectionIsAsGoodAsNew asks again after longer than any answer may take;
// with a large body, for which curl and rsyslog wait to be told to go on.
func TestAQuietConnectionIsAsGoodAsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, nil)
		listener := &pipes{conns: make(chan net.Conn, 1), done: make(chan struct{})}
		running := server.ServeOn(h.server, listener)
		client, theirs := net.Pipe()
		listener.conns <- theirs
		from := bufio.NewReader(client)
		for range 3 {
			fmt.Fprintf(client, "POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(oneDoc))
			if line, err := from.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
				t.Fatalf("%q, %v", line, err)
			}
			_, _ = from.ReadString('\n')
			fmt.Fprint(client, oneDoc)
			answer, err := http.ReadResponse(from, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, answer.Body)
			if answer.StatusCode != 200 {
				t.Fatalf("status %d", answer.StatusCode)
			}
			time.Sleep(4 * time.Minute)
		}
		_ = client.Close()
		_ = listener.Close()
		running()
	})
}
