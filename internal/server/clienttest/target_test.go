package clienttest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/key"
)

// target is a server in a process of its own, at a port that it keeps when it is
// started again.
type target struct {
	t      *testing.T
	binary string
	real   bool // tripline run, not the stub
	args   []string
	dir    string
	port   int
	secret key.Secret
	// kept is a listener that stays open while the process is not there, as systemd's
	// sockets do; nil: there is none.
	kept *os.File

	mu  sync.Mutex
	cmd *exec.Cmd
}

// start starts a server; args are for the stub only.
func start(t *testing.T, args ...string) *target {
	t.Helper()
	dir, err := os.MkdirTemp("", "tl") // a test's own may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	s := &target{t: t, dir: dir, port: freePort(t), args: args, binary: os.Getenv("TRIPLINE_BIN")}
	if s.real = s.binary != ""; s.real {
		if len(args) > 0 {
			t.Skipf("with TRIPLINE_BIN there is no way to set %s", strings.Join(args, " "))
		}
		s.makeKey()
	} else {
		s.binary = stubBinary(t)
		s.writeKey()
	}
	t.Cleanup(func() {
		s.end(syscall.SIGTERM)
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("the server said: %s", log)
		}
		_ = os.RemoveAll(dir)
	})
	s.begin()
	return s
}

// startKept is start with a listener that outlives the process.
func startKept(t *testing.T) *target {
	t.Helper()
	s := start(t)
	s.end(syscall.SIGTERM)
	l, err := net.Listen("tcp", s.address())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // the file is another descriptor of the same socket
	if s.kept, err = l.(*net.TCPListener).File(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.kept.Close() })
	s.begin()
	return s
}

var stub struct {
	once sync.Once
	path string
	err  error
}

// stubBinary builds the stub, once.
func stubBinary(t *testing.T) string {
	t.Helper()
	stub.once.Do(func() {
		dir, err := os.MkdirTemp("", "tripline-stub")
		if err != nil {
			stub.err = err
			return
		}
		stub.path = filepath.Join(dir, "stub")
		if out, err := exec.Command("go", "build", "-o", stub.path, "./stub").CombinedOutput(); err != nil {
			stub.err = fmt.Errorf("build stub: %w: %s", err, out)
		}
	})
	if stub.err != nil {
		t.Fatal(stub.err)
	}
	return stub.path
}

func TestMain(m *testing.M) {
	code := m.Run()
	if stub.path != "" {
		_ = os.RemoveAll(filepath.Dir(stub.path))
	}
	os.Exit(code)
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// makeKey asks tripline for a key.
func (s *target) makeKey() {
	s.t.Helper()
	out, err := exec.Command(s.binary, "keys", "create", "--data", s.dir, "--scope", "ingest,read", "--format", "json").Output()
	if err != nil {
		s.t.Fatalf("tripline keys create: %v: %s", err, out)
	}
	var made struct{ Key string }
	if err := json.Unmarshal(out, &made); err != nil {
		s.t.Fatal(err)
	}
	if s.secret, err = key.ParseSecret(made.Key); err != nil {
		s.t.Fatal(err)
	}
}

// writeKey makes a key for the stub.
func (s *target) writeKey() {
	s.t.Helper()
	made, secret := key.New("clients", key.Ingest|key.Read, time.Now())
	text, err := json.Marshal(made)
	if err != nil {
		s.t.Fatal(err)
	}
	s.secret = secret
	if err := os.WriteFile(filepath.Join(s.dir, "key.json"), text, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *target) address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }
func (s *target) url() string     { return "http://" + s.address() }

// begin starts the process and waits until it takes documents.
func (s *target) begin() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	args := []string{"run", "--data", s.dir, "--listen", s.address()}
	if !s.real {
		args = append([]string{"-data", s.dir, "-listen", s.address(), "-key", filepath.Join(s.dir, "key.json")}, s.args...)
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.cmd = exec.Command(s.binary, args...)
	if s.kept != nil {
		s.cmd = exec.Command("sh", append([]string{"-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"`, s.binary}, args...)...)
		s.cmd.ExtraFiles = []*os.File{s.kept}
	}
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	asking := http.Client{Timeout: time.Second} // a listener that is kept open takes connections that nobody answers
	for range 1000 {
		if answer, err := asking.Get(s.url() + "/_tripline/ready"); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	s.t.Errorf("the server does not get ready: %s", text)
}

// end ends the process by a signal, and waits for it.
func (s *target) end(signal syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(signal)
	_ = s.cmd.Wait() // killed is killed
	s.cmd = nil
}

// restart stops the process as an operator does, and starts it again after a while.
func (s *target) restart(pause time.Duration) {
	s.end(syscall.SIGTERM)
	time.Sleep(pause)
	s.begin()
}

// kill kills the process and starts it again at once.
func (s *target) kill() {
	s.end(syscall.SIGKILL)
	s.begin()
}

// throttle lets the process run for a fifth of the time.
func (s *target) throttle(during time.Duration) {
	s.mu.Lock()
	process := s.cmd.Process
	s.mu.Unlock()
	for end := time.Now().Add(during); time.Now().Before(end); {
		_ = process.Signal(syscall.SIGSTOP)
		time.Sleep(80 * time.Millisecond)
		_ = process.Signal(syscall.SIGCONT)
		time.Sleep(20 * time.Millisecond)
	}
}

// full lets the stub's queue be full for a while.
func (s *target) full(during time.Duration) {
	s.t.Helper()
	if s.real {
		s.t.Skip("with TRIPLINE_BIN there is no hook for a full queue")
	}
	s.local(http.MethodPost, "/_test/full?for="+during.String(), func(*bufio.Scanner) {})
}

// document is one that is stored.
type document struct {
	Index, ID, Raw string
}

// stored returns all documents that are stored.
func (s *target) stored() []document {
	s.t.Helper()
	var all []document
	if s.real {
		return s.storedInReal()
	}
	s.local(http.MethodGet, "/_test/stored", func(lines *bufio.Scanner) {
		for lines.Scan() {
			var d document
			if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
				s.t.Fatal(err)
			}
			all = append(all, d)
		}
	})
	return all
}

// storedInReal asks a command of the caller for all documents: TRIPLINE_EVENTS is
// run by the shell with the folder in $DATA, and prints NDJSON of _index, _id,
// _source.
func (s *target) storedInReal() []document {
	s.t.Helper()
	text := os.Getenv("TRIPLINE_EVENTS")
	if text == "" {
		s.t.Fatal("TRIPLINE_EVENTS must be a command that prints the documents in the folder $DATA as NDJSON of _index, _id, _source")
	}
	cmd := exec.Command("sh", "-c", text)
	cmd.Env = append(os.Environ(), "DATA="+s.dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%s: %v", text, err)
	}
	var all []document
	for line := range strings.Lines(string(out)) {
		var d struct {
			Index  string          `json:"_index"`
			ID     string          `json:"_id"`
			Source json.RawMessage `json:"_source"`
		}
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			s.t.Fatal(err)
		}
		all = append(all, document{d.Index, d.ID, string(d.Source)})
	}
	return all
}

// local asks over the Unix socket, which needs no key.
func (s *target) local(method, path string, read func(*bufio.Scanner)) {
	s.t.Helper()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(s.dir, "tripline.sock"))
	}}
	defer transport.CloseIdleConnections()
	r, err := http.NewRequest(method, "http://tripline"+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: status %d", path, answer.StatusCode)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	read(lines)
	if err := lines.Err(); err != nil {
		s.t.Fatal(err)
	}
}
