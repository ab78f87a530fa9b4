package sink

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/leodido/go-syslog/v4/rfc5424"

	"github.com/tripline-sec/tripline/internal/rule"
)

// parsed checks a message by another's parser of RFC 5424.
func parsed(t *testing.T, message []byte) *rfc5424.SyslogMessage {
	t.Helper()
	m, err := rfc5424.NewParser().Parse(message)
	if err != nil {
		t.Fatalf("%v: %q", err, message)
	}
	return m.(*rfc5424.SyslogMessage)
}

func TestSyslogMessage(t *testing.T) {
	h := syslogHeader{10, "web 01\n", 42}
	at := time.Date(2026, 2, 3, 9, 0, 0, 123456789, time.FixedZone("", 3600))
	f := Fields{ID: "id", Severity: "critical", Score: "99", Rule: `a "b" \ ]` + "\n\x1b", RuleID: "r", Reason: "because\nof", Host: strings.Repeat("ü", 600), Time: "2026-02-03T08:00:00Z"}
	m := parsed(t, h.message(f, sentence(f), at, 0))
	data := (*m.StructuredData)["tripline@32473"]
	for got, want := range map[string]string{
		*m.Hostname: "web01", *m.Appname: "tripline", *m.ProcID: "42", *m.MsgID: "alert", data["id"]: "id", data["severity"]: "critical", data["risk_score"]: "99",
		data["rule"]: `a "b" \\ ]\n\x1b`, data["host"]: strings.Repeat("ü", 256), *m.Message: `CRITICAL a "b" \ ]\n\x1b: because\nof`,
		m.Timestamp.Format(time.RFC3339Nano): "2026-02-03T08:00:00.123456Z", fmt.Sprint(*m.Facility, *m.Severity): "10 2",
	} {
		if strings.ReplaceAll(got, `\\`, `\`) != strings.ReplaceAll(want, `\\`, `\`) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if _, there := data["user"]; there {
		t.Error("an empty value is told")
	}
	whole := h.message(Fields{ID: "id"}, strings.Repeat("é", 1000), at, 1001)
	if cut := parsed(t, whole); len(whole) > 1001 || len(whole) < 1000 || !strings.HasSuffix(*cut.Message, "éé") {
		t.Errorf("%d bytes", len(whole))
	}
	for severity, want := range map[rule.Severity]int{"low": 5, "medium": 4, "high": 3, "critical": 2, "": 5, "odd": 5} {
		if got := level(severity); got != want {
			t.Errorf("%s is %d, want %d", severity, got, want)
		}
	}
}

// counted reads messages that are counted in octets.
func counted(r *bufio.Reader) (string, error) {
	n, err := r.ReadString(' ')
	if err != nil {
		return "", err
	}
	size, err := strconv.Atoi(strings.TrimSuffix(n, " "))
	if err != nil {
		return "", err
	}
	message := make([]byte, size)
	_, err = io.ReadFull(r, message)
	return string(message), err
}

func newSyslog(t *testing.T, opts SyslogOptions) *Syslog {
	t.Helper()
	opts.Host = "edge"
	s, err := NewSyslog(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// Over every network the messages come through, one each.
func TestSyslogNetworks(t *testing.T) {
	certified := httptest.NewUnstartedServer(nil)
	certified.StartTLS()
	defer certified.Close()
	folder := t.TempDir()
	datagram, stream := filepath.Join(folder, "dgram"), filepath.Join(folder, "stream")
	for name, c := range map[string]struct {
		network, listen, address string
		opts                     SyslogOptions
	}{
		"udp":         {network: "udp", listen: "udp", address: "127.0.0.1:0"},
		"unix":        {network: "unix", listen: "unixgram", address: datagram},
		"unix stream": {network: "unix", listen: "unix", address: stream},
		"tcp":         {network: "tcp", listen: "tcp", address: "127.0.0.1:0"},
		"tls":         {network: "tls", listen: "tls", address: "127.0.0.1:0"},
	} {
		opts := SyslogOptions{Network: c.network}
		got := make(chan string, 10)
		switch c.listen {
		case "udp", "unixgram":
			conn, err := net.ListenPacket(c.listen, c.address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			opts.Address = conn.LocalAddr().String()
			go func() {
				buf := make([]byte, 64<<10)
				for {
					n, _, err := conn.ReadFrom(buf)
					if err != nil {
						return
					}
					got <- string(buf[:n])
				}
			}()
		default:
			var (
				listener net.Listener
				err      error
			)
			if c.listen == "tls" {
				listener, err = tls.Listen("tcp", c.address, certified.TLS)
				if opts.TLS, _ = (TLSOptions{CA: write(t, pemOf(certified.Certificate()))}).Config(); opts.TLS == nil {
					t.Fatal("no configuration")
				}
			} else {
				listener, err = net.Listen(c.listen, c.address)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			opts.Address = listener.Addr().String()
			go func() {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				for r := bufio.NewReader(conn); ; {
					message, err := counted(r)
					if err != nil {
						return
					}
					got <- message
				}
			}()
		}
		outcomes, err := newSyslog(t, opts).Deliver(t.Context(), []Item{sample(1), {ID: "x", Doc: []byte("no")}, sample(2)})
		if err != nil || verdicts(outcomes) != "taken refused taken" {
			t.Fatalf("%s: %v, %v", name, outcomes, err)
		}
		for i := range 2 {
			m := parsed(t, []byte(<-got))
			data := (*m.StructuredData)["tripline@32473"]
			if data["id"] != sample(i+1).ID || data["host"] != "web-01" || data["user"] != "root" || !strings.HasPrefix(*m.Message, `HIGH Two "things": process event`) {
				t.Errorf("%s: %v %s", name, data, *m.Message)
			}
		}
	}
}

// A receiver that goes away and comes back gets what was not yet taken, and a stream
// that it has closed is noticed before anything is written to it.
func TestSyslogReconnects(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	got := make(chan string)
	closed := make(chan struct{})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			message, err := counted(bufio.NewReader(conn)) // one, and it hangs up
			_ = conn.Close()
			if err != nil {
				message = err.Error()
			}
			got <- message
			closed <- struct{}{}
		}
	}()
	s := newSyslog(t, SyslogOptions{Network: "tcp", Address: listener.Addr().String(), JSON: true})
	for i := range 3 {
		outcomes, err := s.Deliver(t.Context(), []Item{sample(i + 1)})
		if err != nil || verdicts(outcomes) != "taken" {
			t.Fatalf("%v, %v", outcomes, err)
		}
		if m := parsed(t, []byte(<-got)); *m.Message != string(sample(i+1).Doc) {
			t.Errorf("%s", *m.Message)
		}
		<-closed
	}
	_ = listener.Close()
	if outcomes, err := s.Deliver(t.Context(), samples(1)); err == nil || verdicts(outcomes) != "" {
		t.Errorf("nobody listens: %v, %v", outcomes, err)
	}
}

func TestSyslogOptions(t *testing.T) {
	for _, opts := range []SyslogOptions{{}, {Network: "sctp"}, {Network: "udp", Facility: "local9"}} {
		if _, err := NewSyslog(opts); err == nil {
			t.Errorf("%+v: accepted", opts)
		}
	}
	if s := newSyslog(t, SyslogOptions{Network: "unix"}); s.opts.Address != "/dev/log" || s.header.facility != 10 {
		t.Errorf("%+v", s.opts)
	}
}
