package clienttest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// rsyslog is a daemon of its own, with its own settings, folder and port.
type rsyslog struct {
	t    *testing.T
	port int
	cmd  *exec.Cmd
	dir  string
	conn net.Conn
}

// startRsyslog starts one whose action has some settings beside the address and the
// key.
func startRsyslog(t *testing.T, s *target, settings string) *rsyslog {
	t.Helper()
	binary, err := exec.LookPath("rsyslogd")
	if err != nil {
		if binary = "/usr/sbin/rsyslogd"; !isThere(binary) {
			t.Skip("there is no rsyslogd")
		}
	}
	if found, _ := filepath.Glob("/usr/lib/*/rsyslog/omelasticsearch.so"); len(found) == 0 {
		t.Skip("rsyslog has no omelasticsearch: Debian's package is rsyslog-elasticsearch")
	}
	r := &rsyslog{t: t, port: freePort(t), dir: t.TempDir()}
	text := fmt.Sprintf(`
global(workDirectory=%q maxMessageSize="64k")
module(load="imptcp")
module(load="omelasticsearch")
template(name="id" type="string" string="rsyslog-%%rawmsg:F,32:2%%")
template(name="doc" type="string" string="{\"client\":\"rsyslog\",\"n\":\"%%rawmsg:F,32:2:json%%\",\"message\":\"%%rawmsg:::json%%\"}")
template(name="listdoc" type="list" option.jsonf="on") {
  property(outname="client" name="$myhostname" format="jsonf")
  property(outname="message" name="rawmsg" format="jsonf")
}
input(type="imptcp" address="127.0.0.1" port="%d" ruleset="out")
ruleset(name="out") {
  action(type="omelasticsearch" server="127.0.0.1" serverport="%d" uid=%q pwd=%q searchIndex=%q template="doc" %s)
}
`, r.dir, r.port, s.port, s.secret.ID, s.secret.Text, index, settings)
	if strings.Contains(settings, "template=") {
		text = strings.Replace(text, ` template="doc" `, " ", 1)
	}
	conf := filepath.Join(r.dir, "rsyslog.conf")
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(r.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	r.cmd = exec.Command(binary, "-n", "-C", "-f", conf, "-i", filepath.Join(r.dir, "pid"))
	r.cmd.Stdout, r.cmd.Stderr = log, log
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.stop)
	eventually(t, 20*time.Second, "rsyslog listens", func() bool {
		r.conn, err = net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", r.port))
		return err == nil
	})
	if err != nil {
		text, _ := os.ReadFile(log.Name())
		t.Fatalf("rsyslog said: %s", text)
	}
	return r
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// stop ends the process, once.
func (r *rsyslog) stop() {
	if r.cmd == nil {
		return
	}
	_ = r.conn.Close()
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	done := make(chan struct{})
	go func() { _ = r.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		_ = r.cmd.Process.Kill()
		<-done
	}
	r.cmd = nil
	if r.t.Failed() {
		text, _ := os.ReadFile(filepath.Join(r.dir, "log"))
		r.t.Logf("rsyslog said: %s", text)
	}
}

// send gives it lines. They begin with a letter: a number would be how long the line
// is.
func (r *rsyslog) send(from, to int) {
	r.t.Helper()
	var b strings.Builder
	for n := from; n < to; n++ {
		fmt.Fprintf(&b, "line %06d the quick brown fox jumps over the lazy dog, and then some\n", n)
	}
	if _, err := r.conn.Write([]byte(b.String())); err != nil {
		r.t.Fatal(err)
	}
}

// lines counts what is stored by the number at the head of the message.
func lines(docs []document) map[string]int {
	count := make(map[string]int)
	for _, d := range docs {
		_, rest, _ := strings.Cut(d.Raw, `"message":"line `)
		number, _, _ := strings.Cut(rest, " ")
		count[number]++
	}
	return count
}

func allOnce(count map[string]int, many int) bool {
	for n := range many {
		if count[fmt.Sprintf("%06d", n)] != 1 {
			return false
		}
	}
	return len(count) == many
}

// missing says which numbers are not there.
func missing(count map[string]int, many int) string {
	var b strings.Builder
	for n, from := 0, -1; n <= many; n++ {
		switch gone := n < many && count[fmt.Sprintf("%06d", n)] == 0; {
		case gone && from < 0:
			from = n
		case !gone && from >= 0:
			fmt.Fprintf(&b, " %d to %d", from, n-1)
			from = -1
		}
	}
	return "not there:" + b.String()
}

const bulkMode = `bulkmode="on" searchType="" `

// forEver is the setting without which rsyslog throws away what comes while an action
// is suspended, for 30 s after a connection was refused.
const forEver = `action.resumeRetryCount="-1" action.resumeInterval="1" `

// Test 11: with bulkmode all lines arrive, also those sent while nobody listens; and
// none twice where lines have ids.
func TestRsyslogBulk(t *testing.T) {
	for name, settings := range map[string]string{
		"no ids":   `bulkmode="on" ` + forEver,
		"with ids": bulkMode + forEver + `dynbulkid="on" bulkid="id" writeoperation="create"`,
	} {
		t.Run(name, func(t *testing.T) {
			s, all := rsyslogOverAStop(t, settings)
			if !eventually(t, 120*time.Second, "3,000 lines are stored", func() bool { return allOnce(lines(s.stored()), all) }) {
				t.Log(missing(lines(s.stored()), all))
			}
		})
	}
}

// The same with rsyslog's defaults: what it loses is its own doing, and is told.
func TestRsyslogDefaults(t *testing.T) {
	s, all := rsyslogOverAStop(t, `bulkmode="on"`)
	settled(s, all, 20*time.Second)
	t.Log(missing(lines(s.stored()), all))
}

// rsyslogOverAStop sends lines before the server is stopped, meanwhile, and after it
// was started again.
func rsyslogOverAStop(t *testing.T, settings string) (s *target, all int) {
	t.Helper()
	s = start(t)
	r := startRsyslog(t, s, settings)
	r.send(0, 1000)
	eventually(t, 60*time.Second, "1,000 lines are stored", func() bool { return allOnce(lines(s.stored()), 1000) })
	s.end(syscall.SIGTERM)
	r.send(1000, 2000)
	time.Sleep(5 * time.Second)
	s.begin()
	r.send(2000, 3000)
	return s, 3000
}

// Test 12: without bulkmode each message is a request of its own; templates with jsonf
// leave blank lines in a bulk.
func TestRsyslogForms(t *testing.T) {
	for name, settings := range map[string]string{
		"single":     ``,
		"single, id": `dynbulkid="on" bulkid="id"`,
		"jsonf":      bulkMode + `template="listdoc"`,
		"typed":      `bulkmode="on" searchType="events"`,
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			r := startRsyslog(t, s, settings)
			r.send(0, 300)
			if !eventually(t, 60*time.Second, "300 lines are stored", func() bool { return allOnce(lines(s.stored()), 300) }) {
				t.Logf("%d are stored", len(s.stored()))
			}
		})
	}
}

// Tests 9 and 10 for rsyslog: it bears no refusal, so it is held, and then cut off.
func TestRsyslogIsHeldAndCutOff(t *testing.T) {
	for name, hold := range map[string]string{"held": "10s", "cut off": "500ms"} {
		t.Run(name, func(t *testing.T) {
			s := start(t, "-hold", hold)
			s.full(3 * time.Second)
			r := startRsyslog(t, s, bulkMode+`dynbulkid="on" bulkid="id" writeoperation="create"`)
			r.send(0, 5000)
			if !eventually(t, 120*time.Second, "5,000 lines are stored", func() bool { return allOnce(lines(s.stored()), 5000) }) {
				t.Logf("%s are stored", strconv.Itoa(len(s.stored())))
			}
		})
	}
}
